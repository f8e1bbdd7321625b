package psm.proc;

import psm.smaps.Usage;
import psm.text.Missing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The host's own account of its memory, in bytes: {@code /proc/meminfo}, and what zram devices take
 * up.
 *
 * <p>May be shared between threads.
 */
public final class HostMemory {
    /** Some 60 lines of 28 bytes, and a few more with each kernel. */
    private static final int BUFFER_BYTES = 8192;

    private static final String KB = " kB";
    private static final int BYTES_PER_KB = 1024;

    /** As {@link ProcFs} names it: {@code sys} is where {@code proc} is. */
    private static final String BLOCK_DEVICES = "../sys/block";

    /** The file, after a newline: most of its lines are never asked for. */
    private final String meminfo;

    /**
     * Bytes that zram takes up for the pages that are swapped out to it, its own overhead included;
     * 0 without zram, ABSENT where {@code /sys} is not there or not to be looked at.
     */
    public final long zram;

    /**
     * Keeps the host's figures as the kernel prints them.
     *
     * @param meminfo the file, a character a byte
     * @param zram see {@link #zram}
     */
    public HostMemory(String meminfo, long zram) {
        this.meminfo = '\n' + meminfo;
        this.zram = zram;
    }

    /** The file, a character a byte; empty where there is none. */
    public String meminfo() {
        return meminfo.substring(1);
    }

    /** Nothing is known. */
    public static final HostMemory NONE = new HostMemory("", Missing.VALUE);

    /** What is there at this moment; nothing in a tree without meminfo. */
    public static HostMemory read(ProcFs proc) {
        byte[] bytes = new byte[BUFFER_BYTES];
        try {
            int length = proc.read("meminfo", bytes);
            return new HostMemory(
                    new String(bytes, 0, length, StandardCharsets.ISO_8859_1), zram(proc));
        } catch (IOException e) {
            return new HostMemory("", zram(proc));
        }
    }

    /** The same, with what zram takes up now. */
    public HostMemory withZram(ProcFs proc) {
        return new HostMemory(meminfo.substring(1), zram(proc));
    }

    /**
     * A line of meminfo, by its name, in bytes; for the few without a unit, their number.
     *
     * @return {@link Missing#VALUE} where the kernel has no such line
     */
    public long bytes(String name) {
        int line = meminfo.indexOf('\n' + name + ':');
        if (line < 0) {
            return Missing.VALUE;
        }
        int from = line + name.length() + 2;
        int newline = meminfo.indexOf('\n', from);
        String text = meminfo.substring(from, newline < 0 ? meminfo.length() : newline);
        boolean isSize = text.endsWith(KB);
        String digits = isSize ? text.substring(0, text.length() - KB.length()) : text;
        long value = number(digits.strip());
        return isSize && value > 0 ? value * BYTES_PER_KB : value;
    }

    private static long number(String digits) {
        try {
            long value = Long.parseLong(digits);
            return value < 0 || value > Long.MAX_VALUE / BYTES_PER_KB ? Missing.VALUE : value;
        } catch (NumberFormatException e) {
            return Missing.VALUE;
        }
    }

    /**
     * The third figure of mm_stat, mem_used_total (Documentation/admin-guide/blockdev/zram.rst).
     */
    private static long zram(ProcFs proc) {
        if (proc.isConfined() || !proc.exists(BLOCK_DEVICES)) {
            return Missing.VALUE;
        }
        long bytes = 0;
        for (String device : proc.names(BLOCK_DEVICES)) {
            if (device.startsWith("zram")) {
                String stat = proc.firstLine(BLOCK_DEVICES + '/' + device + "/mm_stat");
                String[] figures = stat == null ? new String[0] : stat.strip().split(" +", -1);
                bytes = Usage.plus(bytes, figures.length > 2 ? number(figures[2]) : 0);
            }
        }
        return bytes;
    }
}
