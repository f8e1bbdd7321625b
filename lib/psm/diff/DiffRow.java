package psm.diff;

import psm.scan.ProcessMemory;
import psm.text.Missing;

import java.util.Arrays;

/** One row of a {@link DiffReport}. */
final class DiffRow {
    /** The names of the row, one for each way to group; {@code null} for those not known. */
    final String[] labels;

    /** The pid of a row that is one process. */
    final int pid;

    /** The figures by {@link DiffColumn#ordinal}; {@link Missing#VALUE} if one is not known. */
    private final long[] values = new long[DiffColumn.values().length];

    DiffRow(String[] labels, ProcessMemory first) {
        this.labels = labels;
        this.pid = first.pid();
        Arrays.fill(values, Missing.VALUE);
    }

    void set(DiffColumn column, long value) {
        values[column.ordinal()] = value;
    }

    /** Returns a figure; {@code null} if it is not known. */
    Long value(DiffColumn column) {
        return Missing.orNull(values[column.ordinal()]);
    }
}
