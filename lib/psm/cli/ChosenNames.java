package psm.cli;

import psm.cgroup.Cgroup;
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
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether what a {@link Selection} names is there: control groups, units and containers that have
 * processes, be they chosen or not. A name that is not is a mistake, and answered with those that
 * are.
 */
final class ChosenNames {
    /**
     * How much of cgroups is kept. Too low, and the answer lacks some on a large box; too high, and
     * whoever may make groups has them not fit into the heap.
     */
    private static final int MAX_CHARS = 1 << 21;

    private final Selection selection;

    /** By rule, the names that no process has been met for. */
    private final List<Set<String>> unmet = new ArrayList<>();

    /** What the files of cgroups say, each once, as far as there is room. */
    private final Set<String> met = new HashSet<>();

    private int chars;

    private ChosenNames(Selection selection) {
        this.selection = selection;
        for (Selection.Rule rule : selection.rules()) {
            boolean isOfCgroups = rule.by().needs == Detail.CGROUP;
            unmet.add(new LinkedHashSet<>(isOfCgroups ? rule.wanted() : Set.of()));
        }
    }

    /**
     * Looks for the names among all processes.
     *
     * @param measured those that were measured, which are likely to have them; of others, a
     *     snapshot does not tell
     * @throws Failure for the first that is not there
     */
    static void require(Selection selection, Snapshot measured, ProcFs proc) throws Failure {
        ChosenNames names = new ChosenNames(selection);
        names.meet(measured.processes());
        // Where the kernel gave no answer it may give none here, and here nobody stops waiting.
        if (!names.areMet() && measured.count(Unmeasured.Reason.STUCK) == 0) {
            names.meetAll(proc);
            names.requireMet(measured.run().hidden() ? "that you may see" : "here");
        }
    }

    /** The same in a snapshot that was written, which has the names of its users too. */
    static void requireWritten(Selection selection, Snapshot written) throws Failure {
        for (Selection.Rule rule : selection.rules()) {
            if (rule.by() == Selection.By.USER) {
                requireUsers(rule.wanted(), new ArrayList<>(written.users().values()));
            }
        }
        ChosenNames names = new ChosenNames(selection);
        names.meet(written.processes());
        names.requireMet("in this snapshot");
    }

    private static void requireUsers(Set<String> wanted, List<String> known) throws Failure {
        for (String user : wanted) {
            if (!ViewArguments.isId(user) && !known.contains(user)) {
                throw missing("--user " + user, "in this snapshot is of that user", user, known);
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
            return proc.text(pid + "/cgroup", buffer);
        } catch (IOException e) {
            return null; // it has ended or is hidden, or the kernel has no cgroups
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
     * @param where the processes are that have been met
     */
    private void requireMet(String where) throws Failure {
        for (int i = 0; i < unmet.size(); i++) {
            if (!unmet.get(i).isEmpty()) {
                throw missing(selection.rules().get(i).by(), unmet.get(i).iterator().next(), where);
            }
        }
    }

    private Failure missing(Selection.By by, String name, String where) {
        String asked = by.option + ' ' + name;
        List<String> known = known(by);
        if (known.isEmpty() && known(Selection.By.CGROUP).isEmpty()) {
            return Failure.usage(
                    asked
                            + ": no process "
                            + where
                            + " tells its control group, as without cgroups in the kernel; leave"
                            + " it out",
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
                                ? ", nor in another"
                                : "; there are " + Nearest.some(name, known)),
                null);
    }

    /** What could have been asked for. */
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

    /** Groups that have no processes of their own, but for the root, which all are in. */
    private static void addAbove(Set<String> paths) {
        int room = MAX_CHARS;
        for (String path : new ArrayList<>(paths)) {
            int end = path.lastIndexOf('/');
            while (end > 0 && room > 0 && paths.add(path.substring(0, end))) {
                room -= end;
                end = path.lastIndexOf('/', end - 1);
            }
        }
        if (paths.size() > 1) {
            paths.remove("/");
        }
    }
}
