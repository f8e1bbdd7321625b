package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.support.Fixtures;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Runs psm as root for another user: sudo(8) passes that user's id in SUDO_UID. */
@Tag("endtoend")
class InvokingUserTest {
    @TempDir Path folder;

    @BeforeEach
    void beRoot() {
        assumeTrue(new OwnProcess().isRoot(), "only root has more rights than the invoking user");
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
    void optionsWithFilesAreRefused() throws IOException {
        Path file = folder.resolve("x.jfr");
        assertRefused(psm("--cpuprofile", file.toString()), "--cpuprofile");
        assertRefused(psm("--memprofile", file.toString()), "--memprofile");
        assertRefused(psm("-o", "prometheus", "--to", file.toString()), "--to");
        assertRefused(psm("oom", "--to", file.toString()), "--to");
        assertFalse(Files.exists(file));
        // The folder could contain links to files that only root can read.
        assertRefused(psm("--proc", Fixtures.HOST.toString()), "--proc");
        // The message must not reveal which files exist.
        assertEquals(psm("--proc", "/root").err(), psm("--proc", "/nowhere").err());
        // The names of users beside such a folder are not shown either.
        assertRefused(psm("--proc", "/proc/1", "--user", "nobody-at-all"), "--proc");
        assertRefused(psm("--proc", Fixtures.HOST.toString(), "-p", "self"), "--proc");
    }

    /** Its name is known, so the user cannot make psm read another folder. */
    @Test
    void theUsualRecordingIsRead() {
        String refused = "run with sudo, psm does not read files";
        assertFalse(psm("--from", "/var/log/psm").err().contains(refused));
        assertFalse(psm("--from", "/var/log/psm/").err().contains(refused));
        assertFalse(psm("--at", "now").err().contains(refused));
        for (String other : new String[] {"/var/log/psm/x", "/var/log/psm/../psm"}) {
            assertTrue(psm("--from", other, "--at", "now").err().contains(refused), other);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SUDO_UID, 65534",
        "SUDO_UID, 00",
        "SUDO_UID, -1",
        "SUDO_UID, x",
        "PKEXEC_UID, 65534",
        "DOAS_USER, nobody"
    })
    void everyUserButRootHasFewerRights(String variable, String value) {
        String file = folder.resolve("x.jfr").toString();
        assertRefused(
                Command.psm("--cpuprofile", file).with(variable, value).run(), "--cpuprofile");
    }

    @Test
    void theAdvisedCommandWorks() {
        String file = folder.resolve("x.jfr").toString();
        List<String> psm = Command.psm("--cpuprofile", file).words();
        Command.Result result =
                Command.of("env", "-u", "SUDO_UID").append(psm).with("SUDO_UID", "65534").run();
        assertEquals(0, result.exitCode(), result.err());
    }

    @Test
    void noPluginIsLoaded() throws IOException {
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
                Command.psm("-o", "csv").after(List.of(classes)).with("SUDO_UID", "65534").run();
        assertFalse(result.out().contains("harm"), result.out());
        assertTrue(
                result.err().contains("psm: plugin Harm in classes is left out: run with sudo"),
                result.err());
        Command.Result trusted = Command.psm("-o", "harm").after(List.of(classes)).run();
        assertEquals("harm\n", trusted.out());
    }

    /** The user puts a link to root's folder in the place of the folder of a deleted program. */
    @ParameterizedTest
    @CsvSource({"65534, true", "65534, false", "0, true"})
    void deletedProgramsRevealNoFiles(String invoking, boolean exists) throws Exception {
        Path secret = Files.createDirectory(folder.resolve("secret"));
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rwx------"));
        String name = "gone" + ProcessHandle.current().pid();
        if (exists) {
            Files.writeString(secret.resolve(name), "");
        }
        Path own = Files.createDirectory(folder.resolve("own"));
        Path program = Files.copy(Path.of("/bin/sleep").toRealPath(), own.resolve(name));
        Process process = new ProcessBuilder(program.toString(), "600").start();
        try {
            Files.delete(program);
            Files.delete(own);
            Files.createSymbolicLink(own, secret);
            String[] args = {"-o", "json", "--by", "exe", "-f", "^" + name};
            String out = Command.psm(args).with("SUDO_UID", invoking).run().out();
            JsonNode row = new ObjectMapper().readTree(out).get("rows").get(0);
            boolean isUpdated = invoking.equals("0");
            assertEquals(isUpdated ? 1 : 0, row.get("updated").asInt(), out);
            assertEquals(isUpdated ? 0 : 1, row.get("deleted").asInt(), out);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void rootKeepsItsRights() {
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
