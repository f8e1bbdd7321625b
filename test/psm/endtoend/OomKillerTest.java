package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import psm.Psm;
import psm.cgroup.CgroupMemory;
import psm.proc.ProcFs;
import psm.report.OomReport;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Compares psm's prediction with the kernel's OOM killer in a cgroup of the test's own: the process
 * that psm names first is the one that dies.
 */
@Tag("endtoend")
@ResourceLock("swap")
class OomKillerTest {
    private static final int MB = 1 << 20;
    private static final int LIMIT_MB = 100;

    /** The time after which the test fails; the kernel is faster on a busy machine. */
    private static final int TIMEOUT_SECONDS = 30;

    /**
     * The number of attempts. While the victim still frees its memory, the kernel may kill another
     * process (seen 4 ms later), since an exiting process is no candidate. Then the result means
     * nothing, and the test tries again.
     */
    private static final int MAX_ATTEMPTS = 10;

    private final List<Process> processes = new ArrayList<>();
    private String cgroup;
    private Path folder;

    @BeforeEach
    void makeCgroup() throws IOException {
        cgroup = "/psm-test-" + ProcessHandle.current().pid();
        Path v1 = Path.of("/sys/fs/cgroup/memory");
        boolean isV1 = Files.exists(v1.resolve("memory.limit_in_bytes"));
        Path mount = isV1 ? v1 : Path.of("/sys/fs/cgroup");
        folder = mount.resolve(cgroup.substring(1));
        try {
            Files.createDirectory(folder);
            write(isV1 ? "memory.limit_in_bytes" : "memory.max", "" + LIMIT_MB * MB);
        } catch (IOException e) {
            assumeTrue(false, "the memory of a cgroup cannot be limited here: " + e);
        }
        try {
            write(isV1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max", "" + LIMIT_MB * MB);
            write(isV1 ? "memory.swappiness" : "memory.swap.max", "0");
        } catch (IOException e) {
            String swaps = Files.readString(Path.of("/proc/swaps"));
            assumeTrue(swaps.indexOf('\n') == swaps.length() - 1, "it may swap: " + e);
        }
    }

    private void write(String file, String content) throws IOException {
        Path path = folder.resolve(file);
        assertTrue(Files.exists(path) || file.contains("sw"), "there is no " + path);
        try (OutputStream out = Files.newOutputStream(path)) { // creates none
            out.write(content.getBytes(StandardCharsets.US_ASCII));
        }
    }

    @AfterEach
    void removeCgroup() throws Exception {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
        processes.clear();
        for (int i = 0; i < TIMEOUT_SECONDS * 10 && Files.exists(folder); i++) {
            try {
                Files.delete(folder);
            } catch (IOException e) {
                Thread.sleep(100); // the kernel has not freed the processes
            }
        }
    }

    /** Starts tail, which keeps all of its standard input until its end. */
    private Process holder(int adj) throws IOException {
        String script =
                "echo $$ >'"
                        + folder
                        + "/cgroup.procs' && echo "
                        + adj
                        + " >/proc/$$/oom_score_adj && exec tail -c 1000000000 >/dev/null";
        Process process =
                new ProcessBuilder("sh", "-c", script)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        processes.add(process);
        return process;
    }

    private static void give(Process holder, int mb) throws IOException {
        byte[] bytes = new byte[MB];
        for (int i = 0; i < mb; i++) {
            holder.getOutputStream().write(bytes);
        }
        holder.getOutputStream().flush();
    }

    private static Snapshot scan() throws IOException {
        ScanRequest request = ScanRequest.of(Source.AUTO).with(OomReport.DETAILS);
        return new Scanner(new ProcFs("/proc"), request).scan(0);
    }

    /** Waits for the row of the cgroup in the report, and returns it. */
    private Psm.Row reportedRow() throws Exception {
        for (int i = 0; i < TIMEOUT_SECONDS * 10; i++) {
            for (Psm.Row row : OomReport.of(scan(), "1", 0).accounts().get(2).rows()) {
                if (row.values().get(0).equals(cgroup)) {
                    return row;
                }
            }
            Thread.sleep(100);
        }
        throw new AssertionError(cgroup + " is not in the report");
    }

    /** Tries until exactly one process has died, which must be the expected one. */
    private void assertVictimAsReported(int adjOfSmall, boolean isBigExpected) throws Exception {
        for (int i = 0; i < MAX_ATTEMPTS; i++) {
            Process big = holder(0);
            Process small = holder(adjOfSmall);
            Process expected = isBigExpected ? big : small;
            assertVictimAsReported(big, small, expected);
            Process other = isBigExpected ? small : big;
            if (!other.waitFor(1, TimeUnit.SECONDS)) {
                return;
            }
            removeCgroup();
            makeCgroup();
        }
        throw new AssertionError("both died, " + MAX_ATTEMPTS + " times");
    }

    private void assertVictimAsReported(Process big, Process small, Process expected)
            throws Exception {
        give(big, 70);
        give(small, 24);
        Psm.Row row = reportedRow();
        assertEquals((long) LIMIT_MB * MB, row.values().get(1));
        assertTrue((Long) row.values().get(2) > 90L * MB, row.toString());
        assertEquals(0L, row.values().get(3));
        assertEquals(List.of((int) expected.pid()), row.values().get(4));
        assertEquals("tail", row.values().get(5));
        try {
            for (int i = 0; i < LIMIT_MB && big.isAlive() && small.isAlive(); i++) {
                give(big, 1);
                Thread.sleep(20);
            }
        } catch (IOException e) {
            // the process has exited
        }
        assertTrue(expected.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS), "it lives");
        assertEquals(128 + 9, expected.exitValue());
    }

    /** By oom_score the other would die: 100 thousandths of the host's memory are more. */
    @Test
    void biggerProcessDiesDespiteSmallAdjustment() throws Exception {
        assertVictimAsReported(100, true);
    }

    @Test
    void smallerProcessDiesWithLargeAdjustment() throws Exception {
        assertVictimAsReported(900, false);
    }

    @Test
    void killIsCounted() throws Exception {
        assertVictimAsReported(900, false);
        CgroupMemory memory = scan().cgroups().get(cgroup);
        assertEquals(1, memory.oomKills(), memory.toString());
    }

    /** The kernel counts the victim twice: alone, and among the group. */
    @Test
    void wholeGroupDiesWithOomGroup() throws Exception {
        boolean canDieTogether = Files.exists(folder.resolve("memory.oom.group"));
        assumeTrue(canDieTogether, "memory.oom.group needs cgroup v2");
        write("memory.oom.group", "1");
        Process big = holder(0);
        Process small = holder(0);
        Process spared = holder(-1000);
        give(big, 70);
        give(small, 22);
        Psm.Row row = reportedRow();
        assertEquals(List.of((int) big.pid()), row.values().get(4));
        assertEquals(2L, row.values().get(6));
        try {
            for (int i = 0; i < LIMIT_MB && big.isAlive(); i++) {
                give(big, 1);
                Thread.sleep(20);
            }
        } catch (IOException e) {
            // the process has exited
        }
        assertTrue(big.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS), "it lives");
        assertTrue(small.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS), "the other lives");
        assertTrue(spared.isAlive(), "the one that is never taken died");
        long kills = scan().cgroups().get(cgroup).oomKills();
        assertTrue(kills == 2 || kills == 3, kills + " were counted");
    }
}
