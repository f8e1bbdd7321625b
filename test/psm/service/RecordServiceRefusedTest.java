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

/** Requests the recorder as a service where that is not possible. */
@Tag("endtoend")
@Tag("user")
class RecordServiceRefusedTest {
    @TempDir private Path folder;

    private String refused(Command command) {
        Command.Result result = command.run();
        assertEquals(2, result.exitCode(), result.err());
        assertEquals("", result.out());
        assertEquals(1, result.err().lines().count(), result.err());
        assertFalse(Files.exists(folder.resolve("bin")), "nothing is installed");
        return result.err();
    }

    private Command install(String... options) throws IOException {
        String[] words = new String[options.length + 3];
        words[0] = "install";
        words[1] = "--prefix";
        words[2] = folder.toString();
        System.arraycopy(options, 0, words, 3, options.length);
        return Command.psm(words);
    }

    @Test
    void aUserWithoutRootCanInstallNoService() throws IOException {
        String said =
                refused(
                        Command.psmAsNobody(
                                folder, "install", "--prefix", folder.toString(), "--record"));
        assertEquals(
                "psm: --record: only root can install a service; use sudo, or record into a folder"
                        + " of your own with 'psm record --dir DIR'\n",
                said);
    }

    @Test
    void withoutSystemdCronRecords() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can hide systemd");
        assumeTrue(Command.exists("unshare"), "there is no unshare here");
        String script = "mount -t tmpfs tmpfs /run && exec \"$@\"";
        String said =
                refused(install("--record").behind("unshare", "-m", "sh", "-c", script, "sh"));
        assertTrue(
                said.contains(
                        "line in /etc/cron.d/psm: * * * * * root "
                                + folder
                                + "/bin/psm record --once\n"),
                said);
    }

    @Test
    void optionsOfTheRecorderNeedOne() throws IOException {
        for (String option : new String[] {"-i", "--keep", "--max-size"}) {
            String said = refused(install(option, "100"));
            assertTrue(said.endsWith("belongs to a recorder; add --record\n"), said);
        }
        String said = refused(install("--no-commands"));
        assertEquals(
                "psm: --no-commands: needs a group or a recorder; add --group NAME or --record\n",
                said);
    }

    @Test
    void badValuesAreRefusedBeforeAnythingIsWritten() throws IOException {
        assertTrue(refused(install("--record", "--keep", "soon")).startsWith("psm: --keep soon: "));
        assertTrue(refused(install("--record", "-i", "x")).startsWith("psm: -i x: "));
    }
}
