package psm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.spi.ToolProvider;

/**
 * What psm without options loads, run from one jar as an installed psm is. Each class takes time,
 * so it must load none that only other commands need.
 */
@Tag("endtoend")
class DefaultRunTest {
    /** The folders that a run without options needs; a new one must not be among them. */
    private static final Set<String> NEEDED =
            Set.of(
                    "text",
                    "trust",
                    "smaps",
                    "proc",
                    "cgroup",
                    "name",
                    "scan",
                    "snapshot",
                    "system",
                    "report",
                    "collect",
                    "cell",
                    "format",
                    "terminal",
                    "cli",
                    "command");

    private static final List<String> LIBRARIES =
            List.of("com.fasterxml.jackson.", "org.apache.commons.", "picocli.");

    private static final String FORMATS = "psm.format.";

    @TempDir Path folder;

    private final Set<String> loaded = new TreeSet<>();

    @BeforeEach
    void run() throws IOException, URISyntaxException {
        Path log = folder.resolve("loaded");
        List<String> words = Command.java("psm.Main").words();
        int classPath = words.indexOf("-cp");
        words.set(classPath + 1, jar().toString());
        words.add(classPath, "-Xlog:class+load:file=" + log + ":none");
        Command.Result result = Command.of(words.toArray(new String[0])).run();
        assertEquals(0, result.exitCode(), result.err());
        assertTrue(result.out().contains("TOTAL USED BY PROCESSES"), result.out());
        for (String line : Files.readAllLines(log)) {
            loaded.add(line.replaceFirst(" .*", ""));
        }
        assertTrue(loaded.contains("psm.Main"), loaded.toString());
    }

    /** Returns psm's classes as one jar, which the tests are started from too as a rule. */
    private Path jar() throws URISyntaxException {
        Path classes =
                Path.of(Psm.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        if (Files.isRegularFile(classes)) {
            return classes;
        }
        Path jar = folder.resolve("psm.jar");
        ToolProvider tool = ToolProvider.findFirst("jar").orElseThrow();
        int code = tool.run(System.out, System.err, "-cf", "" + jar, "-C", "" + classes, ".");
        assertEquals(0, code);
        return jar;
    }

    @Test
    void classesOfOtherCommandsAreNotLoaded() {
        List<String> others = new ArrayList<>();
        for (String name : loaded) {
            String[] words = name.split("\\.", -1);
            boolean isOther =
                    words.length == 3 && words[0].equals("psm") && !NEEDED.contains(words[1]);
            if (isOther || LIBRARIES.stream().anyMatch(name::startsWith)) {
                others.add(name);
            }
        }
        assertEquals(List.of(), others);
    }

    /** Java may load the descriptions of all formats, but nothing that writes another one. */
    @Test
    void onlyTheTableIsLoadedOfAllFormats() {
        Set<String> others = new TreeSet<>();
        for (String name : loaded) {
            if (name.startsWith(FORMATS)
                    && !name.startsWith(FORMATS + "Table")
                    && !name.startsWith(FORMATS + "Formats")
                    && !name.equals(FORMATS + "Exporters")) {
                others.add(name);
            }
        }
        assertEquals(Set.of(), others);
        assertTrue(loaded.contains(FORMATS + "TableFormat"), loaded.toString());
    }
}
