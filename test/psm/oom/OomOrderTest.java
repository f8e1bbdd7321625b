package psm.oom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.support.MadeUpHost;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The order of {@code psm oom} for other users, with options, and from snapshots. */
@Tag("endtoend")
class OomOrderTest {
    private static final String VICTIM =
            "echo 990 >/proc/self/oom_score_adj && echo ready && exec sleep 1000";

    @TempDir Path root;

    private static JsonNode report(Command command) throws IOException {
        return new ObjectMapper().readTree(command.run().out());
    }

    /** Every user may read the scores, so the first to die is another user's process. */
    @Test
    void ordinaryUserSeesWhoDiesFirst() throws Exception {
        assumeTrue(new OwnProcess().isRoot(), "only root can become another user");
        Process victim = new ProcessBuilder("sh", "-c", VICTIM).start();
        try {
            assertEquals("ready", victim.inputReader().readLine());
            JsonNode rows = report(Command.psmAsNobody(root, "oom", "-o", "json")).get("rows");
            JsonNode row = rows.get(0);
            assertEquals(victim.pid(), row.get("pids").get(0).asLong(), row.toString());
            assertEquals(1, row.get("rank").asInt());
            assertEquals(1, row.get("estimated").asInt());
            assertTrue(row.get("pss_bytes").asLong() > 0, row.toString());
            assertTrue(row.get("frees_bytes").isNull(), row.toString());
        } finally {
            victim.destroyForcibly().waitFor();
        }
    }

    private MadeUpHost host() throws IOException {
        MadeUpHost host =
                new MadeUpHost(root)
                        .process(5, 400, 0, 900, "0::/a.slice/db.service")
                        .process(6, 5, 0, 680, "0::/a.slice/db.service")
                        .process(7, 1, 0, 667, "0::/b.slice/sshd.service")
                        .v2("/a.slice", "memory.max", "1000")
                        .v2("/a.slice", "memory.current", "999")
                        .v2("/a.slice/db.service", "memory.max", "max")
                        .v2("/b.slice", "memory.max", "max");
        for (int pid = 5; pid <= 7; pid++) {
            host.write(
                    "proc/" + pid + "/status",
                    "Name:\tprogram\nUid:\t7\t7\t7\t7\nVmRSS:\t" + 90 / pid + "00 kB\n");
        }
        return host;
    }

    private Command psm(String... args) {
        List<String> words = new ArrayList<>(List.of(args));
        words.addAll(List.of("--proc", root.resolve("proc").toString()));
        return Command.psm(words.toArray(new String[0]));
    }

    /** It does not follow that sshd dies first if the database is slow to read. */
    @Test
    void processThatIsNotReadInTimeKeepsItsPlace() throws IOException {
        host();
        Path rollup = root.resolve("proc/5/smaps_rollup");
        Files.delete(rollup);
        assertEquals(0, Command.of("mkfifo", rollup.toString()).run().exitCode());
        JsonNode rows = report(psm("oom", "-o", "json", "--timeout", "0.2")).get("rows");
        assertEquals(3, rows.size());
        assertEquals(5, rows.get(0).get("pids").get(0).asInt());
        assertEquals(900, rows.get(0).get("oom_score").asInt());
        assertEquals(1800 << 10, rows.get(0).get("pss_bytes").asInt());
        assertEquals(7, rows.get(2).get("pids").get(0).asInt());
    }

    @Test
    void snapshotGivesTheSameReportWithOptions() throws IOException {
        host();
        Path file = root.resolve("host.psm");
        assertEquals(0, psm("-o", "snapshot").to(file).run().exitCode());
        String[][] options = {
            {}, {"-f", "program6"}, {"-p", "!7", "-n", "1"}, {"--unit", "sshd.service"},
        };
        for (String[] chosen : options) {
            for (String format : List.of("table", "json")) {
                List<String> words = new ArrayList<>(List.of("oom", "-o", format));
                words.addAll(List.of(chosen));
                String live = timeless(psm(words.toArray(new String[0])));
                words.addAll(List.of("--from", file.toString()));
                String read = timeless(Command.psm(words.toArray(new String[0])));
                assertEquals(live, read, words.toString());
            }
        }
    }

    /** Returns what a command prints, without times. */
    private static String timeless(Command command) {
        Command.Result result = command.run();
        assertEquals(0, result.exitCode(), result.err());
        return (result.out() + result.err())
                .replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:]+Z", "then")
                .replaceAll("scanned in [0-9.]+ m?s", "scanned")
                .replaceAll("\"scan_ms\":[0-9.]+", "\"scan_ms\":0");
    }

    @Test
    void optionsDoNotChangeRanksAndVictims() throws IOException {
        host();
        JsonNode json = report(psm("oom", "-o", "json", "-f", "program6"));
        assertEquals(1, json.get("rows").size());
        assertEquals(2, json.get("rows").get(0).get("rank").asInt());
        assertEquals(5, json.get("full_cgroups").get(0).get("next_pids").get(0).asInt());
        JsonNode other = report(psm("oom", "-o", "json", "-p", "7"));
        assertEquals(3, other.get("rows").get(0).get("rank").asInt());
        assertEquals(0, other.get("full_cgroups").size());
        assertEquals(1, other.get("processes").get("measured").asInt());
    }
}
