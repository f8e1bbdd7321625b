package psm.proc;

import psm.text.Missing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Memory of the host that {@code /proc/meminfo} does not list, or lists only on newer kernels. Each
 * size is in bytes, or {@link Missing#VALUE} if it is not known. May be shared between threads.
 *
 * @param zram what zram devices take up for the pages that are swapped out to them: {@code mm_stat}
 *     (4.1), before that {@code mem_used_total}; 0 without a device
 * @param zswap what zswap takes up where meminfo has no Zswap (before 5.19): {@code
 *     pool_total_size} in debugfs (3.15, before that {@code pool_pages}), which only root can read;
 *     0 if zswap is off
 * @param arc the cache of ZFS, {@code size} in {@code spl/kstat/zfs/arcstats}
 * @param arcInSlab the part of it that is in slab caches too
 * @param perCpuFree free pages on the lists of processors, which MemFree leaves out: {@code
 *     zoneinfo}
 * @param sockets the buffers of TCP and UDP sockets, and fragments: {@code net/sockstat}; parts of
 *     it are in slab caches
 * @param hugePages the pools of huge pages of all sizes
 */
public record UnlistedMemory(
        long zram,
        long zswap,
        long arc,
        long arcInSlab,
        long perCpuFree,
        long sockets,
        HugePages hugePages) {
    /** Stands for what was not read. */
    public static final UnlistedMemory UNKNOWN =
            new UnlistedMemory(
                    Missing.VALUE,
                    Missing.VALUE,
                    Missing.VALUE,
                    Missing.VALUE,
                    Missing.VALUE,
                    Missing.VALUE,
                    HugePages.UNKNOWN);

    private static final String BLOCK_DEVICES = ProcFs.SYS + "/block";
    private static final String ZSWAP = ProcFs.SYS + "/kernel/debug/zswap";
    private static final String MODULES = ProcFs.SYS + "/module";
    private static final String ZSWAP_SWITCH = MODULES + "/zswap/parameters/enabled";

    /** The index of mem_used_total in mm_stat (Documentation/admin-guide/blockdev/zram.rst). */
    private static final int MEM_USED_TOTAL = 2;

    /**
     * The largest length of a list. zoneinfo has five lines for each processor in each zone: 3 MB
     * for 512 processors on 8 nodes.
     */
    private static final int MAX_LIST_BYTES = 1 << 23;

    /** The parts of the cache of ZFS that are in slab caches: headers of buffers and of files. */
    private static final String[] ARC_IN_SLAB = {
        "hdr_size", "dbuf_size", "dnode_size", "bonus_size"
    };

    /** Reads what is there now. */
    static UnlistedMemory read(ProcFs proc, HostMemory listed) {
        long pageBytes = proc.pageBytes();
        KeyedLines arc = new KeyedLines(list(proc, "spl/kstat/zfs/arcstats"));
        long arcInSlab = Missing.VALUE;
        for (String part : ARC_IN_SLAB) {
            arcInSlab = Missing.plus(arcInSlab, lastNumber(arc.value(part)));
        }
        UnlistedMemory inProc =
                new UnlistedMemory(
                        Missing.VALUE,
                        Missing.VALUE,
                        lastNumber(arc.value("size")),
                        arcInSlab,
                        times(pagesOnLists(list(proc, "zoneinfo")), pageBytes),
                        sockets(new KeyedLines(list(proc, "net/sockstat")), pageBytes),
                        HugePages.UNKNOWN);
        return inProc.withSys(proc, listed);
    }

    /** Returns the same figures, with what the files in {@code /sys} contain now. */
    UnlistedMemory withSys(ProcFs proc, HostMemory listed) {
        return proc.isConfined()
                ? this
                : new UnlistedMemory(
                        readZram(proc),
                        readZswap(proc, listed),
                        arc,
                        arcInSlab,
                        perCpuFree,
                        sockets,
                        HugePages.read(proc));
    }

    /** Returns the same figures with pools of huge pages. */
    UnlistedMemory with(HugePages pools) {
        return new UnlistedMemory(zram, zswap, arc, arcInSlab, perCpuFree, sockets, pools);
    }

    /**
     * Reads the size of all zram devices. A device without figures is left out, unless there is no
     * other.
     */
    private static long readZram(ProcFs proc) {
        if (!proc.exists(BLOCK_DEVICES)) {
            return Missing.VALUE;
        }
        long bytes = Missing.VALUE;
        boolean isAny = false;
        for (String device : proc.names(BLOCK_DEVICES)) {
            if (device.startsWith("zram")) {
                isAny = true;
                bytes = Missing.plus(bytes, readZram(proc, BLOCK_DEVICES + '/' + device));
            }
        }
        return isAny ? bytes : 0;
    }

    private static long readZram(ProcFs proc, String device) {
        String stat = proc.firstLine(device + "/mm_stat");
        if (stat == null) {
            return number(proc, device + "/mem_used_total");
        }
        String[] figures = stat.strip().split(" +", -1);
        return figures.length > MEM_USED_TOTAL
                ? KeyedLines.parse(figures[MEM_USED_TOTAL])
                : Missing.VALUE;
    }

    private static long readZswap(ProcFs proc, HostMemory listed) {
        if (!Missing.is(listed.bytes("Zswap"))) {
            return Missing.VALUE; // the kernel lists it
        }
        long total = number(proc, ZSWAP + "/pool_total_size");
        long pages = number(proc, ZSWAP + "/pool_pages");
        long bytes = Missing.is(total) ? times(pages, proc.pageBytes()) : total;
        String enabled = proc.firstLine(ZSWAP_SWITCH);
        boolean isOff = enabled == null ? proc.exists(MODULES) : enabled.startsWith("N");
        return Missing.is(bytes) && isOff ? 0 : bytes;
    }

    /** Reads a file that contains one number. */
    static long number(ProcFs proc, String file) {
        String line = proc.firstLine(file);
        return line == null ? Missing.VALUE : KeyedLines.parse(line.strip());
    }

    /**
     * Returns the number of pages in zoneinfo's lines {@code count: 63}: one for each processor in
     * each zone.
     */
    private static long pagesOnLists(String zoneinfo) {
        long pages = Missing.VALUE;
        for (int at = zoneinfo.indexOf(" count:"); at >= 0; ) {
            int start = at + " count:".length();
            int end = zoneinfo.indexOf('\n', start);
            String count = zoneinfo.substring(start, end < 0 ? zoneinfo.length() : end);
            pages = Missing.plus(pages, KeyedLines.parse(count.strip()));
            at = end < 0 ? end : zoneinfo.indexOf(" count:", end);
        }
        return pages;
    }

    /** Returns the pages of TCP and UDP, and the bytes of fragments, in bytes. */
    private static long sockets(KeyedLines sockstat, long pageBytes) {
        long pages =
                Missing.plus(
                        named(sockstat.value("TCP"), "mem"), named(sockstat.value("UDP"), "mem"));
        return Missing.plus(times(pages, pageBytes), named(sockstat.value("FRAG"), "memory"));
    }

    /** Returns the number after a word in a line such as {@code inuse 1 mem 216}. */
    private static long named(String line, String word) {
        String[] words = line == null ? new String[0] : line.split(" +", -1);
        for (int i = 0; i + 1 < words.length; i++) {
            if (words[i].equals(word)) {
                return KeyedLines.parse(words[i + 1]);
            }
        }
        return Missing.VALUE;
    }

    /** Returns the number after the last blank. */
    private static long lastNumber(String value) {
        return value == null
                ? Missing.VALUE
                : KeyedLines.parse(value.substring(value.lastIndexOf(' ') + 1));
    }

    /** Multiplies sizes; one that is too large becomes {@link Long#MAX_VALUE}. */
    static long times(long count, long bytes) {
        if (Missing.is(count) || Missing.is(bytes)) {
            return Missing.VALUE;
        }
        return count > 0 && bytes > Long.MAX_VALUE / count ? Long.MAX_VALUE : count * bytes;
    }

    /** Reads a file that the kernel may write in several pieces; empty if that is not possible. */
    private static String list(ProcFs proc, String file) {
        try (InputStream in = proc.openUnblocked(file)) {
            return new String(in.readNBytes(MAX_LIST_BYTES), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
