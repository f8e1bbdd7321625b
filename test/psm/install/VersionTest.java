package psm.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Test;

import psm.support.Command;
import psm.text.Version;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Holds everything that shows a version of psm to {@link Version}. {@code PSM_TEST_REWRITE=1} in
 * the environment rewrites the docs and the catalog.
 */
class VersionTest {
    private static final boolean REWRITE = System.getenv("PSM_TEST_REWRITE") != null;

    /** A version of psm in docs, after the name of a file, of psm, or of a tag. */
    private static final Pattern SHOWN =
            Pattern.compile(
                    "((?:psm[-_ ]|\"psm_version\": \"|download/v))([0-9]+(?:\\.[0-9]+){2})");

    private static final Pattern RELEASE =
            Pattern.compile("## ([0-9]+)\\.([0-9]+)\\.([0-9]+) - ([0-9]{4}-[0-9]{2}-[0-9]{2})");

    /** Where nothing is written by hand that contains a version. */
    private static final List<String> MADE =
            List.of("release", "packaging", "lib", "exporters", "share", ".ci", "jbangw");

    private static final String SOURCE = "lib/psm/text/Version.java";

    private static final Path ROOT = Command.root();

    @Test
    void versionIsSemantic() {
        assertTrue(Version.CURRENT.matches("(0|[1-9][0-9]*)(\\.(0|[1-9][0-9]*)){2}"));
        assertEquals(Version.DATE, LocalDate.parse(Version.DATE).toString());
    }

    private static List<String> headings() throws IOException {
        List<String> headings = new ArrayList<>();
        for (String line : Files.readAllLines(ROOT.resolve("CHANGELOG.md"))) {
            if (line.startsWith("## ")) {
                headings.add(line);
            }
        }
        return headings;
    }

    /** What is not released yet may stand above it. */
    @Test
    void changelogStartsWithThisVersion() throws IOException {
        List<String> headings = headings();
        headings.remove("## Unreleased");
        assertEquals("## " + Version.CURRENT + " - " + Version.DATE, headings.get(0));
    }

    @Test
    void changelogNamesReleasesInOrder() throws IOException {
        List<String> headings = headings();
        assertFalse(headings.lastIndexOf("## Unreleased") > 0, "it stands at the top");
        headings.remove("## Unreleased");
        int[] later = {Integer.MAX_VALUE};
        String day = LocalDate.now(ZoneOffset.UTC).plusDays(1).toString();
        for (String heading : headings) {
            Matcher release = RELEASE.matcher(heading);
            assertTrue(release.matches(), heading);
            int[] version = new int[3];
            for (int i = 0; i < version.length; i++) {
                version[i] = Integer.parseInt(release.group(i + 1));
            }
            assertTrue(Arrays.compare(version, later) < 0, heading);
            assertTrue(release.group(4).compareTo(day) <= 0, heading);
            later = version;
            day = release.group(4);
        }
    }

    @Test
    void manPageShowsIt() {
        String title = Manual.page(new Prefix(Path.of("/usr/local"))).lines().toList().get(0);
        String version = "\"psm " + Version.CURRENT + '"';
        assertEquals(".TH PSM 1 " + Version.DATE + ' ' + version + " \"\"", title);
    }

    private static Set<Path> docs() throws IOException {
        Set<Path> docs = new TreeSet<>();
        docs.add(ROOT.resolve("README.md"));
        docs.add(ROOT.resolve("jbang-catalog.json"));
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(docs::add);
        }
        return docs;
    }

    @Test
    void docsAndCatalogShowIt() throws IOException {
        int found = 0;
        for (Path file : docs()) {
            String text = Files.readString(file);
            if (REWRITE) {
                String now = SHOWN.matcher(text).replaceAll("$1" + Version.CURRENT);
                if (!now.equals(text)) {
                    Files.writeString(file, now);
                }
                text = now;
            }
            Matcher shown = SHOWN.matcher(text);
            while (shown.find()) {
                assertEquals(Version.CURRENT, shown.group(2), file + ": " + shown.group());
                found++;
            }
        }
        assertTrue(found > 1, found + " versions");
    }

    @Test
    void catalogRunsTheFileAndTheJar() throws IOException {
        String text = Files.readString(ROOT.resolve("jbang-catalog.json"));
        JsonNode aliases = new ObjectMapper().readTree(text).get("aliases");
        Set<String> names = new TreeSet<>();
        aliases.fieldNames().forEachRemaining(names::add);
        assertEquals(Set.of("psm", "psm-jar"), names);
        for (JsonNode alias : aliases) {
            assertTrue(alias.path("description").asText().length() > 20, alias.toString());
        }
        assertEquals("psm.java", aliases.get("psm").get("script-ref").asText());
        String jar = aliases.get("psm-jar").get("script-ref").asText();
        String release = "https://\\S+/v" + Pattern.quote(Version.CURRENT) + "/psm\\.jar";
        assertTrue(jar.matches(release), jar);
    }

    /** Packages and their contents have their version from the source alone. */
    @Test
    void noOtherPlaceHasAVersionOfItsOwn() throws IOException {
        Pattern version =
                Pattern.compile(
                        "(?<![0-9.])" + Pattern.quote(Version.CURRENT) + "(?![0-9.]*[0-9])");
        List<String> places = new ArrayList<>();
        for (String name : MADE) {
            Path start = ROOT.resolve(name);
            if (Files.exists(start)) {
                try (Stream<Path> files = Files.walk(start)) {
                    for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                        String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                        if (version.matcher(text).find()) {
                            places.add(ROOT.relativize(file).toString());
                        }
                    }
                }
            }
        }
        assertEquals(List.of(SOURCE), places);
    }
}
