package psm.delta;

import psm.snapshot.SnapshotSlots;

import java.util.HashMap;
import java.util.Map;

/** Finds the rows of two tables that are of the same process, user or group. */
final class RowMatch {
    private RowMatch() {}

    /**
     * Returns for each row the one that it was before, or -1. The numbers ascend: a row that was
     * moved counts as new.
     */
    static int[] of(int tag, SampleTables.Table old, SampleTables.Table current) {
        int[] from = new int[current.rows];
        int[] keys = SnapshotSlots.keys(tag);
        if (keys.length == 0) {
            for (int row = 0; row < from.length; row++) {
                from[row] = row < old.rows ? row : -1;
            }
            return from;
        }
        Map<Long, Integer> rows = new HashMap<>();
        for (int row = 0; row < old.rows; row++) {
            rows.put(old.code(keys[0], row), row);
        }
        int next = 0;
        for (int row = 0; row < from.length; row++) {
            Integer before = rows.get(current.code(keys[0], row));
            boolean isSame = before != null && before >= next;
            for (int i = 1; isSame && i < keys.length; i++) {
                isSame = old.code(keys[i], before) == current.code(keys[i], row);
            }
            from[row] = isSame ? before : -1;
            next = isSame ? before + 1 : next;
        }
        return from;
    }
}
