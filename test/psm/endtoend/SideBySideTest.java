package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.opentest4j.TestAbortedException;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.support.Shapes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compares psm with other tools on stopped processes: the options that the README's table gives for
 * theirs must produce the same figures. The tests of a tool that is not installed are skipped. The
 * variable {@code PS_MEM} is the command for ps_mem, such as {@code '/usr/bin/python3
 * /opt/ps_mem'}.
 *
 * <p>The processes are linked statically, so that no tool shares a page of libc with them and
 * changes what it measures. The comments beside each comparison explain the differences that are
 * allowed.
 */
@ResourceLock("swap")
@Tag("endtoend")
@Tag("user")
class SideBySideTest {
    private static final String SELF = Long.toString(ProcessHandle.current().pid());

    /** A name of this run, so that two runs at the same time do not see each other's processes. */
    private static final String NAME = "beside-" + SELF;

    /** The name as an expression that does not match itself in a command line. */
    private static final String REGEX = "[b]eside-" + SELF + "( |$)";

    /** The limit for the part of the one page that all processes on the host share. */
    private static final long VDSO_KB = 1;

    private static final int NOBODY = 65_534;

    @TempDir static Path folder;

    private static final List<Shapes> SHAPES = new ArrayList<>();
    private static final List<Long> PIDS = new ArrayList<>();

    /** The pids as options take them. */
    private static String pids;

    private static boolean hasSwapped;
    private static boolean hasTwoUsers;

    @BeforeAll
    static void startAndStopProcesses() throws Exception {
        assumeTrue(Command.exists("cc"), "a C compiler is needed to make the processes");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        String program = Shapes.compileStatic(folder, NAME).toString();
        start(program, "fork");
        start(program, "twins");
        start(program, "memfd");
        start(program, "sleep", "100");
        start(program, "mappings", "200");
        hasSwapped = start(program, "swapped");
        hasTwoUsers =
                new OwnProcess().isRoot()
                        && Command.exists("setpriv")
                        && start(
                                "setpriv",
                                "--reuid=" + NOBODY,
                                "--regid=" + NOBODY,
                                "--clear-groups",
                                program,
                                "sleep",
                                "7");
        for (Shapes shape : SHAPES) {
            PIDS.addAll(shape.pids());
        }
        signal("STOP");
        for (long pid : PIDS) {
            while (!Shapes.read(pid, "stat").contains(") T ")) {
                Thread.sleep(5);
            }
        }
        pids = String.join(",", PIDS.stream().map(String::valueOf).toList());
    }

    @AfterAll
    static void endProcesses() throws IOException {
        signal("CONT");
        for (Shapes shape : SHAPES) {
            shape.close();
        }
    }

    /** Starts a process; returns whether this machine can make it. */
    private static boolean start(String program, String... arguments) throws Exception {
        try {
            SHAPES.add(Shapes.start(Path.of(program), arguments));
            return true;
        } catch (TestAbortedException e) {
            return false;
        }
    }

    private static void signal(String name) {
        for (long pid : PIDS) {
            assertEquals(0, Command.of("sh", "-c", "kill -" + name + ' ' + pid).run().exitCode());
        }
    }

    // Reading the output of the tools

    private static JsonNode psm(String... args) throws IOException {
        List<String> words = new ArrayList<>(List.of(args));
        words.addAll(List.of("-o", "json"));
        return new ObjectMapper().readTree(table(words.toArray(new String[0])));
    }

    private static String table(String... args) {
        Command.Result result = Command.psm(args).run();
        assertEquals(0, result.exitCode(), result.err());
        return result.out();
    }

    private static Map<Long, JsonNode> byPid(JsonNode report) {
        Map<Long, JsonNode> rows = new TreeMap<>();
        report.get("rows").forEach(row -> rows.put(row.get("pid").asLong(), row));
        assertEquals(new HashSet<>(PIDS), rows.keySet());
        return rows;
    }

    private static JsonNode row(JsonNode report, String key, String value) {
        for (JsonNode row : report.get("rows")) {
            if (row.get(key).asText().equals(value)) {
                return row;
            }
        }
        throw new AssertionError("no " + value + " in " + report);
    }

    private static long kb(JsonNode row, String key) {
        return Math.floorDiv(row.get(key).asLong(), 1024);
    }

    private static String run(Command command) {
        Command.Result result = command.with("LC_ALL", "C.UTF-8").run();
        assertEquals(0, result.exitCode(), command.words() + ": " + result.err());
        return result.out();
    }

    private static String smem(String... args) {
        assumeTrue(Command.exists("smem"), "smem is not installed");
        Command smem = Command.of("smem", "-H", "-P", REGEX).append(List.of(args));
        Command.Result result = smem.with("LC_ALL", "C.UTF-8").run();
        // smem fails on some names of other processes.
        assumeTrue(result.exitCode() == 0, "smem failed: " + result.err());
        return result.out();
    }

    private static List<String[]> smemRows(String... args) {
        return smem(args).lines().map(line -> line.strip().split(" +", -1)).toList();
    }

    /** A row of ps_mem. */
    private record PsMemRow(double uss, double shared, double ram, double swap, int count) {}

    private static Command psMem(String... args) {
        String psMem = System.getenv("PS_MEM");
        boolean isNamed = psMem != null && !psMem.isEmpty();
        assumeTrue(isNamed || Command.exists("ps_mem"), "there is no ps_mem: PS_MEM names none");
        return Command.of((isNamed ? psMem : "ps_mem").split(" ")).append(List.of(args));
    }

    private static final Pattern PS_MEM_ROW =
            Pattern.compile(
                    "^ *([\\d.]+ .iB) \\+ +([\\d.]+ .iB) = +([\\d.]+ .iB)"
                            + "(?: +([\\d.]+ .iB))?\t(.*?)(?: \\((\\d+)\\))?$",
                    Pattern.MULTILINE);

    private static Map<String, PsMemRow> psMemRows(String... args) {
        Map<String, PsMemRow> rows = new HashMap<>();
        for (Matcher row = PS_MEM_ROW.matcher(run(psMem(args))); row.find(); ) {
            int count = row.group(6) == null ? 1 : Integer.parseInt(row.group(6));
            double swap = row.group(4) == null ? -1 : bytes(row.group(4));
            PsMemRow figures =
                    new PsMemRow(
                            bytes(row.group(1)),
                            bytes(row.group(2)),
                            bytes(row.group(3)),
                            swap,
                            count);
            rows.put(row.group(5), figures);
        }
        return rows;
    }

    private static double bytes(String size) {
        double number = Double.parseDouble(size.substring(0, size.indexOf(' ')));
        return number * Math.pow(1024, 1 + "KMGT".indexOf(size.charAt(size.indexOf(' ') + 1)));
    }

    /**
     * Compares a row. ps_mem adds half a kB to the Pss of each process, which the kernel has cut
     * only once, and prints one decimal.
     */
    private static void assertEqualsPsMem(PsMemRow theirs, JsonNode ours) {
        int count = ours.get("count").asInt();
        assertEquals(theirs.count, count, ours.toString());
        double added = 512.0 * count;
        double vdso = 1024.0 * VDSO_KB * count;
        assertEquals(theirs.uss, ours.get("uss_bytes").asDouble(), rounding(theirs.uss));
        assertEquals(
                theirs.shared - added,
                ours.get("shared_bytes").asDouble(),
                rounding(theirs.shared) + vdso,
                ours.toString());
        assertEquals(
                theirs.ram - added, ours.get("pss_bytes").asDouble(), rounding(theirs.ram) + vdso);
    }

    private static double rounding(double bytes) {
        double unit = bytes < 1000 * 1024 ? 1024 : 1 << 20;
        return 0.051 * unit;
    }

    // ps_mem

    private static final String PS_MEM_COLUMNS = "pss,uss,shared,swap,count";

    @Test
    void psMemProgramsAreTheSame() throws IOException {
        Map<String, PsMemRow> theirs = psMemRows("-p", pids);
        assertEquals(Set.of(NAME), theirs.keySet());
        JsonNode ours = psm("-p", pids, "-c", PS_MEM_COLUMNS);
        assertEquals(1, ours.get("rows").size());
        assertEqualsPsMem(theirs.get(NAME), ours.get("rows").get(0));
    }

    @Test
    void psMemByPidIsTheSame() throws IOException {
        Map<String, PsMemRow> theirs = psMemRows("-d", "-p", pids);
        Map<Long, JsonNode> ours = byPid(psm("-d", "-p", pids, "-c", PS_MEM_COLUMNS));
        assertEquals(ours.size(), theirs.size());
        for (Map.Entry<Long, JsonNode> row : ours.entrySet()) {
            assertEqualsPsMem(theirs.get(NAME + " [" + row.getKey() + ']'), row.getValue());
        }
    }

    @Test
    void psMemByCommandIsTheSame() throws IOException {
        Map<String, PsMemRow> theirs = psMemRows("-s", "-p", pids);
        JsonNode ours = psm("-s", "-p", pids, "-c", PS_MEM_COLUMNS);
        assertEquals(ours.get("rows").size(), theirs.size());
        for (JsonNode row : ours.get("rows")) {
            assertEqualsPsMem(theirs.get(row.get("command").asText()), row);
        }
    }

    @Test
    void psMemSwapIsTheSame() throws IOException {
        Map<String, PsMemRow> theirs = psMemRows("-S", "-d", "-p", pids);
        long sum = 0;
        for (Map.Entry<Long, JsonNode> row : byPid(psm("-d", "-p", pids)).entrySet()) {
            double swap = theirs.get(NAME + " [" + row.getKey() + ']').swap;
            assertEquals(swap, row.getValue().get("swap_bytes").asDouble(), rounding(swap));
            sum += row.getValue().get("swap_bytes").asLong();
        }
        String total = run(psMem("-S", "-t", "-p", pids)).strip();
        String ours = table("-p", pids, "-c", "swap", "-t", "--units", "b").strip();
        assertEquals(sum, Long.parseLong(ours));
        assertEquals(total, ours);
        assumeTrue(hasSwapped, "without swap, all figures are zero");
        assertTrue(sum > 0);
    }

    @Test
    void psMemTotalIsTheSame() {
        String theirs = run(psMem("-t", "-p", pids)).strip();
        String ours = table("-p", pids, "-t", "--units", "b").strip();
        double added = 512.0 * PIDS.size();
        assertEquals(
                Double.parseDouble(theirs) - added,
                Double.parseDouble(ours),
                1024.0 * VDSO_KB * PIDS.size());
    }

    @Test
    void psMemRepeatsAsOften() {
        assertTrue(totals(psMem("-w", "1", "-p", pids), "=\n") >= 2);
        assertTrue(totals(Command.psm("-w", "1", "-p", pids), "TOTAL") >= 2);
    }

    /** Counts the reports that a tool prints within some seconds. */
    private static int totals(Command command, String end) {
        Command few = Command.of("timeout", "5").append(command.words());
        return few.run().out().split(end, -1).length - 1;
    }

    // smem

    /**
     * Compares a row. smem sums up figures that are cut to whole kB for each mapping, so it loses
     * less than a kB for each. Its other figures are the kernel's, to the kB.
     */
    private static void assertEqualsSmem(long pssKb, long mappings, JsonNode ours) {
        long lost = kb(ours, "pss_bytes") - pssKb;
        assertTrue(
                -VDSO_KB <= lost && lost <= mappings + VDSO_KB,
                lost + " kB of " + mappings + " mappings: " + ours);
    }

    @Test
    void smemProcessesAreTheSame() throws IOException {
        List<String[]> theirs = smemRows("-c", "pid user swap uss rss pss maps");
        assertEquals(PIDS.size(), theirs.size());
        JsonNode report =
                psm("-d", "-f", NAME, "-c", "user,swap_with_shared,uss,rss,pss,mappings,command");
        Map<Long, JsonNode> ours = byPid(report);
        for (String[] row : theirs) {
            JsonNode same = ours.get(Long.parseLong(row[0]));
            assertEquals(row[1], same.get("user").asText());
            assertEquals(Long.parseLong(row[2]), kb(same, "swap_with_shared_bytes"));
            assertEquals(Long.parseLong(row[3]), kb(same, "uss_bytes"), same.toString());
            assertEquals(Long.parseLong(row[4]), kb(same, "rss_bytes"));
            assertEqualsSmem(Long.parseLong(row[5]), Long.parseLong(row[6]), same);
            assertEquals(Long.parseLong(row[6]), same.get("mappings").asLong());
        }
    }

    @Test
    void smemFilterMatchesCommandLines() throws IOException {
        List<String[]> theirs = smemRows("-c", "pid");
        Map<Long, JsonNode> ours = byPid(psm("--by", "pid,command", "-f", REGEX));
        assertEquals(theirs.size(), ours.size());
    }

    @Test
    void smemFilterMatchesUsers() throws IOException {
        assumeTrue(hasTwoUsers, "only root has processes of two users");
        List<String[]> theirs = smemRows("-U", "^nobody$", "-c", "pid rss");
        JsonNode ours = psm("-d", "--user", "nobody", "-f", NAME, "-c", "rss");
        // The parent of the other process belongs to nobody too.
        assertEquals(2, theirs.size());
        assertEquals(2, ours.get("rows").size());
        for (String[] row : theirs) {
            assertEquals(Long.parseLong(row[1]), kb(row(ours, "pid", row[0]), "rss_bytes"));
        }
    }

    @Test
    void smemUsersAreTheSame() throws IOException {
        long mappings = 0;
        for (String[] row : smemRows("-c", "maps")) {
            mappings += Long.parseLong(row[0]);
        }
        List<String[]> theirs = smemRows("-u", "-c", "user count swap uss rss pss");
        assertEquals(hasTwoUsers ? 2 : 1, theirs.size());
        JsonNode ours = psm("-u", "-p", pids, "-c", "count,swap_with_shared,uss,rss,pss");
        assertEquals(theirs.size(), ours.get("rows").size());
        for (String[] row : theirs) {
            JsonNode same = row(ours, "user", row[0]);
            assertEquals(Long.parseLong(row[1]), same.get("count").asLong());
            assertEquals(Long.parseLong(row[2]), kb(same, "swap_with_shared_bytes"));
            assertEquals(Long.parseLong(row[3]), kb(same, "uss_bytes"));
            assertEquals(Long.parseLong(row[4]), kb(same, "rss_bytes"));
            assertEqualsSmem(Long.parseLong(row[5]), mappings, same);
        }
    }

    @Test
    void smemMappingsAreTheSame() throws IOException {
        List<String[]> theirs =
                smemRows(
                        "-m",
                        "-M",
                        "memfd|heap|stack|anon",
                        "-c",
                        "map count pids swap uss rss pss");
        JsonNode ours = psm("maps", "-p", pids, "--map", "memfd|heap|stack|anon");
        int compared = 0;
        for (String[] row : theirs) {
            // smem cuts names at the first blank, and has a name for mappings without one.
            String name = row[0].replace("<anonymous>", "[anonymous]");
            name = name.startsWith("/memfd:") ? name + " (deleted)" : name;
            JsonNode same = row(ours, "mapping", name);
            assertEquals(Long.parseLong(row[1]), same.get("mappings").asLong(), name);
            assertEquals(Long.parseLong(row[2]), same.get("processes").asLong(), name);
            assertEquals(Long.parseLong(row[3]), kb(same, "swap_with_shared_bytes"), name);
            assertEquals(Long.parseLong(row[4]), kb(same, "uss_bytes"), name);
            assertEquals(Long.parseLong(row[5]), kb(same, "rss_bytes"), name);
            assertEqualsSmem(Long.parseLong(row[6]), Long.parseLong(row[1]), same);
            compared++;
        }
        assertEquals(4, compared);
        assertEquals(4, ours.get("rows").size());
    }

    @Test
    void smemPercentagesAreTheSame() throws IOException {
        List<String[]> theirs = smemRows("-p", "-c", "pid uss rss pss swap");
        Map<Long, JsonNode> ours =
                byPid(psm("-d", "-f", NAME, "-c", "uss%,rss%,pss%,swap%,swap,swap_with_shared"));
        // smem prints two decimals, psm three; the kB that smem loses are less than that.
        double rounding = 0.0065;
        boolean isAny = false;
        for (String[] row : theirs) {
            JsonNode same = ours.get(Long.parseLong(row[0]));
            assertEquals(percent(row[1]), same.get("uss_percent").asDouble(), rounding);
            assertEquals(percent(row[2]), same.get("rss_percent").asDouble(), rounding);
            assertEquals(percent(row[3]), same.get("pss_percent").asDouble(), rounding);
            assertEquals(row[4].equals("N/A"), same.get("swap_percent").isNull());
            if (!row[4].equals("N/A")) {
                // smem's Swap includes shared memory; psm's swap% does not.
                double swap = same.get("swap_percent").asDouble();
                double all = same.get("swap_with_shared_bytes").asDouble();
                double part = all == 0 ? 1 : same.get("swap_bytes").asDouble() / all;
                assertEquals(percent(row[4]) * part, swap, rounding, same.toString());
            }
            isAny |= same.get("pss_percent").asDouble() > rounding;
        }
        assertTrue(isAny, "all are next to nothing");
    }

    private static double percent(String text) {
        return Double.parseDouble(text.substring(0, text.length() - 1));
    }

    @Test
    void smemOrderAndUnitsAreTheSame() {
        List<String> theirs =
                smem("-k", "-s", "rss", "-r", "-c", "pid rss").lines().map(String::strip).toList();
        assertEquals(PIDS.size(), theirs.size());
        String ours =
                table("-d", "-f", NAME, "--sort", "rss", "-r", "--units", "auto", "-c", "rss");
        List<String> rows = ours.lines().toList().subList(1, 1 + PIDS.size());
        for (int i = 0; i < rows.size(); i++) {
            // Rows of the same size may be in another order.
            String size = theirs.get(i).substring(theirs.get(i).lastIndexOf(' ') + 1);
            assertEquals(size, rows.get(i).substring(0, 10).strip(), ours);
        }
    }

    @Test
    void smemTotalsAreTheSame() throws IOException {
        List<String> lines = smem("-t", "-c", "uss rss pss maps").lines().toList();
        String[] theirs = lines.get(lines.size() - 1).strip().split(" +", -1);
        JsonNode ours = psm("-f", NAME, "-c", "uss,rss,pss");
        assertEquals(Long.parseLong(theirs[0]), kb(ours.get("totals"), "uss_bytes"));
        assertEqualsSmem(Long.parseLong(theirs[2]), Long.parseLong(theirs[3]), ours.get("totals"));
        // psm prints shared pages for rows but not in totals, since their sum belongs to no
        // process.
        assertFalse(ours.get("totals").has("rss_bytes"));
        assertEquals(Long.parseLong(theirs[1]), kb(ours.get("rows").get(0), "rss_bytes"));
    }

    /** Other programs run at the same time, so two percent of the host's memory may differ. */
    @Test
    void smemSystemIsTheSame() throws IOException {
        assumeTrue(Command.exists("smem"), "smem is not installed");
        Map<String, String[]> theirs = new HashMap<>();
        Command smem = Command.of("smem", "-w", "-H");
        for (String line : run(smem).lines().toList()) {
            String[] words = line.strip().split(" {2,}");
            theirs.put(words[0], words);
        }
        JsonNode ours = psm("--system").get("host_memory");
        double total = ours.get("mem_total_bytes").asDouble();
        double user = sum(ours, "processes_bytes", "other_processes_bytes");
        assertEquals(number(theirs, "userspace memory", 1), user, total / 50);
        double free = sum(ours, "free_bytes");
        assertEquals(number(theirs, "free memory", 1), free, total / 50);
        double kernel = number(theirs, "kernel dynamic memory", 1);
        assertEquals(kernel, total - user - free, total / 50);
        double cache = sum(ours, "page_cache_bytes", "shmem_bytes", "slab_reclaimable_bytes");
        assertEquals(number(theirs, "kernel dynamic memory", 2), cache, total / 50);
    }

    private static double number(Map<String, String[]> areas, String area, int column) {
        return Double.parseDouble(areas.get(area)[column]) * 1024;
    }

    private static double sum(JsonNode account, String... keys) {
        double sum = 0;
        for (String key : keys) {
            sum += account.get(key).asDouble(0); // a missing figure counts as 0
        }
        return sum;
    }

    // smemstat, ps, pmap

    /** smemstat sums up smaps in the same way as smem. */
    @Test
    void smemstatIsTheSame() throws IOException {
        assumeTrue(Command.exists("smemstat"), "smemstat is not installed");
        String theirs = run(Command.of("smemstat", "-k", "-p", pids));
        Map<Long, JsonNode> ours =
                byPid(
                        psm(
                                "-d",
                                "-p",
                                pids,
                                "-c",
                                "swap_with_shared,uss,pss,rss,user,command,mappings"));
        int compared = 0;
        for (String line : theirs.lines().toList()) {
            String[] words = line.strip().split(" +", -1);
            JsonNode same = words[0].matches("\\d+") ? ours.get(Long.parseLong(words[0])) : null;
            if (same != null) {
                assertEquals(Long.parseLong(words[1]), kb(same, "swap_with_shared_bytes"), line);
                assertEquals(Long.parseLong(words[2]), kb(same, "uss_bytes"), line);
                assertEqualsSmem(Long.parseLong(words[3]), same.get("mappings").asLong(), same);
                assertEquals(Long.parseLong(words[4]), kb(same, "rss_bytes"), line);
                assertTrue(same.get("user").asText().startsWith(words[5]), line);
                compared++;
            }
        }
        assertEquals(PIDS.size(), compared, theirs);
    }

    /**
     * ps prints Rss from three counters for each process, which each CPU updates with a delay
     * ({@code include/linux/percpu_counter.h}); Pss and USS are those of smaps_rollup.
     */
    @Test
    void psIsTheSame() throws IOException {
        Command.Result ps =
                Command.of("ps", "-o", "pid=,user=,pss=,uss=,rss=,comm=", "-p", pids).run();
        assumeTrue(
                ps.exitCode() == 0, "this ps does not know pss and uss, as procps does from 4.0");
        Map<Long, JsonNode> ours = byPid(psm("-d", "-p", pids, "-c", "pss,uss,rss,user"));
        int cpus = Runtime.getRuntime().availableProcessors();
        long counters = 3L * cpus * Math.max(32, 2 * cpus) * 4;
        List<String> lines = ps.out().lines().toList();
        assertEquals(PIDS.size(), lines.size());
        for (String line : lines) {
            String[] words = line.strip().split(" +", -1);
            JsonNode same = ours.get(Long.parseLong(words[0]));
            assertEquals(words[1], same.get("user").asText());
            assertNear(words[2], kb(same, "pss_bytes"), VDSO_KB, line);
            assertEquals(Long.parseLong(words[3]), kb(same, "uss_bytes"), line);
            assertNear(words[4], kb(same, "rss_bytes"), counters, line);
            assertTrue(NAME.startsWith(words[5]), line);
        }
    }

    private static void assertNear(String theirs, long ours, long tolerance, String line) {
        assertTrue(Math.abs(Long.parseLong(theirs) - ours) <= tolerance, ours + ": " + line);
    }

    /** pmap prints a line for each mapping, with the last part of its name. */
    @Test
    void pmapIsTheSame() throws IOException {
        assumeTrue(Command.exists("pmap"), "pmap is not installed");
        Map<String, long[]> theirs = new TreeMap<>();
        for (long pid : PIDS) {
            List<String> lines = run(Command.of("pmap", "-X", "" + pid)).lines().toList();
            List<String> titles = List.of(lines.get(1).strip().split(" +", -1));
            for (String line : lines.subList(2, lines.size() - 2)) {
                String[] words = line.strip().split(" +", titles.size());
                String name =
                        words.length < titles.size() ? "[anonymous]" : words[words.length - 1];
                long[] sums = theirs.computeIfAbsent(name, any -> new long[4]);
                sums[0]++;
                sums[1] += Long.parseLong(words[titles.indexOf("Rss")]);
                sums[2] += Long.parseLong(words[titles.indexOf("Pss")]);
                sums[3] += Long.parseLong(words[titles.indexOf("Swap")]);
            }
        }
        JsonNode ours = psm("maps", "-p", pids);
        assertEquals(theirs.size(), ours.get("rows").size(), theirs.keySet() + " " + ours);
        for (JsonNode row : ours.get("rows")) {
            String path = row.get("mapping").asText();
            long[] sums = theirs.get(path.substring(path.lastIndexOf('/') + 1));
            assertEquals(sums[0], row.get("mappings").asLong(), path);
            assertEquals(sums[1], kb(row, "rss_bytes"), path);
            assertEqualsSmem(sums[2], sums[0], row);
            assertEquals(sums[3], kb(row, "swap_with_shared_bytes"), path);
        }
    }
}
