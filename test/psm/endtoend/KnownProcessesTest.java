package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

import psm.proc.OwnProcess;
import psm.proc.PageMap;
import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.smaps.SmapsParser;
import psm.support.Command;
import psm.support.Shapes;
import psm.support.Swap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compares what psm reports of real processes with the memory that they know they use. */
@Tag("endtoend")
@ResourceLock("swap")
@Tag("user")
public class KnownProcessesTest {
    private static final long MB = 1 << 20;

    /** The limit for program, libraries and stacks of each process of a shape. */
    private static final long OVERHEAD = MB / 2;

    /** A name of this run, so that two runs at the same time do not see each other's processes. */
    private static final String NAME = "shapes-" + ProcessHandle.current().pid();

    @TempDir static Path folder;

    private static Path program;

    @BeforeAll
    static void compile() {
        program = Shapes.compile(folder, NAME);
    }

    private static JsonNode report(String... args) throws IOException {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("-f", "^" + NAME + "$", "-o", "json"));
        Command.Result result = Command.psm(all.toArray(new String[0])).run();
        assertEquals(0, result.exitCode(), result.err());
        return new ObjectMapper().readTree(result.out());
    }

    /** Returns the only row, which contains all processes of the shape. */
    private static JsonNode row(String... args) throws IOException {
        JsonNode rows = report(args).get("rows");
        assertEquals(1, rows.size(), rows.toString());
        return rows.get(0);
    }

    private static void assertHas(long bytes, JsonNode row, String column) {
        assertHas(bytes, row.get(column).asLong(), row);
    }

    private static void assertHas(long bytes, long actual, JsonNode row) {
        long overhead = OVERHEAD * row.get("count").asLong();
        assertTrue(bytes <= actual && actual <= bytes + overhead, bytes + " are in " + row);
    }

    private static List<Long> pids(JsonNode row) {
        List<Long> pids = new ArrayList<>();
        row.get("pids").forEach(pid -> pids.add(pid.asLong()));
        return pids;
    }

    /** Skips the test where page frames, the proof, are hidden; CAP_SYS_ADMIN shows them. */
    public static void assumeFramesAreVisible() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root sees page frames");
        byte[] bytes = Files.readAllBytes(Path.of("/proc/self/stat"));
        long stack = ProcStat.parse(bytes, bytes.length).startStack();
        long frame;
        try (PageMap.Pages pages = new PageMap(new ProcFs("/proc")).of("self")) {
            frame = PageMap.exclusiveFrame(pages.entries(stack));
        }
        assumeTrue(frame != 0, "even root does not see page frames here");
    }

    @Test
    void clonedProcessIsCountedOnce() throws Exception {
        assumeFramesAreVisible();
        try (Shapes pair = Shapes.start(program, "clone-vm")) {
            assertCountedOnce(pair, row());
            assertCountedOnce(pair, row("--source", "smaps"));
            assertCountedOnce(pair, row("-j", "1"));
            JsonNode estimated = row("--estimate-above", "0.2");
            assertEquals(2, estimated.get("estimated").asInt(), estimated.toString());
            assertCountedOnce(pair, estimated);
        }
    }

    @Test
    void vforkedProcessIsCountedOnce() throws Exception {
        assumeFramesAreVisible();
        try (Shapes pair = Shapes.start(program, "vfork")) {
            assertCountedOnce(pair, row());
        }
    }

    /** The children have lower pids than their parent, and are measured first. */
    @Test
    void stormOfVforksIsCountedOnce() throws Exception {
        assumeFramesAreVisible();
        Command namespace = Command.of("unshare", "-pf", "--mount-proc", "true");
        assumeTrue(namespace.run().exitCode() == 0, "pid namespaces are not permitted");
        Path vforks = Shapes.compile("vforks.c", folder, "vforks");
        Path other = Files.copy(vforks, folder.resolve("o"), StandardCopyOption.COPY_ATTRIBUTES);
        String[] args = {"-w", "0.1", "-t", "-f", "^(vforks|started)$", "-o", "ndjson"};
        Command psm = Command.psm(args);
        String storm =
                "echo 1000 > /proc/sys/kernel/ns_last_pid && { %s %s 100 %d > /dev/null & } && "
                        + "%s | grep --line-buffered -m 100 totals; kill %%1";
        for (int threads : new int[] {1, 4}) {
            String commands =
                    storm.formatted(vforks, other, threads, String.join(" ", quoted(psm)));
            Command.Result result =
                    Command.of("unshare", "-pf", "--mount-proc", "sh", "-c", commands).run();
            List<String> lines = result.out().lines().toList();
            assertEquals(100, lines.size(), result.err());
            for (int i = 5; i < lines.size(); i++) { // the storm may begin after the first report
                JsonNode totals = new ObjectMapper().readTree(lines.get(i));
                long ram = totals.get("pss_bytes").asLong();
                boolean isMarked = totals.get("processes").get("estimated").asInt() > 0;
                assertTrue(ram >= 90 * MB && (ram < 150 * MB || isMarked), lines.get(i));
            }
        }
    }

    private static List<String> quoted(Command command) {
        return command.words().stream().map(word -> "'" + word + "'").toList();
    }

    private static void assertCountedOnce(Shapes pair, JsonNode row) {
        assertEquals(100 * MB, pair.fact("bytes"));
        assertHas(100 * MB, row, "pss_bytes");
        assertTrue(pids(row).containsAll(List.of(pair.fact("parent"), pair.fact("child"))));
        assertEquals(3, row.get("count").asInt(), "the pair and its controller");
    }

    /** No file of the kernel distinguishes these two from a pair that shares all memory. */
    @Test
    void forkedTwinsAreCountedTwice() throws Exception {
        try (Shapes twins = Shapes.start(program, "twins")) {
            long each = twins.fact("bytes") - twins.fact("written");
            assertHas(each + 2 * twins.fact("written"), row(), "pss_bytes");
        }
    }

    @Test
    void forkedProcessesShareUnwrittenPages() throws Exception {
        try (Shapes fork = Shapes.start(program, "fork")) {
            long shared = fork.fact("bytes") - fork.fact("written");
            JsonNode row = row();
            assertHas(shared + 2 * fork.fact("written"), row, "pss_bytes");
            assertHas(shared, row, "shared_bytes");
        }
    }

    @Test
    void processWithoutMainThreadIsMeasured() throws Exception {
        try (Shapes process = Shapes.start(program, "dead-leader")) {
            long pid = process.fact("pid");
            assertTrue(Shapes.read(pid, "stat").contains(") Z "));
            assertEquals("", Shapes.read(pid, "smaps"));
            for (String source : new String[] {"auto", "rollup", "smaps"}) {
                JsonNode row = row("--source", source);
                assertHas(65 * MB, row, "pss_bytes");
                assertTrue(pids(row).contains(pid), row.toString());
            }
        }
    }

    @Test
    void zombieIsNotCounted() throws Exception {
        try (Shapes pair = Shapes.start(program, "zombie")) {
            JsonNode report = report();
            assertFalse(pids(report.get("rows").get(0)).contains(pair.fact("zombie")));
            assertTrue(pids(report.get("rows").get(0)).contains(pair.fact("parent")));
            assertEquals(0, report.get("processes").get("failed").asInt());
        }
    }

    @Test
    void sharedFileMemoryIsCountedOnce() throws Exception {
        for (String shape : new String[] {"tmpfs", "memfd"}) {
            try (Shapes pair = Shapes.start(program, shape)) {
                JsonNode row = row();
                assertHas(pair.fact("bytes"), row, "pss_bytes");
                assertHas(pair.fact("bytes"), row, "shared_bytes");
            }
        }
    }

    @Test
    void onlyPrivateHugePagesAreRam() throws Exception {
        try (Shapes pair = Shapes.start(program, "hugetlb")) {
            JsonNode row = row();
            assertHas(pair.fact("private"), row, "pss_bytes");
            assertEquals(2 * pair.fact("shared"), row.get("shared_hugetlb_bytes").asLong());
            assertFalse(report().get("totals").has("shared_hugetlb_bytes"));
            String table = Command.psm("-f", "^" + NAME + "$").run().out();
            assertTrue(table.startsWith("    MB RAM    SHARED   HUGETLB   SWAPPED\t"), table);
        }
    }

    @Test
    void swappedSharedMemoryIsOnlySwap() throws Exception {
        try (Swap swap = new Swap(folder);
                Shapes process = Shapes.start(program, "swapped")) {
            assertTrue(swap.isOn());
            JsonNode row = row();
            long swapped = process.fact("private");
            assertHas(swapped, row, "swap_bytes");
            assertHas(swapped + process.fact("shared"), row, "swap_with_shared_bytes");
            // The kernel may keep the pages in RAM too for a while, as swap cache.
            JsonNode host = new ObjectMapper().readTree(Command.psm("-o", "json").run().out());
            JsonNode inUse = host.get("swap");
            long used = inUse.get("used_bytes").asLong();
            assertTrue(used >= swapped + process.fact("shared"), inUse.toString());
            long inSwapAlone = used - inUse.get("cached_bytes").asLong();
            assertEquals(
                    Math.max(0, inSwapAlone - host.get("totals").get("swap_bytes").asLong()),
                    inUse.get("unowned_bytes").asLong());
        }
    }

    /** Not even the stacks of the processes are in RAM, which prove what they share. */
    @Test
    void swappedPairIsCountedOnceAndForksAreNot() throws Exception {
        assumeFramesAreVisible();
        try (Swap swap = new Swap(folder);
                Shapes pair = Shapes.start(program, "clone-vm")) {
            assertTrue(swap.isOn());
            JsonNode row = swappedOut(pair, 90 * MB);
            assertHas(100 * MB, sum(row, "pss_bytes", "swap_bytes"), row);
            assertEquals(0, row.get("estimated").asInt(), row.toString());
        }
        try (Swap swap = new Swap(folder);
                Shapes twins = Shapes.start(program, "twins")) {
            assertTrue(swap.isOn());
            JsonNode row = swappedOut(twins, 14 * MB); // both have written to half of 16 MB
            assertHas(24 * MB, sum(row, "pss_bytes", "swap_bytes"), row);
            assertEquals(0, row.get("estimated").asInt(), row.toString());
        }
    }

    /** Moves the memory of a pair to swap, which takes several attempts; returns its row. */
    private static JsonNode swappedOut(Shapes pair, long bytes) throws Exception {
        String pageout = Shapes.compile("pageout.c", folder, "pageout").toString();
        String[] pids = {pair.text("parent"), pair.text("child")};
        JsonNode row = row();
        for (int i = 0; i < 20 && row.get("swap_bytes").asLong() < bytes; i++) {
            Command.Result result = Command.of(pageout, pids[0], pids[1]).run();
            assumeTrue(result.exitCode() == 0, "the kernel has no process_madvise");
            row = row();
        }
        assertTrue(row.get("swap_bytes").asLong() >= bytes, row.toString());
        return row;
    }

    private static long sum(JsonNode row, String... columns) {
        long sum = 0;
        for (String column : columns) {
            sum += row.get(column).asLong();
        }
        return sum;
    }

    @Test
    void undumpableProcessIsDeniedToItsOwner() throws Exception {
        try (Shapes process = Shapes.start(program, "undumpable")) {
            JsonNode report = report();
            if (new OwnProcess().isRoot()) {
                assertTrue(pids(report.get("rows").get(0)).contains(process.fact("pid")));
            } else {
                JsonNode estimates = report.get("processes").get("estimates");
                assertTrue(estimates.get("denied").asInt() >= 1, report.toString());
                assertTrue(report.get("complete").asBoolean());
            }
        }
    }

    /** With sixteen sharers, the kernel cuts off half a kB on average. */
    @Test
    void smapsIsExactToAFraction() throws Exception {
        try (Shapes sharers = Shapes.start(program, "shared-libs", "16")) {
            for (String pid : sharers.text("pids").split(",", -1)) {
                List<String> mappings = mappingsOfOneFile(Long.parseLong(pid), 100);
                byte[] smaps = String.join("", mappings).getBytes(ISO_8859_1);
                SmapsParser parser = new SmapsParser();
                parser.feed(smaps, 0, smaps.length);
                double apart = parser.finish().ram() - sharers.fact("bytes") / 16.0;
                assertTrue(Math.abs(apart) <= 1024, apart + " bytes apart");
            }
        }
    }

    /** Returns the entries of smaps for the file that is mapped a number of times. */
    private static List<String> mappingsOfOneFile(long pid, int count) throws IOException {
        Map<String, List<String>> byName = new HashMap<>();
        Pattern entry =
                Pattern.compile(
                        "^[0-9a-f]+-[0-9a-f]+ .*? (/.*)\n(?:\\w+:.*\n)+", Pattern.MULTILINE);
        for (Matcher found = entry.matcher(Shapes.read(pid, "smaps")); found.find(); ) {
            byName.computeIfAbsent(found.group(1), any -> new ArrayList<>()).add(found.group());
        }
        for (List<String> mappings : byName.values()) {
            if (mappings.size() == count) {
                return mappings;
            }
        }
        throw new AssertionError("no file is mapped " + count + " times: " + byName.keySet());
    }
}
