package psm.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Command;
import psm.support.MadeUpHost;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs psm for the snapshots of several machines. */
@Tag("endtoend")
class FleetFilesTest {
    private static final String DAMAGED = "is cut: its end is missing";

    @TempDir Path root;
    private Path folder;

    @BeforeEach
    void makeMachines() throws IOException {
        folder = Files.createDirectory(root.resolve("machines"));
        for (int i = 1; i <= 3; i++) {
            MadeUpHost host = new MadeUpHost(root.resolve("host" + i));
            for (int pid = 1; pid <= 3; pid++) {
                host.process(pid, i * pid, 0, 100 * i + pid, "0::/a.service");
            }
            host.write("proc/sys/kernel/hostname", "web" + i + "\n");
            write("host" + i + "/proc", folder.resolve("web" + i + ".psm"));
        }
    }

    private void write(String proc, Path file) {
        Command.Result result =
                Command.psm("--proc", root.resolve(proc).toString(), "-o", "snapshot")
                        .to(file)
                        .run();
        assertEquals(0, result.exitCode(), result.err());
    }

    private Command.Result psm(String... args) {
        return Command.psm(args).run();
    }

    private static Command.Result mustRun(Command.Result result) {
        assertEquals(0, result.exitCode(), result.err());
        return result;
    }

    private static JsonNode json(Command.Result result) throws IOException {
        return new ObjectMapper().readTree(mustRun(result).out());
    }

    @Test
    void folderIsOneReport() throws IOException {
        JsonNode report = json(psm("--from", folder.toString(), "-o", "json"));
        assertEquals(3, report.get("rows").size());
        JsonNode largest = report.get("rows").get(0);
        assertEquals("program3", largest.get("program").asText());
        assertEquals((3 + 6 + 9) << 20, largest.get("pss_bytes").asInt());
        assertEquals(3, largest.get("hosts").asInt());
        assertTrue(largest.get("host").isNull() && largest.get("pids").isNull());
        assertEquals(36 << 20, report.get("totals").get("pss_bytes").asInt());
        assertTrue(report.get("host").isNull());
        assertEquals(3, report.get("hosts").size());
    }

    @Test
    void namedFilesAreTheSameReportAsTheirFolder() {
        String[] files = new String[6];
        for (int i = 0; i < 3; i++) {
            files[2 * i] = "--from";
            files[2 * i + 1] = folder.resolve("web" + (3 - i) + ".psm").toString();
        }
        List<String> args = new ArrayList<>(List.of(files));
        args.addAll(List.of("--by", "host,program", "-o", "json"));
        Command.Result named = mustRun(psm(args.toArray(new String[0])));
        Command.Result ofFolder =
                mustRun(psm("--from", folder.toString(), "--by", "host,program", "-o", "json"));
        assertEquals(ofFolder.out(), named.out());
    }

    @Test
    void tableShowsHowManyMachinesARowIsOn() {
        String table = mustRun(psm("--from", folder.toString())).out();
        assertTrue(table.lines().findFirst().orElse("").contains("HOSTS\tPROCESS (COUNT)"), table);
        assertTrue(
                table.contains("      18.0       0.0                   3\tprogram3 (3)\n"), table);
        assertTrue(table.contains("3 machines, "), table);
        String byHost = mustRun(psm("--from", folder.toString(), "--by", "host")).out();
        assertFalse(byHost.contains("HOSTS"), byHost);
        String byPid = mustRun(psm("--from", folder.toString(), "-d", "-n", "1")).out();
        assertTrue(byPid.contains("\tweb3   3 "), byPid);
    }

    @Test
    void folderOfOneMachineIsAReportOfThatOne() throws IOException {
        Files.delete(folder.resolve("web1.psm"));
        Files.delete(folder.resolve("web2.psm"));
        Command.Result ofFile = psm("--from", folder.resolve("web3.psm").toString(), "-o", "json");
        assertEquals(ofFile, psm("--from", folder.toString(), "-o", "json"));
        JsonNode byHost = json(psm("--from", folder.toString(), "--by", "host", "-o", "json"));
        assertEquals("web3", byHost.get("rows").get(0).get("host").asText());
    }

    @Test
    void damagedFileIsAMissingMachine() throws IOException {
        Path web2 = folder.resolve("web2.psm");
        byte[] whole = Files.readAllBytes(web2);
        Files.write(web2, Arrays.copyOf(whole, whole.length - 1));
        Files.writeString(folder.resolve("notes"), "x");
        Command.Result result = psm("--from", folder.toString(), "-n", "1");
        assertEquals(0, result.exitCode(), result.err());
        assertTrue(result.err().contains("psm: " + web2 + ": " + DAMAGED), result.err());
        assertTrue(
                result.err()
                        .contains(
                                "psm: --from: 1 file is neither a snapshot nor the output of a"
                                        + " probe: notes\n"),
                result.err());
        assertTrue(result.out().contains("2 of 3 machines, "), result.out());
        assertEquals(3, psm("--from", folder.toString(), "--strict").exitCode());
        Command.Result named =
                psm("--from", web2.toString(), "--from", folder.resolve("web1.psm").toString());
        assertEquals(2, named.exitCode(), named.err());
        assertEquals(1, named.err().lines().count(), named.err());
    }

    @Test
    void noReadableMachineIsAFailure() throws IOException {
        for (int i = 1; i <= 3; i++) {
            Files.writeString(folder.resolve("web" + i + ".psm"), "psm snapshot ");
        }
        Command.Result result = psm("--from", folder.toString());
        assertEquals(1, result.exitCode(), result.err());
        assertEquals("", result.out());
        assertEquals(4, result.err().lines().count(), result.err());
        assertTrue(result.err().endsWith("psm: none of 3 files can be read\n"), result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-p 1", "--children-of 1"})
    void processIdsAreOfOneMachine(String option) {
        List<String> args = new ArrayList<>(List.of("--from", folder.toString()));
        args.addAll(List.of(option.split(" ")));
        Command.Result result = psm(args.toArray(new String[0]));
        assertEquals(2, result.exitCode(), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().contains(": a process id is of one machine"), result.err());
    }

    @ParameterizedTest
    @CsvSource({
        "--unit nosuch, a.service",
        "--cgroup /nosuch, /a.service",
        "--container nosuch, 'or in any other'",
        "--user nosuch, of that user"
    })
    void nameThatNoMachineHasIsRefused(String option, String known) {
        List<String> args = new ArrayList<>(List.of("--from", folder.toString()));
        args.addAll(List.of(option.split(" ")));
        Command.Result result = psm(args.toArray(new String[0]));
        assertEquals(2, result.exitCode(), result.out());
        assertEquals("", result.out());
        assertEquals(1, result.err().lines().count(), result.err());
        String problem = "psm: " + option + ": no process on these machines is ";
        assertTrue(result.err().startsWith(problem), result.err());
        assertTrue(result.err().contains(known), result.err());
    }

    @Test
    void nameThatOneMachineHasIsFound() throws IOException {
        MadeUpHost host = new MadeUpHost(root.resolve("host4"));
        host.process(7, 1, 0, 1, "0::/b.service").write("proc/sys/kernel/hostname", "db1\n");
        write("host4/proc", folder.resolve("db1.psm"));
        JsonNode report =
                json(psm("--from", folder.toString(), "--unit", "b.service", "-o", "json"));
        assertEquals("db1", report.get("rows").get(0).get("host").asText());
    }

    @Test
    void systemOfSeveralIsRowsInCsv() {
        Command.Result result = psm("--from", folder.toString(), "--system", "-o", "csv");
        List<String> lines = mustRun(result).out().lines().toList();
        assertEquals(4, lines.size(), result.out());
        assertTrue(lines.get(0).startsWith("\"mem_used_bytes\","), lines.get(0));
        assertTrue(lines.get(1).contains(",\"web"), lines.get(1));
        Command.Result one =
                psm("--from", folder.resolve("web1.psm").toString(), "--system", "-o", "csv");
        assertEquals(2, one.exitCode(), one.out());
        assertTrue(one.err().startsWith("psm: --system: csv contains only rows"), one.err());
    }

    @Test
    void singleMachineThatIsAskedHasItsName() throws IOException {
        String via = "sh -c 'cat $1' sh " + folder.resolve("web1.psm") + " {}";
        Command.Result table = psm("--hosts", "root@a", "--via", via);
        assertTrue(mustRun(table).out().contains("\ta, 20"), table.out());
        assertFalse(table.out().contains("1 machine"), table.out());
        JsonNode report = json(psm("--hosts", "root@a", "--via", via, "-o", "json"));
        assertEquals("a", report.get("host").asText());
        Command.Result markdown = psm("--hosts", "root@a", "--via", via, "-o", "markdown");
        assertTrue(mustRun(markdown).out().contains(" on `a`"), markdown.out());
    }

    @Test
    void liveSnapshotsAddUp() throws IOException {
        Path first = root.resolve("first.psm");
        Path second = root.resolve("second.psm");
        for (Path file : List.of(first, second)) {
            assertEquals(0, Command.psm("-o", "snapshot").to(file).run().exitCode());
        }
        Map<String, Long> expected = new TreeMap<>();
        for (Path file : List.of(first, second)) {
            JsonNode one = json(psm("--from", file.toString(), "--by", "user", "-o", "json"));
            for (JsonNode row : one.get("rows")) {
                expected.merge(row.get("user").asText(), row.get("pss_bytes").asLong(), Long::sum);
            }
        }
        JsonNode both =
                json(
                        psm(
                                "--from",
                                first.toString(),
                                "--from",
                                second.toString(),
                                "--by",
                                "user",
                                "-o",
                                "json"));
        Map<String, Long> found = new TreeMap<>();
        for (JsonNode row : both.get("rows")) {
            found.put(row.get("user").asText(), row.get("pss_bytes").asLong());
        }
        assertEquals(expected, found);
    }

    /** The second time that the machine is asked, it does not answer. */
    @Test
    void repeatedReportOutlivesARoundWithoutAnswers() {
        String script = "echo >> $0.n; [ $(wc -l < $0.n) = 2 ] || cat $0";
        String via = "sh -c '" + script + "' " + folder.resolve("web1.psm") + " {}";
        Command.Result result =
                psm("--hosts", "a", "--via", via, "-w", "0.1", "--count", "3", "-o", "csv");
        assertEquals(0, result.exitCode(), result.err());
        assertEquals(1 + 2 * 3, result.out().lines().count(), result.out());
        assertTrue(result.err().startsWith("psm: a: "), result.err());
    }

    @Test
    void changesOfMachinesAreShown() throws IOException {
        Command.Result result =
                psm(
                        "--hosts",
                        "a,b",
                        "--via",
                        "sh -c 'cat $1' sh " + folder.resolve("web1.psm") + " {}",
                        "-w",
                        "0.1",
                        "--count",
                        "2",
                        "-o",
                        "ndjson");
        List<JsonNode> changes = new ArrayList<>();
        for (String line : mustRun(result).out().lines().toList()) {
            JsonNode row = new ObjectMapper().readTree(line);
            if (row.get("kind").asText().equals("totals")) {
                changes.add(row.get("change_bytes"));
            }
        }
        assertEquals(2, changes.size());
        assertTrue(changes.get(0).isNull());
        assertEquals(0, changes.get(1).asInt(-1));
    }
}
