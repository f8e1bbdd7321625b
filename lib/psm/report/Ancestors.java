package psm.report;

import psm.scan.ProcessMemory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who started whom, among the processes of one snapshot. A parent that is not among them, such as a
 * kernel thread or one that may not be read, ends the line. Not for sharing between threads.
 */
final class Ancestors {
    private final Map<Integer, ProcessMemory> byPid = new HashMap<>();
    private final Labels labels;

    /** By pid, as far as somebody asked. */
    private final Map<Integer, ProcessMemory> topmost = new HashMap<>();

    Ancestors(List<ProcessMemory> processes, Labels labels) {
        this.labels = labels;
        for (ProcessMemory process : processes) {
            byPid.put(process.pid(), process);
        }
    }

    /** The parent, or {@code null} where it is none of these processes. */
    ProcessMemory parent(ProcessMemory process) {
        int pid = process.details().parent();
        return pid == process.pid() ? null : byPid.get(pid);
    }

    /**
     * The topmost ancestor below init, or below what started its container: maybe the process
     * itself.
     */
    ProcessMemory topmost(ProcessMemory process) {
        List<ProcessMemory> line = new ArrayList<>();
        ProcessMemory top = process;
        String container = container(process);
        // In a snapshot of somebody else's making, there may be circles.
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
