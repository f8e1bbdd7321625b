package psm.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Tests how {@code ./release} answers; {@code ./release --check} tests what it makes. */
@Tag("endtoend")
class ReleaseTest {
    @TempDir Path folder;

    private static Command.Result release(String... args) {
        return Command.of("./release").append(List.of(args)).in(Command.root()).run();
    }

    private static void refuses(Command.Result result, int exitCode, String... parts) {
        assertEquals(exitCode, result.exitCode(), result.err());
        assertEquals("", result.out());
        assertEquals(1, result.err().lines().count(), result.err());
        for (String part : parts) {
            assertTrue(result.err().contains(part), result.err());
        }
    }

    @Test
    void unknownWordsAreRefused() {
        refuses(release("now"), 2, "release: 'now': takes ", "--java HOME", "--dirty");
        refuses(release("--jawa"), 2, "release: '--jawa': takes ");
        refuses(release("--java"), 2, "release: --java takes the folder of a JDK");
    }

    @Test
    void helpShowsTheOptions() {
        Command.Result result = release("--help");
        assertEquals(0, result.exitCode(), result.err());
        assertTrue(result.out().startsWith("usage: ./release "), result.out());
        assertTrue(result.out().contains("  --java HOME "), result.out());
    }

    @Test
    void aFolderWithoutJdkIsRefused() {
        refuses(release("--java", folder.toString()), 1, "--java " + folder, "bin/jlink");
    }

    @Test
    void aJdkWithoutVersionIsRefused() throws IOException {
        Path jlink = Files.createDirectories(folder.resolve("bin")).resolve("jlink");
        Files.copy(Path.of("/bin/true"), jlink, StandardCopyOption.COPY_ATTRIBUTES);
        refuses(release("--java=" + folder), 1, "is Java 0 by its file 'release'", "21 or later");
    }

    @Test
    void aFolderThatIsNoCheckoutIsRefused() throws IOException {
        Path copy = folder.resolve("release");
        Files.copy(Command.root().resolve("release"), copy, StandardCopyOption.COPY_ATTRIBUTES);
        Command.Result result = Command.of("./release").in(folder).run();
        assertEquals(1, result.exitCode(), result.err());
        assertTrue(result.err().startsWith("release: found no version "), result.err());
    }
}
