package psm.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.text.Version;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Runs what ssh starts on a machine, with made-up programs psm and sudo. */
class RemoteShellTest {
    private static final String INSTALLED =
            "#!/bin/sh\n# psm " + Version.CURRENT + ", written by 'psm install'.\n";

    @TempDir Path folder;
    private Path script;

    @BeforeEach
    void writeScript() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        script = Files.writeString(folder.resolve("script"), "echo probe by $(id -u)\n");
    }

    private void program(String name, String content) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Writes a psm that prints what it is, unless it runs as a user it may not. */
    private void psm(String ifNot) throws IOException {
        program(
                "psm",
                INSTALLED
                        + "[ \"$SEEN\" != '"
                        + ifNot
                        + "' ] || exit 1\necho \"snapshot $SEEN $*\"; cat\n");
    }

    private String run(String shell, boolean isRoot) {
        List<String> words = new ArrayList<>();
        if (isRoot != new OwnProcess().isRoot()) {
            assumeTrue(
                    new OwnProcess().isRoot() && Command.exists("setpriv"),
                    "there is no other user");
            words.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        }
        words.addAll(List.of(shell, "-c", RemoteShell.COMMAND));
        Command.Result result =
                Command.of(words.toArray(new String[0]))
                        .with("PATH", folder + ":/usr/bin:/bin")
                        .with("SEEN", "self")
                        .from(script)
                        .run();
        return (result.out() + result.err()).strip();
    }

    private static String own() {
        return "probe by " + Command.of("id", "-u").run().out().strip();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"sh", "bash", "rbash", "dash", "mksh", "ksh", "zsh", "fish", "csh", "tcsh"})
    void eachLoginShellPassesTheCommandOn(String shell) throws IOException {
        assumeTrue(Command.exists(shell), "there is no " + shell);
        program("sudo", "#!/bin/sh\nexit 1\n");
        assertEquals(own(), run(shell, new OwnProcess().isRoot()));
        psm("never");
        assertEquals("snapshot self -q -o snapshot", run(shell, true));
    }

    @Test
    void anotherProgramOfThatNameIsNotStarted() throws IOException {
        program("psm", "#!/bin/sh\necho garbage\n");
        assertEquals("probe by 0", run("sh", true));
    }

    @Test
    void aPsmOfAnotherVersionIsNotStarted() throws IOException {
        program("psm", INSTALLED.replace(Version.CURRENT, "9.0") + "echo psm snapshot 9\n");
        assertEquals("probe by 0", run("sh", true));
    }

    @Test
    void aPsmThatHangsIsReplacedByTheProbe() throws IOException {
        program("psm", INSTALLED + "exec sleep 1000\n");
        assertEquals("probe by 0", run("sh", true));
    }

    @Test
    void withoutTimeoutTheProbeIsUsed() throws IOException {
        psm("never");
        program("timeout", "#!/bin/sh\nexit 127\n");
        assertEquals("probe by 0", run("sh", true));
    }

    @Test
    void aPsmThatFailsIsReplacedByTheProbe() throws IOException {
        psm("self");
        assertEquals("probe by 0", run("sh", true));
    }

    @Test
    void asAUserRootsPsmIsTheFirst() throws IOException {
        program("sudo", "#!/bin/sh\n[ \"$1\" = -n ] && shift; SEEN=sudo exec \"$@\"\n");
        psm("never");
        assertEquals("snapshot sudo -q -o snapshot", run("sh", false));
    }

    @Test
    void asAUserRootsProbeComesBeforeOnesOwnPsm() throws IOException {
        program("sudo", "#!/bin/sh\nshift; [ \"$1\" = sh ] || exit 1; echo sudo; exec \"$@\"\n");
        psm("never");
        assertEquals("sudo\nprobe by 65534", run("sh", false));
    }

    @Test
    void withoutSudoOnesOwnPsmIsUsed() throws IOException {
        program("sudo", "#!/bin/sh\necho 'sudo: a password is required' >&2; exit 1\n");
        psm("never");
        assertEquals(
                "snapshot self -q -o snapshot\nsudo: a password is required", run("sh", false));
    }

    @Test
    void withoutAllTheProbeIsUsed() throws IOException {
        program("sudo", "#!/bin/sh\necho 'sudo: a password is required' >&2; exit 1\n");
        assertEquals("probe by 65534\nsudo: a password is required", run("sh", false));
    }

    @Test
    void theCommandHasNothingThatAShellChanges() {
        String start = "sh -c '";
        String command = RemoteShell.COMMAND;
        String inside = command.substring(start.length(), command.length() - 1);
        assertEquals(start + inside + "'", command);
        assertFalse(inside.matches("(?s).*['\\\\!\n].*"), inside);
    }
}
