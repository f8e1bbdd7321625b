package psm.proc;

import psm.smaps.Usage;
import psm.text.Missing;

/**
 * The fields that psm needs of {@code /proc/PID/status}, which every user may read: lines of {@code
 * Name:<TAB>value}. May be shared between threads.
 */
public final class ProcStatus {
    /** The index of the real id in the lines {@code Uid:} and {@code Gid:}. */
    private static final int REAL = 0;

    /** The index of the effective id in the lines {@code Uid:} and {@code Gid:}. */
    private static final int EFFECTIVE = 1;

    private final KeyedLines lines;

    /**
     * Takes the content of the file.
     *
     * @param text the whole content; empty if the file could not be read
     */
    public ProcStatus(String text) {
        this.lines = new KeyedLines(text);
    }

    /** Returns the real user id, or {@link Missing#VALUE}. */
    long realUserId() {
        return id("Uid", REAL);
    }

    /** Returns the effective user id, or {@link Missing#VALUE}. */
    public long effectiveUserId() {
        return id("Uid", EFFECTIVE);
    }

    /** Returns the effective group id, or {@link Missing#VALUE}. */
    public long effectiveGroupId() {
        return id("Gid", EFFECTIVE);
    }

    private long id(String key, int index) {
        String value = lines.value(key);
        String[] ids = value == null ? new String[0] : value.split("\t", -1);
        return index < ids.length ? KeyedLines.parse(ids[index]) : Missing.VALUE;
    }

    /** Returns VmHWM, the peak of the resident set, in bytes, or {@link Missing#VALUE}. */
    public long peakResident() {
        return lines.bytes("VmHWM");
    }

    /** Returns VmSwap (2.6.34), without shared memory, in bytes, or {@link Missing#VALUE}. */
    public long swap() {
        return lines.bytes("VmSwap");
    }

    /**
     * Returns the pages of files that the kernel can drop before it kills a process, in bytes:
     * those of RssFile (4.5) that are not locked. If more is locked (VmLck) than the other pages,
     * the rest is of files.
     *
     * @return {@link Missing#VALUE} without RssFile
     */
    public long reclaimable() {
        long files = lines.bytes("RssFile");
        long others = Missing.orZero(lines.bytes("VmRSS")) - Missing.orZero(files);
        long locked = Missing.orZero(lines.bytes("VmLck")) - others;
        return files == Missing.VALUE ? files : files - Math.max(0, Math.min(files, locked));
    }

    /** Returns VmPTE (2.6.10), the size of the page tables, in bytes, or {@link Missing#VALUE}. */
    public long pageTables() {
        return lines.bytes("VmPTE");
    }

    /** Returns the parent's pid (PPid); 0 if it is not known. */
    public int parent() {
        return ProcStat.pid(Missing.orZero(lines.number("PPid")));
    }

    /** Returns the number of threads, or {@link Missing#VALUE}. */
    public long threads() {
        return Math.min(Integer.MAX_VALUE, lines.number("Threads"));
    }

    /** Returns whether this is a kernel thread or a zombie: the others have a line VmSize. */
    public boolean isWithoutMemory() {
        return name() != null && lines.value("VmSize") == null && lines.value("VmRSS") == null;
    }

    /** Returns the kernel's name of the process (Name), or {@code null}. */
    public String name() {
        return lines.value("Name");
    }

    /**
     * Returns an estimate of the memory of the process, from VmRSS (which contains all of each
     * shared page, and comes from counters that lag a little), RssAnon (4.5), VmSwap, and
     * HugetlbPages, of which the kernel does not say how many are shared. All other figures are
     * missing.
     *
     * @param stat the stat of the same folder or {@code null}; its Rss serves if status shows none,
     *     as in some copies of {@code /proc}
     * @param proc the tree of that file, which has the size of pages
     * @return {@code null} if neither shows Rss, as for processes without memory
     */
    public Usage estimate(ProcStat stat, ProcFs proc) {
        long resident = lines.bytes("VmRSS");
        if (Missing.is(resident) && stat != null && stat.residentPages() > 0) {
            resident = stat.residentBytes(proc.pageBytes());
        }
        return Missing.is(resident)
                ? null
                : Usage.estimated(
                        resident,
                        lines.bytes("RssAnon"),
                        lines.bytes("VmSwap"),
                        lines.bytes("HugetlbPages"));
    }
}
