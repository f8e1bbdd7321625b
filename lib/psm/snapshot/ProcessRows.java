package psm.snapshot;

import psm.name.Program;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.scan.Unmeasured;
import psm.smaps.Usage;
import psm.text.Missing;
import psm.text.Text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Makes the processes of {@link SnapshotTables}; those that did not change are the same objects.
 */
final class ProcessRows {
    private final SnapshotTables tables;

    /** The processes that were made last, by ascending pid. */
    private List<ProcessMemory> last = List.of();

    ProcessRows(SnapshotTables tables) {
        this.tables = tables;
    }

    /** Uses the objects of another time again. */
    void reuse(ProcessRows before) {
        SnapshotTable table = tables.table(SnapshotFormat.PROCESSES);
        for (ProcessMemory process : before.last) {
            int row = table.indexOfPid(process.pid());
            if (row >= 0 && row < table.rows()) {
                table.makeStale(row, process);
            }
        }
    }

    List<ProcessMemory> processes() throws SnapshotFormatException {
        SnapshotTable table = tables.table(SnapshotFormat.PROCESSES);
        if (!table.isChanged()) {
            return last;
        }
        checkAscending(table);
        List<ProcessMemory> processes = new ArrayList<>(table.rows());
        long remaining = Long.MAX_VALUE;
        for (int i = 0; i < table.rows(); i++) {
            int space = addressSpace(table, i);
            ProcessMemory process = (ProcessMemory) table.made(i);
            if (!table.isFresh(i)) {
                process = process(table, i, space, process);
                table.make(i, process);
            }
            remaining -= process.usage().upperBound();
            if (remaining < 0) {
                throw damaged("the figures of pid " + process.pid() + " make the sums overflow");
            }
            processes.add(process);
        }
        table.accept();
        last = processes;
        return processes;
    }

    /**
     * Makes a process with what did not change of an earlier one.
     *
     * @param made what was made of the row before, or {@code null}
     */
    private ProcessMemory process(SnapshotTable table, int row, int space, ProcessMemory made)
            throws SnapshotFormatException {
        long start = table.get(SnapshotColumn.START_TIME, row);
        ProcessMemory before = made == null || made.startTime() != start ? null : made;
        ProcessMemory now =
                new ProcessMemory(
                        pid(table, row),
                        start,
                        program(table, row, before),
                        table.get(SnapshotColumn.ROLLUP, row) != 0,
                        usage(table, row, before),
                        details(table, row, before),
                        space,
                        table.get(SnapshotColumn.DOUBTFUL, row) != 0,
                        estimate(table, row));
        return before != null && isSame(before, now) ? before : now;
    }

    private Program program(SnapshotTable table, int row, ProcessMemory before)
            throws SnapshotFormatException {
        if (before != null && !table.isOther(row, SnapshotTable.OTHER_PROGRAM)) {
            return before.program();
        }
        Program program = program(table, row);
        return before != null && before.program().equals(program) ? before.program() : program;
    }

    private static Usage usage(SnapshotTable table, int row, ProcessMemory before) {
        if (before != null && !table.isOther(row, SnapshotTable.OTHER_USAGE)) {
            return before.usage();
        }
        Usage usage = usage(table, row);
        return before != null && isSame(before.usage(), usage) ? before.usage() : usage;
    }

    private ProcessDetails details(SnapshotTable table, int row, ProcessMemory before) {
        if (before != null && !table.isOther(row, SnapshotTable.OTHER_DETAILS)) {
            return before.details();
        }
        ProcessDetails details = details(table, row);
        return before != null && before.details().equals(details) ? before.details() : details;
    }

    @SuppressWarnings("ReferenceEquality") // the same object did not change
    private static boolean isSame(ProcessMemory before, ProcessMemory now) {
        return before.program() == now.program()
                && before.usage() == now.usage()
                && before.details() == now.details()
                && before.rollup() == now.rollup()
                && before.addressSpace() == now.addressSpace()
                && before.doubtful() == now.doubtful()
                && Objects.equals(before.estimate(), now.estimate());
    }

    private static boolean isSame(Usage usage, Usage other) {
        return usage.heap == other.heap
                && usage.mappings == other.mappings
                && usage.cutPss == other.cutPss
                && usage.cutSwapPss == other.cutSwapPss
                && Arrays.equals(usage.sums, other.sums);
    }

    /** Checks that none of the processes that were not measured is one that was. */
    void checkNone(List<Unmeasured> unmeasured) throws SnapshotFormatException {
        SnapshotTable measured = tables.table(SnapshotFormat.PROCESSES);
        for (Unmeasured process : unmeasured) {
            if (measured.indexOfPid(process.pid()) >= 0) {
                throw damaged("pid " + process.pid() + " is both measured and unmeasured");
            }
        }
    }

    private ProcessMemory.Estimate estimate(SnapshotTable table, int row) {
        long reason = table.get(SnapshotColumn.ESTIMATE, row);
        return Missing.is(reason)
                ? null
                : new ProcessMemory.Estimate(
                        SnapshotFormat.REASONS.get((int) reason),
                        text(table, SnapshotColumn.ESTIMATE_DETAIL, row));
    }

    static void checkAscending(SnapshotTable table) throws SnapshotFormatException {
        int last = -1;
        for (int i = 0; i < table.rows(); i++) {
            int pid = pid(table, i);
            if (pid <= last) {
                throw damaged("pid " + pid + " comes after pid " + last);
            }
            last = pid;
        }
    }

    static int pid(SnapshotTable table, int row) throws SnapshotFormatException {
        long pid = table.get(SnapshotColumn.PID, row);
        if (pid < 0) {
            throw damaged("a process has no pid");
        }
        return (int) pid;
    }

    /**
     * Returns the pid that the memory of a row is counted under: its own, or a lower one that is
     * counted under itself.
     */
    private int addressSpace(SnapshotTable table, int row) throws SnapshotFormatException {
        int pid = pid(table, row);
        long space = table.get(SnapshotColumn.ADDRESS_SPACE, row);
        if (Missing.is(space)) {
            return pid;
        }
        int other = table.indexOfPid(space);
        if (other < 0
                || other >= row
                || !Missing.is(table.get(SnapshotColumn.ADDRESS_SPACE, other))) {
            throw damaged("pid " + pid + " shares its memory with pid " + space);
        }
        return (int) space;
    }

    private Program program(SnapshotTable table, int row) throws SnapshotFormatException {
        String name = name(table, SnapshotColumn.PROGRAM, row);
        if (name == null) {
            throw damaged("pid " + pid(table, row) + " has no name");
        }
        Program.File file = SnapshotFormat.FILES.get((int) table.get(SnapshotColumn.FILE, row));
        return new Program(name, file, names(table, row));
    }

    Program.Names names(SnapshotTable table, int row) throws SnapshotFormatException {
        String title = name(table, SnapshotColumn.TITLE, row);
        String executable = name(table, SnapshotColumn.EXECUTABLE, row);
        String script = name(table, SnapshotColumn.SCRIPT, row);
        return title == null || executable == null
                ? null
                : new Program.Names(title, executable, script);
    }

    String name(SnapshotTable table, SnapshotColumn column, int row)
            throws SnapshotFormatException {
        String name = text(table, column, row);
        if (name != null && Text.cut(name, Text.MAX_NAME_CHARS).length() < name.length()) {
            throw damaged("a name is too long");
        }
        return name;
    }

    private static Usage usage(SnapshotTable table, int row) {
        return new Usage(
                table.sums(row),
                table.get(SnapshotColumn.HEAP, row),
                (int) table.get(SnapshotColumn.MAPPINGS, row),
                (int) table.get(SnapshotColumn.CUT_PSS, row),
                (int) table.get(SnapshotColumn.CUT_SWAP_PSS, row));
    }

    private ProcessDetails details(SnapshotTable table, int row) {
        return new ProcessDetails(
                (int) table.get(SnapshotColumn.PARENT, row),
                table.get(SnapshotColumn.THREADS, row),
                new ProcessDetails.Status(
                        table.get(SnapshotColumn.USER, row),
                        table.get(SnapshotColumn.GROUP, row),
                        table.get(SnapshotColumn.PEAK, row),
                        table.get(SnapshotColumn.PAGE_TABLES, row),
                        table.get(SnapshotColumn.SWAP_ENTRIES, row),
                        table.get(SnapshotColumn.RECLAIMABLE, row)),
                table.get(SnapshotColumn.OOM_SCORE, row),
                table.get(SnapshotColumn.OOM_SCORE_ADJ, row),
                table.get(SnapshotColumn.MAPS, row),
                text(table, SnapshotColumn.CGROUP, row),
                text(table, SnapshotColumn.COMMAND, row),
                devices(table, row));
    }

    /** Returns the memory of drivers; most processes have none, and they share one object. */
    private ProcessDetails.Devices devices(SnapshotTable table, int row) {
        String gpuClients = text(table, SnapshotColumn.GPU_CLIENTS, row);
        long mapped = table.get(SnapshotColumn.DEVICES_MAPPED, row);
        return gpuClients == null && mapped == Missing.VALUE
                ? ProcessDetails.Devices.UNKNOWN
                : new ProcessDetails.Devices(gpuClients, mapped);
    }

    /** Returns a text of a row, or {@code null}. */
    String text(SnapshotTable table, SnapshotColumn column, int row) {
        return tables.text(table.get(column, row));
    }

    private static SnapshotFormatException damaged(String problem) {
        return SnapshotFormatException.damaged(problem);
    }
}
