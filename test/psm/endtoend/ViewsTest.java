package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.format.FormatsTest;
import psm.name.Program;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.smaps.Usage;
import psm.snapshot.SnapshotFormat;
import psm.snapshot.SnapshotWriter;
import psm.support.Command;
import psm.support.Fixtures;
import psm.support.MadeUpProbe;
import psm.support.MadeUpSnapshot;
import psm.text.Missing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Compares views of the made-up host of containers with expected reports, live and from a snapshot.
 * {@code PSM_TEST_REWRITE=1} in the environment rewrites the expected reports, as in {@link
 * FormatsTest}.
 */
@Tag("endtoend")
class ViewsTest {
    /** What a probe prints of the same processes. */
    private static final Path PROBE = Fixtures.CONTAINERS.resolveSibling("containers-probe.psm");

    private static final boolean REWRITE = System.getenv("PSM_TEST_REWRITE") != null;

    @TempDir private static Path folder;

    private static Path snapshot;

    @BeforeAll
    static void writeSnapshot() {
        snapshot = folder.resolve("host.psm");
        Command.Result result = live("-o snapshot", snapshot);
        assertEquals(0, result.exitCode(), result.err());
    }

    private static Command.Result live(String options, Path to) {
        Command psm =
                Command.psm(options.isEmpty() ? new String[0] : options.split(" ", -1))
                        .append(List.of("--proc", Fixtures.CONTAINERS.toString()))
                        .with("LC_ALL", "C.UTF-8"); // the bars differ in ASCII
        return to == null ? psm.run() : psm.to(to).run();
    }

    private static Command.Result live(String options) {
        return live(options, null);
    }

    private static Command.Result later(String options) {
        return from(options, snapshot);
    }

    private static Command.Result from(String options, Path file) {
        return Command.psm(options.isEmpty() ? new String[0] : options.split(" ", -1))
                .append(List.of("--from", file.toString()))
                .with("LC_ALL", "C.UTF-8")
                .run();
    }

    /** The user 1000 has the name that it has on the machine that runs the test. */
    @ParameterizedTest
    @CsvSource({
        "--by pid, by-pid",
        "--by command, by-command",
        "--by cgroup, by-cgroup",
        "--by unit, by-unit",
        "--by container, by-container",
        "--by parent, by-parent",
        "--by tree, by-tree",
        "'--by container,program --sort name', by-container-program",
        "--by tree -o json, by-tree-json",
        "'--by unit,container -o csv', by-unit-container-csv",
        "--by unit --spread --min 10M, spread",
        "'-c rss,uss,swap,anon,file,shmem,threads,peak,pagetables,limit,used%', columns",
        "'-c +pid,+unit,-shared -n 5 -r --units auto', names",
        "-n 3 --bars --units k --si, bars",
        "-n 4 -o markdown, markdown"
    })
    void reportsAreAsExpected(String options, String file) throws IOException {
        Command.Result live = live(options);
        boolean isOfLimits = options.contains("limit"); // no cgroups are beside this /proc
        assertEquals(isOfLimits, live.err().startsWith("psm: -c limit: not available"), live.err());
        assertEquals(isOfLimits, !live.err().isEmpty(), live.err());
        Path path = Fixtures.CONTAINERS.resolveSibling("containers-" + file + ".txt");
        if (REWRITE) {
            Files.writeString(path, FormatsTest.stable(live.out()));
        }
        assertEquals(Files.readString(path), FormatsTest.stable(live.out()));
        assertEquals(FormatsTest.stable(live.out()), FormatsTest.stable(later(options).out()));
        Command.Result probed = from(options, PROBE);
        assertEquals(FormatsTest.stable(live.out()), FormatsTest.stable(probed.out()));
    }

    @Test
    void probeIsThatOfTheFiles() throws IOException {
        byte[] probe = MadeUpProbe.of(Fixtures.CONTAINERS).bytes();
        if (REWRITE) {
            Files.write(PROBE, probe);
        }
        assertArrayEquals(Files.readAllBytes(PROBE), probe);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-u",
                "--by user,program -o json",
                "--by group -o ndjson",
                "-p 1,300",
                "-p !1,300",
                "-p 99",
                "--user root",
                "--user !0,999",
                "--unit nginx -d",
                "--unit !nginx,docker -o csv",
                "--cgroup /kubepods.slice/ --by cgroup",
                "--cgroup !/kubepods.slice,/system.slice --by cgroup",
                "--container web1,87eb -d",
                "--container !docker,lxc,pod",
                "--children-of 500,310 --by tree",
                "--children-of !1 -d",
                "--children-of 1 --user 0 -f nginx -d",
                "-f ^nginx",
                "-f ^/usr/bin -s",
                "-f ^-$ --by container",
                "-f docker -o json --by container",
                "--sort swap -r -n 2",
                "--sort limit --by container",
                "--sort count -r",
                "--sort peak --min 50M -o json",
                "--min 1T",
                "-t",
                "-t --units b",
                "-t -o json",
                "--no-header --units g -n 2",
                "--by parent,exe",
                "--system --by user"
            })
    void aSnapshotGivesTheSameReports(String options) {
        Command.Result live = live(options);
        Command.Result later = later(options);
        assertEquals(FormatsTest.stable(live.out()), FormatsTest.stable(later.out()));
        assertEquals(live.err(), later.err());
        assertEquals(options.equals("-p 99") ? 2 : 0, live.exitCode());
        assertEquals(live.exitCode(), later.exitCode());
    }

    @Test
    void aFilterSearchesTheNamesOfRows() {
        assertEquals(
                List.of("docker 34fb46c847bb (1)", "docker 87eba76e7f31 (2)"),
                sortedNames("--by container -f ^docker"));
        assertEquals(List.of("docker.service (1)"), sortedNames("--by unit -f ^docker[.]"));
        assertEquals(List.of(), sortedNames("--by user -f java"));
        assertEquals(List.of(), sortedNames("--by container -f java"));
        assertEquals(
                List.of("/kubepods.slic...c099d0479.scope java (1)"),
                sortedNames("--by cgroup,program -f java$"));
    }

    private static List<String> sortedNames(String options) {
        List<String> names = new ArrayList<>();
        for (String line : live(options).out().split("\n", -1)) {
            boolean isRow = !line.startsWith("#") && line.matches(" +[0-9.]+ +[0-9.]+ .*\t.*");
            if (isRow && !line.contains("swap") && !line.contains("SHARED")) {
                names.add(line.substring(line.indexOf('\t') + 1));
            }
        }
        names.sort(null);
        return names;
    }

    @Test
    void rowsAndTheirRestAddUp() {
        String[] lines = live("-n 3 --units b --no-header -c pss").out().split("\n", -1);
        long sum = 0;
        for (int i = 0; i < 4; i++) {
            sum += Long.parseLong(lines[i].substring(0, lines[i].indexOf('\t')).strip());
        }
        assertTrue(lines[0].endsWith("\t(11 more)"), lines[0]);
        assertEquals(
                "#" + sum + "\tTOTAL USED BY PROCESSES",
                lines[4].replace(" ", "")
                        .replace("TOTALUSEDBYPROCESSES", "TOTAL USED BY PROCESSES"));
        assertEquals(sum + "\n", live("-t --units b").out());
        assertTrue(
                live("-n 3 -r").out().contains("(11 more)\n#"),
                "below, where the largest is first");
    }

    @ParameterizedTest
    @CsvSource({
        "'', 'java,redis-server,python3'",
        "--sort anon, 'java,redis-server,python3'",
        "-r, 'python3,redis-server,java'",
        "--sort name, 'java,python3,redis-server'",
        "--sort name -r, 'redis-server,python3,java'"
    })
    void documentsHaveTheLargestFirst(String order, String expected) throws IOException {
        String options = (order + " -f ^(java|python3|redis-server)").strip();
        List<String> programs = new ArrayList<>();
        JsonNode rows = new ObjectMapper().readTree(live(options + " -o json").out()).get("rows");
        for (JsonNode row : rows) {
            programs.add(row.get("program").asText().split(" ", 2)[0]);
        }
        assertEquals(expected, String.join(",", programs));
        String table = expected;
        if (!order.contains("name")) {
            Collections.reverse(programs);
            table = String.join(",", programs);
        }
        assertEquals(table, String.join(",", names(options)));
        for (String format : new String[] {"ndjson", "csv", "tsv", "markdown"}) {
            String out = live(options + " -o " + format).out();
            int at = -1;
            for (String program : expected.split(",", -1)) {
                assertTrue(out.indexOf(program) > at, format + ": " + out);
                at = out.indexOf(program);
            }
        }
    }

    @Test
    void treesHaveTheLargestSiblingFirstInDocuments() throws IOException {
        JsonNode rows = new ObjectMapper().readTree(live("--by tree -o json").out()).get("rows");
        assertEquals(List.of(201, 110, 500, 100, 310), childrenOf(1, rows));
        String table = live("--by tree").out();
        int at = -1;
        for (int pid : new int[] {310, 100, 500, 110, 201}) {
            assertTrue(table.indexOf("\t" + pid + "   ") > at, table);
            at = table.indexOf("\t" + pid + "   ");
        }
    }

    private static List<Integer> childrenOf(int parent, JsonNode rows) {
        List<Integer> children = new ArrayList<>();
        for (JsonNode row : rows) {
            if (row.get("parent_pid").asInt() == parent) {
                children.add(row.get("pid").asInt());
            }
        }
        return children;
    }

    /** SwapTotal - SwapFree is 144.5 MB, and SwapCached 5.6 MB. */
    @Test
    void swapIsOneLineThatAgreesWithFree() throws IOException {
        String[] footer = live("").out().split("TOTAL USED BY PROCESSES\n", -1)[1].split("\n", -1);
        assertEquals("144.5\tswap used, 5.6 of it also in RAM", footer[0].strip());
        assertTrue(footer[1].matches(" +\tbox2, 20.*Z, scanned in .* ms"), footer[1]);
        assertEquals(3, footer.length, "two lines, each with an end");
        for (String choice : new String[] {"-f java", "-p 1", "--user root -t", "--unit nginx"}) {
            assertFalse(live(choice).out().contains("swap used"), choice);
            assertFalse(live(choice + " -o markdown").out().contains("swap used"), choice);
        }
        JsonNode swap = new ObjectMapper().readTree(live("-o json").out()).get("swap");
        assertEquals(144.5, swap.get("used_bytes").asLong() / 1024.0 / 1024, 0.05);
        assertEquals(5.6, swap.get("cached_bytes").asLong() / 1024.0 / 1024, 0.05);
        assertEquals(25.2, swap.get("unowned_bytes").asLong() / 1024.0 / 1024, 0.05);
    }

    @Test
    void spreadsheetsEndWithHostAndTime() {
        for (String format : new String[] {"csv", "tsv"}) {
            String[] lines = live("-n 1 -o " + format).out().split("\r?\n", -1);
            String separator = format.equals("csv") ? "," : "\t";
            String[] titles = lines[0].replace("\"", "").split(separator, -1);
            assertEquals("host", titles[titles.length - 2]);
            assertEquals("taken_at", titles[titles.length - 1]);
            String[] fields = lines[1].replace("\"", "").split(separator, -1);
            assertEquals(titles.length, fields.length);
            assertEquals("box2", fields[fields.length - 2]);
            assertTrue(fields[fields.length - 1].matches("20[0-9-]+T[0-9:]+Z"), lines[1]);
        }
    }

    /** CSV and TSV contain only rows. */
    @Test
    void formatsWithTotalsSumRowsLeftOut() throws IOException {
        ObjectMapper json = new ObjectMapper();
        for (String choice : new String[] {"-n 3", "--min 100M", "-n 3 -r --sort name"}) {
            JsonNode document = json.readTree(live(choice + " -o json").out());
            JsonNode more = document.get("more");
            long shown = 0;
            for (JsonNode row : document.get("rows")) {
                shown += row.get("pss_bytes").asLong();
            }
            assertEquals(11, more.get("rows").asInt());
            assertEquals(
                    document.get("totals").get("pss_bytes").asLong(),
                    shown + more.get("pss_bytes").asLong());
            String[] lines = live(choice + " -o ndjson").out().split("\n", -1);
            assertEquals(more, json.readTree(lines[lines.length - 2]).get("more"));
            String sum = more.get("pss_bytes").asText();
            assertTrue(
                    live(choice + " -o markdown --units b")
                            .out()
                            .matches("(?s).*\\| +" + sum + " .*"));
            assertTrue(live(choice + " --units b").out().matches("(?s).* " + sum + " .*11 more.*"));
            for (String format : new String[] {"csv", "tsv"}) {
                String out = FormatsTest.stable(live(choice + " -o " + format).out());
                assertEquals(1 + 3, out.lines().count(), out);
                String records =
                        FormatsTest.stable(live(choice + " --no-header -o " + format).out());
                assertEquals(out.substring(out.indexOf('\n') + 1), records);
            }
        }
    }

    @Test
    void minHidesSmallRowsInAnyOrder() {
        for (String sort : new String[] {"pss", "count", "name", "threads", "used%"}) {
            String out = live("--min 100M --sort " + sort).out();
            assertTrue(out.contains("(11 more)"), out);
            assertTrue(out.contains("java (1)"), out);
        }
        assertTrue(live("--min 10M --sort swap").out().contains("(12 more)"));
    }

    @Test
    void rowsKeepsTheLargestInAnyOrder() {
        assertEquals(List.of("java", "python3", "redis-server"), names("-n 3 --sort name"));
        assertEquals(List.of("redis-server", "python3", "java"), names("-n 3 --sort name -r"));
        assertEquals(List.of("300", "302", "400"), names("-d -n 3 --sort pid"));
        assertEquals(List.of("python3", "redis-server", "java"), names("-n 3"));
        assertEquals(List.of("redis-server"), names("-n 1 --sort swap"));
        assertEquals(List.of("python3"), names("-n 1 --sort count"), "of those with two, by name");
        assertEquals(List.of("java", "redis-server"), names("-n 2 --sort user --by program"));
        assertEquals(List.of("redis-server"), names("--min 50M --sort swap"));
        assertEquals(
                List.of("/usr/bin/caddy", "/usr/bin/dockerd", "[heap]"),
                names("maps -n 3 --sort name"));
        assertEquals(List.of("[heap]"), names("maps --min 1k --sort swap"));
    }

    /** Returns the first word of each row. */
    private static List<String> names(String options) {
        List<String> names = new ArrayList<>();
        for (String line : live(options).out().split("\n", -1)) {
            boolean isRow = line.matches(" +[0-9.]+ .*\t[^(].*");
            if (isRow && !line.contains("swap")) {
                names.add(line.substring(line.indexOf('\t') + 1).strip().split(" ", 2)[0]);
            }
        }
        return names;
    }

    @Test
    void anUnavailableColumnIsReported() {
        for (String options :
                new String[] {
                    "-c ksm", "-c pss,ksm -n 1", "-c +ksm -t", "--sort ksm", "-d -c +ksm"
                }) {
            Command.Result result = live(options);
            assertEquals(0, result.exitCode());
            assertTrue(
                    result.err().startsWith("psm: -c ksm: not available on Linux 6.1.0-28-amd64: "),
                    options + ": " + result.err());
            assertEquals(1, result.err().split("\n", -1).length - 1, result.err());
            assertFalse(result.out().contains(" 0.0\t("), result.out());
        }
        assertEquals("", live("-c rss,peak,pid,unit -n 1").err());
        assertTrue(
                live("-c limit,used%")
                        .err()
                        .startsWith("psm: -c limit: not available on Linux 6.1"),
                "there are no cgroups beside this /proc");
    }

    @Test
    void anEmptySelectionIsALine() {
        for (String options :
                new String[] {
                    "--user 4711",
                    "--unit nginx -p 1",
                    "--container web1 -f java",
                    "--cgroup /lxc.payload.web1 --user 4711",
                    "--unit !nginx -p 100",
                    "-f x-y",
                    "-f x-y --by user",
                    "-p 1 -f nginx",
                    "maps -p 1 -f nginx"
                }) {
            Command.Result result = live(options);
            assertEquals(0, result.exitCode(), options);
            assertEquals("", result.out(), options);
            assertTrue(result.err().startsWith("psm: no "), options);
            assertEquals(1, result.err().lines().count(), result.err());
        }
        for (String options : new String[] {"-p 99", "--children-of 99", "--by unit -p 99"}) {
            Command.Result result = live(options);
            assertEquals(2, result.exitCode());
            assertTrue(result.err().endsWith(" 99: no such process\n"), result.err());
        }
        String total = live("-t --unit nginx -p 1").out();
        assertTrue(total.contains("\n#      0.0                 0.0\tTOTAL"), total);
        assertEquals(
                "psm: pid 98, 99: no such process, or it has no memory (a kernel thread, a"
                        + " zombie)\n",
                live("-p 98,1,99").err());
        assertEquals("psm: no program matches -f nginx\n", live("-p 1 -f nginx").err());
        assertEquals("psm: no mapping matches --map x-y\n", live("maps --map x-y").err());
        assertEquals("psm: no row matches --filter x-y\n", live("--filter x-y -u").err());
    }

    @ParameterizedTest
    @CsvSource({
        "--unit, ngnix, unit, nginx.service",
        "--unit, nginx.servic, unit, nginx.service",
        "--unit, '!syncthing', unit, user@1000.service/syncthing.service",
        "--unit, 'nginx,sesion-3', unit, session-3.scope",
        "--container, web, container, lxc web1",
        "--container, 34F, container, docker 34fb46c847bb",
        "--container, 'docker,podmann', container, podman d6e0ff2b7a53",
        "--cgroup, nginx.service, control group, /system.slice/nginx.service",
        "--cgroup, /system, control group, /system.slice",
        "--cgroup, '!/,/kubepods', control group, /kubepods.slice"
    })
    void unknownNamesListTheNearest(String option, String names, String what, String nearest) {
        String[] list = names.replace("!", "").split(",", -1);
        String not = names.startsWith("!") ? "!" : "";
        String start = "psm: " + option + ' ' + not + list[list.length - 1] + ": no process ";
        String end = " is in that " + what + "; there are " + nearest + ",";
        for (String more : new String[] {"", " -p 1", " -f java -t", " -o json", " --user 4711"}) {
            String options = option + ' ' + names + more;
            refused(live(options), start + "here" + end);
            refused(later(options), start + "in this snapshot" + end);
        }
        for (String command : new String[] {"oom ", "maps "}) {
            refused(live(command + option + ' ' + names), start + "here" + end);
        }
        refused(later("oom " + option + ' ' + names), start + "in this snapshot" + end);
        refused(live("-o snapshot " + option + ' ' + names), start + "here" + end);
    }

    private static void refused(Command.Result result, String start) {
        assertTrue(result.err().startsWith(start), start + " / " + result.err());
        assertEquals(1, result.err().split("\n", -1).length - 1, result.err());
        assertEquals("", result.out());
        assertEquals(2, result.exitCode());
    }

    @Test
    void unknownUsersOfASnapshotAreRefused() {
        for (String user : new String[] {"rot", "!rot", "0,rot"}) {
            String not = user.startsWith("!") ? "!" : "";
            refused(
                    later("--user " + user),
                    "psm: --user "
                            + not
                            + "rot: no process in this snapshot is of that user; there are root");
        }
        assertEquals(0, later("--user 4711").exitCode());
    }

    @Test
    void missingControlGroupsAndUnitsAreReported() throws IOException {
        Path proc = folder.resolve("without-cgroups");
        Path process = Files.createDirectories(proc.resolve("7"));
        Files.writeString(
                process.resolve("smaps_rollup"),
                "1000-2000 ---p 00000000 00:00 0    [rollup]\nRss: 4 kB\nPss: 4 kB\n");
        for (String option : new String[] {"--unit=x", "--container=x", "--cgroup=x"}) {
            String problem = "psm: " + option.replace('=', ' ') + ": no process here shows its ";
            refused(Command.psm("--proc", proc.toString(), option).run(), problem);
        }
        Files.writeString(process.resolve("cgroup"), "0::/\n");
        for (String what : new String[] {"unit", "container"}) {
            Command psm = Command.psm("--proc", proc.toString(), "--" + what, "!x");
            String problem = "psm: --" + what + " !x: no process here is in that " + what;
            refused(psm.run(), problem + ", or in any other");
        }
        refused(
                Command.psm("--proc", proc.toString(), "--cgroup", "/x").run(),
                "psm: --cgroup /x: no process here is in that control group; there are /\n");
    }

    @Test
    void wideFiguresStaySeparate() throws IOException {
        Path proc = folder.resolve("proc");
        Path process = Files.createDirectories(proc.resolve("7"));
        Files.writeString(
                process.resolve("smaps_rollup"),
                """
                1000-2000 ---p 00000000 00:00 0    [rollup]
                Rss: 123456789012 kB
                Pss: 98765432109 kB
                Private_Dirty: 98765432109 kB
                Swap: 1 kB
                SwapPss: 1 kB
                """);
        for (String unit : new String[] {"b", "k", "m", "g", "auto"}) {
            String out =
                    Command.psm(
                                    "--proc",
                                    proc.toString(),
                                    "-c",
                                    "rss,pss,uss,swap",
                                    "--units",
                                    unit)
                            .run()
                            .out();
            String[] lines = out.split("\n", -1);
            assertEquals(4, lines[1].split("\t", 2)[0].strip().split(" +", -1).length, out);
            int tab = lines[0].indexOf('\t');
            for (String line : lines) {
                assertTrue(line.isEmpty() || line.indexOf('\t') == tab, out);
            }
        }
    }

    /** Any user may have made a snapshot, with any parents. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void longAncestriesFitIntoTheHeap(boolean isCircle) throws IOException {
        List<ProcessMemory> processes = new ArrayList<>();
        int count = SnapshotFormat.MAX_PROCESSES;
        for (int pid = 1; pid <= count; pid++) {
            long[] sums = new long[Usage.Field.values().length];
            int parent = pid == count && !isCircle ? 0 : pid % count + 1;
            ProcessDetails details =
                    new ProcessDetails(
                            parent,
                            1,
                            new ProcessDetails.Status(pid, pid, 0, 0, 0, 0),
                            0,
                            0,
                            0,
                            "0::/" + pid,
                            "c" + pid,
                            ProcessDetails.Devices.UNKNOWN);
            processes.add(
                    new ProcessMemory(
                            pid,
                            1,
                            new Program("p" + pid, Program.File.CURRENT),
                            true,
                            new Usage(sums, Missing.VALUE, 1, 0, 0),
                            details));
        }
        Path file =
                Files.write(
                        folder.resolve("line.psm"),
                        SnapshotWriter.write(MadeUpSnapshot.of(processes, List.of())));
        for (String view :
                new String[] {
                    "--by tree", "--by tree -o json", "--by parent", "--by user,cgroup,command",
                    "--children-of 5", "--children-of !5 -d", "--min 1 -d", "--spread -s"
                }) {
            Command.Result result =
                    Command.psm("--from", file.toString())
                            .append(List.of(view.split(" ", -1)))
                            .to(folder.resolve("line.out"))
                            .run();
            assertEquals(0, result.exitCode(), view + ": " + result.err());
        }
    }

    /** The other files are pipes without a writer, so reading one of them would block. */
    @Test
    void onlyNeededFilesAreRead() throws IOException {
        Path proc = folder.resolve("bare");
        Path process = Files.createDirectories(proc.resolve("7"));
        Files.writeString(
                process.resolve("smaps_rollup"),
                "1000-2000 ---p 00000000 00:00 0    [rollup]\nRss: 4 kB\nPss: 4 kB\n");
        for (String file :
                new String[] {"status", "cgroup", "oom_score", "oom_score_adj", "maps"}) {
            Command.of("mkfifo", process.resolve(file).toString()).run();
        }
        String[] views = {
            "", "-d -c pss", "-p 7", "-f .", "-c rss,anon,pid", "--spread", "--by tree"
        };
        for (String view : views) {
            Command psm = Command.psm("--proc", proc.toString(), "--timeout", "1");
            Command.Result result =
                    psm.append(view.isEmpty() ? List.of() : List.of(view.split(" ", -1))).run();
            assertTrue(result.out().contains("TOTAL"), result.err());
            assertFalse(result.err().contains("not included"), view + ": " + result.err());
        }
        Command.Result user = Command.psm("--proc", proc.toString(), "--timeout", "1", "-u").run();
        assertTrue(user.err().contains("skipped after the timeout"), user.err());
    }
}
