package psm.name;

import java.util.List;

/**
 * Finds the name of an interpreter together with what it runs, such as {@code java kafka.Kafka},
 * {@code python manage.py} and {@code sh -c}. It reads {@code /proc/PID/cmdline} as the interpreter
 * itself does.
 *
 * <p>The argument after an option may be its value, or the script, see {@link Interpreter}. After
 * an option that is not known, there is no script for certain, and so no name.
 */
public final class ScriptName {
    private static final String BUSYBOX = "busybox";

    /** The end of the path of a package of Electron, and of a folder that it may be in. */
    private static final String ASAR = "/app.asar";

    private static final String RESOURCES = "/resources";

    private final Interpreter interpreter;
    private final List<String> arguments;

    /** The index of the next argument to read. */
    private int next;

    /** The option whose code runs before a script; {@code null} for none. */
    private String code;

    private boolean isCommandRead;

    private ScriptName(Interpreter interpreter, List<String> arguments, int first) {
        this.interpreter = interpreter;
        this.arguments = arguments;
        this.next = first;
    }

    /**
     * Returns the name of an interpreter and of what it runs.
     *
     * @param exe the base name of the executable; {@code null} if permission was denied
     * @param arguments the arguments in {@code /proc/PID/cmdline}; the first is the program's own
     *     name
     * @param cut whether more arguments follow, so that the last one may be incomplete
     * @return {@code null} if the process is not an interpreter, has set a title, or runs nothing
     *     that has a name
     */
    public static String of(String exe, List<String> arguments, boolean cut) {
        int count = arguments.size();
        List<String> whole = cut && count > 0 ? arguments.subList(0, count - 1) : arguments;
        return whole.isEmpty() ? null : ofWhole(exe, whole);
    }

    private static String ofWhole(String exe, List<String> arguments) {
        int first = 1;
        String started = program(startedAs(arguments.get(0)));
        String running = exe == null ? started : program(exe);
        boolean isBusybox = running.equals(BUSYBOX);
        if (isBusybox) {
            if (started.equals(BUSYBOX) && arguments.size() > first) {
                started = arguments.get(first++);
            }
            running = "sh";
        }
        if (ErlangName.is(running) && running.equals(started)) {
            return named(running, ErlangName.of(arguments));
        }
        Interpreter interpreter = Interpreter.named(running);
        // A program that was started under another name than its executable's has that name.
        if (interpreter == null || interpreter != Interpreter.named(started)) {
            return null;
        }
        String script = new ScriptName(interpreter, arguments, first).script();
        String shown = isBusybox || !interpreter.isShell() ? running : started;
        return named(shown, script);
    }

    private static String named(String program, String script) {
        return script == null || script.isEmpty() ? null : program + ' ' + script;
    }

    /** Returns the name in the first argument; that of a login shell starts with a hyphen. */
    private static String startedAs(String argument) {
        return baseName(argument.startsWith("-") ? argument.substring(1) : argument);
    }

    /**
     * Returns the name without the version, {@code python} for {@code python3.11}: a script is one
     * program, whichever version runs it.
     */
    private static String program(String baseName) {
        String name = withoutVersion(baseName);
        return switch (name) {
            case "javaw" -> "java";
            case "nodejs" -> "node";
            case "platform-python" -> "python";
            case "ruby-mri" -> "ruby";
            case "bunx" -> "bun";
            case "mono-sgen", "mono-boehm" -> "mono";
            case "gjs-console" -> "gjs";
            case "bsd-csh" -> "csh";
            default -> name.startsWith("luajit-") ? "luajit" : name;
        };
    }

    static String withoutVersion(String name) {
        int end = name.length();
        // The t of python3.13t stands for a build with free threading.
        if (end > 1 && name.charAt(end - 1) == 't' && isOfVersion(name.charAt(end - 2))) {
            end--;
        }
        while (end > 0 && isOfVersion(name.charAt(end - 1))) {
            end--;
        }
        return name.substring(0, end);
    }

    private static boolean isOfVersion(char c) {
        return (c >= '0' && c <= '9') || c == '.' || c == '-';
    }

    private String script() {
        while (hasNext()) {
            String argument = arguments.get(next++);
            if (!interpreter.isOption(argument)) {
                boolean isCommand = !isCommandRead && interpreter.isCommand(argument);
                if (interpreter.hasWords() && !isCommand) {
                    return scriptName(argument);
                }
                isCommandRead |= isCommand;
                continue;
            }
            if (argument.equals("--") || argument.equals("-")) {
                return afterOptions(argument);
            }
            String script = interpreter.isWord(argument) ? ofWord(argument) : ofLetters(argument);
            if (script != null) {
                return script;
            }
        }
        return code;
    }

    /**
     * Returns the script after the end of the options. A single hyphen ends the options of a shell;
     * for other interpreters it means that the script comes from standard input.
     */
    private String afterOptions(String end) {
        return end.equals("--") || interpreter.isShell() ? nextName() : null;
    }

    /** Reads an option of a whole word; returns the script if the option contains it. */
    private String ofWord(String argument) {
        int equals = argument.indexOf('=');
        String option = equals < 0 ? argument : argument.substring(0, equals);
        String attached = equals < 0 ? null : argument.substring(equals + 1);
        return take(interpreter.takes(option), attached);
    }

    /** Reads options of one letter each; returns the script if one of them contains it. */
    private String ofLetters(String argument) {
        for (int i = 1; i < argument.length(); i++) {
            Interpreter.Takes takes = interpreter.takes("-" + argument.charAt(i));
            if (takes != Interpreter.Takes.NOTHING) {
                // What follows an unknown letter may be its value, or other letters.
                boolean isKnown = takes != Interpreter.Takes.UNKNOWN;
                String attached = isKnown ? interpreter.attached(argument, i + 1) : null;
                String script = take(takes, attached);
                if (script != null || interpreter.letters != Interpreter.Letters.SEPARATE) {
                    return script;
                }
            }
        }
        return null;
    }

    /**
     * Reads the value of an option.
     *
     * @param attached the value in the same argument; {@code null} if there is none
     * @return the script; {@code null} if the value is something else
     */
    private String take(Interpreter.Takes takes, String attached) {
        return switch (takes) {
            case CODE -> interpreter.code;
            case SCRIPT -> attached == null ? nextName() : scriptName(attached);
            case VALUE -> {
                next += attached == null ? 1 : 0;
                yield null;
            }
            case CODE_BEFORE -> {
                next += attached == null ? 1 : 0;
                code = interpreter.code;
                yield null;
            }
            case STANDARD_INPUT -> {
                next = arguments.size();
                yield null;
            }
            case UNKNOWN -> {
                if (attached == null && hasNext() && !interpreter.isOption(arguments.get(next))) {
                    next = arguments.size(); // it is a value or the script
                }
                yield null;
            }
            case NOTHING, ATTACHED_VALUE -> null;
        };
    }

    private boolean hasNext() {
        return next < arguments.size();
    }

    private String nextName() {
        return hasNext() ? scriptName(arguments.get(next++)) : null;
    }

    /**
     * Returns the base name of a script; empty if the path is a file descriptor, as in {@code bash
     * <(curl ...)}, which is no name.
     */
    private static String scriptName(String path) {
        boolean isDescriptor =
                path.startsWith("/dev/fd/")
                        || path.startsWith("/proc/self/fd/")
                        || path.equals("/dev/stdin");
        return isDescriptor ? "" : ProgramName.unwrapped(baseName(ofPackage(path)));
    }

    /**
     * Returns the folder that an app of Electron is named after: its package has the same name in
     * all apps.
     */
    private static String ofPackage(String path) {
        String app = path.endsWith(ASAR) ? path.substring(0, path.length() - ASAR.length()) : path;
        boolean isBelow = app.length() < path.length() && app.endsWith(RESOURCES);
        return isBelow ? app.substring(0, app.length() - RESOURCES.length()) : app;
    }

    /** Returns the last part of a path, which is the class for {@code module/class}. */
    private static String baseName(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    }
}
