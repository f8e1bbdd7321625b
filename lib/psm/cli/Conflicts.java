package psm.cli;

import psm.fleet.FleetSystem;
import psm.format.Exporters;
import psm.probe.ProbeScript;
import psm.proc.InvokingUser;
import psm.report.Figure;
import psm.report.Grouping;
import psm.report.View;
import psm.scan.Selection;
import psm.scan.Source;
import psm.snapshot.SnapshotFile;
import psm.text.Failure;

import java.util.List;

/** Refuses options that conflict, and options that would have no effect: the user expects one. */
public final class Conflicts {
    private final ParsedOptions parsed;
    private final TimeArguments times;

    Conflicts(ParsedOptions parsed, TimeArguments times) {
        this.parsed = parsed;
        this.times = times;
    }

    /**
     * Checks the options of a report.
     *
     * @param format the name of the output format
     * @throws Failure for the first option that conflicts with the others
     */
    void refuse(Topic topic, View view, Selection selection, Source source, String format)
            throws Failure {
        if (view.uses(Figure.HEAP) && source == Source.ROLLUP) {
            throw Failure.usage(
                    Option.HEAP
                            + ": smaps_rollup does not contain [heap]; leave out "
                            + Option.SOURCE
                            + " rollup",
                    null);
        }
        boolean isOfSeveral = parsed.has(Option.HOSTS) || parsed.values(Option.FROM).size() > 1;
        boolean isOfFiles = parsed.isOfFiles();
        boolean isOfProc = !parsed.has(Option.HOSTS) && !isOfFiles;
        boolean isSystem = parsed.has(Option.SYSTEM);
        if (isSystem) {
            refuseWithSystem(selection);
        }
        if (isSystem && isOfSeveral) {
            refuseSystemOfSeveral(view);
        } else if (isSystem && isOfProc) { // a folder may contain several machines
            refuseForRowsOnly(Option.SYSTEM.toString(), format);
        }
        if (view.totalsAlone()) {
            refuseForRowsOnly(parsed.typed(Option.TOTAL), format);
        }
        refuseSameProfile();
        if (parsed.has(Option.NO_COMMANDS)) {
            refuseWithoutCommands(view);
        }
        if (isOfFiles) {
            refuseWithFrom();
        }
        if (format.equals(Exporters.SNAPSHOT)) {
            refuseForSnapshot(topic);
        }
        refuseSeveralPages(format);
    }

    private void refuseSeveralPages(String format) throws Failure {
        if (Options.Looks.isPage(format) && parsed.has(Option.WATCH) && !parsed.has(Option.TO)) {
            throw Failure.usage(
                    parsed.typed(Option.WATCH)
                            + ": each report is a page of its own; add "
                            + Option.TO
                            + " memory.html, which each of them replaces",
                    null);
        }
    }

    private void refuseSameProfile() throws Failure {
        String cpuProfile = parsed.value(Option.CPU_PROFILE);
        if (cpuProfile != null && cpuProfile.equals(parsed.value(Option.MEM_PROFILE))) {
            throw Failure.usage(
                    parsed.typed(Option.MEM_PROFILE)
                            + " "
                            + cpuProfile
                            + ": is the file of "
                            + parsed.typed(Option.CPU_PROFILE)
                            + "; name another",
                    null);
        }
    }

    private void refuseWithSystem(Selection selection) throws Failure {
        if (parsed.has(Option.FILTER) || !selection.isAll()) {
            throw Failure.usage(
                    Option.SYSTEM
                            + ": accounts for the memory of all processes; leave out "
                            + (parsed.has(Option.FILTER)
                                    ? parsed.typed(Option.FILTER)
                                    : chosenBy(selection)),
                    null);
        }
    }

    /**
     * Refuses options that choose the rows of processes, since {@link Option#SYSTEM} has a row for
     * each of several machines.
     */
    public static void refuseSystemOfSeveral(View view) throws Failure {
        String problem = null;
        if (!view.by().equals(List.of(Grouping.PROGRAM))
                && !view.by().equals(List.of(Grouping.HOST))) {
            problem = "has a row for each of several machines; leave out " + Option.BY;
        } else if (!view.columns().equals(View.columns(false))) {
            problem =
                    "of several machines has their parts as columns; leave out options that add"
                            + " columns, such as "
                            + Option.COLUMNS.brief();
        } else if (view.sort() != null && !FleetSystem.isSortable(view.sort())) {
            problem =
                    "of several machines is sorted by what they use; leave out "
                            + Option.SORT
                            + ", or use "
                            + Option.SORT
                            + " swap or "
                            + Option.SORT
                            + " name";
        }
        if (problem != null) {
            throw Failure.usage(Option.SYSTEM + ": " + problem, null);
        }
    }

    private String chosenBy(Selection selection) {
        Option option = Option.choosing(selection.rules().get(0).by());
        return parsed.typed(parsed.has(option) ? option : Option.MINE);
    }

    /**
     * Refuses a format that contains only rows, for a report without them.
     *
     * @param option the option as it was typed
     */
    public static void refuseForRowsOnly(String option, String format) throws Failure {
        if (Options.Looks.isOfRowsOnly(format)) {
            throw Failure.usage(
                    option
                            + ": "
                            + format
                            + " contains only rows; use "
                            + Option.OUTPUT.brief()
                            + " table or "
                            + Option.OUTPUT.brief()
                            + " json",
                    null);
        }
    }

    private void refuseWithoutCommands(View view) throws Failure {
        String problem = null;
        if (view.by().contains(Grouping.COMMAND)) {
            boolean isShort = parsed.has(Option.BY_COMMAND);
            String by = isShort ? parsed.typed(Option.BY_COMMAND) : Option.BY + " command";
            problem = by + ": shows command lines";
        } else if (parsed.has(Option.SCRIPTS)) {
            problem = Option.SCRIPTS + ": takes names from command lines";
        }
        if (problem != null) {
            throw Failure.usage(
                    problem
                            + ", which "
                            + Option.NO_COMMANDS
                            + " leaves out; leave out one of them",
                    null);
        }
    }

    /**
     * Refuses to open a file for a user who may not have the right to open it. Call this before
     * anything looks at a file that an option names.
     */
    void refuseBySudo() throws Failure {
        if (!InvokingUser.hasFewerRights()) {
            return;
        }
        for (Option option : Option.values()) {
            if (option.has(Option.Limit.NOT_BY_SUDO) && parsed.has(option)) {
                throw Failure.usage(
                        parsed.typed(option)
                                + ": run with sudo, psm only reads /proc and writes no files;"
                                + " users with more rights can run 'sudo env -u SUDO_UID psm'",
                        null);
            }
        }
        if (parsed.has(Option.HOSTS)) {
            throw Failure.usage(
                    Option.HOSTS
                            + ": run with sudo, psm would ask the machines as root, and the keys"
                            + " are yours; leave out sudo: there, psm uses it where it may",
                    null);
        }
        for (String file : parsed.files()) {
            refuseFileBySudo("", file);
        }
        for (String file : parsed.values(Option.FROM)) {
            refuseFileBySudo(Option.FROM + " ", file);
        }
    }

    private static void refuseFileBySudo(String option, String file) throws Failure {
        boolean isNamedByPsm =
                file.equals(Options.RECORDINGS) || file.equals(Options.RECORDINGS + '/');
        if (!file.equals(SnapshotFile.STANDARD_INPUT) && !isNamedByPsm) {
            throw Failure.usage(
                    option
                            + file
                            + ": run with sudo, psm does not read files that a user names; use "
                            + option
                            + "- and standard input, or leave out sudo",
                    null);
        }
    }

    private void refuseWithFrom() throws Failure {
        Option from = parsed.has(Option.FROM) ? Option.FROM : times.first();
        for (Option option : Option.values()) {
            if (option.has(Option.Limit.NOT_FROM) && parsed.has(option)) {
                throw Failure.usage(
                        parsed.typed(option)
                                + ": is about reading /proc; leave it out, or leave out "
                                + from,
                        null);
            }
        }
        if (parsed.has(Option.WATCH) && times.first() == null) {
            throw Failure.usage(
                    parsed.typed(Option.WATCH)
                            + ": files do not change; leave out "
                            + Option.FROM
                            + ", or replay a recording with "
                            + Option.SINCE
                            + " TIME",
                    null);
        }
    }

    private void refuseForSnapshot(Topic topic) throws Failure {
        if (topic != Topic.PROCESSES) {
            throw Failure.usage(
                    topic.command
                            + ": -o snapshot works without a command only; leave out one of them",
                    null);
        }
        for (ParsedOptions.Occurrence given : parsed.all()) {
            if (given.option().has(Option.Limit.NOT_SNAPSHOT)) {
                throw Failure.usage(
                        parsed.typed(given.option())
                                + ": chooses what a report shows, and a snapshot contains all of"
                                + " it; leave it out, and use it with 'psm --from FILE'",
                        null);
            }
        }
    }

    /**
     * Refuses columns of files that a probe does not read.
     *
     * @param heap what was typed for the column of the heap; {@code null} if that is not known
     */
    public static void refuseUnread(View view, String heap) throws Failure {
        for (Figure figure : Figure.values()) {
            // A column of metrics that the user has not named is missing instead.
            boolean isNamed = !view.isOfMetrics() || view.isInTables(figure);
            boolean isUnread =
                    figure == Figure.HEAP
                            || figure == Figure.ANONYMOUS
                            || (figure.needs() != null
                                    && ProbeScript.UNREAD.contains(figure.needs()));
            if (isUnread && isNamed && view.uses(figure)) {
                throw Failure.usage(
                        (figure == Figure.HEAP && heap != null ? heap : "column " + figure.option)
                                + ": a probe does not read it; leave it out, or run psm on that"
                                + " machine",
                        null);
            }
        }
    }
}
