package psm.proc;

import psm.text.Missing;

import java.io.IOException;

/**
 * The kernel's own account of the host's memory: {@code /proc/meminfo}, and the memory that zram
 * devices take up. May be shared between threads.
 *
 * @param meminfo the content of the file; empty if there is none
 * @param zram bytes that zram takes up for the pages that are swapped out to it, its own overhead
 *     included; 0 without zram, {@link Missing#VALUE} if {@code /sys} is missing or must not be
 *     read
 */
public record HostMemory(String meminfo, long zram) {
    /** The account of a host about which nothing is known. */
    public static final HostMemory NONE = new HostMemory("", Missing.VALUE);

    /** The path as {@link ProcFs} takes it: {@code sys} is beside {@code proc}. */
    private static final String BLOCK_DEVICES = "../sys/block";

    /** The index of mem_used_total in mm_stat (Documentation/admin-guide/blockdev/zram.rst). */
    private static final int MEM_USED_TOTAL = 2;

    /** Reads the current account. */
    public static HostMemory read(ProcFs proc) {
        try {
            return new HostMemory(proc.text("meminfo"), readZram(proc));
        } catch (IOException e) {
            return new HostMemory("", readZram(proc));
        }
    }

    /** Returns the same account, with the memory that zram takes up now. */
    public HostMemory withZram(ProcFs proc) {
        return new HostMemory(meminfo, readZram(proc));
    }

    /**
     * Returns the size in a line of meminfo, in bytes.
     *
     * @param name the key of the line, such as {@code MemTotal}
     * @return {@link Missing#VALUE} if the kernel prints no such line
     */
    public long bytes(String name) {
        return new KeyedLines(meminfo).bytes(name);
    }

    /**
     * Returns the number in one of the few lines of meminfo that contain no size.
     *
     * @param name the key of the line, such as {@code HugePages_Total}
     * @return {@link Missing#VALUE} if the kernel prints no such line
     */
    public long count(String name) {
        return new KeyedLines(meminfo).number(name);
    }

    private static long readZram(ProcFs proc) {
        if (proc.isConfined() || !proc.exists(BLOCK_DEVICES)) {
            return Missing.VALUE;
        }
        long bytes = 0;
        for (String device : proc.names(BLOCK_DEVICES)) {
            if (device.startsWith("zram")) {
                String stat = proc.firstLine(BLOCK_DEVICES + '/' + device + "/mm_stat");
                String[] figures = stat == null ? new String[0] : stat.strip().split(" +", -1);
                boolean isWhole = figures.length > MEM_USED_TOTAL;
                bytes =
                        Missing.plus(
                                bytes, isWhole ? KeyedLines.parse(figures[MEM_USED_TOTAL]) : 0);
            }
        }
        return bytes;
    }
}
