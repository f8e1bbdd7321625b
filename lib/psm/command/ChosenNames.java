package psm.command;

import psm.cgroup.Cgroup;
import psm.cli.Option;
import psm.cli.SelectionArguments;
import psm.name.UserNames;
import psm.probe.Recorded;
import psm.proc.ProcFs;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.Selection;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.text.Failure;
import psm.text.Nearest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Checks that the processes, control groups, units and containers in a {@link Selection} exist; a
 * group exists if it contains processes. If one does not, the message lists those that do.
 */
final class ChosenNames {
    /**
     * The limit for the texts of cgroup files that are kept. If it is too low, the list in the
     * message is incomplete on a large machine; if it is too high, a user who creates many groups
     * can fill the heap.
     */
    private static final int MAX_CHARS = 1 << 21;

    private final Selection selection;

    /** For each rule, the names for which no process has been found so far. */
    private final List<Set<String>> unmet = new ArrayList<>();

    /** The different texts of cgroup files, up to {@link #MAX_CHARS}. */
    private final Set<String> met = new HashSet<>();

    /** The total length of the strings in {@link #met}. */
    private int chars;

    /** The users of several machines, up to {@link #MAX_CHARS} together. */
    private final Set<String> users = new TreeSet<>();

    private int charsOfUsers;

    /** Creates a check that has seen no process yet. */
    ChosenNames(Selection selection) {
        this.selection = selection;
        for (Selection.Rule rule : selection.rules()) {
            boolean isOfCgroups = rule.by().needs == Detail.CGROUP;
            unmet.add(new LinkedHashSet<>(isOfCgroups ? rule.wanted() : Set.of()));
        }
    }

    /**
     * Looks for the names among all processes.
     *
     * @param measured the snapshot with the measured processes, which are searched first; it does
     *     not contain the control groups of other processes
     * @throws Failure for the first name that does not exist
     */
    static void require(Selection selection, Snapshot measured, ProcFs proc) throws Failure {
        ChosenNames names = new ChosenNames(selection);
        names.meet(measured.processes());
        // If reading a process blocked, it may block here too, and here there is no timeout.
        if (!names.areMet() && !hasBlocked(measured)) {
            names.meetAll(proc);
            names.requireMet(measured.run().hidden() ? "that you can see" : "here");
        }
    }

    private static boolean hasBlocked(Snapshot measured) {
        for (ProcessMemory process : measured.processes()) {
            ProcessMemory.Estimate estimate = process.estimate();
            if (estimate != null && estimate.reason() == Unmeasured.Reason.STUCK) {
                return true;
            }
        }
        return measured.count(Unmeasured.Reason.STUCK) > 0;
    }

    /** Looks for the names, and for those of users, in a snapshot from a file. */
    static void requireWritten(Selection selection, Snapshot written) throws Failure {
        requireUsers(selection, UserNames.of(written.users(), Map.of()));
        requirePids(selection, written, "");
        ChosenNames names = new ChosenNames(selection);
        names.meet(written.processes());
        names.requireMet("in this snapshot");
    }

    /** Looks for the names on one of several machines. */
    void meet(Recorded recorded) throws Failure {
        boolean isProbe = recorded.probe() != null;
        UserNames names =
                isProbe
                        ? UserNames.of(recorded.probe())
                        : UserNames.of(recorded.snapshot().users(), Map.of());
        for (String user : names.users()) {
            if (charsOfUsers < MAX_CHARS && users.add(user)) {
                charsOfUsers += user.length();
            }
        }
        if (isProbe) {
            meetAll(recorded.probe());
        } else {
            meet(recorded.snapshot().processes());
        }
    }

    /**
     * Checks that each name exists on at least one of several machines.
     *
     * @param where the words that say which machines were searched
     */
    void requireAnywhere(String where) throws Failure {
        for (Selection.Rule rule : selection.rules()) {
            if (rule.by() == Selection.By.USER) {
                requireUsers(rule, users, where);
            }
        }
        requireMet(where);
    }

    /**
     * Checks that there is a process of the chosen ids. Where one of several is missing, a remark
     * below the report is enough.
     *
     * @param where the words that say which processes were searched
     */
    static void requirePids(Selection selection, Predicate<String> exists, String where)
            throws Failure {
        for (Selection.Rule rule : selection.rules()) {
            boolean isOfPids = rule.by() == Selection.By.PID || rule.by() == Selection.By.ANCESTOR;
            if (isOfPids && !rule.isNot() && rule.wanted().stream().noneMatch(exists)) {
                throw Failure.usage(
                        Option.choosing(rule.by())
                                + " "
                                + String.join(",", rule.wanted())
                                + ": no such process"
                                + where,
                        null);
            }
        }
    }

    /** Does the same for a snapshot with all processes. */
    static void requirePids(Selection selection, Snapshot all, String where) throws Failure {
        Set<String> pids = new HashSet<>();
        for (int pid : all.pids()) {
            pids.add(Integer.toString(pid));
        }
        if (all.run().own() != null) {
            pids.add(Integer.toString(all.run().own().pid()));
        }
        requirePids(selection, pids::contains, where);
    }

    /** Checks that the chosen users are known. */
    static void requireUsers(Selection selection, UserNames names) throws Failure {
        for (Selection.Rule rule : selection.rules()) {
            if (rule.by() == Selection.By.USER) {
                requireUsers(rule, names.users(), "in this snapshot");
            }
        }
    }

    private static void requireUsers(Selection.Rule rule, Collection<String> known, String where)
            throws Failure {
        for (String user : rule.wanted()) {
            if (!SelectionArguments.isId(user) && !known.contains(user)) {
                String what = where + " is of that user";
                throw missing(asked(rule, user), what, user, List.copyOf(known));
            }
        }
    }

    private void meetAll(ProcFs proc) throws Failure {
        byte[] buffer = new byte[Cgroup.MAX_FILE_BYTES];
        int[] pids;
        try {
            pids = proc.pids();
        } catch (IOException e) {
            throw Failure.of("cannot list the processes: " + Failure.reason(e), e);
        }
        for (int i = 0; i < pids.length && !areMet(); i++) {
            meet(cgroup(proc, pids[i], buffer));
        }
    }

    private static String cgroup(ProcFs proc, int pid, byte[] buffer) {
        try {
            return proc.unblockedText(pid + "/cgroup", buffer);
        } catch (IOException e) {
            return null; // it exited or is hidden, or the kernel has no cgroups
        }
    }

    private void meet(List<ProcessMemory> processes) {
        for (int i = 0; i < processes.size() && !areMet(); i++) {
            meet(processes.get(i).details().cgroup());
        }
    }

    private void meet(String content) {
        if (content == null || met.contains(content)) {
            return;
        }
        if (chars < MAX_CHARS) {
            chars += content.length();
            met.add(content);
        }
        Cgroup cgroup = Cgroup.parse(content);
        for (int i = 0; i < unmet.size(); i++) {
            Selection.By by = selection.rules().get(i).by();
            unmet.get(i).removeIf(name -> Selection.isIn(by, Set.of(name), cgroup));
        }
    }

    private boolean areMet() {
        for (Set<String> names : unmet) {
            if (!names.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Throws a failure for the first name for which no process was found.
     *
     * @param where the words that say which processes were searched
     */
    private void requireMet(String where) throws Failure {
        for (int i = 0; i < unmet.size(); i++) {
            if (!unmet.get(i).isEmpty()) {
                throw missing(selection.rules().get(i), unmet.get(i).iterator().next(), where);
            }
        }
    }

    /** Returns an option and one of its names as they are on the command line. */
    private static String asked(Selection.Rule rule, String name) {
        return Option.choosing(rule.by()) + (rule.isNot() ? " !" : " ") + name;
    }

    private Failure missing(Selection.Rule rule, String name, String where) {
        Selection.By by = rule.by();
        String asked = asked(rule, name);
        List<String> known = known(by);
        if (known.isEmpty() && known(Selection.By.CGROUP).isEmpty()) {
            return Failure.usage(
                    asked
                            + ": no process "
                            + where
                            + " shows its control group (a kernel without cgroups shows none);"
                            + " leave it out",
                    null);
        }
        String what =
                switch (by) {
                    case UNIT -> "unit";
                    case CONTAINER -> "container";
                    default -> "control group";
                };
        return missing(asked, where + " is in that " + what, name, known);
    }

    private static Failure missing(String asked, String what, String name, List<String> known) {
        return Failure.usage(
                asked
                        + ": no process "
                        + what
                        + (known.isEmpty()
                                ? ", or in any other"
                                : "; there are " + Nearest.some(name, known)),
                null);
    }

    /** Returns the names that exist. */
    private List<String> known(Selection.By by) {
        Set<String> known = new TreeSet<>();
        for (String content : met) {
            Cgroup cgroup = Cgroup.parse(content);
            String name =
                    switch (by) {
                        case UNIT -> cgroup.unit();
                        case CONTAINER -> cgroup.container();
                        default -> cgroup.path();
                    };
            if (name != null) {
                known.add(name);
            }
        }
        if (by == Selection.By.CGROUP) {
            addAbove(known);
        }
        return new ArrayList<>(known);
    }

    /** Adds the groups above these paths, except the root, which contains all processes. */
    private static void addAbove(Set<String> paths) {
        int charsLeft = MAX_CHARS;
        for (String path : new ArrayList<>(paths)) {
            int end = path.lastIndexOf('/');
            while (end > 0 && charsLeft > 0 && paths.add(path.substring(0, end))) {
                charsLeft -= end;
                end = path.lastIndexOf('/', end - 1);
            }
        }
        if (paths.size() > 1) {
            paths.remove("/");
        }
    }
}
