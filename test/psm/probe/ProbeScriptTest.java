package psm.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Holds the script of the probe to POSIX, and to what people read before they run it as root. */
class ProbeScriptTest {
    @TempDir Path folder;

    @Test
    void shellcheckFindsNothing() throws IOException, InterruptedException {
        assumeTrue(Command.exists("shellcheck"), "no shellcheck");
        Path script = Files.writeString(folder.resolve("probe"), ProbeScript.TEXT);
        Command.Result result = Command.of("shellcheck", "-s", "sh", script.toString()).run();
        assertEquals("", result.out());
        assertTrue(!ProbeScript.TEXT.contains("shellcheck"), "a check is switched off");
    }

    @Test
    void documentationContainsTheScript() throws IOException {
        String docs = Files.readString(Command.root().resolve("docs/probe.md"));
        assertTrue(docs.contains("\n```\n" + ProbeScript.TEXT + "```\n"));
    }

    @Test
    void scriptIsShortAndPlain() {
        String[] lines = ProbeScript.TEXT.split("\n", -1);
        assertTrue(lines.length - 1 < 150, lines.length + " lines");
        for (String line : lines) {
            assertTrue(line.matches("[ -~]{0,88}"), line);
            assertTrue(!line.contains("<<"), "a shell may write this to a file: " + line);
        }
    }
}
