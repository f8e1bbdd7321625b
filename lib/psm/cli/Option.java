package psm.cli;

import psm.diff.DiffColumn;
import psm.format.Exporters;
import psm.format.Formats;
import psm.report.Figure;
import psm.report.Grouping;
import psm.scan.Selection;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The options of the command line, in the order of help. Each constant is one option, with
 * everything that psm knows about it. Its {@link #toString} is its long name.
 */
public enum Option {
    BY(
            Heading.WHAT,
            "--by",
            "WHAT[,WHAT...]",
            "group processes by "
                    + Grouping.names().replaceFirst(",", " (default),")
                    + ", or by several of them; --by help explains them",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT) {
        @Override
        String help(Topic topic) {
            String text = super.help(topic);
            return topic.isGroupedBy(Grouping.TREE) ? text : text.replace(", tree or", " or");
        }
    },
    BY_OF_MAPPINGS(
            Heading.WHAT,
            "--by",
            "name|kind",
            "group mappings by name (default), or by kind: heap, stack, file text, shared memory"
                    + " and so on",
            Limit.ONLY_MAPS),
    BY_EXE(
            Heading.WHAT,
            "-e, --by-exe",
            null,
            "the same as --by exe: ignore titles that programs set",
            "name programs after their executables, and ignore titles that they set",
            Limit.NOT_SNAPSHOT,
            Limit.NOT_GROWTH),
    BY_PID(
            Heading.WHAT,
            "-d, --by-pid",
            null,
            "the same as --by pid",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),
    BY_COMMAND(
            Heading.WHAT,
            "-s, --by-command",
            null,
            "the same as --by command",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),
    BY_USER(
            Heading.WHAT,
            "-u, --by-user",
            null,
            "the same as --by user",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),
    COLUMNS(
            Heading.WHAT,
            "-c, --columns",
            "COLUMN[,...]",
            "show these columns; +COLUMN adds one to the usual columns, -COLUMN removes one;"
                    + " -c help lists them",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT,
            Limit.NOT_GROWTH,
            Limit.NOT_DIFF),
    HEAP(
            Heading.WHAT,
            "--heap, -heap",
            null,
            "also show the memory of the heap",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_COLLECTED,
            Limit.NOT_GROWTH,
            Limit.NOT_DIFF),
    SPREAD(
            Heading.WHAT,
            "--spread",
            null,
            "show the smallest, the median and the largest process of each row, and the pid of"
                    + " the largest",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT,
            Limit.NOT_GROWTH,
            Limit.NOT_DIFF),
    SYSTEM(
            Heading.WHAT,
            "--system",
            null,
            "show below the total what uses all memory of the system (not in csv and tsv)",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT,
            Limit.NOT_GROWTH) {
        @Override
        String help(Topic topic) {
            return topic == Topic.DIFF
                    ? "show below the total what else of the system's memory changed (not in csv"
                            + " and tsv)"
                    : super.help(topic);
        }
    },
    SCRIPTS(
            Heading.WHAT,
            "--scripts",
            null,
            "name java, python, node, php, shells and other interpreters after what they run",
            Limit.NOT_SNAPSHOT,
            Limit.NOT_GROWTH),
    NO_COMMANDS(
            Heading.WHAT,
            "--no-commands",
            null,
            "leave out command lines, and titles that programs set: they may contain passwords",
            "name programs after their executables, and do not read titles, which may contain"
                    + " passwords",
            Limit.NOT_FROM,
            Limit.NOT_COLLECTED,
            Limit.NOT_DIFF),

    FILTER(
            Heading.WHICH,
            "-f, --filter, -filter",
            "REGEX",
            "only rows whose name contains a match of REGEX",
            "only processes whose name contains a match of REGEX",
            Limit.NOT_SNAPSHOT),
    MAP(
            Heading.WHICH,
            "--map",
            "REGEX",
            "only mappings whose name, or kind, contains a match of REGEX",
            Limit.ONLY_MAPS),
    PID(
            Heading.WHICH,
            "-p, --pid",
            "PID[,PID...]",
            "only these processes; self is psm itself, which other reports leave out"),
    CHILDREN_OF(
            Heading.WHICH,
            "--children-of",
            "PID[,PID...]",
            "only these processes and all their descendants"),
    USER(Heading.WHICH, "--user", "USER[,USER...]", "only processes of these users, by name or id"),
    MINE(
            Heading.WHICH,
            "--mine",
            null,
            "only your own processes; without root, all others are estimated",
            Limit.NOT_FROM,
            Limit.NOT_DIFF),
    CGROUP(
            Heading.WHICH,
            "--cgroup",
            "PATH[,...]",
            "only processes in these control groups, or below them"),
    UNIT(
            Heading.WHICH,
            "--unit",
            "UNIT[,UNIT...]",
            "only processes in these systemd units, slices or sessions"),
    CONTAINER(
            Heading.WHICH,
            "--container",
            "NAME[,NAME...]",
            "only processes in these containers, by name or id"),
    ROWS(
            Heading.WHICH,
            "-n, --rows",
            "N",
            "only the N largest rows, by the column that sorts them, or by pss if that column"
                    + " contains names",
            Limit.NOT_SNAPSHOT) {
        @Override
        String help(Topic topic) {
            return switch (topic) {
                case OOM -> "only the N processes that are killed first";
                case GROWTH -> "only the N rows that grow fastest";
                case DIFF ->
                        "only the N rows that changed most, or with the largest figures in the"
                                + " column that sorts them";
                default -> super.help(topic);
            };
        }
    },
    MIN(
            Heading.WHICH,
            "--min",
            "SIZE",
            "only rows of at least SIZE, such as 10M, in the column that sorts them, or in pss if"
                    + " that column contains no sizes",
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT) {
        @Override
        String help(Topic topic) {
            return switch (topic) {
                case GROWTH -> "only rows that have grown by at least SIZE, such as 10M";
                case DIFF -> "only rows that changed by at least SIZE, such as 10M, up or down";
                default -> super.help(topic);
            };
        }
    },
    TOTAL(
            Heading.WHICH,
            "-t, --total",
            null,
            "only the total; with --units b, a bare number",
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT,
            Limit.NOT_GROWTH,
            Limit.NOT_DIFF),

    OUTPUT(
            Heading.LOOKS,
            "-o, --output",
            "FORMAT",
            Formats.names().replaceFirst(",", " (default),")
                    + ", "
                    + Exporters.SNAPSHOT
                    + " (for --from), or the format of a plugin",
            Formats.names().replaceFirst(",", " (default),") + ", or the format of a plugin"),
    TO(
            Heading.LOOKS,
            "--to",
            "FILE",
            "write the report to FILE, which it replaces when it is whole; with -o snapshot of"
                    + " several machines, FILE is a folder for a file of each",
            "write the report to FILE, which it replaces when it is whole",
            Limit.NOT_BY_SUDO),
    SORT(
            Heading.LOOKS,
            "--sort",
            "COLUMN",
            "sort by COLUMN (default: pss), shown or not; name sorts by name",
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT,
            Limit.NOT_GROWTH) {
        @Override
        String help(Topic topic) {
            return topic == Topic.DIFF
                    ? "sort by COLUMN: "
                            + String.join(", ", DiffColumn.options())
                                    .replaceFirst("change", "change (default)")
                            + " or name"
                    : super.help(topic);
        }
    },
    REVERSE(
            Heading.LOOKS,
            "-r, --reverse",
            null,
            "turn the order of rows around: the largest first in a table, last elsewhere",
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT,
            Limit.NOT_GROWTH),
    UNITS(
            Heading.LOOKS,
            "--units",
            "auto|b|k|m|g",
            "the unit of sizes in a table (default: m)",
            Limit.NOT_SNAPSHOT),
    SI(Heading.LOOKS, "--si", null, "units of 1,000 instead of 1,024", Limit.NOT_SNAPSHOT),
    NO_HEADER(
            Heading.LOOKS,
            "--no-header",
            null,
            "leave out the titles of columns, in csv and tsv too",
            Limit.NOT_SNAPSHOT),
    BARS(
            Heading.LOOKS,
            "--bars",
            null,
            "show a bar beside each row for its size, compared with the largest",
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT,
            Limit.NOT_GROWTH,
            Limit.NOT_DIFF),
    WATCH(
            Heading.LOOKS,
            "-w, --watch",
            "SECONDS",
            "repeat the report every SECONDS, and show what changed; q ends it",
            "repeat the report every SECONDS; q ends it",
            Limit.NOT_SNAPSHOT,
            Limit.NOT_GROWTH,
            Limit.NOT_DIFF),
    COUNT(
            Heading.LOOKS,
            "--count",
            "N",
            "with -w: end after N reports",
            Limit.NOT_SNAPSHOT,
            Limit.NOT_GROWTH,
            Limit.NOT_DIFF),
    SINCE_START(
            Heading.LOOKS,
            "--since-start",
            null,
            "with -w: show what changed since the first report, and how much that is per hour",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT,
            Limit.NOT_GROWTH,
            Limit.NOT_DIFF),
    CSV_RAW(
            Heading.LOOKS,
            "--csv-raw",
            null,
            "csv and tsv: do not change names that a spreadsheet would take for formulas",
            Limit.NOT_SNAPSHOT),
    QUIET(Heading.LOOKS, "-q, --quiet", null, "print no remarks on standard error, only errors"),
    STRICT(
            Heading.LOOKS,
            "--strict",
            null,
            "exit with code 3 if processes or machines are left out, or processes are"
                    + " estimated since they could not be read") {
        @Override
        String help(Topic topic) {
            return topic == Topic.GROWTH
                    ? "exit with code 3 if memory will be full within the time of --within, or if"
                            + " the samples are too few to say"
                    : super.help(topic);
        }
    },
    WITHIN(
            Heading.LOOKS,
            "--within",
            "TIME",
            "with --strict: how soon is too soon, such as 24h (default) or 3d",
            Limit.ONLY_GROWTH),

    FOR(
            Heading.WHERE,
            "--for",
            "TIME",
            "measure here and now for TIME, such as 30s or 5m; Ctrl-C ends it early",
            Limit.NOT_FROM,
            Limit.ONLY_GROWTH),
    INTERVAL(
            Heading.WHERE,
            "-i, --interval",
            "SECONDS",
            "with --for: measure every SECONDS (default: a 60th of --for, at least 1)",
            Limit.NOT_FROM,
            Limit.ONLY_GROWTH),
    SOURCE(
            Heading.WHERE,
            "--source",
            "auto|rollup|smaps",
            "which /proc file to read; auto (default) uses smaps_rollup when it has the requested"
                    + " columns",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_FROM,
            Limit.NOT_COLLECTED,
            Limit.NOT_GROWTH,
            Limit.NOT_DIFF),
    PROC(
            Heading.WHERE,
            "--proc",
            "DIR",
            "read DIR instead of /proc, such as a copy of it",
            Limit.NOT_FROM,
            Limit.NOT_BY_SUDO,
            Limit.NOT_COLLECTED,
            Limit.NOT_GROWTH,
            Limit.NOT_DIFF),
    FROM(
            Heading.WHERE,
            "--from",
            "FILE",
            "read FILE, a snapshot that 'psm -o snapshot' wrote or the output of a probe (- is"
                    + " standard input), or all in a folder, or the last sample of a recording;"
                    + " several times for several machines",
            Limit.NOT_MAPS,
            Limit.NOT_COLLECTED) {
        @Override
        String help(Topic topic) {
            String usual = " (default: that in " + Options.RECORDINGS + ")";
            return switch (topic) {
                case DIFF -> "compare two times of this recording" + usual;
                case GROWTH -> "read a recording, which 'psm record' writes" + usual;
                default -> super.help(topic);
            };
        }
    },
    AT(
            Heading.WHERE,
            "--at",
            "TIME",
            "show the machine as it was at TIME, such as 10:05, '2h ago' or 'yesterday 10:05', from"
                    + " a recording (default: that in "
                    + Options.RECORDINGS
                    + ")",
            Limit.NOT_MAPS,
            Limit.NOT_GROWTH,
            Limit.NOT_DIFF,
            Limit.NOT_COLLECTED),
    SINCE(
            Heading.WHERE,
            "--since",
            "TIME",
            "with -w: replay a recording from TIME on, a sample every SECONDS",
            Limit.NOT_MAPS,
            Limit.NOT_COLLECTED) {
        @Override
        String help(Topic topic) {
            return switch (topic) {
                case PROCESSES -> super.help(topic) + "; with -o openmetrics: start there";
                case GROWTH -> "use the samples of a recording from TIME on";
                case DIFF -> "compare a recording's sample at TIME with its last one";
                default -> super.help(topic);
            };
        }
    },
    UNTIL(
            Heading.WHERE,
            "--until",
            "TIME",
            "with -w: end the replay at TIME",
            Limit.NOT_MAPS,
            Limit.NOT_COLLECTED) {
        @Override
        String help(Topic topic) {
            return switch (topic) {
                case PROCESSES -> super.help(topic) + "; with -o openmetrics: end there";
                case GROWTH -> "use the samples of a recording up to TIME";
                case DIFF -> "compare with the sample at TIME, not with the last one";
                default -> super.help(topic);
            };
        }
    },
    WORKERS(
            Heading.WHERE,
            "-j, --workers",
            "N",
            "read with N threads (default: as many as are useful)",
            Limit.NOT_FROM,
            Limit.NOT_COLLECTED,
            Limit.NOT_DIFF),
    TIMEOUT(
            Heading.WHERE,
            "--timeout",
            "SECONDS",
            "estimate a process if reading it blocks for SECONDS (default: 2)",
            "do not wait longer than SECONDS for a process (default: 2)",
            Limit.NOT_FROM,
            Limit.NOT_COLLECTED,
            Limit.NOT_DIFF),
    ESTIMATE_ABOVE(
            Heading.WHERE,
            "--estimate-above",
            "MS",
            "estimate the memory of a process if the kernel would take more than MS milliseconds"
                    + " to add it up (default: never)",
            Limit.NOT_MAPS,
            Limit.NOT_FROM,
            Limit.NOT_COLLECTED,
            Limit.NOT_DIFF),

    HOSTS(
            Heading.MACHINES,
            "--hosts",
            "HOST[,HOST...]",
            "ask these machines by ssh, such as web1,db[01-08] or root@web1; @FILE reads them from"
                    + " FILE, and - from standard input",
            Limit.NOT_MAPS,
            Limit.NOT_COLLECTED,
            Limit.NOT_DIFF) {
        @Override
        String help(Topic topic) {
            return topic == Topic.GROWTH
                    ? super.help(topic).replace("by ssh,", "by ssh for their recordings,")
                    : super.help(topic);
        }
    },
    FANOUT(
            Heading.MACHINES,
            "--fanout",
            "N",
            "ask at most N machines at the same time (default: 32)",
            Limit.NOT_MAPS,
            Limit.ONLY_HOSTS,
            Limit.NOT_DIFF),
    HOST_TIMEOUT(
            Heading.MACHINES,
            "--host-timeout",
            "SECONDS",
            "go on without a machine that needs more than SECONDS (default: 30)",
            Limit.NOT_MAPS,
            Limit.ONLY_HOSTS,
            Limit.NOT_DIFF),
    SSH(
            Heading.MACHINES,
            "--ssh",
            "COMMAND",
            "the ssh to run, such as 'ssh -F config -p 2222' (default: ssh)",
            Limit.NOT_MAPS,
            Limit.ONLY_HOSTS,
            Limit.NOT_DIFF),
    VIA(
            Heading.MACHINES,
            "--via",
            "COMMAND",
            "run COMMAND instead of ssh, which starts sh on machine {}, such as 'docker exec -i {}"
                    + " sh'",
            Limit.NOT_MAPS,
            Limit.ONLY_HOSTS,
            Limit.NOT_DIFF),

    TIMING(
            Heading.ABOUT,
            "--timing",
            null,
            "print to standard error how long the run took, and what it read",
            Limit.NOT_GROWTH,
            Limit.NOT_DIFF),
    CPU_PROFILE(
            Heading.ABOUT,
            "--cpuprofile, -cpuprofile",
            "FILE",
            "record in FILE where time is spent (a JDK Flight Recording)",
            Limit.NOT_GROWTH,
            Limit.NOT_DIFF,
            Limit.NOT_BY_SUDO),
    MEM_PROFILE(
            Heading.ABOUT,
            "--memprofile, -memprofile",
            "FILE",
            "record in FILE what is allocated (a JDK Flight Recording)",
            Limit.NOT_GROWTH,
            Limit.NOT_DIFF,
            Limit.NOT_BY_SUDO),
    DEBUG(
            Heading.ABOUT,
            "--debug",
            null,
            "list the processes that could not be read; after an error, show where it occurred"),
    HELP(Heading.ABOUT, "-h, --help", null, "show this help"),
    VERSION(Heading.ABOUT, "-V, --version", null, "show the version"),

    PREFIX(
            Heading.INSTALLATION,
            "--prefix",
            "DIR",
            "the installation is below DIR (default: /usr/local for root, ~/.local for others)"),
    JAVA(Heading.INSTALL, "--java", "HOME", "run on this Java (default: the newest)"),
    GROUP(
            Heading.INSTALL,
            "--group",
            "NAME",
            "let the members of group NAME see all processes; with --record: let them read the"
                    + " recording, and nothing else"),
    RECORD(
            Heading.INSTALL,
            "--record",
            null,
            "record all processes into /var/log/psm, by a service of systemd"),
    TEXTFILE(
            Heading.INSTALL,
            "--textfile",
            "[DIR]",
            "write DIR/psm.prom each minute for node_exporter, by a timer of systemd (default: "
                    + Options.TEXTFILES
                    + ")"),
    DRY_RUN(Heading.INSTALL, "--dry-run", null, "only show what would be done"),

    RECORD_INTERVAL(
            Heading.RECORD,
            "-i, --interval",
            "SECONDS",
            "take a sample every SECONDS (default: 60), and every 5 while memory is short"),
    KEEP(
            Heading.RECORD,
            "--keep",
            "TIME",
            "delete what is older than TIME, such as 12h or 7d (default: 30d)",
            Limit.NOT_BY_SUDO),
    MAX_SIZE(
            Heading.RECORD,
            "--max-size",
            "SIZE",
            "delete the oldest if all is larger than SIZE, such as 2G (default: 500M)",
            Limit.NOT_BY_SUDO),
    DIR(
            Heading.RECORD,
            "--dir",
            "DIR",
            "record into DIR (default: " + Options.RECORDINGS + ")",
            Limit.NOT_BY_SUDO),
    ONCE(
            Heading.RECORD,
            "--once",
            null,
            "add one sample and end, for cron, which runs it every SECONDS of -i");

    /** The headings of help. */
    enum Heading {
        WHAT("What to report:"),
        WHICH("Which processes (!LIST means all but those in LIST):"),
        LOOKS("How it looks:"),
        WHERE("Where from:"),
        MACHINES("Other machines:"),
        ABOUT("About psm itself:"),
        /** The heading for options of {@code psm install}, {@code uninstall} and {@code doctor}. */
        INSTALLATION(null),
        /** The heading for options of {@code psm install} alone. */
        INSTALL(null),
        /** The heading for options of {@code psm record} alone. */
        RECORD(null);

        /** The text above the options in help; {@code null} for options that no report has. */
        final String text;

        Heading(String text) {
            this.text = text;
        }
    }

    /** The cases in which an option is refused, or psm does not use the collector. */
    enum Limit {
        /** The option belongs to {@code psm maps} alone. */
        ONLY_MAPS,
        NOT_MAPS,
        NOT_OOM,
        NOT_GROWTH,
        /** The option belongs to {@code psm growth} alone. */
        ONLY_GROWTH,
        NOT_DIFF,
        /** The option chooses what a report shows: a snapshot always contains all of it. */
        NOT_SNAPSHOT,
        /** The option is about reading /proc of this machine. */
        NOT_FROM,
        /** The option is about asking other machines. */
        ONLY_HOSTS,
        /** The option names a file, which psm does not open with more rights than its user has. */
        NOT_BY_SUDO,
        /** The collector reads all processes in one way, which the option would change. */
        NOT_COLLECTED
    }

    /** The length of the start of a name, with its dashes, that is taken for the name. */
    static final int MIN_START_CHARS = 5;

    final Heading heading;

    /** The label of the value in help; {@code null} if the option takes none. */
    final String label;

    /** Whether the option can stand without its value. */
    final boolean isValueOptional;

    private final String[] names;
    private final String help;
    private final String helpInCommands;
    private final Set<Limit> limits = EnumSet.noneOf(Limit.class);

    Option(Heading heading, String names, String label, String help, Limit... limits) {
        this(heading, names, label, help, help, limits);
    }

    /**
     * Makes an option.
     *
     * @param names the names, separated by commas; those of Go's psm, which have one dash and
     *     several letters, come last
     * @param label the label of the value, in brackets if the option can stand without it
     * @param helpInCommands the help in {@code psm maps} and {@code psm oom}
     */
    Option(
            Heading heading,
            String names,
            String label,
            String help,
            String helpInCommands,
            Limit... limits) {
        this.heading = heading;
        this.names = names.split(", ", -1);
        this.isValueOptional = label != null && label.startsWith("[");
        this.label = isValueOptional ? label.substring(1, label.length() - 1) : label;
        this.help = help;
        this.helpInCommands = helpInCommands;
        this.limits.addAll(List.of(limits));
    }

    /** Returns whether a limit applies to the option. */
    boolean has(Limit limit) {
        return limits.contains(limit);
    }

    /** Returns whether psm can use the collector with this option. */
    public boolean isForCollector() {
        return !has(Limit.NOT_COLLECTED);
    }

    /** Returns whether the option takes a value. */
    public boolean takesValue() {
        return label != null;
    }

    /** Returns whether the value is a list of names. */
    boolean isOfList() {
        return label != null && label.contains(",");
    }

    /** Returns whether the value is the name of a file or a folder. */
    boolean isOfFile() {
        return "FILE".equals(label) || "DIR".equals(label) || "HOME".equals(label);
    }

    /** Returns whether a report of this topic has the option. */
    boolean isIn(Topic topic) {
        return heading.text != null
                && switch (topic) {
                    case PROCESSES -> !has(Limit.ONLY_MAPS) && !has(Limit.ONLY_GROWTH);
                    case MAPS, KINDS -> !has(Limit.NOT_MAPS) && !has(Limit.ONLY_GROWTH);
                    case OOM -> isIn(Topic.PROCESSES) && !has(Limit.NOT_OOM);
                    case GROWTH -> !has(Limit.ONLY_MAPS) && !has(Limit.NOT_GROWTH);
                    case DIFF -> isIn(Topic.PROCESSES) && !has(Limit.NOT_DIFF);
                };
    }

    /** Returns the description in the help of a topic. */
    String help(Topic topic) {
        return topic == Topic.PROCESSES ? help : helpInCommands;
    }

    /**
     * Returns the names of the option.
     *
     * @param withGoNames whether to return the names of Go's psm too, which help does not show
     */
    public String[] names(boolean withGoNames) {
        List<String> shown = new ArrayList<>();
        for (String name : names) {
            if (withGoNames || name.length() == 2 || name.startsWith("--")) {
                shown.add(name);
            }
        }
        return shown.toArray(new String[0]);
    }

    /** Returns the name that people type: the short one, if there is one. */
    public String brief() {
        return names[0];
    }

    /** Returns the long name. */
    @Override
    public String toString() {
        for (String name : names) {
            if (name.startsWith("--")) {
                return name;
            }
        }
        throw new IllegalStateException(name());
    }

    /** Returns the option with a name in reports of a topic, or {@code null}. */
    static Option named(String name, Topic topic) {
        for (Option option : values()) {
            if (option.isIn(topic) && List.of(option.names).contains(name)) {
                return option;
            }
        }
        return null;
    }

    /** Returns the option that chooses processes by a property. */
    public static Option choosing(Selection.By by) {
        return switch (by) {
            case PID -> PID;
            case ANCESTOR -> CHILDREN_OF;
            case USER -> USER;
            case CGROUP -> CGROUP;
            case UNIT -> UNIT;
            case CONTAINER -> CONTAINER;
        };
    }

    /** Returns the grouping for which the option is short, or {@code null}. */
    Grouping grouping() {
        return switch (this) {
            case BY_EXE -> Grouping.EXE;
            case BY_PID -> Grouping.PID;
            case BY_COMMAND -> Grouping.COMMAND;
            case BY_USER -> Grouping.USER;
            default -> null;
        };
    }

    /** Returns the values that a shell completes; none if the option takes any value. */
    List<String> candidates(Topic topic) {
        if (topic == Topic.DIFF && this == SORT) {
            return DiffColumn.options();
        }
        List<String> candidates = new ArrayList<>();
        switch (this) {
            case BY -> {
                for (Grouping grouping : Grouping.values()) {
                    if (topic.isGroupedBy(grouping)) {
                        candidates.add(grouping.option);
                    }
                }
            }
            case COLUMNS, SORT -> {
                for (Figure figure : Figure.values()) {
                    if (figure.fold != Figure.Fold.MARK) {
                        candidates.add(figure.option);
                    }
                }
            }
            case OUTPUT -> {
                candidates.addAll(List.of(Formats.names().split(", ", -1)));
                candidates.add(Exporters.SNAPSHOT);
            }
            default -> {
                if (label != null && label.contains("|")) {
                    candidates.addAll(List.of(label.split("[|]", -1)));
                }
            }
        }
        return candidates;
    }

    /**
     * Returns what replaces an option that reports of a topic once had, or {@code null}.
     *
     * @param typed its name, or the start of it, in upper or lower case
     */
    static String replacing(String typed, Topic topic) {
        String start = typed.toLowerCase(Locale.ROOT);
        if (start.length() < MIN_START_CHARS) {
            return null;
        }
        if ("--by-title".startsWith(start)) {
            return (topic == Topic.PROCESSES ? BY + " exe, or " : "") + BY_EXE.brief();
        }
        if ("--stats".startsWith(start)) {
            return TIMING.toString();
        }
        boolean isCost = "--max-cost".startsWith(start) && ESTIMATE_ABOVE.isIn(topic);
        return isCost ? ESTIMATE_ABOVE + " " + ESTIMATE_ABOVE.label : null;
    }
}
