package psm.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.proc.OwnProcess;
import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Requests a file for node_exporter where that is not possible. */
@Tag("endtoend")
@Tag("user")
class TextfileRefusedTest {
    @TempDir private Path folder;

    private Command install(String... options) {
        List<String> words = new ArrayList<>();
        words.addAll(List.of("install", "--prefix", folder.resolve("prefix").toString()));
        words.addAll(List.of(options));
        return Command.psm(words.toArray(new String[0]));
    }

    private String refused(Command command) {
        Command.Result result = command.run();
        assertEquals(2, result.exitCode(), result.err());
        assertEquals("", result.out());
        assertEquals(1, result.err().lines().count(), result.err());
        assertFalse(Files.exists(folder.resolve("prefix")), "nothing is installed");
        return result.err();
    }

    private String refused(String... options) {
        assumeTrue(new OwnProcess().isRoot(), "another user can install no service");
        return refused(install(options));
    }

    @Test
    void aUserWithoutRootCanInstallNoService() throws IOException {
        String prefix = folder.resolve("prefix").toString();
        String said =
                refused(Command.psmAsNobody(folder, "install", "--prefix", prefix, "--textfile"));
        assertEquals(
                "psm: --textfile: only root can install a service; use sudo, or write a file of"
                        + " your own with 'psm -o prometheus --to FILE'\n",
                said);
    }

    @Test
    void aFolderThatIsNotThereIsRefused() throws IOException {
        String missing = folder.resolve("missing").toString();
        for (String[] options :
                new String[][] {
                    {"--textfile=" + missing}, {"--textfile", missing, "--dry-run"},
                }) {
            assertEquals(
                    "psm: --textfile: "
                            + missing
                            + " does not exist; install prometheus-node-exporter, or name the"
                            + " folder that node_exporter has as --collector.textfile.directory\n",
                    refused(options));
        }
        Path file = Files.createFile(folder.resolve("file"));
        String said = refused("--textfile=" + file);
        assertTrue(said.contains(file + " is not a folder; "), said);
    }

    /** Also by a link, and where that is a folder of root alone. */
    @Test
    void foldersOfTheKernelAreRefused() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("/dev"));
        for (String[] names :
                new String[][] {
                    {"/dev", "/dev"},
                    {"/dev/shm/..", "/dev"},
                    {link.toString(), "/dev"},
                    {"/proc/sys", "/proc/sys"},
                    {"/sys/kernel", "/sys/kernel"}
                }) {
            assertEquals(
                    "psm: --textfile: "
                            + names[1]
                            + " is for devices or the kernel, not for files; install"
                            + " prometheus-node-exporter, or name the folder that node_exporter has"
                            + " as --collector.textfile.directory\n",
                    refused("--textfile=" + names[0], "--dry-run"));
        }
    }

    @Test
    void aFolderOfOthersIsRefused() throws IOException {
        Path textfiles = Files.createDirectory(folder.resolve("textfiles"));
        String start = "psm: --textfile: root writes nothing where others can: ";
        for (String permissions : new String[] {"rwxrwxr-x", "rwxrwxrwx"}) {
            Files.setPosixFilePermissions(textfiles, PosixFilePermissions.fromString(permissions));
            String said = refused("--textfile=" + textfiles);
            assertTrue(said.startsWith(start + textfiles + " is writable by "), said);
        }
        assumeTrue(new OwnProcess().isRoot(), "only root can give a folder away");
        Files.setPosixFilePermissions(textfiles, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setAttribute(textfiles, "unix:uid", 65534);
        String said = refused("--textfile=" + textfiles);
        assertTrue(said.startsWith(start + textfiles + " belongs to user 65534, not"), said);
    }

    @Test
    void aNameThatAUnitWouldChangeIsRefused() throws IOException {
        for (String name : List.of("a b", "50%", "$HOME", "a'b", "a\"b", "a\\b", "a;b")) {
            Path special = Files.createDirectory(folder.resolve(name));
            String said = refused("--textfile", special.toString());
            assertTrue(said.contains("contains characters that are special in a unit"), said);
            Path link = Files.createSymbolicLink(folder.resolve("link"), special);
            said = refused("--textfile", link.toString());
            assertTrue(said.contains("contains characters that are special in a unit"), said);
            Files.delete(link);
        }
    }

    @Test
    void aRelativeNameIsRefused() throws IOException {
        String usual = "/var/lib/prometheus/node-exporter";
        for (String name : List.of("textfiles", ".", "../x")) {
            assertEquals(
                    "psm: --textfile: " + name + " needs an absolute path, such as " + usual + "\n",
                    refused("--textfile", name));
        }
        assertEquals("psm: --textfile needs a value: DIR\n", refused("--textfile="));
    }

    @Test
    void rowsThatNoMetricsHaveAreRefused() {
        String[][] cases = {
            {"--by pid: -o prometheus would have a series for each process;", "--by", "pid"},
            {"-n 501: -o prometheus would have a series for each process;", "-n", "501"},
            {"-n x: takes a number of rows from 1 to ", "-n", "x"},
            {"-c pid: -o prometheus would have a series for each process;", "-c", "pid"},
            {"-c nothing: no such column;", "-c", "nothing"},
            {"help: is no name here; run 'psm --by help'", "--by", "help"},
        };
        for (String[] asked : cases) {
            String said = refused("--textfile", asked[1], asked[2]);
            assertTrue(said.startsWith("psm: " + asked[0]), said);
        }
        String said = refused("--by", "unit");
        assertEquals("psm: --by: belongs to the file for node_exporter; add --textfile\n", said);
    }

    private Command withoutSystemd(String script, Path textfiles) {
        assumeTrue(new OwnProcess().isRoot(), "only root can hide systemd");
        assumeTrue(Command.exists("unshare"), "there is no unshare here");
        return install("--textfile=" + textfiles)
                .behind("unshare", "-m", "sh", "-c", script + " && exec \"$@\"", "sh");
    }

    @Test
    void withoutSystemdCronWritesTheFile() throws IOException {
        Path textfiles = Files.createDirectory(folder.resolve("textfiles"));
        String cron =
                "let cron write the file, by this line in /etc/cron.d/psm: * * * * * root "
                        + folder
                        + "/prefix/bin/psm -q -o prometheus --to "
                        + textfiles
                        + "/psm.prom\n";
        String said = refused(withoutSystemd("mount -t tmpfs tmpfs /run", textfiles));
        assertTrue(said.startsWith("psm: --textfile: systemd does not run here; "), said);
        assertTrue(said.endsWith(cron), said);
        Path old = Files.writeString(folder.resolve("old"), "#!/bin/sh\necho systemd 219\n");
        Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rwxr-xr-x"));
        String script =
                "mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && mount --bind "
                        + old
                        + " \"$(readlink -f \"$(command -v systemctl)\")\"";
        assumeTrue(Command.exists("systemctl"), "there is no systemctl here");
        said = refused(withoutSystemd(script, textfiles));
        assertTrue(said.contains("systemd 219 is too old: this needs 236 or later; "), said);
        assertTrue(said.endsWith(cron), said);
    }
}
