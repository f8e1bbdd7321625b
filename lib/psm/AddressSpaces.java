package psm;

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
 * <p>{@link #note} may be called by many threads, {@link #countOnce} when they are done.
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
    private final Map<Long, Boolean> forked = new HashMap<>();

    /**
     * By the frame of a page that one address space alone maps: the first of those that were proved
     * to have it.
     */
    private final Map<Long, Member> firsts = new ConcurrentHashMap<>();

    /** The first of those with the same address space, by pid. */
    private final Map<Integer, Member> proved = new ConcurrentHashMap<>();

    /** The addresses of the others, by pid. */
    private final Map<Integer, Long> unproved = new ConcurrentHashMap<>();

    AddressSpaces(PageMap pages) {
        this.pages = pages;
    }

    /**
     * Takes note of a process that has just been measured; a second time where it was measured
     * again.
     *
     * @param folder the process's, or one of its threads'
     * @param stat what that folder's stat said when the process was measured
     */
    void note(int pid, String folder, ProcStat stat) {
        proved.remove(pid);
        unproved.remove(pid);
        if (stat.addresses() != 0) {
            unproved.put(pid, stat.addresses());
            Member self = new Member(pid, folder, stat);
            for (Member candidate : candidates(self, stat.isForkWithoutExec())) {
                prove(candidate);
            }
        }
    }

    /** Those, itself too, that may share an address space and were not looked at before. */
    private synchronized List<Member> candidates(Member self, boolean isFork) {
        List<Member> candidates = new ArrayList<>(1);
        if (isFork) {
            forked.put(self.addresses, true);
            List<Member> others = executed.remove(self.addresses);
            candidates.addAll(others == null ? List.of() : others);
        } else if (!forked.containsKey(self.addresses)) {
            List<Member> others = executed.get(self.addresses);
            if (others == null) {
                others = new ArrayList<>(1);
                executed.put(self.addresses, others);
            }
            others.add(self);
            return candidates;
        }
        candidates.add(self);
        return candidates;
    }

    /** Outside of any lock, since the kernel may keep a reader waiting. */
    private void prove(Member member) {
        long frame = frame(member);
        if (frame == 0) {
            return;
        }
        Member first = firsts.putIfAbsent(frame, member);
        if (first == null || !(first.isSeenAgain(member) || isShared(first, member, frame))) {
            firsts.put(frame, member);
            first = member;
        }
        proved.put(member.pid, first);
        unproved.remove(member.pid);
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
            Member space = proved.get(process.pid());
            Integer other = space == null ? null : lowest.putIfAbsent(space, process.pid());
            if (other != null) {
                measured.set(i, process.countedUnder(other));
            }
        }
        doubt(measured);
    }

    /**
     * Without a proof, a fork that has all the figures of another process with its addresses is
     * called doubtful: most often it is the same memory, seen twice.
     */
    private void doubt(List<ProcessMemory> measured) {
        Map<Long, Set<LongBuffer>> figures = new HashMap<>();
        for (int i = 0; i < measured.size(); i++) {
            ProcessMemory process = measured.get(i);
            Long addresses = unproved.get(process.pid());
            if (addresses != null && forked.containsKey(addresses)) {
                Set<LongBuffer> others = figures.get(addresses);
                if (others == null) {
                    others = new HashSet<>();
                    figures.put(addresses, others);
                }
                if (!others.add(LongBuffer.wrap(process.usage().sums))) {
                    measured.set(i, process.doubted());
                }
            }
        }
    }
}
