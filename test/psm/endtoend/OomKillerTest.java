package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

import psm.Psm;
import psm.cgroup.CgroupMemory;
import psm.oom.OomReport;
import psm.proc.ProcFs;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.support.MadeUpHost;
import psm.support.MemoryGroup;
import psm.support.Shapes;
import psm.support.Swap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Compares psm's prediction with the kernel's OOM killer in cgroups of the test's own: the process
 * that psm names first is the one that dies.
 */
@Tag("endtoend")
@ResourceLock("swap")
class OomKillerTest {
    private static final int MB = MemoryGroup.MB;
    private static final int LIMIT_MB = 64;
    private static final int SWAP_MB = 32;

    /** The number of kills: two of each kind; {@code bench/kills} has more. */
    private static final int KILLS =
            Integer.parseInt(System.getenv().getOrDefault("PSM_TEST_KILLS", "24"));

    /**
     * One kill in fifty may be another, or one of a few: the kernel's counters lag, and psm reads
     * them earlier.
     */
    private static final int MAX_WRONG = Math.max(1, KILLS / 50);

    /** The time after which the test fails; the kernel is faster on a busy machine. */
    private static final int TIMEOUT_SECONDS = 30;

    /** How long processes wait for memory where the kernel kills none, before the test goes on. */
    private static final int WAIT_SECONDS = 1;

    /** The number of megabytes that a process may allocate until the kernel kills another. */
    private static final int MAX_PUSHES = 3 * LIMIT_MB;

    /**
     * The number of attempts. While the victim still frees its memory, the kernel may kill another
     * process (seen 4 ms later), since an exiting process is no candidate. Then the result means
     * nothing, and the test tries again.
     */
    private static final int MAX_ATTEMPTS = 10;

    @TempDir static Path folder;

    private static Path program;

    @BeforeAll
    static void compile() {
        program = Shapes.compile("holds.c", folder, "holds");
    }

    private static Snapshot scan() throws IOException {
        ScanRequest request = ScanRequest.of(Source.AUTO).with(OomReport.DETAILS);
        return new Scanner(new ProcFs("/proc"), request).scan(0);
    }

    /**
     * Returns the process that dies next in a group, by psm: 0 if none would die; {@code null} if
     * the group is not full, or the kernel has killed.
     */
    private static Integer named(MemoryGroup group) throws IOException {
        Snapshot snapshot = scan();
        Row row = row(group, snapshot);
        for (Map.Entry<String, CgroupMemory> cgroup : snapshot.cgroups().entrySet()) {
            boolean isIn = CgroupMemory.isWithin(cgroup.getKey(), group.path());
            if (row == null || (isIn && cgroup.getValue().oomKills() > 0)) {
                return null;
            }
        }
        List<?> pids = (List<?>) row.value("next_pids");
        return pids == null ? (Integer) 0 : (Integer) pids.get(0);
    }

    private static Row row(MemoryGroup group, Snapshot snapshot) {
        Psm.Account full = MadeUpHost.report(snapshot, 0).accounts().get(2);
        for (Psm.Row row : full.rows()) {
            if (row.values().get(0).equals(group.path())) {
                return new Row(full.columns(), row);
            }
        }
        return null;
    }

    private record Row(List<Psm.Column> columns, Psm.Row row) {
        Object value(String key) {
            for (int i = 0; i < columns.size(); i++) {
                if (columns.get(i).key().equals(key)) {
                    return row.values().get(i);
                }
            }
            throw new IllegalArgumentException(key);
        }
    }

    /**
     * A kind of memory by which processes differ.
     *
     * @see #hold
     */
    private enum Kind {
        ANONYMOUS,
        ADJUSTED,
        SHARED,
        FILES,
        LOCKED_FILES,
        SWAPPED,
        SHARED_SWAPPED,
        SHARED_TO_SWAP,
        NO_SWAPPINESS,
        NESTED,
        TWINS,
        NOBODY;

        boolean needsSwap() {
            return this == SWAPPED
                    || this == SHARED_SWAPPED
                    || this == SHARED_TO_SWAP
                    || this == NO_SWAPPINESS;
        }

        boolean needsV1() {
            return this == NO_SWAPPINESS || this == NOBODY;
        }
    }

    /** Starts processes whose memory is of a kind. */
    private static void hold(Kind kind, MemoryGroup group, Random random) throws IOException {
        switch (kind) {
            case ANONYMOUS, NOBODY -> three(group, random, "anon ", 4);
            case ADJUSTED -> {
                // By their sizes the order would be another.
                hold(group, 50 * random.nextInt(2), "anon " + random.nextInt(14, 18));
                hold(group, 50 * random.nextInt(4, 6), "anon " + random.nextInt(8, 12));
                hold(group, 50 * random.nextInt(7, 9), "anon " + random.nextInt(5, 8));
            }
            case SHARED -> {
                hold(group, 0, "shared " + random.nextInt(14, 24));
                hold(group, 0, "anon " + random.nextInt(4, 12));
                hold(group, 0, "anon " + random.nextInt(4, 12), "shared 2");
            }
            case FILES -> {
                hold(group, 0, "file " + folder.resolve("file") + " " + random.nextInt(20, 35));
                three(group, random, "anon ", 3);
            }
            case LOCKED_FILES -> {
                String file = "file " + folder.resolve("file") + " ";
                hold(group, 0, file + random.nextInt(20, 26), "lock");
                hold(group, 0, "anon " + random.nextInt(6, 16));
            }
            case SWAPPED -> {
                hold(group, 0, "anon " + random.nextInt(22, 30), "out");
                three(group, random, "anon ", 5);
            }
            case SHARED_SWAPPED -> {
                hold(group, 0, "shared " + random.nextInt(22, 30), "out");
                three(group, random, "anon ", 5);
            }
            case SHARED_TO_SWAP -> {
                hold(group, 0, "shared " + random.nextInt(22, 30));
                three(group, random, "anon ", 5);
            }
            case NO_SWAPPINESS -> {
                group.write("memory.swappiness", "0");
                hold(group, 400, "anon " + random.nextInt(3, 6)); // 26 MB more, not 38
                hold(group, 0, "anon " + random.nextInt(34, 38));
            }
            case NESTED -> {
                Path one = group.below("one");
                Path two = group.below("two");
                group.start(program, one, 100).hold("anon " + random.nextInt(5, 15));
                group.start(program, one, 50).hold("anon " + random.nextInt(5, 15));
                group.start(program, two, 0).hold("anon " + random.nextInt(5, 15));
            }
            case TWINS -> {
                hold(group, 0, "anon " + random.nextInt(18, 24), "twin");
                hold(group, 0, "anon " + random.nextInt(5, 15));
            }
        }
    }

    private static void three(MemoryGroup group, Random random, String what, int least)
            throws IOException {
        for (int i = 0; i < 3; i++) {
            hold(group, 0, what + (least + 4 * i + random.nextInt(3)));
        }
    }

    private static MemoryGroup.Holder hold(MemoryGroup group, int adj, String... commands)
            throws IOException {
        MemoryGroup.Holder holder = group.start(program, group.folder(), adj);
        for (String command : commands) {
            holder.hold(command);
        }
        return holder;
    }

    /**
     * What psm predicted and what happened.
     *
     * @param named the processes that it named, one after the other; 0 for none
     * @param dead the processes that died
     */
    private record Outcome(List<Integer> named, TreeSet<Integer> dead) {
        /** Returns whether psm named the victim from the time when the group was nearly full. */
        boolean isRight(Kind kind) {
            int victim = dead.isEmpty() ? 0 : dead.first();
            int first = kind == Kind.SHARED_TO_SWAP ? Math.max(0, named.size() - 1) : 0;
            Set<Integer> all = new TreeSet<>(named.subList(first, named.size()));
            return all.equals(Set.of(victim));
        }
    }

    /** Fills the group with memory that no process has, until the kernel kills one. */
    private static Outcome push(MemoryGroup group, int waitSeconds) throws Exception {
        List<MemoryGroup.Holder> candidates = List.copyOf(group.holders());
        MemoryGroup.Holder pusher = hold(group, 0);
        Outcome outcome = new Outcome(new ArrayList<>(), new TreeSet<>());
        for (int i = 0; i < MAX_PUSHES && outcome.dead.isEmpty(); i++) {
            Integer named = named(group);
            if (named != null) {
                outcome.named.add(named);
            }
            pusher.ask("keep 1");
            if (!isDone(pusher, candidates, outcome.dead, waitSeconds)) {
                break;
            }
        }
        return outcome;
    }

    /**
     * Waits until the command is done or a process has died, and returns whether one of both is.
     */
    private static boolean isDone(
            MemoryGroup.Holder pusher,
            List<MemoryGroup.Holder> candidates,
            Set<Integer> dead,
            int waitSeconds)
            throws Exception {
        long due = System.nanoTime() + TimeUnit.SECONDS.toNanos(waitSeconds);
        boolean isDone = false;
        while (!isDone && dead.isEmpty() && System.nanoTime() < due) {
            Thread.sleep(2);
            isDone = pusher.isDone();
            for (MemoryGroup.Holder holder : candidates) {
                if (!holder.process.isAlive()) {
                    Thread.sleep(200); // for those that the kernel kills beside it
                    addDead(candidates, dead);
                }
            }
        }
        return isDone || !dead.isEmpty();
    }

    private static void addDead(List<MemoryGroup.Holder> candidates, Set<Integer> dead) {
        for (MemoryGroup.Holder holder : candidates) {
            if (!holder.process.isAlive()) {
                assertEquals(128 + 9, holder.process.exitValue());
                dead.add(holder.pid());
            }
        }
    }

    /** Lets the kernel kill once, where it is clear which process it has chosen. */
    private static Outcome kill(Kind kind, Random random) throws Exception {
        for (int i = 0; i < MAX_ATTEMPTS; i++) {
            try (MemoryGroup group =
                    new MemoryGroup(LIMIT_MB).swap(LIMIT_MB, kind.needsSwap() ? SWAP_MB : 0)) {
                if (kind == Kind.NOBODY) {
                    group.write("memory.oom_control", "1");
                }
                hold(kind, group, random);
                Outcome outcome = push(group, kind == Kind.NOBODY ? WAIT_SECONDS : TIMEOUT_SECONDS);
                if (kind == Kind.NOBODY) {
                    group.write("memory.oom_control", "0");
                }
                if (outcome.dead.size() <= 1) {
                    return outcome;
                }
            }
        }
        throw new AssertionError(kind + ": several died, " + MAX_ATTEMPTS + " times");
    }

    private static boolean isV1() {
        try (MemoryGroup group = new MemoryGroup(LIMIT_MB)) {
            return group.isV1();
        }
    }

    @Test
    void kernelKillsTheProcessThatIsNamed() throws Exception {
        try (Swap swap = new Swap(folder)) {
            boolean isV1 = isV1();
            List<Kind> kinds = new ArrayList<>();
            for (Kind kind : Kind.values()) {
                if ((swap.isOn() || !kind.needsSwap()) && (isV1 || !kind.needsV1())) {
                    kinds.add(kind);
                }
            }
            Map<Kind, List<Outcome>> wrong = new EnumMap<>(Kind.class);
            Map<Kind, Integer> right = new EnumMap<>(Kind.class);
            int wrongs = 0;
            for (int i = 0; i < KILLS; i++) {
                Kind kind = kinds.get(i % kinds.size());
                Outcome outcome = kill(kind, new Random(i));
                if (outcome.isRight(kind)) {
                    right.merge(kind, 1, Integer::sum);
                } else {
                    wrong.computeIfAbsent(kind, k -> new ArrayList<>()).add(outcome);
                    wrongs++;
                }
            }
            System.out.println("kills that psm predicted: " + right + ", others: " + wrong);
            assertTrue(wrongs <= MAX_WRONG, wrong.toString());
        }
    }

    /** The kernel counts the victim of a whole group twice: alone, and among the group. */
    @Test
    void wholeGroupDiesWithOomGroup() throws Exception {
        try (MemoryGroup group = new MemoryGroup(LIMIT_MB).swap(LIMIT_MB, 0)) {
            boolean canDieTogether = Files.exists(group.folder().resolve("memory.oom.group"));
            assumeTrue(canDieTogether, "memory.oom.group needs cgroup v2");
            group.write("memory.oom.group", "1");
            MemoryGroup.Holder big = hold(group, 0, "anon 40");
            MemoryGroup.Holder small = hold(group, 0, "anon 20");
            Row row = row(group, scan());
            assertEquals(List.of(big.pid()), row.value("next_pids"));
            assertEquals(2L, row.value("next_count"));
            big.ask("anon 40");
            for (MemoryGroup.Holder holder : List.of(big, small)) {
                assertTrue(holder.process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS), "it lives");
            }
            hold(group, 0); // groups without processes are not read
            long kills = scan().cgroups().get(group.path()).oomKills();
            assertTrue(kills == 2 || kills == 3, kills + " were counted");
        }
    }

    @Test
    void killIsCounted() throws Exception {
        try (MemoryGroup group = new MemoryGroup(LIMIT_MB).swap(LIMIT_MB, 0)) {
            MemoryGroup.Holder holder = hold(group, 0, "anon 58");
            Row row = row(group, scan());
            assertEquals((long) LIMIT_MB * MB, row.value("limit_bytes"));
            assertTrue((Long) row.value("working_set_bytes") >= 58L * MB, row.toString());
            assertEquals(0L, row.value("oom_kills"));
            assertEquals("holds", row.value("next_program"));
            holder.ask("anon 58");
            assertTrue(holder.process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS), "it lives");
            hold(group, 0); // groups without processes are not read
            assertEquals(1, scan().cgroups().get(group.path()).oomKills());
        }
    }
}
