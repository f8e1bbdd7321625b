package psm.report;

import psm.scan.ProcessMemory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The parents of the processes of one snapshot. A line of ancestors ends where a parent is not in
 * the snapshot, such as a kernel thread or a process that psm has no permission to read. Not for
 * sharing between threads.
 */
public final class Ancestors {
    private final Map<Integer, ProcessMemory> byPid = new HashMap<>();
    private final Labels labels;

    /** The topmost ancestors found so far, by the pids of their descendants. */
    private final Map<Integer, ProcessMemory> topmost = new HashMap<>();

    public Ancestors(List<ProcessMemory> processes, Labels labels) {
        this.labels = labels;
        for (ProcessMemory process : processes) {
            byPid.put(process.pid(), process);
        }
    }

    /** Returns the parent; {@code null} if it is not in the snapshot. */
    ProcessMemory parent(ProcessMemory process) {
        int pid = process.details().parent();
        return pid == process.pid() ? null : byPid.get(pid);
    }

    /**
     * Returns the topmost ancestor below init, or below the process that started its container. It
     * may be the process itself.
     */
    public ProcessMemory topmost(ProcessMemory process) {
        List<ProcessMemory> line = new ArrayList<>();
        ProcessMemory top = process;
        String container = container(process);
        // A snapshot file that psm did not write may contain circles of parents.
        while (line.size() < byPid.size()) {
            ProcessMemory known = topmost.get(top.pid());
            if (known != null) {
                top = known;
                break;
            }
            line.add(top);
            ProcessMemory parent = parent(top);
            if (parent == null || parent.pid() == 1 || !same(container, container(parent))) {
                break;
            }
            top = parent;
        }
        for (ProcessMemory descendant : line) {
            topmost.put(descendant.pid(), top);
        }
        return top;
    }

    private String container(ProcessMemory process) {
        return Grouping.CONTAINER.label(process, labels);
    }

    private static boolean same(String a, String b) {
        return a == null ? b == null : a.equals(b);
    }
}
