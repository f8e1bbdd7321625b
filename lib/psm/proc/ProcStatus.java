package psm.proc;

import psm.smaps.Usage;
import psm.text.Missing;

import java.util.Arrays;

/** Reads {@code /proc/PID/status}, lines of {@code Name:<TAB>value}; anybody may read that file. */
public final class ProcStatus {
    /**
     * Of one page of page tables, for 2 MB of 4 kB pages. As seen on x86-64: 15 ms for 4 GB, which
     * have 8 MB of them. Huge pages have next to none, and cost next to nothing.
     */
    private static final long NANOS_PER_KB_OF_PAGE_TABLES = 1_800;

    private ProcStatus() {}

    /**
     * The value of one line as it is there, such as {@code 45320 kB} for VmHWM, the peak resident
     * set.
     *
     * @param status the file's content
     * @return {@code null} where the kernel has no such line
     */
    public static String value(String status, String name) {
        String start = name + ":\t";
        int line = status.indexOf(start);
        while (line > 0 && status.charAt(line - 1) != '\n') {
            line = status.indexOf(start, line + 1);
        }
        if (line < 0) {
            return null;
        }
        int newline = status.indexOf('\n', line);
        return status.substring(line + start.length(), newline < 0 ? status.length() : newline)
                .strip();
    }

    /** The real and the effective id of a user or a group; each -1 where it cannot be told. */
    public record Ids(long real, long effective) {
        private static final Ids UNKNOWN = new Ids(Missing.VALUE, Missing.VALUE);
    }

    /** The first two of {@code Uid:}. */
    public static Ids userIds(String status) {
        return ids(value(status, "Uid"));
    }

    /** The first two of {@code Gid:}. */
    public static Ids groupIds(String status) {
        return ids(value(status, "Gid"));
    }

    private static Ids ids(String line) {
        if (line == null) {
            return Ids.UNKNOWN;
        }
        String[] ids = line.split("\t", -1);
        try {
            return ids.length < 2
                    ? Ids.UNKNOWN
                    : new Ids(Long.parseLong(ids[0]), Long.parseLong(ids[1]));
        } catch (NumberFormatException e) {
            return Ids.UNKNOWN;
        }
    }

    /**
     * The memory of a process that would take longer than that to walk its page tables, told by
     * their size: VmRSS (with what is shared, and by counters that lag a little) and VmSwap.
     *
     * @return {@code null} where it would not take as long, or where VmPTE (2.6.10) or VmRSS is
     *     missing
     */
    public static Usage estimate(String status, long maxNanos) {
        long pageTables = kilobytes(status, "VmPTE");
        long resident = kilobytes(status, "VmRSS");
        if (pageTables <= maxNanos / NANOS_PER_KB_OF_PAGE_TABLES || resident == Missing.VALUE) {
            return null;
        }
        long[] sums = new long[Usage.Field.values().length];
        Arrays.fill(sums, Missing.VALUE);
        sums[Usage.Field.RSS.ordinal()] = bytes(resident);
        sums[Usage.Field.SWAP_PSS.ordinal()] = bytes(kilobytes(status, "VmSwap"));
        return new Usage(sums, Missing.VALUE, 0, 0, 0);
    }

    /** The size in a line such as {@code VmHWM:}, in bytes, or ABSENT. */
    public static long bytes(String status, String name) {
        return bytes(kilobytes(status, name));
    }

    private static long bytes(long kilobytes) {
        return kilobytes == Missing.VALUE ? Missing.VALUE : kilobytes * 1024;
    }

    private static long kilobytes(String status, String name) {
        String value = value(status, name);
        if (value == null || !value.endsWith(" kB")) {
            return Missing.VALUE;
        }
        try {
            long kb = Long.parseLong(value.substring(0, value.length() - " kB".length()).strip());
            return kb < 0 || kb > Long.MAX_VALUE / 1024 ? Missing.VALUE : kb;
        } catch (NumberFormatException e) {
            return Missing.VALUE;
        }
    }
}
