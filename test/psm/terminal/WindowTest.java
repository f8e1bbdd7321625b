package psm.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import psm.support.Command;
import psm.support.Fixtures;
import psm.support.Window;

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

    private static String containers(
            int columns, String options, Map<String, String> environment) throws Exception {
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
}
