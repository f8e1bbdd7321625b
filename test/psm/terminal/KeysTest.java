package psm.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Command;
import psm.support.Fixtures;
import psm.support.Window;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Types keys while psm repeats a report in a window, and changes the window. */
@Tag("endtoend")
@Tag("jdk")
@Tag("user")
class KeysTest {
    private static final String HIDE = "\u001b[?25l";
    private static final String SHOW = "\u001b[?25h";

    /** The end of a report of {@link #watch}. */
    private static final String REPORT = " ms\r\n";

    private static String watch(String... args) {
        List<String> all = new ArrayList<>(List.of("--proc", Fixtures.CONTAINERS.toString()));
        all.addAll(List.of(args));
        return Window.quoted(Command.psm(all.toArray(new String[0])).words());
    }

    private static Window window(String command) throws Exception {
        return new Window(80, 24, Map.of(), command);
    }

    private static void assertLeft(Window window) throws Exception {
        String seen = window.seen();
        assertTrue(seen.lastIndexOf(SHOW) > seen.lastIndexOf(HIDE), seen);
    }

    @ParameterizedTest
    @ValueSource(strings = {"table", "json", "csv"})
    void theKeyQEndsIt(String format) throws Exception {
        String sane = "; code=$?; stty -a | grep -o ' [-]*icanon\\| [-]*echo '; exit $code";
        try (Window window = window(watch("-w", "0.2", "-o", format) + sane)) {
            window.await("java", 2);
            window.type("xyq");
            assertEquals(0, window.exitCode(), window.seen());
            assertTrue(window.seen().endsWith(" icanon\r\n echo \r\n"), window.seen());
            assertFalse(window.seen().contains("xyq"), "keys are not shown");
            if (format.equals("table")) {
                assertLeft(window);
            } else {
                assertFalse(window.seen().contains("\u001b"), window.seen());
            }
        }
    }

    @Test
    void aSignalLeavesTheTerminalAsItWas() throws Exception {
        for (String signal : List.of("INT", "TERM", "HUP")) {
            String shell = "sh -c 'echo $$; exec \"$@\"' sh" + watch("-w", "0.2");
            String kill = "trap : INT HUP; " + shell + "; echo code $?; read line";
            try (Window window = window(kill)) {
                window.await(REPORT, 2);
                assertFalse(window.isSane());
                Command.of("kill", "-" + signal, window.seen().lines().findFirst().get()).run();
                window.await("code ", 1);
                assertTrue(window.isSane(), signal);
                assertLeft(window);
            }
        }
    }

    @Test
    void theKeyQEndsItWhileItGoesOnAfterAStop() throws Exception {
        String shell = "sh -c 'echo $$; exec \"$@\"' sh" + watch("-w", "60");
        for (int i = 0; i < 5; i++) {
            try (Window window = window(shell + "; echo code $?; read line")) {
                window.await(REPORT, 1);
                String pid = window.seen().lines().findFirst().get();
                window.type("q");
                Command.of("kill", "-CONT", pid).run(); // as fg does, before psm looks at the keys
                window.await("code 0", 1);
                assertTrue(window.isSane());
                assertLeft(window);
            }
        }
    }

    @Test
    void aWindowOfAnotherSizeIsDrawnAtOnce() throws Exception {
        try (Window window = window(watch("-w", "600"))) {
            window.await(REPORT, 1);
            window.forget();
            window.resize(80, 16);
            window.await(REPORT, 1);
            String frame = window.seen();
            assertTrue(frame.startsWith(Watch.HOME_AND_CLEAR), frame);
            assertTrue(frame.split("\r\n", -1).length <= 16, frame);
            window.type("q");
            assertEquals(0, window.exitCode());
        }
    }

    @Test
    void theShellGetsItsTerminalOnCtrlZ() throws Exception {
        try (Window window = window("bash --norc --noprofile -i")) {
            window.type(watch("-w", "0.2") + "\n");
            window.await(REPORT, 2);
            window.type(Window.CTRL_Z);
            window.await("Stopped", 1);
            assertLeft(window);
            window.forget();
            window.type("stty -a | grep -o ' [-]*icanon\\| [-]*echo '; echo done\n");
            window.await("\r\ndone", 1);
            assertTrue(window.seen().contains(" icanon\r\n echo "), window.seen());
            window.forget();
            window.type("fg\n");
            window.await(REPORT, 2);
            assertFalse(window.isSane());
            window.type("q");
            window.await(SHOW, 1);
            window.type("exit 3\n");
            assertEquals(3, window.exitCode(), window.seen());
        }
    }

    @Test
    void aJobInTheBackgroundWaits() throws Exception {
        try (Window window = window("bash --norc --noprofile -i")) {
            window.type(watch("-w", "0.1") + " & sleep 2; echo waited\n");
            window.await("\r\nwaited", 1);
            assertFalse(window.seen().contains(REPORT), window.seen());
            window.type("fg\n");
            window.await(REPORT, 2);
            window.type("q");
            window.await(SHOW, 1);
            window.type("exit 4\n");
            assertEquals(4, window.exitCode(), window.seen());
        }
    }

    @Test
    void aDumbTerminalGetsNoEscapes() throws Exception {
        Map<String, String> dumb = Map.of("TERM", "dumb", "NO_COLOR", "");
        try (Window window = new Window(80, 24, dumb, watch("-w", "0.1"))) {
            window.await(REPORT, 3);
            window.type("q");
            assertEquals(0, window.exitCode());
            assertFalse(window.seen().contains("\u001b"), window.seen());
        }
    }

    @Test
    void asManyReportsAsCounted() throws Exception {
        try (Window window = window(watch("-w", "0.1", "--count", "3"))) {
            assertEquals(0, window.exitCode());
            assertEquals(4, window.seen().split(REPORT, -1).length, window.seen());
            assertLeft(window);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "tsv"})
    void rowsInAPipeHaveOneHeader(String format) {
        String[] args = {"-w", "0.1", "--count", "3", "-o", format, "-n", "2"};
        Command.Result run = Command.of("sh", "-c", watch(args)).run();
        assertEquals(0, run.exitCode(), run.err());
        List<String> lines = run.out().lines().toList();
        assertEquals(1 + 3 * 2, lines.size(), run.out());
        assertEquals(1, lines.stream().filter(lines.get(0)::equals).count(), run.out());
    }

    @Test
    void withoutATerminalForKeysItGoesOn() throws Exception {
        try (Window window = window(watch("-w", "0.1") + " < /dev/null")) {
            window.await(REPORT, 2);
            assertTrue(window.isSane());
            window.type("q");
            window.forget();
            window.await(REPORT, 2);
            window.type(Window.CTRL_C);
            assertEquals(130, window.exitCode());
        }
    }
}
