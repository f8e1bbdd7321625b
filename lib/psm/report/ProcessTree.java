package psm.report;

import psm.scan.ProcessMemory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the rows of {@code --by tree}, each of which is one process, into the order of a tree. Not
 * for sharing between threads.
 */
final class ProcessTree {
    private final Ancestors ancestors;

    /** The groups that have no place in the tree yet, by pid. */
    private final Map<Integer, ProcessGroup> byPid = new HashMap<>();

    /** The groups below others, by the pids of their parents. */
    private final Map<Integer, List<ProcessGroup>> children = new HashMap<>();

    ProcessTree(Ancestors ancestors) {
        this.ancestors = ancestors;
    }

    /**
     * Returns the tree: children follow their parents, and siblings keep the order of the groups.
     */
    List<ProcessGroup> of(List<ProcessGroup> groups) {
        for (ProcessGroup group : groups) {
            byPid.put(group.first().pid(), group);
        }
        List<ProcessGroup> open = tops(groups);
        List<ProcessGroup> tree = new ArrayList<>(groups.size());
        Collections.reverse(open);
        while (!open.isEmpty()) {
            ProcessGroup group = open.remove(open.size() - 1);
            tree.add(group);
            byPid.remove(group.first().pid());
            List<ProcessGroup> below = children.getOrDefault(group.first().pid(), List.of());
            for (int i = below.size() - 1; i >= 0; i--) {
                below.get(i).depth = group.depth + 1;
                open.add(below.get(i));
            }
        }
        addCircles(groups, tree);
        return tree;
    }

    /** Returns the groups whose parent is not among them, and stores the others as children. */
    private List<ProcessGroup> tops(List<ProcessGroup> groups) {
        List<ProcessGroup> tops = new ArrayList<>();
        for (ProcessGroup group : groups) {
            ProcessMemory parent = ancestors.parent(group.first());
            if (parent == null || !byPid.containsKey(parent.pid())) {
                tops.add(group);
            } else {
                children.computeIfAbsent(parent.pid(), unused -> new ArrayList<>()).add(group);
            }
        }
        return tops;
    }

    /**
     * Adds processes that are their own ancestors, which only a snapshot file that psm did not
     * write can contain.
     */
    private void addCircles(List<ProcessGroup> groups, List<ProcessGroup> tree) {
        for (ProcessGroup group : groups) {
            if (byPid.containsKey(group.first().pid())) {
                group.depth = 0;
                tree.add(group);
            }
        }
    }
}
