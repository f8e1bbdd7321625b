package psm.install;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

import psm.cli.Option;
import psm.cli.OptionSpecs;

import java.util.ArrayList;
import java.util.List;

/**
 * The files with which shells complete psm's commands, options and values, made from the
 * descriptions of the options. In a list, each value is completed. A file defines functions that
 * all begin with {@code _psm} or {@code __psm}.
 */
final class Completions {
    /** Prints the control groups of all processes. */
    private static final String CGROUPS = "cat /proc/[0-9]*/cgroup 2>/dev/null | ";

    /** Finds the names of units in control groups. */
    static final String UNITS =
            "tr \":/\" \"\\n\\n\" | grep -E \"[.](service|scope|slice)\\$\" | sort -u";

    /** Finds the ids of containers in control groups, shortened as docker(1) shows them. */
    static final String CONTAINERS = "grep -oE \"[0-9a-f]{64}\" | cut -c1-12 | sort -u";

    /**
     * The file for bash: the values of options by command and option, the names of commands for a
     * pattern, and those to complete.
     */
    private static final String BASH =
            """
            # Completions of psm for bash, written by 'psm install'.
            _psm_values() {
                case "$1 $2" in
            %s    *) return 1 ;;
                esac
            }

            _psm() {
                local line=${COMP_LINE:0:COMP_POINT} command=psm option='' start=''
                local word cur before rest values value
                local -a words
                word=${line##*[[:blank:]]}
                read -ra words <<<"${line%%"$word"}"
                cur=${COMP_WORDS[COMP_CWORD]}
                [[ $cur != [=:@] ]] || cur=
                before=${word%%"$cur"} # readline splits words at = : @, too, and replaces the last part
                COMPREPLY=()
                case ${words[1]-} in
                %s) command=${words[1]} ;;
                esac
                if [[ $word == --*=* ]]; then
                    option=${word%%%%=*} start=$option=
                elif ((${#words[@]} > 1)); then
                    option=${words[${#words[@]} - 1]}
                fi
                rest=${word#"$start"}
                values=$(_psm_values "$command" "$option")
                case $? in
                0) ;;
                3) # a list
                    compopt -o nospace
                    start+=${rest%%"${rest##*[,!]}"} rest=${rest##*[,!]}
                    [[ $rest != [+-]* ]] || { start+=${rest:0:1} && rest=${rest:1}; }
                    ;;
                4) # files or folders
                    compopt -o filenames
                    while read -r value; do
                        COMPREPLY+=("$value")
                    done < <(compgen "$values" -- "$rest")
                    return
                    ;;
                *)
                    if [[ $command == %s && $word != -* ]]; then
                        compopt -o filenames
                        while read -r value; do
                            COMPREPLY+=("$value")
                        done < <(compgen -f -- "$word")
                        return
                    fi
                    values=$(_psm_values "$command" -)
                    ((${#words[@]} > 1)) || values+=' %s'
                    start='' rest=$word
                    ;;
                esac
                for value in $values; do
                    [[ $value != "$rest"* || ,${start#*=} == *",$value,"* ]] && continue
                    printf -v value %%q "$value"
                    value=$start$value
                    COMPREPLY+=("${value#"$before"}")
                done
            }

            complete -F _psm psm
            """;

    /** The start of the file for zsh. */
    private static final String ZSH =
            """
            #compdef psm
            # Completions of psm for zsh, written by 'psm install'.
            _psm_found() {
                local -a found=(${(f)"$(sh -c "$1" 2>/dev/null)"})
                shift
                compset -P '!'
                compadd "$@" -a found
            }

            _psm_fixed() {
                local -a fixed=(${=1})
                shift
                compset -P '[+-]'
                compadd "$@" -a fixed
            }

            """;

    /** Finds the names of machines in the user's configuration of ssh, but no patterns. */
    static final String HOSTS =
            "sed -n \"s/^[Hh]ost[ =]//p\" ~/.ssh/config 2>/dev/null | tr \" \" \"\\n\" |"
                    + " grep -v \"[*?]\" | sort -u";

    private Completions() {}

    /** Returns the file for {@code bash-completion/completions}. */
    static String bash() {
        return BASH.formatted(
                bashCases(),
                String.join(" | ", commands()),
                OptionSpecs.WITH_FILES,
                String.join(" ", commands()));
    }

    private static String bashCases() {
        StringBuilder cases = new StringBuilder();
        for (CommandSpec command : specs()) {
            StringBuilder all = new StringBuilder();
            for (OptionSpec option : command.options()) {
                all.append(String.join(" ", option.names())).append(' ');
                if (option.arity().max() > 0) {
                    cases.append("    ");
                    for (String name : option.names()) {
                        cases.append(cases.charAt(cases.length() - 1) == '\'' ? " | " : "");
                        cases.append('\'').append(command.name()).append(' ').append(name);
                        cases.append('\'');
                    }
                    cases.append(") ").append(bashValues(option)).append(" ;;\n");
                }
            }
            cases.append("    '").append(command.name()).append(" -') echo '");
            cases.append(all.toString().strip()).append("' ;;\n");
        }
        return cases.toString();
    }

    private static String bashValues(OptionSpec option) {
        if (isFolder(option) || isFile(option)) {
            return isFolder(option) ? "echo -d; return 4" : "echo -f; return 4";
        }
        String found = finder(option);
        String values = found == null ? "echo '" + fixed(option) + "'" : "sh -c '" + found + "'";
        return values + (isList(option) ? "; return 3" : "");
    }

    /** Returns the file for a folder of zsh's fpath. */
    static String zsh() {
        StringBuilder zsh = new StringBuilder(ZSH);
        StringBuilder cases = new StringBuilder();
        StringBuilder described = new StringBuilder();
        for (CommandSpec command : specs()) {
            cases.append("    ").append(command.name()).append(")\n        options=(\n");
            for (OptionSpec option : command.options()) {
                cases.append("            ").append(zshOption(option, zsh)).append('\n');
            }
            boolean isPsm = command.name().equals("psm");
            cases.append(isPsm ? "            '1: :_psm_commands'\n" : "");
            boolean isOfFiles = command.name().equals(OptionSpecs.WITH_FILES);
            cases.append(isOfFiles ? "            '*: :_files'\n" : "");
            cases.append("        )\n        ;;\n");
            if (!isPsm) {
                String description = command.usageMessage().description()[0];
                described.append("        ").append(quoted(command.name() + ':' + description));
                described.append('\n');
            }
        }
        zsh.append("_psm_commands() {\n    local -a commands=(\n").append(described);
        zsh.append("    )\n    _describe command commands\n}\n\n");
        zsh.append("_psm() {\n    local command=psm\n    local -a options\n");
        zsh.append("    if ((CURRENT > 2)) && [[ $words[2] == (");
        zsh.append(String.join("|", commands()));
        zsh.append(") ]]; then\n        command=$words[2]\n        shift words\n");
        zsh.append("        ((CURRENT--))\n    fi\n    case $command in\n").append(cases);
        zsh.append("    esac\n    _arguments -s : $options\n}\n\n_psm \"$@\"\n");
        return zsh.toString();
    }

    /**
     * Returns the words that describe an option to {@code _arguments}.
     *
     * @param functions receives the function that completes its values
     */
    private static String zshOption(OptionSpec option, StringBuilder functions) {
        String action = "";
        if (option.arity().max() > 0) {
            String values = " ";
            if (isFolder(option) || isFile(option)) {
                values = isFolder(option) ? "_files -/" : "_files";
            } else if (finder(option) != null || !fixed(option).isEmpty()) {
                values = (isList(option) ? "_sequence " : "") + zshFunction(option, functions);
            }
            String colon = isValueOptional(option) ? "::" : ":";
            action = colon + option.paramLabel().replace(":", "\\:") + ":" + values;
        }
        String text = String.join(" ", option.description());
        String description =
                "[" + text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") + "]";
        String[] names = option.names();
        boolean takesValue = !action.isEmpty();
        List<String> words = new ArrayList<>();
        for (String name : names) {
            String suffix = !takesValue ? "" : name.startsWith("--") ? "=" : "+";
            String others = names.length == 1 ? "" : "(" + String.join(" ", names) + ")";
            words.add(quoted(others + name + suffix + description + action));
        }
        return String.join(" ", words);
    }

    /** Returns the name of the function that completes a value; adds it unless it is there. */
    private static String zshFunction(OptionSpec option, StringBuilder functions) {
        String found = finder(option);
        String how =
                found == null
                        ? "_psm_fixed " + quoted(fixed(option))
                        : "_psm_found " + quoted(found);
        String name = "_psm" + option.longestName().substring(1).replace('-', '_');
        while (functions.indexOf(name + "() { " + how) < 0) {
            if (functions.indexOf(name + "()") < 0) {
                functions.append(name).append("() { ").append(how).append(" \"$@\" }\n\n");
            } else {
                name += '_'; // a command has other values for an option of the same name
            }
        }
        return name;
    }

    /** Returns the file for {@code fish/vendor_completions.d}. */
    static String fish() {
        StringBuilder fish = new StringBuilder();
        fish.append("# Completions of psm for fish, written by 'psm install'.\n");
        fish.append(
                """
                function __psm_command
                    set -l words (commandline -opc)
                    if set -q words[2]; and contains -- $words[2] %s
                        echo $words[2]
                    else
                        echo psm
                    end
                end

                function __psm_list
                    set -l token (string replace -r -- '^--[a-z-]+=' '' (commandline -ct))
                    set -l start (string match -r -- '^(?:.*[,!])?[+-]?' "$token")
                    for value in $argv
                        printf '%%s\\n' "$start$value"
                    end
                end

                complete -c psm -f
                """
                        .formatted(String.join(" ", commands())));
        for (CommandSpec command : specs()) {
            if (!command.name().equals("psm")) {
                fish.append("complete -c psm -n 'test (count (commandline -opc)) = 1' -a ");
                fish.append(command.name()).append(" -d ");
                fish.append(fishQuoted(command.usageMessage().description()[0])).append('\n');
            }
            String condition = " -n 'test (__psm_command) = " + command.name() + "'";
            boolean isOfFiles = command.name().equals(OptionSpecs.WITH_FILES);
            fish.append(isOfFiles ? "complete -c psm" + condition + " -F\n" : "");
            for (OptionSpec option : command.options()) {
                fish.append("complete -c psm").append(condition).append(fishOption(option));
            }
        }
        return fish.toString();
    }

    private static String fishOption(OptionSpec option) {
        StringBuilder fish = new StringBuilder();
        for (String name : option.names()) {
            fish.append(name.startsWith("--") ? " -l " : " -s ");
            fish.append(name.replaceFirst("^-+", ""));
        }
        if (option.arity().max() > 0) {
            boolean isPath = isFile(option) || isFolder(option);
            String ofFiles = isValueOptional(option) ? " -F" : " -r -F";
            fish.append(isPath ? ofFiles : " -x");
            String found = finder(option);
            String values = found == null ? fixed(option) : "(sh -c \"" + escaped(found) + "\")";
            if (isFolder(option)) {
                fish.append(" -a '(__fish_complete_directories)'");
            } else if (!values.isEmpty()) {
                String all = isList(option) ? "(__psm_list " + values + ")" : values;
                fish.append(" -a ").append(fishQuoted(all));
            }
        }
        fish.append(" -d ").append(fishQuoted(String.join(" ", option.description())));
        return fish.append('\n').toString();
    }

    // What is completed

    /** Returns psm, and its commands. */
    private static List<CommandSpec> specs() {
        List<CommandSpec> specs = new ArrayList<>(List.of(OptionSpecs.forHelp()));
        for (CommandLine command : OptionSpecs.forHelp().subcommands().values()) {
            specs.add(command.getCommandSpec());
        }
        return specs;
    }

    private static List<String> commands() {
        return List.copyOf(OptionSpecs.forHelp().subcommands().keySet());
    }

    private static boolean isFolder(OptionSpec option) {
        return List.of("DIR", "HOME").contains(option.paramLabel());
    }

    private static boolean isFile(OptionSpec option) {
        return option.paramLabel().equals("FILE");
    }

    /** Returns whether an option can stand without its value. */
    private static boolean isValueOptional(OptionSpec option) {
        return option.arity().min() == 0;
    }

    private static boolean isList(OptionSpec option) {
        return option.paramLabel().contains(",");
    }

    /** Returns the values that are always the same, with blanks between them. */
    private static String fixed(OptionSpec option) {
        return option.completionCandidates() == null
                ? ""
                : String.join(" ", option.completionCandidates());
    }

    /** Returns a command for sh(1) that prints the values which exist now, or {@code null}. */
    private static String finder(OptionSpec option) {
        return switch ((Option) option.userObject()) {
            case USER -> "getent passwd | cut -d: -f1";
            case GROUP -> "getent group | cut -d: -f1";
            case PID, CHILDREN_OF -> "cd /proc && printf \"%s\\n\" [1-9]* self";
            case CGROUP -> CGROUPS + "cut -d: -f3- | sort -u";
            case UNIT -> CGROUPS + UNITS;
            case CONTAINER -> CGROUPS + CONTAINERS;
            case HOSTS -> HOSTS;
            default -> null;
        };
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }

    /** Escapes text for the double quotes of fish. */
    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("$", "\\$");
    }

    private static String fishQuoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
