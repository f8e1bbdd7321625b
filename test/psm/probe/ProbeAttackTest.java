package psm.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.support.Shapes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Runs the script of the probe on a machine that an ordinary user wants to hide. */
@Tag("endtoend")
class ProbeAttackTest {
    /** Starts 13 processes with the longest arguments that the kernel allows: 74 MB. */
    private static final String LONG_ARGUMENTS =
            "ulimit -s unlimited; long=$(head -c 130000 /dev/zero | tr '\\0' x); set --;"
                    + " while [ $# -lt 44 ]; do set -- \"$@\" $long; done;"
                    + " for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do"
                    + " /bin/sh -c 'echo; read end; :' sh \"$@\" <&3 & done; wait";

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"sh", "busybox sh"})
    void longArgumentsDoNotHideAMachine(String shell) throws IOException, InterruptedException {
        assumeTrue(new OwnProcess().isRoot() && Command.exists("setpriv"), "needs another user");
        assumeTrue(Command.exists(shell.split(" ", 2)[0]), "there is no " + shell);
        Path script = Files.writeString(folder.resolve("script"), ProbeScript.TEXT);
        Path out = folder.resolve("probe.psm");
        Process attacker =
                new ProcessBuilder(
                                "setpriv",
                                "--reuid=65534",
                                "--regid=65534",
                                "--clear-groups",
                                "bash",
                                "-c",
                                "exec 3<&0; " + LONG_ARGUMENTS)
                        .start();
        try {
            for (int i = 0; i < 13; i++) {
                assertEquals("", attacker.inputReader().readLine());
            }
            Command.Result result = Command.of(shell.split(" ", -1)).from(script).to(out).run();
            assertEquals(0, result.exitCode(), result.err());
        } finally {
            attacker.outputWriter().close();
            attacker.waitFor();
        }
        Command.Result report =
                Command.psm("--from", out.toString(), "-c", "+command", "--user", "65534").run();
        assertEquals(0, report.exitCode(), report.err());
        // On a slow machine no command line is read in time, and the executable is the name.
        assertTrue(report.out().matches("(?s).* (sh|dash) \\(13\\).*"), report.out());
        assertTrue(report.err().contains("not all command lines are known"), report.err());
    }

    /** Grep keeps a whole line, which ends with a NUL here: it must not keep them all. */
    @ParameterizedTest
    @ValueSource(strings = {"sh", "bash", "mksh", "busybox sh"})
    void argumentsWithoutEndTakeLittleMemory(String shell)
            throws IOException, InterruptedException {
        assumeTrue(Command.exists(shell.split(" ", 2)[0]), "there is no " + shell);
        Path program = Shapes.compile("oneline.c", folder, "oneline");
        Path script = Files.writeString(folder.resolve("script"), ProbeScript.TEXT);
        Path out = folder.resolve("probe.psm");
        Process attacker = new ProcessBuilder(program.toString()).start();
        try {
            assumeTrue("ready".equals(attacker.inputReader().readLine()), "needs Linux 3.18");
            Command.Result result = Command.of(shell.split(" ", -1)).from(script).to(out).run();
            assertEquals(0, result.exitCode(), result.err());
        } finally {
            attacker.outputWriter().close();
            attacker.waitFor();
        }
        String answer = Files.readString(out, StandardCharsets.ISO_8859_1);
        assertTrue(!answer.contains("/cmdline:AAAA"), "grep has read all of it");
        Command.Result report = Command.psm("--from", out.toString()).run();
        assertEquals(0, report.exitCode(), report.err());
        assertTrue(report.out().contains("oneline (1)"), report.out());
    }
}
