package psm.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;
import psm.support.Fixtures;
import psm.support.Window;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Watches real processes, through a pipe and on a terminal of script(1)'s. */
@Tag("endtoend")
@Tag("jdk")
class WatchTest {
    private static final char INTERRUPT = 3; // what Ctrl-C sends
    private static final String HIDE = "\u001b[?25l";
    private static final String SHOW = "\u001b[?25h";

    private static Process start(List<String> words, String noColor) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().put("TERM", "xterm");
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("NO_COLOR", noColor);
        return builder.start();
    }

    private static List<String> psm(String... args) {
        return Command.psm(args).words();
    }

    @BeforeAll
    static void assumeInterruptsArrive() throws IOException {
        Window.assumeInterruptsArrive();
    }

    private static void kill(String signal, Process process) {
        Command.of("kill", "-" + signal, Long.toString(process.pid())).run();
    }

    @Test
    void pipedJsonDocumentsAreWholeLines() throws Exception {
        Process psm =
                start(psm("-w", "0.2", "-o", "json", "--proc", Fixtures.HOST.toString()), "1");
        BufferedReader lines = psm.inputReader(StandardCharsets.UTF_8);
        ObjectMapper json = new ObjectMapper();
        for (int i = 0; i < 3; i++) {
            JsonNode document = json.readTree(lines.readLine());
            JsonNode row = document.get("rows").get(0);
            assertTrue(row.has("change_bytes"), row.toString());
            assertEquals(i == 0, row.get("change_bytes").isNull());
            assertEquals(0, row.get("change_bytes").asLong());
        }
        kill("INT", psm);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            assertNotNull(json.readTree(line).get("totals"), line);
        }
        assertTrue(psm.waitFor(1, TimeUnit.MINUTES), "it has ended");
        assertEquals(130, psm.exitValue());
    }

    @Test
    void pipedTablesArePlainText() throws Exception {
        Process psm = start(psm("-w", "0.2", "--proc", Fixtures.HOST.toString(), "-n", "2"), "");
        BufferedReader lines = psm.inputReader(StandardCharsets.UTF_8);
        List<String> titles = new ArrayList<>();
        StringBuilder all = new StringBuilder();
        while (titles.size() < 2) {
            String line = lines.readLine();
            all.append(line).append('\n');
            if (line.contains("SHARED")) {
                titles.add(line);
            }
        }
        psm.destroy();
        assertEquals("    MB RAM    CHANGE    SHARED   SWAPPED\tPROCESS (COUNT)", titles.get(0));
        assertEquals(titles.get(0), titles.get(1));
        assertFalse(all.toString().contains("\u001b"), all.toString());
        assertTrue(all.toString().contains(" ms\n\n    MB RAM"), all.toString());
    }

    @Test
    void sameRemarkIsPrintedOnce() {
        String[] args = {"-w", "0.1", "--count", "3", "-p", "1,99", "-o", "json"};
        Command psm = Command.psm(args).append(List.of("--proc", Fixtures.HOST.toString()));
        Command.Result result = psm.run();
        assertEquals(3, result.out().lines().count(), result.out());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().startsWith("psm: pid 99: no such process"), result.err());
    }

    @Test
    void readerThatClosesThePipeEndsPsm() throws Exception {
        Process psm = start(psm("-w", "0.1", "--proc", Fixtures.HOST.toString()), "1");
        psm.inputReader(StandardCharsets.UTF_8).readLine();
        psm.getInputStream().close();
        assertTrue(psm.waitFor(1, TimeUnit.MINUTES), "it has ended");
        assertEquals(0, psm.exitValue());
    }

    @Test
    void changeOfTheTotalIncludesExitedProcesses() throws Exception {
        Process other = new ProcessBuilder("sleep", "600").start();
        String pids = ProcessHandle.current().pid() + "," + other.pid();
        Process psm = start(psm("-w", "0.5", "-o", "json", "-d", "-p", pids), "1");
        BufferedReader lines = psm.inputReader(StandardCharsets.UTF_8);
        ObjectMapper json = new ObjectMapper();
        JsonNode before = json.readTree(lines.readLine());
        assumeTrue(before.get("rows").size() == 2, "both may be read");
        other.destroy();
        other.waitFor();
        JsonNode now = before;
        while (now.get("rows").size() == 2) {
            before = now;
            String line = lines.readLine();
            now = line.startsWith("{") ? json.readTree(line) : now;
        }
        psm.destroy();
        assertEquals(
                total(now, "pss_bytes") - total(before, "pss_bytes"), total(now, "change_bytes"));
        assertEquals(
                now.get("rows").get(0).get("pss_bytes").asLong()
                        - before.get("rows").get(0).get("pss_bytes").asLong(),
                now.get("rows").get(0).get("change_bytes").asLong());
    }

    @Test
    void selectedUnitMayStopAndStartAgain(@TempDir Path proc) throws Exception {
        Path cgroup = Files.createDirectories(proc.resolve("7")).resolve("cgroup");
        Files.writeString(
                cgroup.resolveSibling("smaps_rollup"),
                "1000-2000 ---p 00000000 00:00 0    [rollup]\nRss: 4 kB\nPss: 4 kB\n");
        Files.writeString(cgroup, "0::/system.slice/x.service\n");
        List<String> words =
                psm("-w", "0.2", "-o", "json", "--unit", "x", "--proc", proc.toString());
        assertTrue(rows(words, cgroup).endsWith("1 0 1"));
        Files.writeString(cgroup, "0::/system.slice/y.service\n");
        Command.Result first = Command.of(words.toArray(new String[0])).run();
        assertEquals(2, first.exitCode(), "at first it must be there");
        assertTrue(first.err().endsWith("is in that unit; there are y.service\n"), first.err());
    }

    /** Returns the numbers of rows while the unit stops and starts again. */
    private static String rows(List<String> words, Path cgroup) throws IOException {
        Process psm =
                new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        BufferedReader lines = psm.inputReader(StandardCharsets.UTF_8);
        ObjectMapper json = new ObjectMapper();
        StringBuilder seen = new StringBuilder();
        String unit = "x";
        while (seen.length() < 6) {
            String line = lines.readLine();
            String rows = line == null ? "ended" : "" + json.readTree(line).get("rows").size();
            if (!seen.toString().endsWith(rows)) {
                seen.append(' ').append(rows);
                unit = unit.equals("x") ? "y" : "x";
                Files.writeString(cgroup, "0::/system.slice/" + unit + ".service\n");
            }
        }
        psm.destroy();
        return seen.toString();
    }

    private static long total(JsonNode document, String column) {
        return document.get("totals").get(column).asLong();
    }

    // On a terminal

    /** Returns what psm writes to a window, until Ctrl-C after that many reports. */
    private static String onTerminal(
            int columns, int rows, String noColor, int times, String... args) throws Exception {
        assumeTrue(Command.exists("script"), "there is no script(1) to make a terminal with");
        StringBuilder command = new StringBuilder();
        command.append("stty cols ").append(columns).append(" rows ").append(rows);
        command.append("; exec");
        for (String word : psm(args)) {
            command.append(" '").append(word).append('\'');
        }
        Process script = start(List.of("script", "-qec", command.toString(), "/dev/null"), noColor);
        StringBuilder seen = new StringBuilder();
        InputStream in = script.getInputStream();
        byte[] bytes = new byte[8192];
        boolean isInterrupted = false;
        for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
            seen.append(new String(bytes, 0, n, StandardCharsets.UTF_8));
            if (!isInterrupted && times > 0 && seen.toString().split(" ms", -1).length > times) {
                script.getOutputStream().write(INTERRUPT);
                script.getOutputStream().flush();
                isInterrupted = true;
            }
        }
        assertTrue(script.waitFor(1, TimeUnit.MINUTES), "it has ended");
        assertEquals(times > 0 ? 130 : 0, script.exitValue(), seen.toString());
        return seen.toString();
    }

    private static List<String> frames(String seen) {
        return List.of(seen.split(java.util.regex.Pattern.quote(Watch.HOME_AND_CLEAR), -1))
                .subList(
                        1,
                        seen.split(java.util.regex.Pattern.quote(Watch.HOME_AND_CLEAR), -1).length);
    }

    private static void assertFits(String text, int columns) {
        for (String line : text.split("\r\n", -1)) {
            StringBuilder shown = new StringBuilder();
            for (char c : line.replaceAll("\u001b\\[[?0-9;]*[A-Za-z]", "").toCharArray()) {
                shown.append(c == '\t' ? " ".repeat(8 - shown.length() % 8) : "" + c);
            }
            String stripped = shown.toString().stripTrailing();
            assertTrue(stripped.length() <= columns, columns + ": " + stripped);
        }
    }

    @Test
    void reportsReplaceEachOtherOnATerminal() throws Exception {
        for (int[] window : new int[][] {{80, 18}, {60, 18}, {80, 24}}) {
            int columns = window[0];
            int rows = window[1];
            String seen =
                    onTerminal(
                            columns,
                            rows,
                            "1",
                            3,
                            "-w",
                            "0.2",
                            "--proc",
                            Fixtures.CONTAINERS.toString());
            assertTrue(seen.startsWith(HIDE), seen);
            assertTrue(seen.replace("^C", "").stripTrailing().endsWith(SHOW), seen);
            assertEquals(seen.indexOf(HIDE), seen.lastIndexOf(HIDE));
            assertTrue(frames(seen).size() >= 3, seen);
            for (String frame : frames(seen)) {
                assertTrue(frame.split("\r\n", -1).length <= rows, frame);
                assertFits(frame.replace("^C", ""), columns);
            }
            assertEquals(rows == 18, seen.contains(" more)"), "the smallest are left out: " + seen);
            assertTrue(seen.contains("477.5"), "the largest stays: " + seen);
        }
    }

    @Test
    void oomWindowShowsPressureAndNextVictim() throws Exception {
        String[] args = {"oom", "-w", "0.2", "--proc", Fixtures.CONTAINERS.toString()};
        for (int rows : new int[] {20, 24, 40}) {
            for (String frame : frames(onTerminal(100, rows, "1", 2, args))) {
                String[] lines = frame.replace("^C", "").stripTrailing().split("\r\n", -1);
                assertTrue(lines.length <= rows, frame);
                assertTrue(lines[0].endsWith(" of RAM left, MemAvailable"), frame);
                assertTrue(frame.contains("ADJ"), frame);
                assertEquals(rows < 40, frame.contains(" more)"), frame);
                assertTrue(frame.contains(" java\r\n"), "the first to die: " + frame);
            }
        }
    }

    @Test
    void tableFitsIntoTheWidth() throws Exception {
        String[] views = {
            "",
            "--spread",
            "--bars",
            "--by cgroup",
            "--by cgroup,program",
            "--by tree",
            "--by command",
            "--units b -c rss,pss,uss,peak,swap",
            "-c +command,+cgroup,+pid",
            "--system -n 3",
            "--bars --by user,unit,program --spread"
        };
        for (String view : views) {
            for (int columns : new int[] {80, 60, 40}) {
                List<String> args =
                        new ArrayList<>(List.of("--proc", Fixtures.CONTAINERS.toString()));
                args.addAll(view.isEmpty() ? List.of() : List.of(view.split(" ", -1)));
                String seen = onTerminal(columns, 24, "", 0, args.toArray(new String[0]));
                assertFits(seen, columns);
                assertTrue(seen.contains("TOTAL"), seen);
            }
        }
    }

    @Test
    void figuresThatDoNotFitAreNamed() throws Exception {
        String seen =
                onTerminal(60, 24, "1", 0, "--spread", "--proc", Fixtures.CONTAINERS.toString());
        assertTrue(seen.contains("too narrow for"), seen);
        assertFalse(
                onTerminal(80, 24, "1", 0, "--spread", "--proc", Fixtures.CONTAINERS.toString())
                        .contains("too narrow"));
    }

    @Test
    void coloursAreForTerminalsOnly() throws Exception {
        String[] args = {"--proc", Fixtures.CONTAINERS.toString(), "-n", "2"};
        assertTrue(onTerminal(80, 24, "", 0, args).contains("\u001b["));
        assertFalse(onTerminal(80, 24, "1", 0, args).contains("\u001b"));
        assertFalse(Command.psm(args).with("NO_COLOR", null).run().out().contains("\u001b"));
    }
}
