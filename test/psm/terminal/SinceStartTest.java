package psm.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;
import psm.support.Fixtures;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Watches a folder like /proc, whose figures and uptime change as a test wants. */
@Tag("endtoend")
class SinceStartTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MB = 1 << 20;

    @TempDir Path proc;

    private void write(String file, String content) throws IOException {
        Path path = proc.resolve(file);
        Files.createDirectories(path.getParent());
        Path other = Files.writeString(Files.createTempFile("psm-test", ""), content);
        Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);
    }

    private void process(int pid, int start, String name, int mb) throws IOException {
        String rest = " S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 " + start + " 0 9";
        write(pid + "/stat", pid + " (" + name + ")" + rest + " 0".repeat(28) + "\n");
        String kb = mb * 1024 + " kB\n";
        write(
                pid + "/smaps_rollup",
                "1000-2000 ---p 00000000 00:00 0    [rollup]\nRss: " + kb + "Pss: " + kb);
    }

    private void remove(int pid) throws IOException {
        Files.delete(proc.resolve(pid + "/smaps_rollup"));
        Files.delete(proc.resolve(pid + "/stat"));
        Files.delete(proc.resolve(Integer.toString(pid)));
    }

    private void uptime(int seconds) throws IOException {
        write("uptime", seconds + ".00 1.00\n");
    }

    private Command psm(String... more) {
        String[] args = {"--proc", proc.toString(), "-w", "0.2", "--since-start"};
        return Command.psm(args).append(List.of(more));
    }

    private static JsonNode row(JsonNode report, String program) {
        for (JsonNode row : report.get("rows")) {
            if (row.get("program").asText().equals(program)) {
                return row;
            }
        }
        throw new AssertionError(report.toString());
    }

    /** Returns the next report in which all processes together have that size. */
    private static JsonNode next(BufferedReader lines, long mb) throws IOException {
        while (true) {
            JsonNode report = JSON.readTree(lines.readLine());
            if (report.get("totals").get("pss_bytes").asLong() == mb * MB) {
                return report;
            }
        }
    }

    private static void requireChange(long mb, double hours, JsonNode row) {
        assertEquals(mb * MB, row.get("since_start_bytes").asLong(), row.toString());
        assertEquals(
                Math.round(mb * MB / hours),
                row.get("since_start_bytes_per_hour").asLong(),
                row.toString());
    }

    @Test
    void changesAreSinceTheFirstReport() throws Exception {
        write("sys/kernel/random/boot_id", "5e8b1a2c-0000-4000-8000-000000000001\n");
        uptime(10_000);
        process(7, 1, "web", 10);
        process(8, 1, "gone", 5);
        Process psm = new ProcessBuilder(psm("-o", "json").words()).start();
        try (BufferedReader lines = psm.inputReader(StandardCharsets.UTF_8)) {
            JsonNode first = next(lines, 15);
            assertTrue(first.get("totals").get("since_start_bytes").isNull());
            assertTrue(row(first, "web").get("since_start_bytes_per_hour").isNull());

            uptime(13_600);
            process(7, 1, "web", 30);
            next(lines, 35);
            uptime(17_200);
            process(9, 1_000_000, "new", 1);
            remove(8);
            process(7, 1, "web", 32);
            JsonNode last = next(lines, 33);
            requireChange(22, 2, row(last, "web"));
            requireChange(1, 2, row(last, "new"));
            requireChange(18, 2, last.get("totals"));
        } finally {
            psm.destroy();
        }
    }

    @Test
    void tablesShowItInsteadOfTheLastChange() {
        Command.Result twice =
                Command.psm("--proc", Fixtures.HOST.toString(), "-w", "0.1", "--count", "2")
                        .append(List.of("--since-start", "-n", "1"))
                        .run();
        String titles =
                "    MB RAM  SINCE START  MB/h AVERAGE    SHARED   SWAPPED\tPROCESS (COUNT)";
        assertEquals(2, twice.out().lines().filter(titles::equals).count(), twice.out());
    }

    @Test
    void withoutWatchItIsRefused() {
        Command.Result result = Command.psm("--since-start").run();
        assertEquals(2, result.exitCode());
        assertEquals(
                "psm: --since-start: shows what changed since the first of several reports; add -w"
                        + " SECONDS\n",
                result.err());
    }
}
