package psm.cli;

import picocli.CommandLine;

import psm.probe.ProbeScript;
import psm.record.RecordingFolder;
import psm.report.View;
import psm.scan.Scan;
import psm.scan.Selection;
import psm.scan.Source;
import psm.snapshot.SnapshotFile;
import psm.text.Failure;
import psm.text.Filter;
import psm.text.Version;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads the command line of a report. */
public final class Arguments {
    private static final int MAX_WORKERS = 256;
    private static final int MAX_COUNT = 1_000_000;

    private static final String NESTED = "is nested too deeply; use fewer parentheses";

    private final ParsedOptions parsed;
    private final Topic command;
    private final TimeArguments times;

    private Arguments(ParsedOptions parsed, Topic command) {
        this.parsed = parsed;
        this.command = command;
        this.times = new TimeArguments(parsed);
    }

    /** Returns {@code psm help maps} as {@code psm maps --help}; other command lines unchanged. */
    public static String[] withHelpAsOption(String... args) {
        if (args.length == 0 || !args[0].equals(Hints.HELP)) {
            return args;
        }
        String[] words = Arrays.copyOfRange(args, 1, args.length + 1);
        words[args.length - 1] = Option.HELP.toString();
        return words;
    }

    /**
     * Returns the script or the help that {@code psm probe} prints, which needs no /proc.
     *
     * @return {@code null} if the command line requests something else
     * @throws Failure as {@link #parse} does
     */
    public static String probe(String... args) throws Failure {
        if (!args[0].equals(OptionSpecs.PROBE)) {
            return null;
        }
        ParsedOptions parsed =
                ParsedOptions.parse(
                        OptionSpecs.command(args[0]), Arrays.copyOfRange(args, 1, args.length));
        return parsed.has(Option.HELP) ? OptionSpecs.help(args[0]) : ProbeScript.TEXT;
    }

    /**
     * Returns what the command line requests.
     *
     * @throws Failure if an option does not exist, has a malformed value, or conflicts with another
     */
    public static Options parse(String... args) throws Failure {
        Topic named = args.length == 0 ? null : Topic.of(args[0]);
        Topic command = named == null ? Topic.PROCESSES : named;
        String[] rest = named == null ? args : Arrays.copyOfRange(args, 1, args.length);
        ParsedOptions parsed =
                ParsedOptions.parse(
                        OptionSpecs.forParsing(command), ColumnArguments.withMarks(rest));
        return new Arguments(parsed, command).options();
    }

    private Options options() throws Failure {
        MetricsArguments metrics = MetricsArguments.of(parsed, command);
        ViewArguments views = new ViewArguments(parsed, command, metrics);
        Filter filter = filter(Option.FILTER);
        View view = views.view(command == Topic.MAPS ? filter(Option.MAP) : filter);
        Conflicts conflicts = new Conflicts(parsed, times);
        conflicts.refuseBySudo();
        Selection selection = new SelectionArguments(parsed).selection();
        Source source = source(parsed.value(Option.SOURCE, Source.AUTO.optionName()));
        String format = parsed.value(Option.OUTPUT, Options.Looks.TABLE);
        if (metrics != null) {
            metrics.refuse(view);
        }
        conflicts.refuse(command, view, selection, source, format);
        new HostArguments(parsed).refuse(view, format);
        times.refuse(command, format);
        GrowthArguments growth = new GrowthArguments(parsed);
        if (command == Topic.GROWTH) {
            growth.refuse();
        }
        DiffArguments diff = command == Topic.DIFF ? new DiffArguments(parsed) : null;
        String text = text(views);
        if (diff != null && text == null) {
            diff.refuse(format);
        }
        boolean isFilterOfView = command != Topic.MAPS && view.filter() != null;
        return new Options(
                text,
                what(views, view, metrics),
                new Options.Which(selection, isFilterOfView ? null : filter),
                looks(views, format),
                where(source, text != null),
                text == null ? hosts() : null,
                text == null && command == Topic.GROWTH ? growth.window() : null,
                diff == null ? null : diff.sort(view.by()),
                about());
    }

    private Options.What what(ViewArguments views, View view, MetricsArguments metrics)
            throws Failure {
        boolean areOfScripts =
                command == Topic.GROWTH || (metrics != null && metrics.areOfScripts(views));
        return new Options.What(
                views.topic(),
                view,
                views.byExecutable() || areOfScripts,
                parsed.has(Option.SCRIPTS) || areOfScripts,
                parsed.has(Option.NO_COMMANDS),
                false);
    }

    private Options.About about() {
        return new Options.About(
                parsed.has(Option.TIMING),
                parsed.value(Option.CPU_PROFILE),
                parsed.value(Option.MEM_PROFILE),
                parsed.has(Option.DEBUG),
                parsed.has(Option.QUIET));
    }

    private Options.Looks looks(ViewArguments views, String format) throws Failure {
        boolean isLive = parsed.has(Option.WATCH) && !times.isReplay();
        long nanos =
                parsed.nanos(Option.WATCH, TimeUnit.SECONDS, "0", isLive ? Scan.TICK_NANOS : 0);
        return new Options.Looks(
                views.layout(),
                format,
                times.isReplay() ? Math.max(nanos, 1) : nanos, // 0 is for one report
                count(),
                parsed.has(Option.CSV_RAW),
                parsed.has(Option.STRICT),
                to());
    }

    private String to() throws Failure {
        String file = parsed.value(Option.TO);
        if (SnapshotFile.STANDARD_INPUT.equals(file)) {
            throw parsed.refused(
                    Option.TO,
                    file,
                    "is no file; leave it out to write to standard output, or name ./-");
        }
        if (file != null && RecordingFolder.isOfRecording(file)) {
            throw parsed.refused(
                    Option.TO,
                    file,
                    "is a name of files of recordings, which this would replace; name another");
        }
        return file;
    }

    private Options.Where where(Source source, boolean readsNothing) throws Failure {
        List<String> files = parsed.files();
        List<String> named = files.isEmpty() ? parsed.values(Option.FROM) : files;
        Options.Period period = readsNothing ? null : times.period();
        boolean isPast = command == Topic.GROWTH && !parsed.has(Option.FOR);
        boolean isOfDefault =
                (period != null || isPast) && named.isEmpty() && !parsed.has(Option.HOSTS);
        List<String> from = isOfDefault ? List.of(Options.RECORDINGS) : named;
        boolean isHere = from.isEmpty() && !parsed.has(Option.HOSTS);
        return new Options.Where(
                source,
                readsNothing || !isHere ? null : Options.proc(parsed.value(Option.PROC)),
                from,
                period,
                workers(),
                parsed.nanos(Option.TIMEOUT, TimeUnit.SECONDS, "2", Scan.TICK_NANOS),
                parsed.nanos(Option.ESTIMATE_ABOVE, TimeUnit.MILLISECONDS, "0", 0));
    }

    private Options.Hosts hosts() throws Failure {
        long nanos = parsed.nanos(Option.HOST_TIMEOUT, TimeUnit.SECONDS, "30", Scan.TICK_NANOS);
        return new HostArguments(parsed).hosts(nanos);
    }

    /** Returns the text that is requested instead of a report; {@code null} for a report. */
    private String text(ViewArguments views) {
        if (parsed.has(Option.HELP)) {
            return OptionSpecs.commandLine(OptionSpecs.forHelp(command))
                    .getUsageMessage(CommandLine.Help.Ansi.OFF);
        }
        return parsed.has(Option.VERSION)
                ? "psm " + Version.CURRENT + " (Java " + Runtime.version() + ")\n"
                : views.help();
    }

    // Values of options

    private Filter filter(Option option) throws Failure {
        String regex = parsed.value(option);
        if (regex == null) {
            return null;
        }
        String asked = parsed.typed(option) + " '" + regex + "'";
        String problem = Filter.problem(regex);
        if (problem != null) {
            throw Failure.usage(asked + ": " + problem, null);
        }
        try {
            return new Filter(parsed.typed(option), Pattern.compile(regex));
        } catch (PatternSyntaxException e) {
            throw Failure.usage(asked + ": " + described(e), e);
        } catch (StackOverflowError e) {
            throw Failure.usage(asked + ": " + NESTED, e);
        }
    }

    private static String described(PatternSyntaxException e) {
        return e.getDescription().startsWith("Stack overflow")
                ? NESTED
                : "not a regular expression: "
                        + words(e)
                        + " at character "
                        + (e.getIndex() + 1)
                        + "; put a backslash before a special character to match it literally";
    }

    /** Returns what is wrong; older Java has no words for a backslash at the end. */
    private static String words(PatternSyntaxException e) {
        boolean isBackslash = e.getDescription().equals("Unexpected internal error");
        return isBackslash ? "Unescaped trailing backslash" : e.getDescription();
    }

    private Source source(String name) throws Failure {
        StringBuilder names = new StringBuilder();
        for (Source source : Source.values()) {
            if (source.optionName().equals(name)) {
                return source;
            }
            names.append(names.length() == 0 ? "" : ", ").append(source.optionName());
        }
        throw parsed.refused(Option.SOURCE, name, "no such source; there are " + names);
    }

    private int workers() throws Failure {
        return parsed.number(Option.WORKERS, MAX_WORKERS, "threads");
    }

    private int count() throws Failure {
        int count = parsed.number(Option.COUNT, MAX_COUNT, "reports");
        if (count > 0 && !parsed.has(Option.WATCH)) {
            throw parsed.refused(
                    Option.COUNT,
                    Integer.toString(count),
                    "counts the reports of " + Option.WATCH.brief() + "; add -w SECONDS");
        }
        return count;
    }
}
