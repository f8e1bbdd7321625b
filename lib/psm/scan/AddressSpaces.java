package psm.scan;

import psm.proc.PageMap;
import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.smaps.Usage;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds processes that share an address space: those made by clone(2) with CLONE_VM, or by vfork(2)
 * before they call exec(2). Each of them shows all of that memory as its own.
 *
 * <p>Such processes have the same {@link ProcStat#addresses}, and all but one of them were forked
 * without exec. Forks with memory of their own look the same, down to the last byte of smaps. So
 * the proof is a page that only one address space maps ({@link PageMap}).
 *
 * <p>A fork is compared with its parent as soon as it is measured: later it may call exec or exit,
 * and its pid says nothing about which of the two is measured first. Processes whose parents have
 * exited find each other by the page.
 *
 * <p>Without CAP_SYS_ADMIN, page frames are hidden and there is no proof: then the memory is
 * counted for each process, and marked as doubtful if the figures look like one memory. With
 * CAP_PERFMON alone, the addresses are hidden too, and the figures must show that no page is shared
 * with a fork.
 *
 * <p>Many threads may call {@link #register} at the same time. {@link #countOnce} and {@link
 * #doubt} must be called after the last of these calls.
 */
final class AddressSpaces {
    /**
     * The largest number of ancestors to compare a fork with; it shares memory with one of them as
     * a rule. There is a limit, since a copy of {@code /proc} may contain circles of parents.
     */
    private static final int MAX_ANCESTORS = 8;

    /**
     * How long a parent may take to show its pages. Its memory map may be locked; then its other
     * children must not wait for it too.
     */
    private static final long MAX_WAIT_NANOS = Scan.TICK_NANOS;

    /**
     * A process between two calls of exec(2); it is equal only to itself. (It is not a record: Java
     * generates hashCode and equals of a record at their first call, which takes longer than
     * reading a hundred processes.)
     */
    private static final class Member {
        final int pid;
        final int parent;
        final long startTime;
        final long startStack;
        final long addresses;
        final boolean isFork;

        /** The folder of the process, or of one of its threads. */
        volatile String folder;

        /** Whether its smaps must not be read, since that takes too long. */
        volatile boolean isLarge;

        /** Whether it is proved that it shares its memory, or that it does not. */
        volatile boolean isProved;

        /** Whether it was compared with its parent and does not share the parent's memory. */
        volatile boolean isApart;

        /** Whether it is unknown if its memory is that of a process that was measured too. */
        volatile boolean isDoubtful;

        /** A process with the same address space; {@code null} if this one stands for all. */
        private volatile Member same;

        /** Whether it is in {@link #executed}, or was. */
        private boolean isListed;

        /** The process with these addresses that called exec before; {@code null} for the first. */
        private Member before;

        /** The pid that the address space is counted under; 0 if it is not counted yet. */
        int counted;

        Member(int pid, String folder, ProcStat stat) {
            this.pid = pid;
            this.folder = folder;
            this.parent = stat.parent();
            this.startTime = stat.startTime();
            this.startStack = stat.startStack();
            this.addresses = stat.addresses();
            this.isFork = stat.isForkWithoutExec();
        }

        /**
         * Returns whether this is the process with that stat. Without random addresses, exec(2) may
         * have given it another memory at the same ones.
         */
        boolean is(ProcStat stat) {
            return startTime == stat.startTime()
                    && startStack == stat.startStack()
                    && addresses == stat.addresses()
                    && isFork == stat.isForkWithoutExec()
                    && stat.isStackAtRandom();
        }

        /** Returns the process that stands for all with this address space. */
        Member space() {
            Member space = this;
            for (Member other = same; other != null; other = other.same) {
                space = other;
            }
            return space;
        }
    }

    /** What the pages of a process showed just now, to compare others with. */
    private static final class Shown {
        final Member member;
        final long[] entries;
        private final PageMap pages;
        private final PageMap.Pages own;

        Shown(Member member, PageMap pages, PageMap.Pages own, long[] entries) {
            this.member = member;
            this.pages = pages;
            this.own = own;
            this.entries = entries;
        }

        /** Returns whether the process in a folder shares its memory. */
        PageMap.Sharing with(String folder) {
            try (PageMap.Pages others = pages.of(folder)) {
                return with(others);
            }
        }

        /**
         * Compares the process with its parent. If they share no memory, the parent's file stays
         * open, since its next fork is compared with it too.
         */
        PageMap.Sharing withKept(Member parent, String folder) {
            PageMap.Sharing sharing = with(pages.keep(parent, folder));
            if (sharing != PageMap.Sharing.TWO) {
                pages.close();
            }
            return sharing;
        }

        private PageMap.Sharing with(PageMap.Pages others) {
            return pages.sharing(own, entries, others, member.startStack, !member.isLarge);
        }
    }

    private final ProcFs proc;

    /** The processes that called exec and whose pages have not been read yet, by addresses. */
    private final Map<Long, Member> executed = new HashMap<>();

    /** The addresses of the processes that were forked without exec. */
    private final Set<Long> forked = ConcurrentHashMap.newKeySet();

    /** The processes that were forked without exec and whose addresses are hidden, by pid. */
    private final Set<Integer> hiddenForks = ConcurrentHashMap.newKeySet();

    /** The last process that was found with a page, by its frame or its place in swap. */
    private final Map<Long, Member> byPage = new ConcurrentHashMap<>();

    /** The processes as they were measured last, by pid. */
    private final Map<Integer, Member> members = new ConcurrentHashMap<>();

    /** The processes that were found as parents and may be measured later, by pid. */
    private final Map<Integer, Member> parents = new HashMap<>();

    /** The times when reading the pages of a parent began that has not ended, by its pid. */
    private final Map<Integer, Long> asked = new ConcurrentHashMap<>();

    AddressSpaces(ProcFs proc) {
        this.proc = proc;
    }

    /**
     * Registers a process that has just been measured. It may be registered again when it is
     * measured again.
     *
     * @param folder the folder of the process, or of one of its threads
     * @param stat the stat of that folder when the process was measured
     * @param isLarge whether it was estimated since reading its smaps would take too long
     * @param pages the pages that the caller's thread reads
     * @return whether no second look is needed: it has called exec, and no fork without exec has
     *     its addresses; or a page of its stack was found at the address in its stat, which changes
     *     with each exec
     */
    boolean register(int pid, String folder, ProcStat stat, boolean isLarge, PageMap pages) {
        if (stat.addresses() == 0) {
            members.remove(pid);
            if (stat.isForkWithoutExec()) {
                hiddenForks.add(pid);
                return false;
            }
            hiddenForks.remove(pid);
            return true;
        }
        Member self;
        Member waiting = null;
        synchronized (this) {
            self = measured(pid, folder, stat);
            self.isLarge = isLarge;
            if (self.isFork && forked.add(self.addresses)) {
                waiting = executed.remove(self.addresses);
            } else if (!forked.contains(self.addresses)) {
                if (!self.isListed) {
                    self.isListed = true;
                    self.before = executed.put(self.addresses, self);
                }
                return true;
            }
        }
        for (Member other = waiting; other != null; other = other.before) {
            prove(other, pages);
        }
        boolean isCertain = prove(self, pages);
        return isCertain && ProcStat.isAtRandom(self.startStack);
    }

    /** Returns the process with that stat, as it may have been found before. */
    private Member measured(int pid, String folder, ProcStat stat) {
        Member self = known(pid, stat);
        if (self == null) {
            self = new Member(pid, folder, stat);
        }
        self.folder = folder;
        members.put(pid, self);
        return self;
    }

    private synchronized Member parent(int pid, String folder, ProcStat stat) {
        Member parent = known(pid, stat);
        if (parent == null) {
            parent = new Member(pid, folder, stat);
            parents.put(pid, parent);
        }
        return parent;
    }

    private Member known(int pid, ProcStat stat) {
        Member known = members.get(pid);
        if (known == null || !known.is(stat)) {
            known = parents.get(pid);
        }
        return known != null && known.is(stat) ? known : null;
    }

    /**
     * Finds processes with the same memory. It holds no lock, since reading may block.
     *
     * @return whether the process had the memory at its address when its pages were read, and has
     *     been compared with its parent
     */
    private boolean prove(Member member, PageMap pages) {
        try (PageMap.Pages own = pages.of(member.folder)) {
            Shown shown = new Shown(member, pages, own, own.entries(member.startStack));
            long frame = PageMap.exclusiveFrame(shown.entries);
            PageMap.Sharing sharing =
                    member.isFork ? compareWithAncestors(shown) : PageMap.Sharing.TWO;
            long page = frame != 0 ? frame : ~PageMap.swapped(shown.entries);
            if (page != ~0L) {
                findByPage(shown, page);
            }
            return frame != 0 && sharing != PageMap.Sharing.UNKNOWN;
        }
    }

    /**
     * Compares a fork with its parent, and if they share their memory, with the parent's ancestors.
     *
     * @return whether it shares its memory with its parent
     */
    private PageMap.Sharing compareWithAncestors(Shown shown) {
        Member member = shown.member;
        PageMap.Sharing first = PageMap.Sharing.UNKNOWN;
        int pid = member.parent;
        for (int i = 0; i < MAX_ANCESTORS && pid > 0; i++) {
            Member known = members.get(pid);
            String folder = known == null ? Integer.toString(pid) : known.folder;
            PageMap.Sharing sharing = compare(shown, pid, known, folder);
            ProcStat stat =
                    sharing == PageMap.Sharing.ONE
                            ? ProcStat.readIfInstant(proc, folder, new byte[Estimator.STAT_BYTES])
                            : null;
            if (sharing == PageMap.Sharing.ONE
                    && (stat == null || stat.addresses() != member.addresses)) {
                sharing = PageMap.Sharing.UNKNOWN; // the parent has called exec or exited since
            }
            first = i == 0 ? sharing : first;
            if (sharing != PageMap.Sharing.ONE) {
                break;
            }
            join(member, parent(pid, folder, stat));
            pid = stat.parent();
        }
        member.isApart = first == PageMap.Sharing.TWO;
        member.isProved |= member.isApart;
        return first;
    }

    private PageMap.Sharing compare(Shown shown, int pid, Member known, String folder) {
        long now = System.nanoTime();
        Long since = asked.putIfAbsent(pid, now);
        if (since != null && now - since > MAX_WAIT_NANOS) {
            return PageMap.Sharing.UNKNOWN;
        }
        PageMap.Sharing sharing =
                known == null ? shown.with(folder) : shown.withKept(known, folder);
        asked.remove(pid);
        return sharing;
    }

    /** Finds a process that was registered before and has the same page. */
    private void findByPage(Shown shown, long page) {
        Member member = shown.member;
        Member other = byPage.putIfAbsent(page, member);
        boolean isFrame = page > 0;
        boolean isAlike = other != null && other != member && other.addresses == member.addresses;
        if (isAlike && other.space() != member.space()) {
            if (shown.with(other.folder) == PageMap.Sharing.ONE) {
                join(member, other);
            } else if (isFrame && !areCompared(member, other)) {
                (member.isFork ? member : other).isDoubtful = true;
            }
        }
        if (isFrame) {
            byPage.put(page, member); // another one has freed it
            member.isProved = true;
        }
    }

    /**
     * Returns whether two processes with the same frame at different times have been compared: one
     * with the other as its parent, or both with their parent. Otherwise they may have shared their
     * memory until one of them called exec, or one has got the frame that the other has freed.
     */
    private static boolean areCompared(Member a, Member b) {
        return (a.isApart && a.parent == b.pid)
                || (b.isApart && b.parent == a.pid)
                || (a.isApart && b.isApart && a.parent == b.parent);
    }

    private synchronized void join(Member member, Member other) {
        Member space = member.space();
        Member others = other.space();
        if (space != others) {
            space.same = others;
            others.counted = others.counted == 0 ? space.counted : others.counted;
        }
        member.isProved = true;
        other.isProved = true;
    }

    /**
     * Counts memory that processes share as one address space once, under the lowest of their pids.
     *
     * @param measured the processes by ascending pid; elements are replaced
     */
    void countOnce(List<ProcessMemory> measured) {
        if (forked.isEmpty() && hiddenForks.isEmpty()) {
            return;
        }
        Map<Member, Integer> lowest = new HashMap<>();
        for (int i = 0; i < measured.size(); i++) {
            ProcessMemory process = measured.get(i);
            Member member = members.get(process.pid());
            Integer other =
                    member == null ? null : lowest.putIfAbsent(member.space(), process.pid());
            if (other != null) {
                measured.set(i, process.countedUnder(other));
            }
        }
        doubt(measured);
    }

    /**
     * Counts memory that processes share as one address space once, under the process for which
     * this is called first. It replaces {@link #countOnce} for sums that cannot wait until all
     * processes are measured. It is called once for each process, after its last measurement.
     *
     * <p>If two processes are registered within microseconds of which neither is the other's
     * parent, this may be called for one while the other still searches for the proof. Then the
     * memory is counted for both.
     *
     * @return the pid that its memory is counted under; its own if it is the first
     */
    synchronized int countNow(int pid) {
        Member self = members.get(pid);
        if (self == null) {
            return pid;
        }
        Member space = self.space();
        if (space.counted == 0) {
            space.counted = pid;
        }
        return space.counted;
    }

    /**
     * Marks each fork as doubtful that has no proof and looks like another process with its
     * addresses, see {@link Alike}: most often this is the same memory, seen twice.
     */
    void doubt(List<ProcessMemory> measured) {
        Map<Long, Alike> seen = new HashMap<>();
        for (ProcessMemory process : measured) {
            Member member = members.get(process.pid());
            if (member != null && (!member.isFork || member.isProved)) {
                add(seen, member, process);
            }
        }
        for (int i = 0; i < measured.size(); i++) {
            ProcessMemory process = measured.get(i);
            Member member = members.get(process.pid());
            if (member != null && member.isFork && process.isCounted()) {
                boolean isAlike = !member.isProved && !add(seen, member, process);
                if (isAlike || member.isDoubtful) {
                    measured.set(i, process.doubted());
                }
            }
        }
        if (!hiddenForks.isEmpty()) {
            doubtHidden(measured);
        }
    }

    /** Adds a process; returns whether it looks like no other with its addresses. */
    private boolean add(Map<Long, Alike> seen, Member member, ProcessMemory process) {
        if (!forked.contains(member.addresses)) {
            return true;
        }
        Alike others = seen.get(member.addresses);
        if (others == null) {
            others = new Alike();
            seen.put(member.addresses, others);
        }
        return others.add(process.usage());
    }

    /**
     * The figures of a process, equal if all are. (Java loads more for a record or a LongBuffer.)
     */
    private static final class Sums {
        private final long[] sums;

        Sums(Usage usage) {
            this.sums = usage.sums;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Sums figures && Arrays.equals(sums, figures.sums);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(sums);
        }
    }

    /** The figures of processes that may share their memory. */
    private static final class Alike {
        private final Set<Sums> figures = new HashSet<>();

        /** Whether one of them shares no written page with any process. */
        private boolean hasUnshared;

        /**
         * Adds figures; returns whether no others look like the same memory: either all figures are
         * equal, or neither process shares written pages with another, as forks do.
         */
        boolean add(Usage usage) {
            boolean isUnshared = usage.bytes(Usage.Field.SHARED_DIRTY) == 0;
            boolean isNew = figures.add(new Sums(usage));
            boolean isOnly = !isUnshared || !hasUnshared;
            hasUnshared |= isUnshared;
            return isNew && isOnly;
        }
    }

    /**
     * Marks processes whose addresses are hidden, as they are without CAP_SYS_PTRACE: forks that
     * have the same figures as another process, and no page of their own in common with it. Forks
     * with memory of their own still share pages that both were forked with.
     */
    private void doubtHidden(List<ProcessMemory> measured) {
        Map<Sums, Boolean> areForks = new HashMap<>();
        for (int i = 0; i < measured.size(); i++) {
            ProcessMemory process = measured.get(i);
            if (members.containsKey(process.pid())) {
                continue;
            }
            boolean isFork = hiddenForks.contains(process.pid());
            Sums figures = new Sums(process.usage());
            Boolean isOtherFork = areForks.put(figures, isFork);
            if (isOtherFork != null
                    && (isFork || isOtherFork)
                    && process.usage().bytes(Usage.Field.SHARED_DIRTY) == 0) {
                measured.set(i, process.doubted());
                areForks.put(figures, true);
            }
        }
    }

    /**
     * Counts the memory of each address space once among some of the processes of a scan, under the
     * first of them. A process stays doubtful only if one that looks like it is among them.
     *
     * @param some the processes by ascending pid; elements are replaced
     */
    static void countOnceAmong(List<ProcessMemory> some) {
        Map<Integer, Integer> lowest = new HashMap<>();
        boolean isAnyDoubtful = false;
        for (ProcessMemory process : some) {
            lowest.putIfAbsent(process.addressSpace(), process.pid());
            isAnyDoubtful |= process.doubtful();
        }
        Map<String, Alike> seen = new HashMap<>();
        for (int i = 0; isAnyDoubtful && i < some.size(); i++) {
            if (!some.get(i).doubtful()) {
                add(seen, some.get(i));
            }
        }
        for (int i = 0; i < some.size(); i++) {
            ProcessMemory process = some.get(i);
            int space = lowest.get(process.addressSpace());
            boolean isDoubtful = process.doubtful() && !add(seen, process);
            if (space != process.addressSpace() || isDoubtful != process.doubtful()) {
                some.set(i, process.counted(space, isDoubtful));
            }
        }
    }

    /** Adds a process; returns whether it looks like no other one of its program. */
    private static boolean add(Map<String, Alike> seen, ProcessMemory process) {
        String name = process.program().name();
        Alike others = seen.get(name);
        if (others == null) {
            others = new Alike();
            seen.put(name, others);
        }
        return others.add(process.usage());
    }
}
