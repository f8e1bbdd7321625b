package psm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/**
 * The host's own account of its memory, in bytes: {@code /proc/meminfo}, and what zram devices take
 * up.
 *
 * <p>May be shared between threads.
 */
final class HostMemory {
    /** Some 60 lines of 28 bytes, and a few more with each kernel. */
    private static final int BUFFER_BYTES = 8192;

    private static final int BYTES_PER_KB = 1024;

    /** As {@link ProcFs} names it: {@code sys} is where {@code proc} is. */
    private static final String BLOCK_DEVICES = "../sys/block";

    private final Map<String, Long> meminfo;

    /**
     * Bytes that zram takes up for the pages that are swapped out to it, its own overhead included;
     * 0 without zram, ABSENT where {@code /sys} is not there.
     */
    final long zram;

    private HostMemory(Map<String, Long> meminfo, long zram) {
        this.meminfo = Collections.unmodifiableMap(meminfo);
        this.zram = zram;
    }

    /** Nothing is known. */
    static final HostMemory NONE = new HostMemory(new HashMap<>(), Usage.ABSENT);

    /** What is there at this moment; nothing in a tree without meminfo. */
    static HostMemory read(ProcFs proc) {
        Map<String, Long> meminfo = new HashMap<>();
        byte[] bytes = new byte[BUFFER_BYTES];
        try {
            int length = proc.read("meminfo", bytes);
            parse(new String(bytes, 0, length, StandardCharsets.ISO_8859_1), meminfo);
        } catch (IOException e) {
            meminfo.clear();
        }
        return new HostMemory(meminfo, zram(proc));
    }

    /**
     * A line of meminfo, by its name, in bytes; for the few without a unit, their number.
     *
     * @return {@link Usage#ABSENT} where the kernel has no such line
     */
    long bytes(String name) {
        return meminfo.getOrDefault(name, Usage.ABSENT);
    }

    private static void parse(String text, Map<String, Long> meminfo) {
        for (String line : text.split("\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                boolean isSize = line.endsWith(" kB");
                int end = isSize ? line.length() - " kB".length() : line.length();
                long value = number(line.substring(colon + 1, end).strip());
                if (value >= 0) {
                    meminfo.put(line.substring(0, colon), isSize ? value * BYTES_PER_KB : value);
                }
            }
        }
    }

    private static long number(String digits) {
        try {
            long value = Long.parseLong(digits);
            return value > Long.MAX_VALUE / BYTES_PER_KB ? Usage.ABSENT : value;
        } catch (NumberFormatException e) {
            return Usage.ABSENT;
        }
    }

    /**
     * The third figure of mm_stat, mem_used_total (Documentation/admin-guide/blockdev/zram.rst).
     */
    private static long zram(ProcFs proc) {
        if (!proc.exists(BLOCK_DEVICES)) {
            return Usage.ABSENT;
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
