package psm.report;

import psm.scan.ProcessMemory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The order of {@code --by tree}: groups of one process each, children below their parents. */
final class ProcessTree {
    private final Ancestors ancestors;

    /** Those that have no place in the tree yet, by pid. */
    private final Map<Object, ProcessGroup> byPid = new HashMap<>();

    /** By their parents' pids. */
    private final Map<Object, List<ProcessGroup>> children = new HashMap<>();

    ProcessTree(Ancestors ancestors) {
        this.ancestors = ancestors;
    }

    /** Children come after their parents, each generation in the order of the groups. */
    List<ProcessGroup> of(List<ProcessGroup> groups) {
        for (ProcessGroup group : groups) {
            byPid.put(group.key, group);
        }
        List<ProcessGroup> open = tops(groups);
        List<ProcessGroup> tree = new ArrayList<>(groups.size());
        Collections.reverse(open);
        while (!open.isEmpty()) {
            ProcessGroup group = open.remove(open.size() - 1);
            tree.add(group);
            byPid.remove(group.key);
            List<ProcessGroup> below = children.getOrDefault(group.key, List.of());
            for (int i = below.size() - 1; i >= 0; i--) {
                below.get(i).depth = group.depth + 1;
                open.add(below.get(i));
            }
        }
        addCircles(groups, tree);
        return tree;
    }

    /** Those whose parents are not among them; the others are their parents' children. */
    private List<ProcessGroup> tops(List<ProcessGroup> groups) {
        List<ProcessGroup> tops = new ArrayList<>();
        for (ProcessGroup group : groups) {
            ProcessMemory parent = ancestors.parent(group.representative);
            if (parent == null || !byPid.containsKey(parent.pid())) {
                tops.add(group);
            } else {
                children.computeIfAbsent(parent.pid(), unused -> new ArrayList<>()).add(group);
            }
        }
        return tops;
    }

    /** In snapshots of somebody else's making, a process may be its own ancestor. */
    private void addCircles(List<ProcessGroup> groups, List<ProcessGroup> tree) {
        for (ProcessGroup group : groups) {
            if (byPid.containsKey(group.key)) {
                group.depth = 0;
                tree.add(group);
            }
        }
    }
}
