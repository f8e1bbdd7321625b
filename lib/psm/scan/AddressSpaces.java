package psm.scan;

import psm.proc.PageMap;
import psm.proc.ProcStat;

import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds processes that have one address space: made by clone(2) with CLONE_VM, or by vfork(2) and
 * not yet at their exec(2). Each of them shows all of its memory as its own.
 *
 * <p>Such processes have the same {@link ProcStat#addresses}, and all but one of them were forked
 * without exec. Forks with memory of their own look the same, down to the last byte of smaps; so
 * the proof is a page that one address space alone maps ({@link PageMap}). Who may not see page
 * frames (without CAP_SYS_ADMIN) gets no proof; the memory is counted for each then, and called too
 * much where the figures are the same too.
 *
 * <p>{@link #register} may be called by many threads, {@link #countOnce} and {@link #doubt} when they
 * are done.
 */
final class AddressSpaces {
    /**
     * A process as it was when it was measured, equal to itself alone. (Of a record, hashCode and
     * equals are made when they are first called, which takes longer than to read a hundred
     * processes.)
     */
    private static final class Member {
        final int pid;
        final String folder;
        final long startStack;
        final long addresses;

        /** The first with its address space, maybe itself; {@code null} until that is proved. */
        volatile Member first;

        Member(int pid, String folder, ProcStat stat) {
            this.pid = pid;
            this.folder = folder;
            this.startStack = stat.startStack();
            this.addresses = stat.addresses();
        }

        boolean isSeenAgain(Member other) {
            return pid == other.pid && addresses == other.addresses && folder.equals(other.folder);
        }
    }

    private final PageMap pages;

    /** Those that called exec, by addresses, whose frame nobody has asked for yet. */
    private final Map<Long, List<Member>> executed = new HashMap<>();

    /** The addresses of those that were forked without exec. */
    private final Set<Long> forked = ConcurrentHashMap.newKeySet();

    /**
     * By the frame of a page that one address space alone maps: the first of those that were proved
     * to have it.
     */
    private final Map<Long, Member> firsts = new ConcurrentHashMap<>();

    /** By pid, as it was measured last. */
    private final Map<Integer, Member> members = new ConcurrentHashMap<>();

    // Of countNow alone.

    /** By the first with an address space: who was counted for it. */
    private final Map<Member, Integer> counted = new HashMap<>();

    /** By addresses: those that were counted before it was known who else may have them. */
    private final Map<Long, List<Member>> countedUnproved = new HashMap<>();

    AddressSpaces(PageMap pages) {
        this.pages = pages;
    }

    /**
     * Takes note of a process that has just been measured; a second time where it was measured
     * again.
     *
     * @param folder the process's, or one of its threads'
     * @param stat what that folder's stat said when the process was measured
     * @return whether it needs no second look: it has called exec, and no fork without exec has its
     *     addresses; or a page of its stack was found where that stat has it, and after an exec the
     *     stack were elsewhere
     */
    boolean register(int pid, String folder, ProcStat stat) {
        if (stat.addresses() == 0) {
            members.remove(pid);
            return !stat.isForkWithoutExec();
        }
        Member self = new Member(pid, folder, stat);
        members.put(pid, self);
        List<Member> waiting = null;
        synchronized (this) {
            if (stat.isForkWithoutExec() && forked.add(self.addresses)) {
                waiting = executed.remove(self.addresses);
            } else if (!forked.contains(self.addresses)) {
                await(self);
                return true;
            }
        }
        if (waiting != null) {
            for (Member other : waiting) {
                prove(other);
            }
        }
        prove(self);
        return self.first != null && ProcStat.isAtRandom(self.startStack);
    }

    /** Until there is a fork with its addresses, if there is one. */
    private void await(Member self) {
        List<Member> others = executed.get(self.addresses);
        if (others == null) {
            others = new ArrayList<>(1);
            executed.put(self.addresses, others);
        }
        others.add(self);
    }

    /** Outside of any lock, since the kernel may keep a reader waiting. */
    private void prove(Member member) {
        long frame = frame(member);
        if (frame == 0) {
            return;
        }
        Member first = firsts.putIfAbsent(frame, member);
        if (first == null) {
            member.first = member;
        } else if (first.isSeenAgain(member) || isShared(first, member, frame)) {
            member.first = first;
        } else if (frame(member) == frame) {
            firsts.put(frame, member); // the first has given it back
            member.first = member;
        }
    }

    /**
     * Whether both have the frame at one moment: it may have been given back by the first, and then
     * to the other, between two looks.
     */
    private boolean isShared(Member first, Member other, long frame) {
        return first.addresses == other.addresses && frame(first) == frame && frame(other) == frame;
    }

    private long frame(Member member) {
        return pages.exclusiveFrame(member.folder, member.startStack);
    }

    /**
     * Has the memory of those with one address space counted under the first of them.
     *
     * @param measured by ascending pid
     */
    void countOnce(List<ProcessMemory> measured) {
        if (forked.isEmpty()) {
            return;
        }
        Map<Member, Integer> lowest = new HashMap<>();
        for (int i = 0; i < measured.size(); i++) {
            ProcessMemory process = measured.get(i);
            Member member = members.get(process.pid());
            Member space = member == null ? null : member.first;
            Integer other = space == null ? null : lowest.putIfAbsent(space, process.pid());
            if (other != null) {
                measured.set(i, process.countedUnder(other));
            }
        }
        doubt(measured);
    }

    /**
     * Has the memory of those with one address space counted under whoever of them comes first
     * here; instead of {@link #countOnce}, for sums that cannot wait until all are measured. Each
     * process comes once, when it has been measured for good.
     *
     * <p>Those that called exec may come before a fork with their addresses is seen; the proof
     * comes with that fork, before it is here. What escapes are two forks within microseconds: the
     * second comes while the first looks for the proof. Both memories are counted then.
     *
     * <p>For one thread at a time; others may call {@link #register} meanwhile.
     *
     * @return under which pid its memory is counted; its own where nobody came before
     */
    int countNow(int pid) {
        Member self = members.get(pid);
        if (self == null) {
            return pid;
        }
        Member space = self.first;
        if (space == null) {
            List<Member> others = countedUnproved.get(self.addresses);
            if (others == null) {
                others = new ArrayList<>(1);
                countedUnproved.put(self.addresses, others);
            }
            others.add(self);
            return pid;
        }
        for (Member other : countedUnproved.getOrDefault(self.addresses, List.of())) {
            if (other.first == space) {
                return other.pid;
            }
        }
        Integer before = counted.putIfAbsent(space, pid);
        return before == null ? pid : before;
    }

    /**
     * Without a proof, a fork that has all the figures of another process with its addresses is
     * called doubtful: most often it is the same memory, seen twice.
     */
    void doubt(List<ProcessMemory> measured) {
        Map<Long, Set<LongBuffer>> figures = new HashMap<>();
        for (int i = 0; i < measured.size(); i++) {
            ProcessMemory process = measured.get(i);
            Member member = members.get(process.pid());
            if (member != null && member.first == null && forked.contains(member.addresses)) {
                Set<LongBuffer> others = figures.get(member.addresses);
                if (others == null) {
                    others = new HashSet<>();
                    figures.put(member.addresses, others);
                }
                if (!others.add(LongBuffer.wrap(process.usage().sums))) {
                    measured.set(i, process.doubted());
                }
            }
        }
    }

    /**
     * The same for some of the processes of a scan: the memory of one address space is counted
     * under the first of those that are there, and nobody is doubted for the sake of one that is
     * not.
     *
     * @param some by ascending pid
     */
    static void countOnceAmong(List<ProcessMemory> some) {
        Map<Integer, Integer> lowest = new HashMap<>();
        Set<LongBuffer> figures = new HashSet<>();
        for (int i = 0; i < some.size(); i++) {
            ProcessMemory process = some.get(i);
            Integer other = lowest.putIfAbsent(process.addressSpace(), process.pid());
            int space = other == null ? process.pid() : other;
            boolean isNew = figures.add(LongBuffer.wrap(process.usage().sums));
            if (space != process.addressSpace() || (isNew && process.doubtful())) {
                some.set(i, process.counted(space, process.doubtful() && !isNew));
            }
        }
    }
}
