package psm.delta;

import psm.scan.Snapshot;
import psm.snapshot.SnapshotColumns;
import psm.snapshot.SnapshotFormat;
import psm.snapshot.SnapshotSlots;
import psm.snapshot.SnapshotTable;
import psm.snapshot.SnapshotTables;
import psm.snapshot.TextNumbers;

import java.io.IOException;

/** All columns of a sample, from which the difference to the next one is made. */
final class SampleTables implements SnapshotColumns.Sink {
    private final Table[] tables = new Table[SnapshotFormat.TABLES.size()];

    /** The table that is being taken. */
    private Table current;

    /** The columns of a table. */
    static final class Table {
        int rows;

        /** The codes of each column; {@code null} if it is absent. */
        final long[][] columns = new long[SnapshotSlots.COUNT][];

        /** Returns the code of a value. */
        long code(int slot, int row) {
            return columns[slot] == null ? SnapshotSlots.missing(slot) : columns[slot][row];
        }
    }

    /** Takes the columns of a snapshot. */
    static SampleTables of(Snapshot snapshot, TextNumbers texts) throws IOException {
        SampleTables sample = new SampleTables();
        new SnapshotColumns(snapshot, texts)
                .to(
                        (tag, content) -> {
                            sample.start(tag);
                            content.to(sample);
                        });
        return sample;
    }

    /** Takes the columns of a sample that was read. */
    static SampleTables of(SnapshotTables read) {
        SampleTables sample = new SampleTables();
        for (int tag : read.tags()) {
            SnapshotTable table = read.table(tag);
            sample.start(tag);
            sample.rows(table.rows());
            for (int slot = 0; slot < SnapshotSlots.COUNT; slot++) {
                if (table.has(slot)) {
                    long[] codes = new long[table.rows()];
                    for (int row = 0; row < codes.length; row++) {
                        codes[row] = table.code(slot, row);
                    }
                    sample.current.columns[slot] = codes;
                }
            }
        }
        return sample;
    }

    private void start(int tag) {
        current = new Table();
        tables[SnapshotFormat.TABLES.indexOf(tag)] = current;
    }

    @Override
    public void rows(int rows) {
        current.rows = rows;
    }

    @Override
    public void column(int slot, long... values) {
        current.columns[slot] = values.clone();
    }

    /** Returns a table by its place among {@link SnapshotFormat#TABLES}. */
    Table table(int place) {
        return tables[place] == null ? new Table() : tables[place];
    }
}
