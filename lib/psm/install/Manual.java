package psm.install;

import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

import psm.cli.OptionSpecs;
import psm.text.Version;

import java.util.List;

/** What an installed psm has beside it, made of the options: a man page, and completions. */
final class Manual {
    /** What an installation gives to a group, and what it does not. */
    private static final List<String> FOR_A_GROUP =
            List.of(
                    "After 'psm install --group NAME', members of the group see all processes: psm"
                            + " gets a snapshot from a collector, which runs as root by a rule of"
                            + " sudo's that is for it alone, or (--socket) behind a socket of"
                            + " systemd's, with CAP_SYS_PTRACE. All else psm does with their own"
                            + " rights.",
                    "The group is given, of each process: its name, user, command line, cgroup, OOM"
                        + " score, the sums of its memory, and whether its executable was deleted."
                        + " /proc shows everybody most of that but the sums, unless it is mounted"
                        + " with hidepid: the group sees past that.",
                    "It is not given: memory, environment, open files or maps of any process; the"
                        + " heap; any file; any option of the collector's or its Java's; anything"
                        + " else that runs as root. With --heap, and with the options that tell"
                        + " where from, psm reads with one's own rights.",
                    "What is installed, each folder above it, and its Java belong to root and are"
                        + " writable by nobody else, or psm install refuses. 'psm doctor' checks"
                        + " that, and tells what mends it. 'psm install' without --group takes the"
                        + " rights back, and so does 'psm uninstall'.");

    private Manual() {}

    /** psm(1), for the man command. */
    static String page() {
        StringBuilder page = new StringBuilder();
        page.append(".TH PSM 1 \"\" \"psm ").append(Version.CURRENT).append("\" \"\"\n");
        page.append(".SH NAME\npsm \\- tell who uses how much RAM and swap on this Linux box\n");
        page.append(".SH SYNOPSIS\n.B psm\n[\\fIOPTION\\fR...]\n.br\n");
        page.append(".B psm maps\n[\\fB\\-\\-map\\fR \\fIREGEX\\fR] [\\fIOPTION\\fR...]\n.br\n");
        page.append(".B psm oom\n[\\fIOPTION\\fR...]\n.br\n.B psm install\n");
        page.append("[\\fB\\-\\-prefix\\fR \\fIDIR\\fR] [\\fB\\-\\-java\\fR \\fIHOME\\fR]\n");
        page.append("[\\fB\\-\\-group\\fR \\fINAME\\fR [\\fB\\-\\-socket\\fR]]\n");
        page.append("[\\fB\\-\\-dry\\-run\\fR]\n.br\n");
        page.append(".B psm doctor\n[\\fB\\-\\-prefix\\fR \\fIDIR\\fR]\n.br\n");
        page.append(".B psm uninstall\n[\\fB\\-\\-prefix\\fR \\fIDIR\\fR]\n");
        page.append(".SH DESCRIPTION\n");
        page.append(
                text(
                        "Tells for each program the RAM (proportional set size), how much of it is"
                            + " shared, the swap, and the number of processes. The biggest comes"
                            + " last. Run it as root to see more than your own processes."));
        page.append("\n.SH OPTIONS\n");
        for (ArgGroupSpec group : OptionSpecs.of(false).argGroups()) {
            page.append(".SS ").append(text(heading(group))).append('\n');
            for (OptionSpec option : group.options()) {
                page.append(".TP\n").append(names(option)).append('\n');
                page.append(text(String.join(" ", option.description()))).append('\n');
            }
        }
        page.append(".SH COMMANDS\n");
        for (CommandLine command : OptionSpecs.of(false).subcommands().values()) {
            CommandSpec spec = command.getCommandSpec();
            page.append(".TP\n.B ").append(spec.name()).append('\n');
            page.append(text(String.join(" ", spec.usageMessage().description()))).append('\n');
        }
        page.append(".SH FOR A GROUP\n");
        for (String paragraph : FOR_A_GROUP) {
            page.append(text(paragraph)).append("\n.PP\n");
        }
        page.append(".SH EXIT STATUS\n");
        page.append(".TP\n.B 0\nThe report was written; what it leaves out is told.\n");
        page.append(".TP\n.B 1\npsm could not do what it was asked to.\n");
        page.append(
                ".TP\n.B 2\npsm was asked for what it does not have: an option, a column, a user,");
        page.append(" a unit that no process is in.\n");
        page.append(".TP\n.B 3\nThe report leaves something out (\\-\\-strict alone).\n");
        page.append(".SH FILES\n");
        page.append(
                text(
                        "/proc/PID/smaps_rollup, smaps, maps, stat, status, exe, cmdline, cgroup,"
                                + " oom_score and oom_score_adj; /proc/meminfo and"
                                + " /proc/pressure/memory; /sys/fs/cgroup; /etc/passwd and"
                                + " /etc/group"));
        return page.append(".\n.SH SEE ALSO\n.BR proc (5)\n").toString();
    }

    private static String heading(ArgGroupSpec group) {
        return group.heading().replace("%n", "").replace(":", "");
    }

    private static String names(OptionSpec option) {
        StringBuilder names = new StringBuilder();
        for (String name : option.names()) {
            names.append(names.length() == 0 ? "" : ", ");
            names.append("\\fB").append(text(name)).append("\\fR");
        }
        if (option.arity().max() > 0) {
            names.append(" \\fI").append(text(option.paramLabel())).append("\\fR");
        }
        return names.toString();
    }

    /** Text for troff: no sign of it is a request. */
    private static String text(String text) {
        String escaped = text.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }
}
