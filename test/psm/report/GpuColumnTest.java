package psm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.Psm;
import psm.proc.ProcFs;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.snapshot.SnapshotReader;
import psm.snapshot.SnapshotWriter;
import psm.support.Views;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of GPUs in fdinfo. */
class GpuColumnTest {
    private static final long MB = 1 << 20;

    @TempDir Path root;

    private void process(int pid, String name) throws IOException {
        write(pid + "/smaps_rollup", "1000-2000 ---p 0 0 0 [rollup]\nRss: 4 kB\nPss: 4 kB\n");
        write(pid + "/cmdline", name + '\0');
        write(pid + "/fdinfo/3", "pos:\t0\nflags:\t02\nmnt_id:\t15\n");
    }

    private void client(int pid, int descriptor, String lines) throws IOException {
        write(pid + "/fdinfo/" + descriptor, "pos:\t0\nflags:\t02100002\nmnt_id:\t24\n" + lines);
    }

    private void write(String file, String content) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    private static String amd(int id, int vramKib, int gttKib) {
        return "drm-driver:\tamdgpu\ndrm-client-id:\t"
                + id
                + "\ndrm-pdev:\t0000:0b:00.0\npasid:\t32770\ndrm-memory-vram:\t"
                + vramKib
                + " KiB\ndrm-memory-gtt: \t"
                + gttKib
                + " KiB\ndrm-memory-cpu: \t0 KiB\ndrm-engine-gfx:\t1 ns\n";
    }

    private Psm.Report report() throws IOException {
        View view = Views.of(Figure.GPU);
        ScanRequest request = ScanRequest.of(Source.AUTO).with(view.needs());
        Snapshot snapshot = new Scanner(new ProcFs(root.toString()), request).scan(1);
        byte[] file = SnapshotWriter.write(snapshot);
        Psm.Report live = Views.report(snapshot, view);
        Psm.Report read = Views.report(SnapshotReader.read(file, file.length), view);
        assertEquals(live.rows(), read.rows());
        assertEquals(live.totals(), read.totals());
        return live;
    }

    private static Object gpu(Psm.Report report, Psm.Row row) {
        for (int i = 0; i < report.columns().size(); i++) {
            if (report.columns().get(i).key().equals("gpu_bytes")) {
                return row.values().get(i);
            }
        }
        throw new AssertionError("no column");
    }

    private static Object gpu(Psm.Report report, String program) {
        for (Psm.Row row : report.rows()) {
            if (row.values().contains(program)) {
                return gpu(report, row);
            }
        }
        throw new AssertionError("no " + program);
    }

    @Test
    void eachClientCountsOnce() throws IOException {
        process(1, "logind");
        process(2, "gnome-shell");
        process(3, "game");
        client(1, 9, amd(17, 4096, 1024));
        client(2, 5, amd(17, 4096, 1024)); // passed from logind
        client(2, 6, amd(17, 4096, 1024)); // by dup(2)
        client(2, 7, amd(18, 1024, 0));
        client(3, 5, amd(19, 2048, 0));
        client(3, 6, amd(17, 1024, 0).replace("0b:00", "0c:00")); // of another device
        Psm.Report report = report();
        assertEquals(5 * MB, gpu(report, "logind"));
        assertEquals(6 * MB, gpu(report, "gnome-shell"));
        assertEquals(3 * MB, gpu(report, "game"));
        assertEquals(9 * MB, gpu(report, report.totals()));
    }

    /** What is resident is in use, not what was requested; some drivers know only the latter. */
    @Test
    void residentMemoryIsPreferred() throws IOException {
        process(1, "i915");
        client(
                1,
                5,
                """
                drm-driver: i915
                drm-client-id: 7
                drm-total-system0: 900 MiB
                drm-shared-system0: 3 MiB
                drm-resident-system0: 20 MiB
                drm-total-local0: 9 GiB
                drm-resident-local0: 1048576
                """);
        process(2, "v3d");
        client(2, 5, "drm-driver: v3d\ndrm-client-id: 7\ndrm-total-memory: 4 MiB\n");
        Psm.Report report = report();
        assertEquals(21 * MB, gpu(report, "i915"));
        assertEquals(4 * MB, gpu(report, "v3d"));
        assertEquals(25 * MB, gpu(report, report.totals()));
    }

    /** amdgpu has its own lines from 5.14 to 5.18; processes that share an id share the memory. */
    @Test
    void olderLinesOfAmdgpuAreRead() throws IOException {
        String lines =
                "pdev:\t0000:0a:00.0\npasid:\t32773\nvram mem:\t2048 kB\ngtt mem:\t1024 kB\n";
        process(1, "game");
        client(1, 5, lines + "cpu mem:\t0 kB\ngfx0:\t0.00%\n");
        client(1, 6, lines);
        assertEquals(3 * MB, gpu(report(), "game"));
    }

    /** A program that is run with an open GPU as its standard input has it as number 0. */
    @Test
    void standardInputMayBeAClient() throws IOException {
        process(1, "reader");
        client(1, 0, amd(17, 1024, 0));
        assertEquals(MB, gpu(report(), "reader"));
    }

    @Test
    void driversThatReportNoMemoryAreNotZero() throws IOException {
        process(1, "nouveau");
        client(1, 5, "drm-driver: nouveau\ndrm-client-id: 7\n");
        process(2, "both");
        client(2, 5, "drm-driver: nouveau\ndrm-client-id: 7\n");
        client(2, 6, amd(17, 1024, 0));
        Psm.Report report = report();
        assertNull(gpu(report, "nouveau"));
        assertEquals(MB, gpu(report, "both"));
    }

    @Test
    void unreadableDescriptorsAreNotZero() throws IOException {
        process(1, "mine");
        process(2, "others");
        Files.delete(root.resolve("2/fdinfo/3"));
        Files.delete(root.resolve("2/fdinfo"));
        Psm.Report report = report();
        assertEquals(0L, gpu(report, "mine"));
        assertNull(gpu(report, "others"));
    }
}
