package psm.install;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

import psm.cli.OptionSpecs;

import java.util.List;

/**
 * The files with which shells complete psm's options, made from the descriptions of the options.
 */
final class Completions {
    private Completions() {}

    /** Returns the file for {@code bash-completion/completions}. */
    static String bash() {
        return AutoComplete.bash("psm", new CommandLine(OptionSpecs.forHelp()));
    }

    /**
     * Returns the file for a folder of zsh's fpath. zsh runs picocli's completion for bash by
     * emulating bash.
     */
    static String zsh() {
        return "#compdef psm\n" + bash() + "_bash_complete -o default -F _complete_psm\n";
    }

    /** Returns the file for {@code fish/vendor_completions.d}. */
    static String fish() {
        StringBuilder fish = new StringBuilder("complete -c psm -f\n");
        CommandSpec spec = OptionSpecs.forHelp();
        String isFirst = " -n __fish_use_subcommand";
        for (CommandLine command : spec.subcommands().values()) {
            CommandSpec sub = command.getCommandSpec();
            fish.append("complete -c psm").append(isFirst).append(" -a ").append(sub.name());
            fish.append(" -d ").append(fishQuoted(sub.usageMessage().description()[0]));
            fish.append('\n');
            appendOptions(sub, " -n '__fish_seen_subcommand_from " + sub.name() + "'", fish);
        }
        appendOptions(spec, isFirst, fish);
        return fish.toString();
    }

    private static void appendOptions(CommandSpec spec, String condition, StringBuilder fish) {
        for (OptionSpec option : spec.options()) {
            fish.append("complete -c psm").append(condition);
            for (String name : option.names()) {
                fish.append(name.startsWith("--") ? " -l " : " -s ");
                fish.append(name.replaceFirst("^-+", ""));
            }
            if (option.arity().max() > 0) {
                String label = option.paramLabel();
                boolean isFile = List.of("DIR", "FILE", "HOME").contains(label);
                fish.append(isFile ? " -r -F" : " -x");
                if (option.completionCandidates() != null) {
                    String values = String.join(" ", option.completionCandidates());
                    fish.append(" -a ").append(fishQuoted(values));
                }
            }
            fish.append(" -d ").append(fishQuoted(String.join(" ", option.description())));
            fish.append('\n');
        }
    }

    private static String fishQuoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
