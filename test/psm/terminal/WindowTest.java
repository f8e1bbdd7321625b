package psm.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;
import psm.support.Fixtures;
import psm.support.Window;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads tables as a user sees them in a window. */
@Tag("endtoend")
class WindowTest {
    /** Returns what psm writes to a window about the made-up host of containers. */
    private static String containers(int columns, String options) throws Exception {
        return containers(columns, options, Map.of());
    }

    private static String containers(int columns, String options, Map<String, String> environment)
            throws Exception {
        List<String> args = new ArrayList<>(List.of("--proc", Fixtures.CONTAINERS.toString()));
        args.addAll(options.isEmpty() ? List.of() : List.of(options.split(" ", -1)));
        String command = Window.quoted(Command.psm(args.toArray(new String[0])).words());
        try (Window window = new Window(columns, 40, environment, command)) {
            assertEquals(0, window.exitCode(), window.seen());
            return window.seen().replace("\r\n", "\n");
        }
    }

    @Test
    void timesAreLocalOnATerminalAlone() throws Exception {
        String time = "box2, 20[0-9-]+T[0-9:]+";
        String here = containers(80, "", Map.of("TZ", "Asia/Kathmandu"));
        assertTrue(here.matches("(?s).*" + time + "[+]05:45, scanned in .*"), here);
        String there = containers(80, "", Map.of("TZ", "America/St_Johns"));
        assertTrue(there.matches("(?s).*" + time + "-0[23]:30, scanned in .*"), there);
        String piped =
                Command.psm("--proc", Fixtures.CONTAINERS.toString())
                        .with("TZ", "Asia/Kathmandu")
                        .run()
                        .out();
        assertTrue(piped.matches("(?s).*" + time + "Z, scanned in .*"), piped);
        String json = containers(80, "-o json", Map.of("TZ", "Asia/Kathmandu"));
        assertTrue(json.matches("(?s).*\"taken_at\" : \"20[0-9-]+T[0-9:]+Z\".*"), json);
    }

    @Test
    void footerHasAtMostTwoLines() throws Exception {
        for (int columns : new int[] {80, 120}) {
            String table = containers(columns, "");
            String footer = table.substring(table.indexOf("TOTAL"));
            assertEquals(3, footer.lines().count(), footer);
        }
    }

    private static Path process(Path proc, int pid, String name, int kb) throws IOException {
        Path process = Files.createDirectories(proc.resolve("" + pid));
        Files.writeString(process.resolve("cmdline"), name + "\0");
        Files.writeString(
                process.resolve("smaps_rollup"),
                "1000-2000 ---p 00000000 00:00 0    [rollup]\nRss: "
                        + kb
                        + " kB\nPss: "
                        + kb
                        + " kB\n");
        return process;
    }

    @Test
    void oomReportFitsIntoTheWindow(@TempDir Path proc) throws Exception {
        for (int pid = 1; pid <= 50; pid++) {
            Files.writeString(process(proc, pid, "app", 1024).resolve("oom_score"), pid + "\n");
        }
        String fitted = made(proc, 80, "oom");
        assertTrue(fitted.lines().count() < 40, fitted);
        assertTrue(fitted.contains("MB of RAM left") && fitted.contains(" 50 app\n"), fitted);
        assertTrue(fitted.contains(" more)\n"), fitted);
        String all = made(proc, 80, "oom", "-n", "50");
        assertFalse(all.contains(" more)\n"), all);
    }

    private static String made(Path proc, int columns, String... options) throws Exception {
        List<String> args = new ArrayList<>(List.of(options));
        args.addAll(List.of("--proc", proc.toString()));
        String command = Window.quoted(Command.psm(args.toArray(new String[0])).words());
        try (Window window = new Window(columns, 40, Map.of(), command)) {
            assertEquals(0, window.exitCode(), window.seen());
            return window.seen().replace("\r\n", "\n");
        }
    }

    @Test
    void namesAreCutToTheWindowAlone(@TempDir Path proc) throws Exception {
        String name = "a-program-whose-name-has-more-than-thirty-two-characters-and-more";
        process(proc, 7, name, 1024);
        assertTrue(made(proc, 120).contains("  " + name + " (1)\n"), made(proc, 120));
        String narrow = made(proc, 80);
        assertTrue(
                narrow.contains("  a-program-whose-name-has-more-than-thirty-t\u2026 (1)\n"),
                narrow);
        String piped = Command.psm("--proc", proc.toString()).run().out();
        assertTrue(piped.contains("\ta-program-whose-name-has-more-th (1)\n"), "as Go's psm");
    }

    /** The column after a name in Chinese starts where it starts after other names. */
    @Test
    void wideNamesDoNotShiftColumns(@TempDir Path proc) throws Exception {
        String wide = "\u65e5\u672c\u8a9e";
        process(proc, 7, wide, 2048);
        process(proc, 8, "nihongo", 1024);
        String table =
                Command.psm("--proc", proc.toString(), "-d", "-c", "pss,command").run().out();
        assertTrue(table.contains("\t  7 " + wide + "  " + wide + "\n"), table);
        assertTrue(table.contains("\t  8 nihongo nihongo\n"), table);
    }

    @Test
    void textYieldsBeforeFigures() throws Exception {
        for (String view :
                new String[] {"-d", "--by unit,program", "--by user,unit,program -c +rss"}) {
            String table = containers(80, view);
            assertTrue(table.contains("SWAPPED"), table);
            assertFalse(table.contains("too narrow"), table);
        }
    }

    @Test
    void processesHaveTheirUserAndCommandLine() throws Exception {
        String table = containers(120, "-d");
        assertTrue(table.matches("(?s).*  *PID USER +PROCESS +COMMAND\n.*"), table);
        assertTrue(table.contains("400 1000     java "), table);
        assertTrue(table.contains(" java -Xmx512m -jar api.jar\n"), table);
        String none = containers(120, "-d --no-commands");
        assertFalse(none.contains("COMMAND"), none);
    }

    @Test
    void largestBarIsFull() throws Exception {
        String table = containers(80, "--bars");
        assertTrue(table.matches("(?s).*  \u2588{10} java \\(1\\)\n.*"), table);
    }
}
