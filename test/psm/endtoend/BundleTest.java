package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

@Tag("endtoend")
@Tag("jdk")
class BundleTest {
    @TempDir Path checkout;

    private static Command.Result bundle(Path folder, String... args) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String[] words = new String[args.length + 2];
        words[0] = java;
        words[1] = "bundle.java";
        System.arraycopy(args, 0, words, 2, args.length);
        return Command.of(words).in(folder).run();
    }

    private void copyCheckout() throws IOException {
        for (String name : new String[] {"lib", "exporters", "bundle.java", "psm.java"}) {
            try (Stream<Path> files = Files.walk(Command.root().resolve(name))) {
                for (Path file : files.toList()) {
                    Files.copy(file, checkout.resolve(Command.root().relativize(file).toString()));
                }
            }
        }
    }

    @Test
    void psmJavaIsUpToDate() {
        Command.Result result = bundle(Command.root(), "--check");
        assertEquals("", result.err());
        assertEquals(0, result.exitCode());
    }

    @Test
    void aChangedPartMakesItStale() throws IOException {
        copyCheckout();
        Path part = checkout.resolve("lib/psm/smaps/Usage.java");
        Files.writeString(part, Files.readString(part) + "\n// changed\n");
        Command.Result stale = bundle(checkout, "--check");
        assertEquals(1, stale.exitCode());
        assertTrue(stale.err().startsWith("bundle.java: psm.java is stale;"), stale.err());
        assertEquals(0, bundle(checkout).exitCode());
        assertEquals(0, bundle(checkout, "--check").exitCode());
    }

    @Test
    void anUnlistedPartIsAnError() throws IOException {
        copyCheckout();
        Files.writeString(
                Files.createDirectories(checkout.resolve("exporters/psm/other"))
                        .resolve("New.java"),
                "package psm.other;\n\nclass New {}\n");
        Command.Result result = bundle(checkout);
        assertEquals(1, result.exitCode());
        assertTrue(result.err().contains("exporters/psm/other/New.java is missing"), result.err());
    }

    @Test
    void twoTypesWithOneNameAreRefused() throws IOException {
        copyCheckout();
        Path twin = checkout.resolve("lib/psm/text/Usage.java");
        Files.writeString(twin, "package psm.text;\n\nclass Usage {}\n");
        Command.Result result = bundle(checkout);
        assertEquals(1, result.exitCode());
        assertEquals(
                "bundle.java: lib/psm/smaps/Usage.java has the same name as"
                        + " lib/psm/text/Usage.java; psm.java has one package\n",
                result.err());
    }

    @Test
    void staticImportsOfOwnTypesAreRefused() throws IOException {
        copyCheckout();
        Path part = checkout.resolve("lib/psm/smaps/Usage.java");
        String imported = "import static psm.text.Missing.VALUE;";
        Files.writeString(
                part, Files.readString(part).replaceFirst("\n\n", "\n\n" + imported + "\n"));
        Command.Result result = bundle(checkout);
        assertEquals(1, result.exitCode());
        assertEquals(
                "bundle.java: lib/psm/smaps/Usage.java has a static import of psm's own: "
                        + imported
                        + " import the type\n",
                result.err());
    }

    @Test
    void theBundleIsAscii() throws IOException {
        copyCheckout();
        Path part = checkout.resolve("lib/psm/smaps/Usage.java");
        Files.writeString(part, Files.readString(part) + "\n// caf\u00e9\n");
        Command.Result result = bundle(checkout);
        assertEquals(1, result.exitCode());
        assertTrue(
                result.err().contains("lib/psm/smaps/Usage.java has a character that is not ASCII"),
                result.err());
    }

    @Test
    void directivesKeepTheJvmSmallAndQuiet() throws IOException {
        String bundle = Files.readString(Command.root().resolve("psm.java"));
        for (String option :
                new String[] {
                    "//JAVA 17+\n",
                    " -Xmx64m ",
                    " -XX:+UseSerialGC ",
                    " -XX:TieredStopAtLevel=1 ",
                    " -Xlog:disable -Xlog:all=error:stderr\n"
                }) {
            assertTrue(bundle.contains(option), option);
        }
    }

    @Test
    void noPartIsPublicInTheBundle() throws IOException {
        for (String line : Files.readAllLines(Command.root().resolve("psm.java"))) {
            assertTrue(!line.startsWith("public "), line);
        }
    }
}
