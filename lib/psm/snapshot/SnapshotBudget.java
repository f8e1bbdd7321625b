package psm.snapshot;

import psm.name.Program;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Makes a snapshot fit the limits of {@link SnapshotFormat}. */
public final class SnapshotBudget {
    private final Set<String> texts = new HashSet<>();
    private long chars;

    /** Whether nothing was left out so far. */
    private boolean isWhole = true;

    private SnapshotBudget() {}

    /**
     * Returns the same snapshot if all of it fits. Otherwise it first leaves out command lines,
     * then the names of processes that could not be measured. Measured processes beyond the limit
     * become failed ones.
     *
     * @throws SnapshotFormatException if there are too many processes even for that
     */
    public static Snapshot fit(Snapshot snapshot) throws SnapshotFormatException {
        return new SnapshotBudget().of(snapshot);
    }

    private Snapshot of(Snapshot snapshot) throws SnapshotFormatException {
        List<ProcessMemory> measured = new ArrayList<>(snapshot.processes().size());
        List<Unmeasured> unmeasured = new ArrayList<>();
        int next = 0;
        for (ProcessMemory process : snapshot.processes()) {
            next = addBefore(process.pid(), snapshot.unmeasured(), next, unmeasured);
            if (isWithinLimits(measured.size() + (snapshot.run().own() == null ? 0 : 1))) {
                measured.add(fit(process));
            } else {
                unmeasured.add(unfitting(process));
                isWhole = false;
            }
        }
        addBefore(Integer.MAX_VALUE, snapshot.unmeasured(), next, unmeasured);
        if (unmeasured.size() > SnapshotFormat.MAX_UNMEASURED) {
            throw new SnapshotFormatException(
                    "is limited to "
                            + SnapshotFormat.MAX_PROCESSES
                            + " processes, and there are "
                            + (measured.size() + unmeasured.size()));
        }
        return isWhole
                ? snapshot
                : snapshot.withProcesses(measured, unmeasured, snapshot.scope().filtered());
    }

    private int addBefore(int pid, List<Unmeasured> from, int start, List<Unmeasured> to) {
        int next = start;
        while (next < from.size() && from.get(next).pid() <= pid) {
            to.add(fit(from.get(next++)));
        }
        return next;
    }

    private Unmeasured fit(Unmeasured process) {
        if (chars > SnapshotFormat.MAX_CHARS_WITH_COMMANDS) {
            isWhole = false;
            return new Unmeasured(process.pid(), null, process.reason(), null);
        }
        add(process.program());
        add(process.names());
        add(process.detail());
        return process;
    }

    /** Returns whether one more process fits, with the rest of the snapshot. */
    private boolean isWithinLimits(int processes) {
        return processes < SnapshotFormat.MAX_PROCESSES
                && chars <= SnapshotFormat.MAX_CHARS - 2 * SnapshotFormat.MAX_TEXT_BYTES
                && texts.size() <= SnapshotFormat.MAX_TEXTS - 2 * SnapshotFormat.MAX_SLOWEST;
    }

    private ProcessMemory fit(ProcessMemory process) {
        add(process.program().name());
        add(process.program().names());
        add(process.details().cgroup());
        add(process.details().devices().gpuClients());
        if (process.estimate() != null) {
            add(process.estimate().detail());
        }
        if (process.details().command() == null) {
            return process;
        }
        if (chars > SnapshotFormat.MAX_CHARS_WITH_COMMANDS) {
            isWhole = false;
            return process.withoutCommand();
        }
        add(process.details().command());
        return process;
    }

    private static Unmeasured unfitting(ProcessMemory process) {
        return new Unmeasured(
                process.pid(), null, Unmeasured.Reason.FAILED, "too many processes for a snapshot");
    }

    private void add(Program.Names names) {
        if (names != null) {
            add(names.title());
            add(names.executable());
            add(names.script());
        }
    }

    private void add(String text) {
        if (text != null && texts.add(text)) {
            chars += text.length();
        }
    }
}
