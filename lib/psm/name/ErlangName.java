package psm.name;

import java.util.List;

/** Finds what the virtual machine of Erlang and Elixir runs, such as RabbitMQ. */
final class ErlangName {
    private ErlangName() {}

    static boolean is(String program) {
        return program.equals("beam.smp") || program.equals("beam");
    }

    /**
     * Returns the name of the node, else that of the command that has started the machine, else
     * that of the first module or of the script that it runs.
     *
     * @return {@code null} if it runs nothing that has a name
     */
    static String of(List<String> arguments) {
        String node = value(arguments, "-sname");
        node = node == null ? value(arguments, "-name") : node;
        if (node != null) {
            int at = node.indexOf('@');
            return at < 0 ? node : node.substring(0, at);
        }
        String command = value(arguments, "-progname");
        if (command != null && !ProgramName.baseName(command).equals("erl")) {
            return ProgramName.baseName(command);
        }
        String module = value(arguments, "-s");
        module = module == null ? value(arguments, "-run") : module;
        if (module != null && !module.equals("elixir")) {
            return module;
        }
        String script = value(arguments, "-extra");
        return script == null ? null : ProgramName.baseName(script);
    }

    /** Returns the first word after an option; {@code null} if there is none. */
    private static String value(List<String> arguments, String option) {
        int at = arguments.indexOf(option) + 1;
        boolean isValue = at > 0 && at < arguments.size() && !arguments.get(at).startsWith("-");
        return isValue && !arguments.get(at).isEmpty() ? arguments.get(at) : null;
    }
}
