package psm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * What psm does with root's rights for somebody else: SUDO_UID is all that sudo(8) tells of him.
 */
class AskerTest {
    @TempDir Path folder;

    @BeforeEach
    void beRoot() {
        assumeTrue(new OwnProcess().isRoot(), "an ordinary user has no rights to give away");
    }

    private Command.Result psm(String... args) {
        return Command.psm(args).with("SUDO_UID", "65534").run();
    }

    private static void assertRefused(Command.Result result, String option) {
        assertEquals(2, result.exitCode(), result.err());
        assertEquals("", result.out());
        assertTrue(result.err().startsWith("psm: " + option), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    @Test
    void noFileIsWritten() {
        for (String option : new String[] {"--cpuprofile", "--memprofile"}) {
            Path file = folder.resolve("x.jfr");
            assertRefused(psm(option, file.toString()), option);
            assertFalse(Files.exists(file));
        }
    }

    @Test
    void noTreeIsReadThatTheUserCouldNotListHimself() throws IOException {
        Path proc = Files.createDirectories(folder.resolve("proc/8"));
        Files.writeString(proc.resolve("smaps"), "1000-2000 r-xp 0 0 0 \nPss: 1 kB\n");
        Path root = proc.getParent();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        assertRefused(psm("--proc", root.toString()), "--proc");
        Path link =
                Files.createSymbolicLink(folder.resolveSibling(folder.getFileName() + "x"), root);
        assertRefused(psm("--proc", link.toString()), "--proc");
        Files.delete(link);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertEquals(0, psm("--proc", root.toString()).exitCode());
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
        assertRefused(psm("--proc", root.toString()), "--proc");
    }

    @Test
    void aPluginThatOthersCanChangeIsNotLoaded() throws IOException {
        Path source = folder.resolve("Harm.java");
        Files.writeString(
                source,
                """
                public class Harm implements psm.Psm.Exporter {
                    static { System.out.println("harm"); }
                    public String name() { return "harm"; }
                    public void export(psm.Psm.Report report, psm.Psm.Output output) {}
                }
                """);
        Path classes = Files.createDirectory(folder.resolve("classes"));
        String classPath = System.getProperty("java.class.path");
        Command.Result compiled =
                Command.of("javac", "-cp", classPath, "-d", classes.toString(), source.toString())
                        .run();
        assertEquals(0, compiled.exitCode(), compiled.err());
        Path services = Files.createDirectories(classes.resolve("META-INF/services"));
        Files.writeString(services.resolve("psm.Psm$Exporter"), "Harm\n");
        Command.Result result =
                Command.psm("--proc", Fixtures.HOST.toString(), "-o", "csv")
                        .after(java.util.List.of(classes))
                        .with("SUDO_UID", "65534")
                        .run();
        // The temporary folder is in one that everybody may write to.
        assertFalse(result.out().contains("harm"), result.out());
        assertTrue(
                result.err().contains("psm: plugin Harm in classes is left out: run by sudo"),
                result.err());
        Command.Result trusted = Command.psm("-o", "harm").after(java.util.List.of(classes)).run();
        assertEquals("harm\n", trusted.out());
    }

    @Test
    void rootIsNobodyElse() {
        assertEquals(0, Command.psm().with("SUDO_UID", "0").run().exitCode());
        Path file = folder.resolve("x.jfr");
        assertEquals(
                0,
                Command.psm("--cpuprofile", file.toString())
                        .with("SUDO_UID", "0")
                        .run()
                        .exitCode());
        assertTrue(Files.exists(file));
    }
}
