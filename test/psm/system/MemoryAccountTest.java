package psm.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import psm.Psm;
import psm.proc.ProcFs;
import psm.report.Figure;
import psm.report.View;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Source;
import psm.support.Command;
import psm.support.Views;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Counters that kernels and containers lack, add or get wrong. Sizes are in kB. */
class MemoryAccountTest {
    private static final long KB = 1024;

    /** A host of 4,000,000 kB with a process of 1,000,000, of which 823,400 kB are unexplained. */
    private static final String MEMINFO =
            """
            MemTotal:        4000000 kB
            MemFree:         1000000 kB
            MemAvailable:    1800000 kB
            Buffers:           10000 kB
            Cached:           700000 kB
            AnonPages:        950000 kB
            Mapped:            50000 kB
            Shmem:             50000 kB
            Slab:             100000 kB
            SReclaimable:      60000 kB
            SUnreclaim:        40000 kB
            KernelStack:        5000 kB
            PageTables:        20000 kB
            VmallocUsed:       25000 kB
            VmallocChunk:          0 kB
            Percpu:             2000 kB
            """;

    private static final long UNEXPLAINED =
            4000000 - 1000000 - 710000 - 950000 - 100000 - 20000 - 25000 - 2000;

    @TempDir Path root;

    private void write(String file, String content) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    /** Makes a process whose smaps_rollup contains further lines. */
    private void process(int pid, long pss, String lines) throws IOException {
        write(
                "proc/" + pid + "/smaps_rollup",
                "1000-2000 ---p 00000000 00:00 0    [rollup]\nRss: "
                        + pss
                        + " kB\nPss: "
                        + pss
                        + " kB\n"
                        + lines);
    }

    private void host(String kernel, String meminfo) throws IOException {
        process(1, 1000000, "Pss_Anon: 950000 kB\nPss_Shmem: 1000 kB\n");
        write("proc/meminfo", meminfo);
        if (kernel != null) {
            write("proc/sys/kernel/osrelease", kernel + "\n");
        }
    }

    private Psm.Account account() throws IOException {
        return report().accounts().get(1);
    }

    private Psm.Report report() throws IOException {
        View view = Views.withHost(Views.of(Figure.PSS, Figure.SWAP));
        ScanRequest request = ScanRequest.of(Source.AUTO).with(view.needs());
        ProcFs proc = new ProcFs(root.resolve("proc").toString());
        return Views.report(new Scanner(proc, request).scan(1), view);
    }

    private Long kb(String key) throws IOException {
        return kb(account(), key);
    }

    private static Long kb(Psm.Account account, String key) {
        Psm.Entry entry = entry(account, key);
        return entry.bytes() == null ? null : (Long) (entry.bytes() / KB);
    }

    private static Psm.Entry entry(Psm.Account account, String key) {
        for (Psm.Entry entry : account.entries()) {
            if (entry.key().equals(key)) {
                return entry;
            }
        }
        throw new AssertionError("no " + key);
    }

    private String contradictory() throws IOException {
        return entry(account(), "contradictory_bytes").title();
    }

    /** Rss counts shared memory several times, so estimates may exceed what is mapped. */
    @Test
    void limitedEstimatesAreTheTotal() throws IOException {
        host("6.1.0", MEMINFO);
        write("proc/2/status", "Name:\tx\nVmRSS:\t 500000 kB\nVmSwap:\t 0 kB\n");
        Psm.Report report = report();
        assertEquals((950000 + 50000) * KB, report.totals().values().get(3));
        assertEquals((950000 + 50000) * KB, entry(account(), "processes_bytes").bytes());
    }

    @Test
    void memoryOfDriversIsShown() throws IOException {
        host(
                "7.1.2",
                MEMINFO
                        + """
                        KReclaimable:      67000 kB
                        Balloon:          100001 kB
                        GPUActive:        100002 kB
                        GPUReclaim:       100003 kB
                        NvMapMemUsed:     100004 kB
                        WritebackTmp:         5 kB
                        Bounce:               6 kB
                        HardwareCorrupted:    7 kB
                        """);
        assertEquals(7000, kb("other_reclaimable_bytes"));
        assertEquals(100001, kb("balloon_bytes"));
        assertEquals(100002, kb("gpu_active_bytes"));
        assertEquals(100003, kb("gpu_reclaim_bytes"));
        assertEquals(100004, kb("nvmap_bytes"));
        assertEquals(5, kb("writeback_tmp_bytes"));
        assertEquals(6, kb("bounce_bytes"));
        assertEquals(7, kb("hardware_corrupted_bytes"));
        assertEquals(UNEXPLAINED - 400010 - 7018, kb("unexplained_bytes"));
    }

    @Test
    void cacheOfZfsIsShown() throws IOException {
        host("6.12.0", MEMINFO);
        write("proc/spl/kstat/zfs/arcstats", arcstats(300 << 20));
        assertEquals(300 << 10, kb("arc_bytes"));
        assertEquals(UNEXPLAINED - (300 << 10), kb("unexplained_bytes"));
    }

    private static String arcstats(long size) {
        return """
        6 1 0x01 91 4368 1609989890 154836914265905
        name                            type data
        hits                            4    12917314
        c                               4    16106127360
        size                            4    SIZE
        hdr_size                        4    20971520
        dnode_size                      4    31457280
        overhead_size                   4    123
        """
                .replace("SIZE", Long.toString(size));
    }

    /** ZFS keeps headers in slab caches: they count once where they would be too much. */
    @Test
    void slabOfZfsCountsOnce() throws IOException {
        host("6.12.0", MEMINFO);
        write("proc/spl/kstat/zfs/arcstats", arcstats((UNEXPLAINED + 49000) * KB));
        assertEquals(UNEXPLAINED, kb("arc_bytes"));
        assertEquals(0, kb("unexplained_bytes"));
        assertNull(kb("contradictory_bytes"));
    }

    /** A container on a host with ZFS sees the cache of the host. */
    @Test
    void cacheOfAnotherHostIsDropped() throws IOException {
        host("6.12.0", MEMINFO);
        for (long size : new long[] {16L << 30, 2L << 30}) {
            write("proc/spl/kstat/zfs/arcstats", arcstats(size));
            assertNull(kb("arc_bytes"));
            assertEquals(UNEXPLAINED, kb("unexplained_bytes"));
            assertEquals(size / KB, kb("contradictory_bytes"));
            assertTrue(contradictory().contains("arcstats"), contradictory());
        }
    }

    /** Some balloons reduce MemTotal, so they are no part of it. */
    @Test
    void balloonOutsideOfTheTotalIsDropped() throws IOException {
        for (long kb : new long[] {2000000, 60000000}) {
            host("6.18.0", MEMINFO + "Balloon: " + kb + " kB\n");
            assertNull(kb("balloon_bytes"));
            assertEquals(UNEXPLAINED, kb("unexplained_bytes"));
            assertTrue(contradictory().endsWith("it: Balloon"), contradictory());
        }
    }

    /** 3.10 of Red Hat has Percpu, and VmallocUsed counts addresses. */
    @Test
    void vmallocOfAddressesIsNotShown() throws IOException {
        String addresses = MEMINFO.replace("Chunk:          0", "Chunk:   34359310");
        for (String kernel : new String[] {"3.10.0-1160.el7.x86_64", null}) {
            host(kernel, addresses);
            assertNull(kb("vmalloc_bytes"));
        }
        String withoutChunk = MEMINFO.replaceFirst("VmallocChunk.*\n", "");
        host("3.18.71", withoutChunk);
        assertNull(kb("vmalloc_bytes"));
        host("6.12", withoutChunk);
        assertEquals(20000, kb("vmalloc_bytes"));
    }

    /** 4.4 to 5.2 print 0, but vendors have added the count to 4.18. */
    @Test
    void vmallocThatAlwaysReadsZeroIsNotShown() throws IOException {
        host("4.19.0-27-amd64", MEMINFO.replace("VmallocUsed:       25000", "VmallocUsed: 0"));
        assertNull(kb("vmalloc_bytes"));
        host("4.18.0-553.el8_10.x86_64", MEMINFO);
        assertEquals(20000, kb("vmalloc_bytes"));
    }

    /** OpenVZ has no Mapped, and 2.6.32 no Pss_Anon. */
    @Test
    void withoutMappedCacheAndOthersAreOne() throws IOException {
        host("2.6.32-042stab108.8", MEMINFO.replaceFirst("Mapped.*\n", ""));
        assertEquals(0, kb("other_processes_bytes"));
        assertEquals(710000 - 50000, kb("page_cache_bytes"));
        assertEquals(UNEXPLAINED + 20000, kb("unexplained_bytes"));
        process(1, 1000000, "");
        assertNull(kb("other_processes_bytes"));
        assertNull(kb("shmem_bytes"));
        assertEquals(710000 + 950000 - 1000000, kb("page_cache_bytes"));
        assertTrue(entry(account(), "page_cache_bytes").title().contains("processes"));
    }

    @Test
    void whatNoKernelIsWithoutIsNotZero() throws IOException {
        host("6.1", MEMINFO.replaceAll("(KernelStack|PageTables|Percpu): .* kB", "$1: 0 kB"));
        assertNull(kb("kernel_stacks_bytes"));
        assertNull(kb("page_tables_bytes"));
        assertNull(kb("percpu_bytes"));
    }

    /** lxcfs shows no slab caches of the container, but some lines of the host. */
    @Test
    void slabThatDoesNotAddUpIsNotShown() throws IOException {
        String meminfo = MEMINFO.replaceFirst("Slab: .*\n", "Slab: 0 kB\n");
        host("6.1", meminfo.replaceFirst("SUnreclaim: .*\n", "SUnreclaim: 2900000 kB\n"));
        assertNull(kb("slab_reclaimable_bytes"));
        assertNull(kb("slab_unreclaimable_bytes"));
        assertEquals(UNEXPLAINED + 100000, kb("unexplained_bytes"));
        assertTrue(contradictory().contains("SUnreclaim"), contradictory());
    }

    /** Before 2.6.19, the kernel does not say what of slab can be reclaimed. */
    @Test
    void slabMayHaveNoParts() throws IOException {
        String meminfo = MEMINFO.replaceFirst("SUnreclaim: .*\n", "");
        host("2.6.18", meminfo);
        assertEquals(60000, kb("slab_reclaimable_bytes"));
        assertEquals(40000, kb("slab_unreclaimable_bytes"));
        host("2.6.18", meminfo.replaceFirst("SReclaimable: .*\n", ""));
        assertNull(kb("slab_reclaimable_bytes"));
        assertEquals(100000, kb("slab_unreclaimable_bytes"));
        assertEquals("slab", entry(account(), "slab_unreclaimable_bytes").title());
    }

    /** lxcfs shows the cache of a group without its processes, or that of the host. */
    @Test
    void cacheThatDoesNotFitIsDropped() throws IOException {
        host("6.1", MEMINFO.replaceFirst("Cached: .*\n", "Cached: 2600000 kB\n"));
        assertNull(kb("page_cache_bytes"));
        assertNull(kb("shmem_bytes"));
        assertTrue(contradictory().endsWith(": Cached"), contradictory());
        assertEquals(UNEXPLAINED + 710000 - 50000, kb("unexplained_bytes"));
    }

    /** A container of 4 GB shows the AnonPages and Mapped of a host of 64 GB. */
    @Test
    void processesOfAnotherHostAreDropped() throws IOException {
        host("6.1", MEMINFO.replaceFirst("AnonPages: .*\n", "AnonPages: 40000000 kB\n"));
        assertNull(kb("other_processes_bytes"));
        assertEquals(710000 - 50000, kb("page_cache_bytes"));
        assertTrue(contradictory().contains("AnonPages"), contradictory());
        assertTrue(kb("unexplained_bytes") > 0);
    }

    /** Then the counters that do not fit beside it are right. */
    @Test
    void freeMemoryThatDoesNotFitIsDropped() throws IOException {
        host("6.1", MEMINFO.replaceFirst("MemFree: .*\n", "MemFree: 3990000 kB\n"));
        assertNull(kb("free_bytes"));
        assertEquals(710000 - 50000 - 49000, kb("page_cache_bytes"));
        assertEquals(UNEXPLAINED + 1000000, kb("unexplained_bytes"));
        assertTrue(contradictory().endsWith("it: MemFree"), contradictory());
    }

    /** Each counter is dropped once, and for ever. */
    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void severalCountersOfAnotherHostAreDropped() throws IOException {
        String meminfo = MEMINFO.replaceFirst("MemFree: .*\n", "MemFree: 40000000 kB\n");
        host("6.1", meminfo + "Balloon: 3000000 kB\n");
        assertTrue(contradictory().endsWith("it: MemFree, Balloon"), contradictory());
        assertEquals(UNEXPLAINED + 1000000, kb("unexplained_bytes"));
    }

    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void pageTablesOfVirtualMachinesOfAnotherHostAreDropped() throws IOException {
        host("6.1", MEMINFO + "SecPageTables: 2000000 kB\n");
        assertNull(kb("page_tables_bytes"));
        assertTrue(contradictory().endsWith("it: PageTables, SecPageTables"), contradictory());
        assertEquals(UNEXPLAINED + 20000, kb("unexplained_bytes"));
    }

    @Test
    void processesThatDoNotFitAreSaidToContradict() throws IOException {
        host("6.1", MEMINFO);
        assertEquals("unexplained", entry(account(), "unexplained_bytes").title());
        process(1, 6000000, "Pss_Anon: 950000 kB\nPss_Shmem: 1000 kB\n");
        assertTrue(kb("unexplained_bytes") < 0); // a sum that was measured is never changed
        String title = entry(account(), "unexplained_bytes").title();
        assertTrue(title.contains("contradict"), title);
    }

    /** Page cache and shared memory are parts of Cached, and only both do not fit. */
    @Test
    void cacheThatIsMostlySharedIsDropped() throws IOException {
        String meminfo = MEMINFO.replaceFirst("Cached: .*\n", "Cached: 3000000 kB\n");
        host("6.1", meminfo.replaceFirst("Shmem: .*\n", "Shmem: 2400000 kB\n"));
        assertNull(kb("page_cache_bytes"));
        assertNull(kb("shmem_bytes"));
        assertTrue(contradictory().endsWith("it: Cached"), contradictory());
        assertTrue(kb("unexplained_bytes") >= 0);
    }

    /** Without AnonPages and Pss_Anon, the cache is what Cached has more than the processes. */
    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void leastCacheThatDoesNotFitIsDropped() throws IOException {
        String meminfo = MEMINFO.replaceFirst("AnonPages: .*\n", "AnonPages: 40000000 kB\n");
        host("4.4", meminfo.replaceFirst("Cached: .*\n", "Cached: 2980000 kB\n"));
        process(1, 1000000, "");
        assertNull(kb("page_cache_bytes"));
        assertTrue(contradictory().contains("Cached"), contradictory());
        assertTrue(kb("unexplained_bytes") >= 0);
    }

    /** A container of 4 GB may show what is free on its host. */
    @Test
    void freeMemoryOfAnotherHostIsDropped() throws IOException {
        String meminfo = MEMINFO.replaceFirst("MemFree: .*\n", "MemFree: 40000000 kB\n");
        host("6.1", meminfo.replaceFirst("MemAvailable: .*\n", "MemAvailable: 41000000 kB\n"));
        assertNull(kb("free_bytes"));
        assertNull(kb("mem_available_bytes"));
        assertEquals(UNEXPLAINED + 1000000, kb("unexplained_bytes"), "the others are believed");
        assertTrue(contradictory().endsWith(": MemFree, MemAvailable"), contradictory());
    }

    /** Without AnonPages and Pss_Anon, all that processes have could be in the cache. */
    @Test
    void cacheIsKnownAtLeastInPart() throws IOException {
        host("4.4", MEMINFO.replaceFirst("AnonPages: .*\n", "AnonPages: 40000000 kB\n"));
        process(1, 400000, "");
        assertEquals(710000 - 400000, kb("page_cache_bytes"));
        assertTrue(entry(account(), "page_cache_bytes").title().endsWith("at least"));
    }

    @Test
    void emptySwapCacheNeedsNoOtherCounters() throws IOException {
        host("6.1", MEMINFO + "SwapCached: 0 kB\nActive(anon): 8000000 kB\n");
        assertEquals(0, kb("swap_cache_bytes"));
        assertNull(kb("contradictory_bytes"));
    }

    /** Counters of a busy host disagree by less than a percent. */
    @Test
    void figuresOfAnotherMomentLeaveNothingNegative() throws IOException {
        long free = 1000000 + UNEXPLAINED + 30000;
        host("6.1", MEMINFO.replaceFirst("MemFree: .*\n", "MemFree: " + free + " kB\n"));
        assertEquals(0, kb("unexplained_bytes"));
        assertEquals(660000 - 49000 - 30000, kb("page_cache_bytes"));
        assertNull(kb("contradictory_bytes"));
    }

    @Test
    void oldZramFilesAreRead() throws IOException {
        host("3.18.71", MEMINFO);
        write("sys/block/zram0/mem_used_total", "300000000\n");
        write("sys/block/zram1/mem_used_total", "1024\n");
        Psm.Entry swap = entry(account(), "compressed_swap_bytes");
        assertEquals(300001024, swap.bytes());
        assertEquals("zram", swap.title());
    }

    @Test
    void deviceWithoutFiguresIsNotZero() throws IOException {
        host("3.2", MEMINFO);
        write("sys/block/zram0/disksize", "300000000\n");
        assertNull(kb("compressed_swap_bytes"));
    }

    /** Before 5.19, only debugfs shows what zswap has. */
    @Test
    void oldZswapFileIsRead() throws IOException {
        host("5.15.0-91-generic", MEMINFO);
        write("sys/block/sda/size", "1\n");
        write("sys/module/zswap/parameters/enabled", "Y\n");
        assertNull(kb("compressed_swap_bytes")); // zram has none, but zswap may have some
        write("sys/kernel/debug/zswap/pool_total_size", "358256640\n");
        assertEquals(358256640 / KB, kb("compressed_swap_bytes"));
        assertEquals("zswap", entry(account(), "compressed_swap_bytes").title());
        Files.delete(root.resolve("sys/kernel/debug/zswap/pool_total_size"));
        write("sys/kernel/debug/zswap/pool_pages", "100\n");
        assertEquals(400, kb("compressed_swap_bytes"));
        Files.delete(root.resolve("sys/kernel/debug/zswap/pool_pages"));
        write("sys/module/zswap/parameters/enabled", "N\n");
        assertEquals(0, kb("compressed_swap_bytes"));
    }

    /** In a copy of /proc, any file may be a pipe, which blocks its readers. */
    @Test
    void pipesTakeNoOtherFigures() throws IOException {
        host("6.18", MEMINFO);
        for (String file :
                new String[] {
                    "proc/zoneinfo",
                    "proc/net/sockstat",
                    "proc/spl/kstat/zfs/arcstats",
                    "sys/block/zram0/mm_stat",
                    "sys/kernel/debug/zswap/pool_total_size",
                    "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
                }) {
            Path pipe = root.resolve(file);
            Files.createDirectories(pipe.getParent());
            Command.of("mkfifo", pipe.toString()).run();
        }
        assertEquals(UNEXPLAINED, kb("unexplained_bytes"));
    }

    @Test
    void freePagesOfProcessorsAreFree() throws IOException {
        host("6.18", MEMINFO);
        write(
                "proc/zoneinfo",
                """
                Node 0, zone   Normal
                  pages free     250000
                      high     100
                  pagesets
                    cpu: 0
                              count:    10696
                              high:     39420
                    cpu: 1
                              count:    10019
                              high:     19258
                  vm stats threshold: 28
                """);
        assertEquals(4 * (10696 + 10019), kb("per_cpu_free_bytes"));
        assertEquals(1000000, kb("free_bytes"));
        assertEquals(UNEXPLAINED - 4 * (10696 + 10019), kb("unexplained_bytes"));
    }

    /** A part of these buffers is in slab caches, so they are not in the sum. */
    @Test
    void figuresBesidesTheSumComeAfterIt() throws IOException {
        host("6.18", MEMINFO);
        write(
                "proc/net/sockstat",
                """
                sockets: used 16
                TCP: inuse 1 orphan 0 tw 1 alloc 1 mem 216
                UDP: inuse 0 mem 10
                FRAG: inuse 0 memory 2048
                """);
        assertEquals(4 * 226 + 2, kb("sockets_bytes"));
        assertEquals(1800000, kb("mem_available_bytes"));
        assertEquals(UNEXPLAINED, kb("unexplained_bytes"));
        boolean isAfter = false;
        for (Psm.Entry entry : account().entries()) {
            isAfter |= entry.sum();
            assertEquals(
                    isAfter && !entry.sum(),
                    entry.key().matches("(sockets|mem_available|contradictory)_bytes"));
        }
    }

    /** Rings of packet sockets are mapped, but are in no cache. */
    @Test
    void mappedRingsHideNoSharedMemory() throws IOException {
        host(
                "6.18",
                MEMINFO.replaceFirst("Mapped: .*\n", "Mapped: 750000 kB\n")
                        .replaceFirst("AnonPages: .*\n", "AnonPages: 250000 kB\n"));
        assertEquals(50000 - 1000, kb("shmem_bytes"));
        assertEquals(0, kb("page_cache_bytes"));
        assertTrue(kb("unexplained_bytes") >= 0);
    }

    /** The ring of a packet socket is in Pss and Mapped, but in no cache. */
    @Test
    void mappedRingsAreInNoCache() throws IOException {
        host("6.18", MEMINFO.replaceFirst("Mapped: .*\n", "Mapped: 350000 kB\n"));
        process(1, 1300000, "Pss_Anon: 950000 kB\nPss_Shmem: 1000 kB\n");
        String file = "7f34920b0000-7f3492100000 r--p 00000000 08:01 42                 /lib/a b\n";
        String ring = "7f34920bf000-7f34a4cbf000 rw-s 00000000 00:09 9117565   socket:[9117565]\n";
        String heap = "7f34a5cbf000-7f34a6cbf000 rw-p 00000000 00:00 0 \n";
        write("proc/1/maps", heap + ring + file);
        write(
                "proc/1/smaps",
                heap + "Pss: 950000 kB\n" + ring + "Pss: 300000 kB\n" + file + "Pss: 9 kB\n");
        assertEquals(710000 - 50000 - 49000, kb("page_cache_bytes"));
        assertEquals(UNEXPLAINED - 300000, kb("unexplained_bytes"));
        write("proc/1/smaps", file + "Pss: 300000 kB\n");
        assertEquals(UNEXPLAINED, kb("unexplained_bytes"));
    }

    /** A process that cannot be read and has little RAM changes nothing about shared memory. */
    @Test
    void fewUnknownPagesHideNoSharedMemory() throws IOException {
        host("6.18", MEMINFO);
        process(2, 1000, "");
        assertEquals(50000 - 1000, kb("shmem_bytes"));
        process(2, 900000, "");
        assertNull(kb("shmem_bytes"));
        process(1, 1000, "");
        process(2, 1000, "");
        write("proc/meminfo", MEMINFO.replaceFirst("AnonPages: .*\n", "AnonPages: 0 kB\n"));
        assertNull(kb("shmem_bytes")); // no process has Pss_Shmem, so the kernel has none
    }

    @Test
    void allSizesOfHugePagesAreCounted() throws IOException {
        host("4.9.0", MEMINFO + "HugePages_Total: 3\nHugePages_Free: 3\nHugepagesize: 2048 kB\n");
        assertEquals(3 * 2048, kb("hugetlb_bytes"));
        String pools = "sys/kernel/mm/hugepages/hugepages-";
        write(pools + "2048kB/nr_hugepages", "3\n");
        write(pools + "2048kB/free_hugepages", "3\n");
        write(pools + "64kB/nr_hugepages", "100\n");
        write(pools + "64kB/free_hugepages", "50\n");
        assertEquals(3 * 2048 + 6400, kb("hugetlb_bytes"));
        assertFalse(kb("unexplained_bytes") < 0);
    }
}
