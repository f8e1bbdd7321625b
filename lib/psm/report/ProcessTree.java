package psm.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the rows of {@code --by tree}, each of which is one process, into the order of a tree. Not
 * for sharing between threads.
 *
 * @param <T> a row
 */
final class ProcessTree<T extends ProcessRow> {
    /** The rows that have no place in the tree yet, by machine and pid. */
    private final Map<Long, T> byPid = new HashMap<>();

    /** The rows below others, by the machines and pids of their parents. */
    private final Map<Long, List<T>> children = new HashMap<>();

    /** Returns the tree: children follow their parents, and siblings keep the order of the rows. */
    List<T> of(List<T> rows) {
        for (T row : rows) {
            byPid.put(key(row, row.pid()), row);
        }
        List<T> open = tops(rows);
        List<T> tree = new ArrayList<>(rows.size());
        Collections.reverse(open);
        while (!open.isEmpty()) {
            T row = open.remove(open.size() - 1);
            tree.add(row);
            Long key = key(row, row.pid());
            byPid.remove(key);
            List<T> below = children.getOrDefault(key, List.of());
            for (int i = below.size() - 1; i >= 0; i--) {
                below.get(i).depth = row.depth + 1;
                open.add(below.get(i));
            }
        }
        addCircles(rows, tree);
        return tree;
    }

    /** Returns what no other process has as long as it exists. */
    private Long key(T row, int pid) {
        return ((long) row.machine() << Integer.SIZE) + pid;
    }

    /** Returns the rows whose parent is not among them, and stores the others as children. */
    private List<T> tops(List<T> rows) {
        List<T> tops = new ArrayList<>();
        for (T row : rows) {
            Long parent = key(row, row.parent());
            if (row.parent() == row.pid() || !byPid.containsKey(parent)) {
                tops.add(row);
            } else {
                children.computeIfAbsent(parent, unused -> new ArrayList<>()).add(row);
            }
        }
        return tops;
    }

    /**
     * Adds processes that are their own ancestors, which only a snapshot file that psm did not
     * write can contain.
     */
    private void addCircles(List<T> rows, List<T> tree) {
        for (T row : rows) {
            if (byPid.containsKey(key(row, row.pid()))) {
                row.depth = 0;
                tree.add(row);
            }
        }
    }
}
