package psm.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.Psm;
import psm.proc.ProcFs;
import psm.report.Figure;
import psm.smaps.MappingKind;
import psm.smaps.Mappings;
import psm.smaps.Usage;
import psm.support.Views;
import psm.support.WatchedFile;
import psm.text.Filter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** A database of ten processes that share 2,048 MB, which the kernel calls private to each. */
class SharedHugePagesTest {
    private static final long KB = 1024;
    private static final long SEGMENT_KB = 2048 << 10;

    @TempDir Path root;

    @BeforeEach
    void databaseAndJvm() throws IOException {
        for (int pid = 101; pid <= 110; pid++) {
            process(pid, "oracle", SEGMENT_KB, 88 << 10);
        }
        process(200, "java", 40 << 10, 0);
        write(
                "meminfo",
                """
                MemTotal: 16000000 kB
                MemFree: 8000000 kB
                HugePages_Total: 1600
                HugePages_Free: 500
                Hugepagesize: 2048 kB
                """);
    }

    private void write(String file, String content) throws IOException {
        Path path = root.resolve("proc").resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    private void process(int pid, String name, long unsharedKb, long sharedKb) throws IOException {
        String figures =
                "Rss: 4000 kB\nPss: 4000 kB\nPrivate_Dirty: 4000 kB\n"
                        + ("Shared_Hugetlb: " + sharedKb + " kB\n")
                        + ("Private_Hugetlb: " + unsharedKb + " kB\n");
        write(pid + "/smaps_rollup", "1000-2000 ---p 0 0 0 [rollup]\n" + figures);
        write(
                pid + "/smaps",
                "1000-2000 rw-s 00000000 00:0f 1 /SYSV00000000 (deleted)\n" + figures);
        write(pid + "/cmdline", name + '\0');
    }

    private Snapshot scan(ScanRequest request) throws IOException {
        ProcFs proc = new ProcFs(root.resolve("proc").toString());
        return new Scanner(proc, request).scan(2);
    }

    private static ScanRequest all() {
        return ScanRequest.of(Source.AUTO);
    }

    private static long ramKb(Snapshot snapshot) {
        long sum = 0;
        for (ProcessMemory process : snapshot.processes()) {
            sum += process.usage().ram();
        }
        return sum / KB;
    }

    private static long kb(Snapshot snapshot, int pid, Usage.Field field) {
        for (ProcessMemory process : snapshot.processes()) {
            if (process.pid() == pid) {
                return process.usage().bytes(field) / KB;
            }
        }
        throw new AssertionError("no " + pid);
    }

    @Test
    void privatePagesBeyondThePoolAreShared() throws IOException {
        Snapshot snapshot = scan(all());
        assertEquals(11 * 4000 + (40 << 10), ramKb(snapshot));
        assertEquals(SEGMENT_KB + (88 << 10), kb(snapshot, 105, Usage.Field.SHARED_HUGETLB));
        assertEquals(0, kb(snapshot, 105, Usage.Field.PRIVATE_HUGETLB));
        assertEquals(40 << 10, kb(snapshot, 200, Usage.Field.PRIVATE_HUGETLB));
    }

    @Test
    void partsOfTheHostAgree() throws IOException {
        Psm.Account account =
                Views.report(scan(all()), Views.withHost(Views.of(Figure.PSS))).accounts().get(1);
        for (Psm.Entry entry : account.entries()) {
            if (entry.key().equals("hugetlb_bytes")) {
                assertEquals(1600 * 2048 - (40 << 10), entry.bytes() / KB);
            }
        }
    }

    /** One of the ten alone would fit into the pool. */
    @Test
    void filtersChangeNoFigure() throws IOException {
        Selection.Rule rule = new Selection.Rule(Selection.By.PID, Set.of("105"), false);
        Snapshot one = scan(all().of(new Selection(List.of(rule))));
        assertEquals(4000, ramKb(one));
        assertEquals(SEGMENT_KB + (88 << 10), kb(one, 105, Usage.Field.SHARED_HUGETLB));
        Snapshot java = scan(all().filtered(new Filter("--filter", Pattern.compile("java"))));
        assertEquals(40 << 10, kb(java, 200, Usage.Field.PRIVATE_HUGETLB));
    }

    /** Their sum cannot show that shared pages are private. */
    @Test
    void sharedPagesAloneNeedNoOtherProcess() throws Exception {
        process(105, "oracle", 0, 88 << 10);
        Selection.Rule rule = new Selection.Rule(Selection.By.PID, Set.of("105"), false);
        try (WatchedFile other = new WatchedFile(root.resolve("proc/200/smaps_rollup"))) {
            Snapshot one = scan(all().of(new Selection(List.of(rule))));
            assertEquals(88 << 10, kb(one, 105, Usage.Field.SHARED_HUGETLB));
            assertEquals(1100L * 2048, one.host().memory().unlisted().hugePages().inUse() / KB);
            assertFalse(other.wasOpened());
        }
    }

    @Test
    void mappingsAgree() throws IOException {
        Mappings mappings = scan(all().withMappings()).mappings();
        long[] huge = mappings.ofKind(MappingKind.HUGETLB);
        assertEquals(11 * 4000 + (40 << 10), huge[Mappings.Figure.PSS.ordinal()] / KB);
    }

    @Test
    void privatePagesWithinThePoolStayPrivate() throws IOException {
        write(
                "meminfo",
                """
                MemTotal: 99000000 kB
                HugePages_Total: 11000
                HugePages_Free: 100
                Hugepagesize: 2048 kB
                """);
        assertEquals(SEGMENT_KB, kb(scan(all()), 105, Usage.Field.PRIVATE_HUGETLB));
    }

    @Test
    void poolsOfOtherSizesCount() throws IOException {
        String pool = "../sys/kernel/mm/hugepages/hugepages-1048576kB/";
        write(pool + "nr_hugepages", "30\n");
        write(pool + "free_hugepages", "0\n");
        assertEquals(SEGMENT_KB, kb(scan(all()), 105, Usage.Field.PRIVATE_HUGETLB));
    }
}
