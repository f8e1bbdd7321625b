package psm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds processes that have one address space: made by clone(2) with CLONE_VM, or by vfork(2) and
 * not yet at their exec(2). Each of them shows all of its memory as its own.
 *
 * <p>Such processes have the same {@link ProcStat#addresses}, and all but one of them were forked
 * without exec. Forks with memory of their own look the same, down to the last byte of smaps; so
 * the proof is a page that one address space alone maps ({@link PageMap}). Who may not see page
 * frames (without CAP_SYS_ADMIN) gets no proof, and counts the memory for each.
 *
 * <p>May be shared between threads.
 */
final class AddressSpaces {
    private record Member(int pid, String folder, long startStack) {}

    private record Space(long addresses, long frame) {}

    private final PageMap pages;

    /** Those that called exec, by addresses, whose frame nobody has asked for yet. */
    private final Map<Long, List<Member>> executed = new HashMap<>();

    /** The addresses of those that were forked without exec. */
    private final Map<Long, Boolean> forked = new HashMap<>();

    private final Map<Space, Integer> firstPids = new ConcurrentHashMap<>();

    AddressSpaces(PageMap pages) {
        this.pages = pages;
    }

    /**
     * Which process has this one's address space: the one of them that was asked for first, often
     * the process itself.
     *
     * @param folder the process's, or one of its threads'
     * @param stat what that folder's stat said when the process was measured
     */
    int firstPid(int pid, String folder, ProcStat stat) {
        if (stat.addresses() == 0) {
            return pid;
        }
        Member self = new Member(pid, folder, stat.startStack());
        for (Member other : add(self, stat)) {
            resolve(other, stat.addresses());
        }
        return isAlone(stat) ? pid : resolve(self, stat.addresses());
    }

    /** Notes the process; returns those that it has to be compared with, for the first time. */
    private synchronized List<Member> add(Member self, ProcStat stat) {
        if (stat.isForkWithoutExec()) {
            forked.put(stat.addresses(), true);
            List<Member> others = executed.remove(stat.addresses());
            return others == null ? List.of() : others;
        }
        if (!forked.containsKey(stat.addresses())) {
            executed.computeIfAbsent(stat.addresses(), any -> new ArrayList<>(1)).add(self);
        }
        return List.of();
    }

    private synchronized boolean isAlone(ProcStat stat) {
        return !forked.containsKey(stat.addresses());
    }

    /** Outside of any lock, since the kernel may keep a reader waiting. */
    private int resolve(Member member, long addresses) {
        long frame = pages.exclusiveFrame(member.folder, member.startStack);
        if (frame == 0) {
            return member.pid;
        }
        Integer first = firstPids.putIfAbsent(new Space(addresses, frame), member.pid);
        return first == null ? member.pid : first;
    }
}
