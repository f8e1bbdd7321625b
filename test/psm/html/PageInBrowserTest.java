package psm.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import psm.record.MadeUpRecording;
import psm.record.RecordingFolder;
import psm.record.RecordingWriter;
import psm.snapshot.SnapshotWriter;
import psm.support.Command;
import psm.support.Fixtures;
import psm.text.Failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Opens pages in a real browser. The checks are in {@code test/browser}; each is a test here. They
 * are skipped without Node, Chromium, pdftotext and the packages that {@code npm ci} installs. If
 * the variable {@code PSM_TEST_PAGES} names a folder, the pages stay in a new folder there, so that
 * people can look at them.
 */
@Order(1)
@Tag("endtoend")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PageInBrowserTest {
    private static final Path CHECKS = Command.root().resolve("test/browser");
    private static final long MB = 1 << 20;
    private static final int MINUTES = 24 * 60;

    /** Names that could become markup, change the direction of text, or fill a window. */
    private static final List<String> HOSTILE =
            List.of(
                    "</script><script>alert(1)</script>",
                    "<img src=x onerror=alert(2)>",
                    "\"><svg/onload=alert(3)>",
                    "' onclick='alert(4)' x='",
                    "</title></style><b>&lt;&amp;&#60;",
                    "<!--<script>",
                    "]]>\u202egnp.exe\u2066\u200f",
                    "\u8a18".repeat(256),
                    "\udcff\udc80\udcfe",
                    "a\0b\033[31m\r\n\tc",
                    "javascript:alert(5)",
                    "e" + "\u0301".repeat(99),
                    "\u1100".repeat(256),
                    "\u05d0\u05d1 5");

    private static final List<String> PLAIN =
            List.of(
                    "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "b0", "b1", "b2",
                    "b3");

    private final ObjectMapper mapper = new ObjectMapper();
    private final ArrayNode pages = mapper.createArrayNode();
    private final List<Runnable> writers = new ArrayList<>();
    private Path folder;

    // The pages

    /** Has a page written, and the same report as JSON beside it. */
    private ObjectNode page(String name, int pictures, String... args) {
        String html = name + ".html";
        writers.add(() -> write(html, "html", args));
        writers.add(() -> write(name + ".json", "json", args));
        ObjectNode page = pages.addObject().put("name", name).put("html", html);
        return page.put("json", name + ".json").put("pictures", pictures);
    }

    private void write(String file, String format, String... args) {
        Command.Result result =
                Command.psm(args)
                        .append(List.of("-q", "-o", format))
                        .in(folder)
                        .with("TZ", "UTC")
                        .to(folder.resolve(file))
                        .run();
        assertEquals(0, result.exitCode(), result.err());
    }

    private String shop(String host, int processes, List<String> names) throws IOException {
        Path file = folder.resolve(host + "-" + processes + "-" + names.hashCode() + ".psm");
        Files.write(file, SnapshotWriter.write(MadeUpShop.snapshot(host, processes, names)));
        return file.toString();
    }

    @BeforeAll
    void makePages(@TempDir Path temporary) throws IOException, Failure {
        String kept = System.getenv("PSM_TEST_PAGES");
        folder = Files.createTempDirectory(kept == null ? temporary : Path.of(kept), "pages");
        String host = Fixtures.HOST.toString();
        page("host", 0, "--proc", host, "-d").put("sorts", true);
        page("units", 0, "--proc", host, "--units", "auto").put("table", true);
        page("tree", 0, "--proc", host, "--by", "tree").put("table", true).put("tree", true);
        String shop = shop("shop1", 250, List.of());
        page("system", 1, "--system", "-d", "--from", shop).put("treemap", true);
        page("many", 1, "--system", "-d", "--from", shop("shop1", 1000, List.of()))
                .put("treemap", true);
        page("plain", 1, "--system", "-d", "--from", shop("shop1", 60, PLAIN)).put("pattern", true);
        page("hostile", 1, "--system", "-d", "--from", shop("shop1", 60, HOSTILE))
                .put("treemap", true)
                .put("like", "plain");
        page("oom", 1, "oom", "--from", shop("shop1", 60, List.of()));
        page("maps", 1, "maps", "--proc", Fixtures.CONTAINERS.toString());
        page("diff", 1, "diff", shop("shop1", 240, List.of()), shop).put("sorts", true);
        page("machines", 2, "--system", "--from", machines()).put("treemap", true);
        page("growth", 1, "growth", "--from", recording()).put("curves", true);
        writers.parallelStream().forEach(Runnable::run);
    }

    /** Writes the snapshots of two machines into a folder. */
    private String machines() throws IOException {
        Path to = Files.createDirectory(folder.resolve("machines"));
        for (String host : List.of("shop1", "shop2")) {
            int processes = host.equals("shop1") ? 150 : 50;
            Files.write(
                    to.resolve(host + ".psm"),
                    SnapshotWriter.write(MadeUpShop.snapshot(host, processes)));
        }
        return to.toString();
    }

    /** Records a day of programs that grow, some of them steadily, with an hour without samples. */
    private String recording() throws IOException, Failure {
        List<ToLongFunction<Integer>> shapes = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            long size = 40 + 25L * i;
            long rate = 200_000L * i;
            switch (i % 4) {
                case 0 -> shapes.add(minute -> size * MB + rate * minute + minute * 7919L % MB);
                case 1 -> shapes.add(minute -> size * MB + rate * (minute % 180));
                case 2 -> shapes.add(minute -> size * MB * (minute > 700 ? 2 : 1));
                default -> shapes.add(minute -> size * MB + minute * 7919L % MB);
            }
        }
        Path to = folder.resolve("recording");
        try (RecordingWriter writer =
                RecordingWriter.open(RecordingFolder.of("--dir " + to, to), 0)) {
            for (int minute = 0; minute < MINUTES; minute++) {
                int at = minute;
                if (minute < 900 || minute > 960) {
                    long[] sizes = shapes.stream().mapToLong(s -> s.applyAsLong(at)).toArray();
                    writer.append(MadeUpRecording.using(60L * at, 9_000_000L - 2_000L * at, sizes));
                }
            }
        }
        return to.toString();
    }

    // The checks

    @TestFactory
    List<DynamicTest> pagesAreRightInBrowsers() throws IOException {
        for (String program : List.of("node", "chromium", "pdftotext")) {
            assumeTrue(Command.exists(program), "there is no " + program);
        }
        assumeTrue(
                Files.exists(CHECKS.resolve("node_modules/playwright-core")),
                "the packages are not installed: npm ci --ignore-scripts in test/browser");
        mapper.writeValue(folder.resolve("pages.json").toFile(), pages);
        Command.Result result =
                Command.of("node", CHECKS.resolve("page.mjs").toString(), folder.toString()).run();
        List<DynamicTest> tests = new ArrayList<>();
        for (String line : result.out().lines().toList()) {
            JsonNode check = mapper.readTree(line);
            String name = check.get("page").asText() + " " + check.get("check").asText();
            tests.add(DynamicTest.dynamicTest(name, () -> assertPassed(check.get("problem"))));
        }
        assertEquals(0, result.exitCode(), result.err());
        assertTrue(tests.size() > pages.size(), result.err());
        return tests;
    }

    private static void assertPassed(JsonNode problem) {
        if (!problem.isNull()) {
            fail(problem.asText());
        }
    }

    @Test
    void pagesAreSmall() throws IOException {
        assertSmaller(150_000, "system.html");
        assertSmaller(500_000, "many.html");
        assertSmaller(300_000, "growth.html");
    }

    private void assertSmaller(long limit, String file) throws IOException {
        long size = Files.size(folder.resolve(file));
        assertTrue(size <= limit, file + " has " + size + " bytes, more than " + limit);
    }
}
