package psm.scan;

import psm.proc.PageMap;
import psm.proc.ProcStat;
import psm.smaps.Usage;

import java.nio.LongBuffer;
import java.util.ArrayList;
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
 * the proof is a page that only one address space maps ({@link PageMap}). Without CAP_SYS_ADMIN,
 * page frames are hidden and there is no proof: then the memory is counted for each process, and
 * marked as doubtful if the figures are the same too. With CAP_PERFMON alone, the addresses are
 * hidden too, and the figures must show that no page is shared with a fork.
 *
 * <p>Many threads may call {@link #register} at the same time. {@link #countOnce} and {@link
 * #doubt} must be called after the last of these calls.
 */
final class AddressSpaces {
    /**
     * A process as it was when it was measured; it is equal only to itself. (It is not a record:
     * Java generates hashCode and equals of a record at their first call, which takes longer than
     * reading a hundred processes.)
     */
    private static final class Member {
        final int pid;
        final String folder;
        final long startStack;
        final long addresses;

        /**
         * The first process that was found with this address space, which may be this one; {@code
         * null} until that is proved.
         */
        volatile Member first;

        Member(int pid, String folder, ProcStat stat) {
            this.pid = pid;
            this.folder = folder;
            this.startStack = stat.startStack();
            this.addresses = stat.addresses();
        }

        /** Returns whether both are the same process, measured twice. */
        boolean isSameProcess(Member other) {
            return pid == other.pid && addresses == other.addresses && folder.equals(other.folder);
        }
    }

    private final PageMap pages;

    /** The processes that called exec and whose page frame has not been read yet, by addresses. */
    private final Map<Long, List<Member>> executed = new HashMap<>();

    /** The addresses of the processes that were forked without exec. */
    private final Set<Long> forked = ConcurrentHashMap.newKeySet();

    /** The processes that were forked without exec and whose addresses are hidden, by pid. */
    private final Set<Integer> hiddenForks = ConcurrentHashMap.newKeySet();

    /**
     * The first process that was proved to map a page frame that only one address space maps, by
     * that frame.
     */
    private final Map<Long, Member> firsts = new ConcurrentHashMap<>();

    /** The processes as they were measured last, by pid. */
    private final Map<Integer, Member> members = new ConcurrentHashMap<>();

    /** The pid that an address space is counted under; only {@link #countNow} uses it. */
    private final Map<Member, Integer> counted = new HashMap<>();

    /**
     * The processes that were counted before it was known whether others share their memory, by
     * addresses; only {@link #countNow} uses it.
     */
    private final Map<Long, List<Member>> countedUnproved = new HashMap<>();

    AddressSpaces(PageMap pages) {
        this.pages = pages;
    }

    /**
     * Registers a process that has just been measured. It may be registered again when it is
     * measured again.
     *
     * @param folder the folder of the process, or of one of its threads
     * @param stat the stat of that folder when the process was measured
     * @return whether no second look is needed: it has called exec, and no fork without exec has
     *     its addresses; or a page of its stack was found at the address in its stat, which changes
     *     with each exec
     */
    boolean register(int pid, String folder, ProcStat stat) {
        if (stat.addresses() == 0) {
            members.remove(pid);
            if (stat.isForkWithoutExec()) {
                hiddenForks.add(pid);
                return false;
            }
            hiddenForks.remove(pid);
            return true;
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

    /** Keeps a process in case a fork with its addresses is registered later. */
    private void await(Member self) {
        List<Member> others = executed.get(self.addresses);
        if (others == null) {
            others = new ArrayList<>(1);
            executed.put(self.addresses, others);
        }
        others.add(self);
    }

    /** Finds the first process with the same memory. It holds no lock, since reading may block. */
    private void prove(Member member) {
        long frame = frame(member);
        if (frame == 0) {
            return;
        }
        Member first = firsts.putIfAbsent(frame, member);
        if (first == null) {
            member.first = member;
        } else if (first.isSameProcess(member) || isShared(first, member, frame)) {
            member.first = first;
        } else if (frame(member) == frame) {
            firsts.put(frame, member); // the first one has freed the frame
            member.first = member;
        }
    }

    /**
     * Returns whether both processes map the frame at the same time: between two looks, the first
     * may have freed it, and the other may have got it.
     */
    private boolean isShared(Member first, Member other, long frame) {
        return first.addresses == other.addresses && frame(first) == frame && frame(other) == frame;
    }

    private long frame(Member member) {
        return pages.exclusiveFrame(member.folder, member.startStack);
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
            Member space = member == null ? null : member.first;
            Integer other = space == null ? null : lowest.putIfAbsent(space, process.pid());
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
     * <p>For a process that called exec, it may be called before a fork with its addresses is
     * registered; registering that fork then finds the proof. If two forks are registered within
     * microseconds, this may be called for the second while the first still searches for the proof.
     * Then the memory is counted for both.
     *
     * <p>One thread at a time may call it; others may call {@link #register} at the same time.
     *
     * @return the pid that its memory is counted under; its own if it is the first
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
     * Marks each fork as doubtful that has no proof and has the same figures as another process
     * with its addresses: most often this is the same memory, seen twice.
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
        if (!hiddenForks.isEmpty()) {
            doubtHidden(measured);
        }
    }

    /**
     * Marks processes whose addresses are hidden, as they are without CAP_SYS_PTRACE: forks that
     * have the same figures as another process, and no page of their own in common with it. Forks
     * with memory of their own still share pages that both were forked with.
     */
    private void doubtHidden(List<ProcessMemory> measured) {
        Map<LongBuffer, Boolean> areForks = new HashMap<>();
        for (int i = 0; i < measured.size(); i++) {
            ProcessMemory process = measured.get(i);
            if (members.containsKey(process.pid())) {
                continue;
            }
            boolean isFork = hiddenForks.contains(process.pid());
            LongBuffer figures = LongBuffer.wrap(process.usage().sums);
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
     * first of them. A process stays doubtful only if the process with the same figures is among
     * them.
     *
     * @param some the processes by ascending pid; elements are replaced
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
