package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
 * The kernel's own OOM killer, in a cgroup of the test's own: whom psm names is the one that dies.
 */
class OomKillerTest {
    private static final int MB = 1 << 20;
    private static final int LIMIT_MB = 100;

    /** Longer than the kernel takes on a busy machine. */
    private static final int PATIENCE_SECONDS = 30;

    /**
     * While who was chosen still gives back its memory, the kernel may choose once more (seen 4 ms
     * later): a process that ends is no candidate. Then there was nothing to see, and it is tried
     * again.
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
            assumeTrue(false, "no cgroup can be limited here: " + e);
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
        for (int i = 0; i < PATIENCE_SECONDS * 10 && Files.exists(folder); i++) {
            try {
                Files.delete(folder);
            } catch (IOException e) {
                Thread.sleep(100); // the kernel has not done with them
            }
        }
    }

    /** Keeps what it is given on standard input: tail does not know the end of it yet. */
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

    /** The row of the cgroup, once it is told of. */
    private Psm.Row told() throws Exception {
        for (int i = 0; i < PATIENCE_SECONDS * 10; i++) {
            for (Psm.Row row : OomReport.of(scan(), "1", 0).accounts().get(2).rows()) {
                if (row.values().get(0).equals(cgroup)) {
                    return row;
                }
            }
            Thread.sleep(100);
        }
        throw new AssertionError(cgroup + " is not told of");
    }

    /** One of which nobody but the expected one died. */
    private void assertDiesAsTold(int adjOfSmall, boolean isBigExpected) throws Exception {
        for (int i = 0; i < MAX_ATTEMPTS; i++) {
            Process big = holder(0);
            Process small = holder(adjOfSmall);
            Process expected = isBigExpected ? big : small;
            assertDiesAsTold(big, small, expected);
            Process other = isBigExpected ? small : big;
            if (!other.waitFor(1, TimeUnit.SECONDS)) {
                return;
            }
            removeCgroup();
            makeCgroup();
        }
        throw new AssertionError("both died, " + MAX_ATTEMPTS + " times");
    }

    private void assertDiesAsTold(Process big, Process small, Process expected) throws Exception {
        give(big, 70);
        give(small, 24);
        Psm.Row row = told();
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
            // it is the one that died
        }
        assertTrue(expected.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "it lives");
        assertEquals(128 + 9, expected.exitValue());
    }

    /** By oom_score it were the other: of the host's memory, 100 thousandths are more. */
    @Test
    void theBiggerOneDiesWhereTheOthersAdjustmentIsSmallInThatCgroup() throws Exception {
        assertDiesAsTold(100, true);
    }

    @Test
    void theSmallerOneDiesWhereItsAdjustmentIsLarge() throws Exception {
        assertDiesAsTold(900, false);
    }

    @Test
    void aKillIsCounted() throws Exception {
        assertDiesAsTold(900, false);
        CgroupMemory memory = scan().cgroups().get(cgroup);
        assertEquals(1, memory.oomKills(), memory.toString());
    }

    /** The kernel counts the one that it chose once more among all. */
    @Test
    void withOomGroupAllDieAsTold() throws Exception {
        boolean canDieTogether = Files.exists(folder.resolve("memory.oom.group"));
        assumeTrue(canDieTogether, "no cgroup dies as a whole here: that takes cgroup v2");
        write("memory.oom.group", "1");
        Process big = holder(0);
        Process small = holder(0);
        Process spared = holder(-1000);
        give(big, 70);
        give(small, 22);
        Psm.Row row = told();
        assertEquals(List.of((int) big.pid()), row.values().get(4));
        assertEquals(2L, row.values().get(6));
        try {
            for (int i = 0; i < LIMIT_MB && big.isAlive(); i++) {
                give(big, 1);
                Thread.sleep(20);
            }
        } catch (IOException e) {
            // it has died
        }
        assertTrue(big.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "it lives");
        assertTrue(small.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "the other lives");
        assertTrue(spared.isAlive(), "the one that is never taken died");
        long kills = scan().cgroups().get(cgroup).oomKills();
        assertTrue(kills == 2 || kills == 3, kills + " were counted");
    }
}
