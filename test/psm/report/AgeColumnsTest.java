package psm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;
import psm.support.Fixtures;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Compares ages with those that ps(1) shows: of this JVM, and of a process that is new. */
@Tag("endtoend")
class AgeColumnsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String[] COLUMNS = {
        "--by", "pid", "-c", "pss,age,rate,anonymous", "-o", "json"
    };

    @TempDir static Path folder;
    private static Process young;

    @BeforeAll
    static void start() throws IOException {
        young = new ProcessBuilder("sleep", "600").start();
    }

    @AfterAll
    static void end() {
        young.destroy();
    }

    private static String pids() {
        return ProcessHandle.current().pid() + "," + young.pid();
    }

    private static Command psm(String... more) {
        return Command.psm(COLUMNS).append(List.of("-p", pids())).append(List.of(more));
    }

    private static List<Long> agesOfPs(String... behind) {
        List<String> words = new ArrayList<>(Arrays.asList(behind));
        words.addAll(List.of("ps", "-o", "etimes=", "-p", pids(), "--sort", "pid"));
        Command.Result result = Command.of(words.toArray(new String[0])).run();
        return result.out().lines().map(line -> Long.parseLong(line.strip())).toList();
    }

    private static List<JsonNode> rows(Command psm) throws IOException {
        Command.Result result = psm.run();
        assertEquals(0, result.exitCode(), result.err());
        List<JsonNode> rows = new ArrayList<>();
        JSON.readTree(result.out()).get("rows").forEach(rows::add);
        rows.sort((a, b) -> Integer.compare(a.get("pid").asInt(), b.get("pid").asInt()));
        assertEquals(2, rows.size(), result.out() + result.err());
        return rows;
    }

    /** Requires the ages that ps shows before and afterwards, to the second. */
    private static List<JsonNode> requireAges(Command psm, String... behind) throws IOException {
        List<Long> before = agesOfPs(behind);
        List<JsonNode> rows = rows(psm);
        List<Long> after = agesOfPs(behind);
        for (int i = 0; i < rows.size(); i++) {
            long age = rows.get(i).get("age_seconds").asLong();
            assertTrue(
                    age >= before.get(i) - 1 && age <= after.get(i) + 1,
                    before + " " + rows + " " + after);
        }
        return rows;
    }

    @Test
    void agesAreThoseOfPs() throws IOException {
        List<JsonNode> rows = requireAges(psm());
        for (JsonNode row : rows) {
            long age = row.get("age_seconds").asLong();
            JsonNode rate = row.get("rate_bytes_per_hour");
            assertEquals(age < 60, rate.isNull(), row.toString());
            double expected = row.get("pss_bytes").asDouble() * 3600 / Math.max(1, age);
            assertTrue(rate.isNull() || Math.abs(rate.asLong() / expected - 1) < 0.05, rows + "");
        }
    }

    @Test
    void anonymousPagesAreThoseOfTheKernel() throws IOException {
        Path rollup = Path.of("/proc/" + young.pid() + "/smaps_rollup");
        assumeTrue(Files.exists(rollup), "there is no smaps_rollup here");
        String kb = Files.readString(rollup).replaceAll("(?s).*\nAnonymous: *([0-9]+) kB.*", "$1");
        for (String source : new String[] {"rollup", "smaps"}) {
            for (JsonNode row : rows(psm("--source", source))) {
                if (row.get("pid").asLong() == young.pid()) {
                    assertEquals(
                            Long.parseLong(kb) * 1024, row.get("anonymous_bytes").asLong(), source);
                }
            }
        }
    }

    @Test
    void snapshotsHaveTheAgesOfTheirTime() throws IOException {
        Path file = folder.resolve("host1.psm");
        List<JsonNode> live = rows(psm());
        assertEquals(0, Command.psm("-o", "snapshot").to(file).run().exitCode());
        List<JsonNode> read = rows(psm("--from", file.toString()));
        for (int i = 0; i < read.size(); i++) {
            long later = read.get(i).get("age_seconds").asLong();
            long age = live.get(i).get("age_seconds").asLong();
            assertTrue(later >= age && later <= age + 60, live + " " + read);
        }
    }

    @Test
    void probesHaveTheAgesOfTheirTime() throws IOException {
        Path file = folder.resolve("host1.probe");
        Command probe = Command.of("sh", "-c", "\"$@\" | sh", "sh");
        probe.append(Command.psm("probe").words());
        List<Long> before = agesOfPs();
        assertEquals(0, probe.to(file).run().exitCode());
        List<Long> after = agesOfPs();
        Command read = Command.psm("--by", "pid", "-c", "age,rate", "-o", "json", "-p", pids());
        List<JsonNode> rows = rows(read.append(List.of("--from", file.toString())));
        for (int i = 0; i < rows.size(); i++) {
            long age = rows.get(i).get("age_seconds").asLong();
            assertTrue(age >= before.get(i) - 1 && age <= after.get(i) + 1, rows.toString());
        }
        Command.Result refused = psm("--from", file.toString()).run();
        assertEquals(2, refused.exitCode());
        assertTrue(refused.err().contains("column anonymous: a probe does not read it"));
    }

    /** Uptime and start times are both shifted there. */
    @Test
    void agesAgreeInATimeNamespace() throws IOException {
        String[] unshare = {"unshare", "-T", "--boottime", "1000000", "--fork"};
        List<String> possible = new ArrayList<>(List.of(unshare));
        possible.add("true");
        assumeTrue(
                Command.of(possible.toArray(new String[0])).run().exitCode() == 0,
                "time namespaces take root and Linux 5.6");
        requireAges(psm().behind(unshare), unshare);
        requireAges(psm().behind(unshare));
    }

    @Test
    void snapshotsWithoutUptimeHaveNoAges() throws IOException {
        String old = Fixtures.HOST.resolveSibling("host-0.1.0.psm").toString();
        Command.Result result = Command.psm("--from", old, "-c", "age", "-o", "csv").run();
        assertEquals(
                "psm: -c age: not in this snapshot; write a new one with 'psm -o snapshot'\n",
                result.err());
        assertTrue(result.out().lines().skip(1).allMatch(line -> line.contains(",,")));
    }

    @Test
    void oldestAndFastestCanBeSorted() throws IOException {
        Command.Result table =
                Command.psm(
                                "--proc",
                                Fixtures.HOST.toString(),
                                "-c",
                                "age,rate",
                                "--sort",
                                "rate",
                                "-n",
                                "2")
                        .run();
        assertEquals("       AGE  MB/h RATE\tPROCESS", table.out().lines().findFirst().get());
        Command bySort = Command.psm("--by", "pid", "--sort", "age", "-o", "csv", "-p", pids());
        String first = bySort.run().out().lines().skip(1).findFirst().get();
        assertTrue(first.startsWith(ProcessHandle.current().pid() + ","), first);
    }
}
