package psm.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.Psm;
import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.report.Figure;
import psm.scan.Detail;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.support.Command;
import psm.support.Fixtures;
import psm.support.Views;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Enumeration;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The parts of memory that are fields of meminfo, and those that are differences. */
class MemoryFieldsTest {
    private static final long KB = 1024;
    private static final ScanRequest REQUEST =
            ScanRequest.of(Source.AUTO).with(EnumSet.of(Detail.SYSTEM));

    @TempDir Path root;

    private void meminfo(String... fieldsInKb) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String field : fieldsInKb) {
            String name = field.substring(0, field.indexOf('='));
            boolean isCount = name.equals("HugePages_Total");
            lines.append(name).append(":  ").append(field.substring(name.length() + 1));
            lines.append(isCount ? "\n" : " kB\n");
        }
        Files.createDirectories(root.resolve("proc/1"));
        Files.writeString(root.resolve("proc/meminfo"), lines.toString());
    }

    /** Adds a process whose smaps_rollup contains the fields. */
    private void process(String... fieldsInKb) throws IOException {
        StringBuilder lines = new StringBuilder("1000-2000 ---p 0 0 0 [rollup]\n");
        for (String field : fieldsInKb) {
            lines.append(field.replace("=", ":  ")).append(" kB\n");
        }
        Files.createDirectories(root.resolve("proc/1"));
        Files.writeString(root.resolve("proc/1/smaps_rollup"), lines.toString());
    }

    private Snapshot scan() throws IOException {
        String proc = root.resolve("proc").toString();
        return new Scanner(new ProcFs(proc), REQUEST).scan(1);
    }

    private Psm.Account memory() throws IOException {
        return Views.report(scan(), Views.withHost(Views.of(Figure.PSS, Figure.SWAP)))
                .accounts()
                .get(1);
    }

    /** Numbers that no kernel prints become a missing or a large figure; nothing fails. */
    @Tag("endtoend")
    @Test
    void absurdHostFiguresBreakNothing() throws IOException {
        process("Pss=1", "Rss=1");
        long most = Long.MAX_VALUE / KB;
        meminfo(
                "MemTotal=" + most,
                "MemFree=" + most,
                "AnonPages=-5",
                "Cached=99999999999999999999",
                "Mapped=x",
                "Shmem=",
                "SReclaimable=" + most,
                "HugePages_Total=" + most,
                "Hugepagesize=" + most,
                "SwapTotal=" + most,
                "SwapFree=" + (most - 1),
                "SwapCached=" + most);
        Files.createDirectories(root.resolve("sys/block/zram0"));
        Files.writeString(root.resolve("sys/block/zram0/mm_stat"), "0 0 99999999999999999999 0\n");
        assertEquals(most, kb(memory(), "mem_total_bytes"));
        assertEquals(most, kb(memory(), "free_bytes"));
        assertTrue(kb(memory(), "unexplained_bytes") <= 0);
        Command.Result table =
                Command.psm("--system", "--proc", root.resolve("proc").toString()).run();
        assertEquals(0, table.exitCode(), table.err());
        assertTrue(table.out().contains("8796093022208.0 "), table.out());
    }

    private static Long kb(Psm.Account account, String key) {
        for (Psm.Entry entry : account.entries()) {
            if (entry.key().equals(key)) {
                return entry.bytes() == null ? null : (Long) (entry.bytes() / KB);
            }
        }
        throw new IllegalArgumentException(key);
    }

    /** Checks that the parts add up to the whole: none is counted twice, none is left out. */
    private static void assertAddsUp(Psm.Account account) {
        long sum = 0;
        for (Psm.Entry entry : account.entries()) {
            if (entry.sum()) {
                assertEquals(sum, entry.bytes());
            } else if (entry.bytes() != null) {
                sum += entry.bytes();
            }
        }
    }

    private static final String[] MEMINFO = {
        "MemTotal=100000",
        "MemFree=40000",
        "Buffers=1000",
        "Cached=20000",
        "SwapCached=300",
        "AnonPages=15000",
        "Mapped=4000",
        "Shmem=3000",
        "SReclaimable=2000",
        "SUnreclaim=1500",
        "KernelStack=600",
        "PageTables=700",
        "SecPageTables=50",
        "VmallocUsed=900",
        "VmallocChunk=0",
        "Percpu=80",
        "Hugetlb=10240",
        "Zswap=11",
        "SwapTotal=9000",
        "SwapFree=5000"
    };

    @Test
    void eachPartIsAKernelField() throws IOException {
        meminfo(MEMINFO);
        process("Pss=18500", "Pss_Shmem=1000", "Private_Hugetlb=2048", "SwapPss=700");
        Files.createDirectories(root.resolve("sys/block/zram0"));
        Files.writeString(
                root.resolve("sys/block/zram0/mm_stat"),
                "   16384   204800    22528        0        0        0        0        0\n");
        Psm.Account account = memory();
        assertEquals("host_memory", account.key());
        assertEquals("pss_bytes", account.column());
        assertEquals(18500 + 2048, kb(account, "processes_bytes"));
        assertEquals(15000 + 4000 - 18500, kb(account, "other_processes_bytes"));
        // These two add up to Buffers + Cached - Mapped; the second is Shmem - Pss_Shmem.
        assertEquals(1000 + 20000 - 4000 - 2000, kb(account, "page_cache_bytes"));
        assertEquals(3000 - 1000, kb(account, "shmem_bytes"));
        assertEquals(2000, kb(account, "slab_reclaimable_bytes"));
        assertEquals(1500, kb(account, "slab_unreclaimable_bytes"));
        assertEquals(750, kb(account, "page_tables_bytes"));
        assertEquals(600, kb(account, "kernel_stacks_bytes"));
        assertEquals(300, kb(account, "vmalloc_bytes"));
        assertEquals(80, kb(account, "percpu_bytes"));
        assertEquals(10240 - 2048, kb(account, "hugetlb_bytes"));
        assertEquals(11 + 22, kb(account, "compressed_swap_bytes"));
        assertEquals(40000, kb(account, "free_bytes"));
        assertEquals(100000, kb(account, "mem_total_bytes"));
        assertAddsUp(account);
    }

    /** Before 5.3, the kernel does not report how much shared memory a process maps. */
    @Test
    void oldKernelsMixSharedAndCachedMemory() throws IOException {
        meminfo(MEMINFO);
        process("Pss=18000");
        Psm.Account account = memory();
        assertNull(kb(account, "shmem_bytes"));
        assertEquals(1000 + 20000 - 4000, kb(account, "page_cache_bytes"));
        assertAddsUp(account);
    }

    @Test
    void oldKernelsLeaveMoreUnexplained() throws IOException {
        meminfo("MemTotal=1000", "MemFree=100", "Cached=300", "HugePages_Total=2");
        process("Pss=500");
        Psm.Account account = memory();
        assertNull(kb(account, "percpu_bytes"));
        assertNull(kb(account, "hugetlb_bytes"));
        assertNull(kb(account, "page_cache_bytes")); // the processes may map some of it
        assertEquals(1000 - 100 - 500, kb(account, "unexplained_bytes"));
        meminfo("MemTotal=9000", "HugePages_Total=2", "Hugepagesize=2048");
        assertEquals(2 * 2048, kb(memory(), "hugetlb_bytes"));
    }

    /** The lists of anonymous pages contain it, beside AnonPages and Shmem: 15,000 and 3,000. */
    @Test
    void unmappedSwapCacheIsShown() throws IOException {
        meminfo(MEMINFO);
        process("Pss=18000", "Pss_Shmem=1000");
        assertNull(kb(memory(), "swap_cache_bytes"));
        assertEquals(200, swapCache(12000, 6200));
        assertEquals(300, swapCache(12000, 9000)); // not more than SwapCached
        assertEquals(0, swapCache(12000, 3000));
    }

    private long swapCache(int active, int inactive) throws IOException {
        List<String> fields = new ArrayList<>(List.of(MEMINFO));
        fields.add("Active(anon)=" + active);
        fields.add("Inactive(anon)=" + inactive);
        meminfo(fields.toArray(new String[0]));
        assertAddsUp(memory());
        return kb(memory(), "swap_cache_bytes");
    }

    @Test
    void laterFiguresNeverGoBelowZero() throws IOException {
        meminfo("MemTotal=9000", "AnonPages=8750", "Cached=9", "Mapped=200", "Shmem=9");
        process("Pss=8950", "Pss_Shmem=10", "SwapPss=700");
        assertEquals(0, kb(memory(), "page_cache_bytes"));
        assertEquals(0, kb(memory(), "shmem_bytes"));
        assertAddsUp(memory());
    }

    /** How much of the shared memory the other processes map is not known. */
    @Test
    void otherProcessesHideMappedSharedMemory() throws IOException {
        meminfo(MEMINFO);
        process("Pss=17900", "Pss_Shmem=1000");
        assertNull(kb(memory(), "shmem_bytes"));
        assertAddsUp(memory());
    }

    @Test
    void doubleCountingShowsBelowZero() throws IOException {
        meminfo("MemTotal=1000", "MemFree=800");
        process("Pss=1300");
        assertEquals(-1100, kb(memory(), "unexplained_bytes"));
        assertAddsUp(memory());
    }

    /** A capture of a whole host, with all its processes: kernel 5.4, 4 GB, kubernetes. */
    @Test
    void littleOfACapturedHostIsUnexplained() throws IOException {
        Path archive = Fixtures.CAPTURES.resolve("archives/host-5.4-k8s-x86_64.zip");
        assumeTrue(Files.exists(archive), "there are no captures beside the checkout");
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            for (Enumeration<? extends ZipEntry> i = zip.entries(); i.hasMoreElements(); ) {
                ZipEntry entry = i.nextElement();
                Path file = root.resolve("proc").resolve(entry.getName());
                Files.createDirectories(file.getParent());
                try (InputStream in = zip.getInputStream(entry)) {
                    Files.copy(in, file);
                }
            }
        }
        assertUnexplainedIsBelow(0.02);
    }

    /** Reads this host: a test machine is not idle, so the figures change between two reads. */
    @Test
    void littleOfThisHostIsUnexplained() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "root alone sees all processes");
        assumeFalse(
                Files.exists(Path.of("/proc/spl/kstat/zfs/arcstats")),
                "the cache of ZFS is in no field of meminfo");
        Snapshot snapshot = new Scanner(new ProcFs("/proc"), REQUEST).scan(0);
        assertUnexplainedIsBelow(0.05, snapshot);
    }

    private void assertUnexplainedIsBelow(double part) throws IOException {
        assertUnexplainedIsBelow(part, scan());
    }

    private static void assertUnexplainedIsBelow(double part, Snapshot snapshot) {
        Psm.Account account =
                Views.report(snapshot, Views.withHost(Views.of(Figure.PSS, Figure.SWAP)))
                        .accounts()
                        .get(1);
        double whole = kb(account, "mem_total_bytes");
        double unexplained = kb(account, "unexplained_bytes");
        assertTrue(Math.abs(unexplained) < part * whole, account.toString());
        assertAddsUp(account);
    }
}
