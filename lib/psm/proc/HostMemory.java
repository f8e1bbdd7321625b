package psm.proc;

import psm.text.Missing;

import java.io.IOException;

/**
 * The kernel's own account of the host's memory. May be shared between threads.
 *
 * @param meminfo the content of {@code /proc/meminfo}; empty if there is none
 * @param unlisted the memory that is not in it
 */
public record HostMemory(String meminfo, UnlistedMemory unlisted) {
    /** The account of a host about which nothing is known. */
    public static final HostMemory NONE = new HostMemory("", UnlistedMemory.UNKNOWN);

    /**
     * Reads the current account.
     *
     * @param withUnlisted whether to read more than meminfo
     */
    public static HostMemory read(ProcFs proc, boolean withUnlisted) {
        HostMemory listed = new HostMemory(readMeminfo(proc), UnlistedMemory.UNKNOWN);
        return withUnlisted
                ? new HostMemory(listed.meminfo, UnlistedMemory.read(proc, listed))
                : listed;
    }

    private static String readMeminfo(ProcFs proc) {
        try {
            return proc.text("meminfo");
        } catch (IOException e) {
            return "";
        }
    }

    /** Returns the same account, with what the files in {@code /sys} contain now. */
    public HostMemory withSys(ProcFs proc) {
        return new HostMemory(meminfo, unlisted.withSys(proc, this));
    }

    /** Returns the same account with pools of huge pages, which may have been read later. */
    public HostMemory with(HugePages pools) {
        return new HostMemory(meminfo, unlisted.with(pools));
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
}
