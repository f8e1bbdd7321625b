package psm.install;

import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

import psm.Psm;
import psm.cell.CellText;
import psm.cli.OptionSpecs;
import psm.format.Formats;
import psm.report.Figure;
import psm.report.Grouping;
import psm.service.RecordService;
import psm.service.RecorderUnit;
import psm.text.Failure;
import psm.text.Version;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The man page psm(1), in the man macros of troff. The descriptions of options, columns, groups,
 * formats and exit codes are those in the code.
 */
final class Manual {
    private static final String DESCRIPTION =
            "Shows for each program the RAM that its processes use (proportional set size), how"
                    + " much of it is shared, the swap, and the number of processes. The largest"
                    + " program comes last. Without root, the processes of others are estimated.";

    /** The length of a line in the source of a page, as mandoc(1) recommends it. */
    private static final int MAX_LINE_CHARS = 80;

    private static final List<String> COLUMNS =
            List.of(
                    "The default table shows pss, shared and swap, hugetlb where there is any, then"
                        + " the name of the program with the number of its processes. MB are 2^20"
                        + " bytes. --columns and --sort take the following names; -c help prints"
                        + " them. The title of the column follows in parentheses. A number in"
                        + " parentheses is the first Linux that reports the figure.");

    private static final List<String> SIGNS =
            List.of(
                    "The sign before the total says how exact it is. Where the locale is UTF-8, psm"
                            + " prints the usual characters for >= and <=.");

    private static final List<String> FORMATS =
            List.of(
                    "--output takes the following names, and those of plugins. All formats but"
                            + " table and markdown contain sizes in bytes. What the kernel did not"
                            + " report is an empty field or null, not 0.");

    private static final List<String> GROUP_ACCESS =
            List.of(
                    "After 'psm install --group NAME', members of the group see all processes: psm"
                            + " gets a snapshot from a collector, which a sudo rule for this one"
                            + " program starts. It runs as user nobody, with one capability:"
                            + " CAP_PERFMON, or CAP_SYS_PTRACE where that is not enough. Everything"
                            + " else psm does with the member's own rights.",
                    "The snapshot contains, for each process: its name, user, command line, cgroup,"
                        + " OOM score and the sums of its memory; with CAP_SYS_PTRACE also whether"
                        + " its executable was deleted. /proc shows most of that to every user, but"
                        + " not the sums, and nothing where it is mounted with hidepid. The group"
                        + " sees all processes there too, but no command lines and titles. 'psm"
                        + " install --group NAME --no-commands' leaves both out everywhere.",
                    "A member has no access to the memory, environment, open files or mappings of a"
                        + " process, to any file, to options of the collector or its Java, or to"
                        + " anything else that runs as root. With --heap, and with the options"
                        + " under 'Where from', psm reads with the member's own rights.",
                    "Eight collectors work at a time, and two of them for one user; a call that"
                            + " finds no place ends at once. So four members together can block"
                            + " others, but they cannot overload the machine.",
                    "All installed files, the folders above them and the Java must belong to root"
                        + " and be writable only by root; otherwise psm install refuses. psm doctor"
                        + " checks that, and says how to fix it. 'psm uninstall' removes the"
                        + " group's access; so does 'psm install' without --group, unless psm came"
                        + " in a package.");

    private final StringBuilder page = new StringBuilder();

    private Manual() {}

    /** Returns the page for an installation. */
    static String page(Prefix prefix) {
        Manual manual = new Manual();
        manual.addStart();
        manual.addOptions();
        manual.addCommands();
        manual.addColumns();
        manual.addSigns();
        manual.addFormats();
        manual.section("GROUP ACCESS", GROUP_ACCESS);
        manual.section("EXIT STATUS", List.of());
        for (Failure.Exit exit : Failure.Exit.values()) {
            manual.item(Integer.toString(exit.code), exit.description);
        }
        manual.addFiles(prefix);
        manual.page.append(".SH SEE ALSO\n.BR proc (5),\n.BR proc_pid_smaps (5),\n.BR sudo (8)\n");
        return wrapped(manual.page);
    }

    /** Breaks long lines of text at blanks; troff fills them again. */
    private static String wrapped(CharSequence page) {
        StringBuilder wrapped = new StringBuilder();
        boolean isTag = false;
        for (String line : page.toString().split("\n", -1)) {
            String rest = line;
            for (int end = breakIn(rest); end > 0 && !isTag; end = breakIn(rest)) {
                wrapped.append(rest, 0, end).append('\n');
                rest = lineOfText(rest.substring(end + 1));
            }
            wrapped.append(rest).append('\n');
            isTag = line.equals(".TP"); // troff takes the next line for it
        }
        return wrapped.deleteCharAt(wrapped.length() - 1).toString();
    }

    /** Returns the last blank at which a long line can be broken; 0 for none. */
    private static int breakIn(String line) {
        boolean isText = !line.startsWith(".") && line.length() > MAX_LINE_CHARS;
        return isText ? Math.max(0, line.lastIndexOf(' ', MAX_LINE_CHARS)) : 0;
    }

    private void addStart() {
        page.append(".TH PSM 1 ").append(Version.DATE);
        page.append(" \"psm ").append(Version.CURRENT).append("\" \"\"\n");
        page.append(".ad l\n.nh\n"); // words are paths and options: none is cut or pulled apart
        page.append(".SH NAME\npsm \\- show how much RAM and swap each program uses\n");
        page.append(".SH SYNOPSIS\n");
        synopsis("", "[\\fIOPTION\\fR...]");
        synopsis(" maps", "[\\fB\\-\\-map\\fR \\fIREGEX\\fR] [\\fIOPTION\\fR...]");
        synopsis(" oom", "[\\fIOPTION\\fR...]");
        synopsis(" growth", "[\\fIOPTION\\fR...]");
        synopsis(" diff", "[\\fIOPTION\\fR...] \\fIBEFORE\\fR \\fIAFTER\\fR");
        synopsis(
                " diff",
                "[\\fIOPTION\\fR...] [\\fB\\-\\-from\\fR \\fIFILE\\fR] \\fB\\-\\-since\\fR"
                        + " \\fITIME\\fR [\\fB\\-\\-until\\fR \\fITIME\\fR]");
        for (CommandLine command : OptionSpecs.forHelp().subcommands().values()) {
            CommandSpec spec = command.getCommandSpec();
            if (spec.argGroups().isEmpty()) {
                StringBuilder options = new StringBuilder();
                for (OptionSpec option : spec.options()) {
                    options.append(options.length() == 0 ? "[" : " [");
                    options.append(withValue(option, option.longestName())).append(']');
                }
                synopsis(" " + spec.name(), options.toString());
            }
        }
        section("DESCRIPTION", List.of(DESCRIPTION));
    }

    private void synopsis(String command, String options) {
        page.append(page.charAt(page.length() - 2) == 'S' ? "" : ".br\n");
        page.append(".B psm").append(command).append('\n').append(options).append('\n');
    }

    private void addOptions() {
        section("OPTIONS", List.of());
        for (ArgGroupSpec group : OptionSpecs.forHelp().argGroups()) {
            String heading = group.heading().replace("%n", "").replaceFirst(":$", "");
            page.append(".SS ").append(text(heading)).append('\n');
            addOptions(group.options());
        }
    }

    private void addOptions(Iterable<OptionSpec> options) {
        for (OptionSpec option : options) {
            page.append(".TP\n").append(withValue(option, option.names())).append('\n');
            page.append(text(description(option))).append('\n');
        }
    }

    private static String withValue(OptionSpec option, String... names) {
        StringBuilder out = new StringBuilder();
        for (String name : names) {
            out.append(out.length() == 0 ? "" : ", ");
            out.append("\\fB").append(text(name)).append("\\fR");
        }
        if (option.arity().max() > 0) {
            boolean isOptional = option.arity().min() == 0;
            out.append(isOptional ? " [\\fI" : " \\fI").append(text(option.paramLabel()));
            out.append(isOptional ? "\\fR]" : "\\fR");
        }
        return out.toString();
    }

    private static String description(OptionSpec option) {
        return String.join(" ", option.description());
    }

    /** Adds the commands, with the options that the section OPTIONS does not list. */
    private void addCommands() {
        section("COMMANDS", List.of());
        for (CommandLine command : OptionSpecs.forHelp().subcommands().values()) {
            CommandSpec spec = command.getCommandSpec();
            item(spec.name(), String.join(" ", spec.usageMessage().description()));
            List<OptionSpec> options = optionsOf(spec);
            if (!options.isEmpty()) {
                page.append(".RS\n");
                addOptions(options);
                page.append(".RE\n");
            }
        }
    }

    private static List<OptionSpec> optionsOf(CommandSpec command) {
        CommandSpec psm = OptionSpecs.forHelp();
        List<OptionSpec> options = new ArrayList<>();
        for (OptionSpec option : command.options()) {
            OptionSpec other = psm.findOption(option.longestName());
            if (other == null || !description(other).equals(description(option))) {
                options.add(option);
            }
        }
        return options;
    }

    private void addColumns() {
        section("COLUMNS", COLUMNS);
        for (Figure figure : Figure.values()) {
            if (figure.fold != Figure.Fold.MARK) {
                item(figure.option, " (" + figure.column.title() + ")", figure.description);
            }
        }
        section("GROUPS", List.of("--by takes the following names; --by help prints them."));
        for (Grouping grouping : Grouping.values()) {
            item(grouping.option, grouping.description);
        }
    }

    private void addSigns() {
        section("SIGNS", SIGNS);
        sign(0, 0, "The total includes all processes.");
        sign(0, 1, "The true total is higher, or equal: processes are left out.");
        sign(1, 0, "The true total is lower, or equal: processes are estimated.");
        sign(1, 1, "Processes are left out, and processes are estimated.");
        page.append(".PP\nMarks after the name of a row:\n");
        for (Figure figure : Figure.values()) {
            if (figure.fold == Figure.Fold.MARK) {
                item("[" + figure.column.title() + "]", figure.description);
            }
        }
    }

    private void sign(int estimated, int denied, String meaning) {
        Psm.Processes processes = new Psm.Processes(1, estimated, denied, 0, 0, 0, false);
        item(CellText.totalsMark(processes, false), meaning);
    }

    private void addFormats() {
        section("FORMATS", FORMATS);
        for (Map.Entry<String, String> format : Formats.descriptions().entrySet()) {
            item(format.getKey(), format.getValue());
        }
    }

    private void addFiles(Prefix prefix) {
        section("FILES", List.of("psm reads:"));
        item(
                "/proc/PID/",
                "smaps_rollup, smaps, maps, stat, status, exe, cmdline, cgroup,"
                        + " oom_score and oom_score_adj");
        item("/proc/meminfo, /proc/pressure/memory", "the memory of the host");
        item("/sys/fs/cgroup", "the memory limits of control groups");
        item("/etc/passwd, /etc/group", "the names of users and groups");
        addProgram(prefix);
        page.append(".PP\npsm install \\-\\-group also writes:\n");
        item(prefix.access() + ", " + prefix.members(), "the group, and how it gets its snapshots");
        item(
                prefix.collectScript() + ", " + SudoRule.file(prefix),
                "the script that runs as root, and its sudo rule");
        page.append(".PP\npsm install \\-\\-record also writes:\n");
        item(
                RecorderUnit.FILE.path().toString(),
                "the unit of the recorder, which runs as a user of its own");
        item(RecordService.FOLDER + "/", "the recording, which psm uninstall leaves");
        page.append(".PP\npsm install \\-\\-textfile also writes:\n");
        item(
                "/etc/systemd/system/psm-textfile*",
                "the units of a timer, which writes DIR/psm.prom, and /run/psm-textfile/psm.prom"
                        + " before that");
        page.append(
                ".PP\npsm record writes there too, or into the folder of \\-\\-dir. The options"
                        + " \\-\\-to, \\-\\-cpuprofile and \\-\\-memprofile write what they name."
                        + " Without these and psm install, psm writes no files.\n");
    }

    private void addProgram(Prefix prefix) {
        if (prefix.equals(PackagedPsm.OF_HOST)) {
            page.append(".PP\nThe package contains:\n");
            item(prefix.launcher().toString(), "the launcher");
            item(
                    prefix.home() + "/",
                    "the jars, Java, and archives of loaded classes for it; an archive that was"
                            + " unpacked has them in lib/psm, and what psm install writes too");
            return;
        }
        page.append(".PP\npsm install writes:\n");
        item(prefix.launcher().toString(), "the launcher");
        item(prefix.home() + "/VERSION-ID/", "the jars, and archives of loaded classes for Java");
        item(prefix.record().toString(), "the list of installed files");
        item(prefix.folder() + "/share/", "this page, and completions for bash, zsh and fish");
        if (!prefix.fish().startsWith(prefix.folder())) {
            item(prefix.fish().toString(), "completions for fish");
        }
    }

    private void section(String heading, List<String> paragraphs) {
        page.append(".SH ").append(heading).append('\n');
        for (int i = 0; i < paragraphs.size(); i++) {
            page.append(i == 0 ? "" : ".PP\n").append(text(paragraphs.get(i))).append('\n');
        }
    }

    private void item(String name, String description) {
        item(name, "", description);
    }

    private void item(String name, String more, String description) {
        // A path can be longer than a line.
        String breaks = name.startsWith("/") ? "$0\\\\:" : "$0";
        page.append(".TP\n\\fB").append(text(name).replaceAll("[/_]", breaks));
        page.append("\\fR").append(text(more));
        page.append('\n').append(text(description)).append('\n');
    }

    /** Escapes text so that troff shows it as it is. */
    private static String text(String text) {
        return lineOfText(text.replace("\\", "\\e").replace("-", "\\-"));
    }

    /** Returns a line that troff does not take for a request. */
    private static String lineOfText(String line) {
        return line.startsWith(".") || line.startsWith("'") ? "\\&" + line : line;
    }
}
