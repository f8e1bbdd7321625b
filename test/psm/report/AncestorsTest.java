package psm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

import psm.name.Program;
import psm.name.UserNames;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.smaps.Usage;
import psm.support.MadeUpDetails;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class AncestorsTest {
    private static final String DOCKER =
            "0::/system.slice/docker-"
                    + "87eba76e7f3164534045ba922e7770fb58bbd14ad732bbf5ba6f11cc56989e6e.scope\n";

    private final List<ProcessMemory> processes = new ArrayList<>();

    private AncestorsTest with(int pid, int parent, String cgroup) {
        ProcessDetails details = MadeUpDetails.of(parent, 0, cgroup, null);
        Program program = new Program("p" + pid, Program.File.CURRENT);
        long[] sums = new long[Usage.Field.values().length];
        Usage usage = new Usage(sums, Missing.VALUE, 1, 0, 0);
        processes.add(new ProcessMemory(pid, 1, program, true, usage, details));
        return this;
    }

    private Ancestors ancestors() {
        return new Ancestors(processes, new Labels(UserNames.of(Map.of(), Map.of()), null));
    }

    /** Returns the pids of the topmost ancestors, in the order of the processes. */
    private List<Integer> topmost() {
        Ancestors ancestors = ancestors();
        List<Integer> pids = new ArrayList<>();
        for (ProcessMemory process : processes) {
            pids.add(ancestors.topmost(process).pid());
        }
        return pids;
    }

    @Test
    void topmostAncestorIsBelowInit() {
        with(1, 0, null).with(10, 1, null).with(11, 10, null).with(12, 11, null).with(20, 1, null);
        assertEquals(List.of(1, 10, 10, 10, 20), topmost());
    }

    @Test
    void containerHasItsOwnTopmostAncestor() {
        with(1, 0, null).with(10, 1, null);
        with(30, 10, DOCKER).with(31, 30, DOCKER).with(32, 31, DOCKER).with(40, 10, null);
        assertEquals(List.of(1, 10, 30, 30, 30, 10), topmost());
    }

    @Test
    void missingParentEndsTheLine() {
        with(5, 4, null).with(6, 5, null);
        assertEquals(List.of(5, 5), topmost());
        assertNull(ancestors().parent(processes.get(0)));
    }

    @Test
    void processIsNeverItsOwnParent() {
        with(5, 5, null).with(6, 5, null);
        assertEquals(List.of(5, 5), topmost());
        assertNull(ancestors().parent(processes.get(0)));
    }

    @Test
    void longLineIsFollowedToTheTop() {
        for (int pid = 2; pid <= 30_000; pid++) {
            with(pid, pid + 1, null);
        }
        Ancestors ancestors = ancestors();
        for (int i = 0; i < processes.size(); i += 5_000) {
            assertEquals(30_000, ancestors.topmost(processes.get(i)).pid());
        }
    }

    @Test
    void circlesHaveOneTopmostAncestor() {
        with(5, 7, null).with(6, 5, null).with(7, 6, null).with(8, 7, null);
        List<Integer> topmost = topmost();
        for (Integer pid : topmost) {
            assertEquals(topmost.get(0), pid);
        }
    }
}
