package psm.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.collect.Collector;
import psm.proc.ProcFs;
import psm.support.WatchedFile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/** Uses a process whose mappings show whether they were read. */
class DeviceMappingsTest {
    @TempDir Path root;

    @BeforeEach
    void process() throws IOException {
        write("meminfo", "MemTotal: 16000000 kB\nMemFree: 8000000 kB\n");
        write("7/cmdline", "app\0");
        write(
                "7/stat",
                "7 (app) S 1 7 7 0 -1 4194304 58 0 0 0 0 0 0 0 20 0 1 0 1 0 0 0 0 0 0 0 0\n");
        write("7/status", "Name: app\nVmRSS: 4000 kB\nVmPTE: 900000 kB\nVmSwap: 0 kB\n");
        write(
                "7/smaps_rollup",
                """
                1000-2000 ---p 0 0 0 [rollup]
                Rss: 4000 kB
                Pss: 4000 kB
                Private_Dirty: 4000 kB
                """);
    }

    private void write(String file, String content) throws IOException {
        Path path = root.resolve("proc").resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    private boolean areMappingsRead(ScanRequest request, boolean isEstimated) throws Exception {
        try (WatchedFile maps = new WatchedFile(root.resolve("proc/7/maps"))) {
            ProcFs proc = new ProcFs(root.resolve("proc").toString());
            Snapshot snapshot = new Scanner(proc, request).scan(1);
            assertEquals(1, snapshot.processes().size());
            assertEquals(isEstimated, snapshot.processes().get(0).estimate() != null);
            return maps.wasOpened();
        }
    }

    private static ScanRequest with(Set<Detail> details) {
        return ScanRequest.of(Source.AUTO).with(details);
    }

    @Test
    void mappingsAreReadForTheHost() throws Exception {
        assertTrue(areMappingsRead(with(EnumSet.of(Detail.DEVICE_MAPPINGS)), false));
    }

    /** They lock the memory of the process, as its sums do. */
    @Test
    void mappingsOfAnEstimatedProcessAreNotRead() throws Exception {
        ScanRequest all = with(EnumSet.allOf(Detail.class)).within(Scan.TICK_NANOS, 1);
        assertFalse(areMappingsRead(all, true));
    }

    /** Its time is short, and the members of the group need no mappings of others. */
    @Test
    void collectorReadsNoMappings() throws Exception {
        assertFalse(areMappingsRead(with(Collector.DETAILS), false));
    }
}
