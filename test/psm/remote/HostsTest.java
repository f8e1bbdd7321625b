package psm.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Command;
import psm.support.MadeUpProbe;
import psm.support.Window;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs psm for several machines. Their transport prints a snapshot, so that each answers the same.
 */
@Tag("user")
class HostsTest {
    @TempDir static Path folder;
    private static Path snapshot;

    /** Makes it anew for each test, since a remark is made of one that is half a minute old. */
    @BeforeEach
    void makeSnapshot() {
        snapshot = folder.resolve("host.psm");
        Command.Result result =
                Command.psm("--proc", "test/fixtures/host", "-o", "snapshot").to(snapshot).run();
        assertEquals(0, result.exitCode(), result.err());
    }

    /** Returns the transport: a script for sh(1), whose first argument is the machine. */
    private static String via(String script) {
        return "sh -c '" + script + "' sh {}";
    }

    private static String answer() {
        return "cat " + snapshot;
    }

    /** Returns a transport by which all machines answer but one, which waits. */
    private static String allBut(String host, String mark) {
        return via("[ $1 != " + host + " ] || exec sleep " + mark + "; " + answer());
    }

    private static Command.Result psm(String hosts, String script, String... more) {
        List<String> words = new ArrayList<>(List.of("--hosts", hosts, "--via", via(script)));
        words.addAll(List.of(more));
        return Command.psm(words.toArray(new String[0])).run();
    }

    private static String mark() {
        return "9" + System.nanoTime();
    }

    private static List<String> alive(String mark) {
        String found = Command.of("pgrep", "-a", "-f", "^sleep " + mark).run().out();
        return found.lines().toList();
    }

    private static void awaitAlive(String mark, int count) throws InterruptedException {
        while (alive(mark).size() < count) {
            Thread.sleep(20);
        }
    }

    @Test
    void machinesAreAddedUp() {
        Command.Result one = psm("a", answer(), "-t", "--units", "b");
        Command.Result three = psm("a,b,c", answer(), "-q", "-t", "--units", "b");
        assertEquals("", three.err());
        assertEquals(3 * Long.parseLong(one.out().strip()), Long.parseLong(three.out().strip()));
    }

    @Test
    void aMissingMachineIsALineAndTheOthersAreShown() {
        String script =
                "case $1 in me@b) echo no route >&2; exit 255;; c) exit 7; esac; " + answer();
        Command.Result result = psm("a,me@b,c", script, "--by", "host", "-o", "csv");
        assertEquals("psm: b: no route\npsm: c: no answer; sh ended with code 7\n", result.err());
        assertEquals(0, result.exitCode());
        assertEquals(2, result.out().lines().count(), result.out());
    }

    @Test
    void withoutAnyAnswerItFails() {
        Command.Result result = psm("a,b", "echo no route to $1 >&2");
        assertEquals(
                """
                psm: a: no route to a
                psm: b: no route to b
                psm: none of 2 machines has answered
                """,
                result.err());
        assertEquals("", result.out());
        assertEquals(1, result.exitCode());
    }

    @Test
    void theOnlyMachineFailsInOneLine() {
        Command.Result result = psm("root@a", "echo no route >&2");
        assertEquals("psm: a: no route\n", result.err());
        assertEquals(1, result.exitCode());
    }

    @Test
    void quietFailuresNameTheFirst() {
        Command.Result result = psm("a,b", "echo no route >&2", "-q");
        assertEquals("psm: none of 2 machines has answered; first: a: no route\n", result.err());
    }

    @Test
    void aCutSnapshotIsMissing() {
        Command.Result result =
                psm("a,b", "[ $1 = a ] && head -c 2000 " + snapshot + " || " + answer(), "-t");
        assertTrue(result.err().startsWith("psm: a: its answer "), result.err());
        assertEquals(1, result.err().lines().count());
    }

    @Test
    void aSnapshotOfAnotherFormatIsMissing() {
        String newer = "echo psm snapshot 9 by psm 9.0; head -c 9999 /dev/zero";
        Command.Result result = psm("a,b", "[ $1 = a ] && { " + newer + "; } || " + answer(), "-t");
        assertTrue(result.err().matches("psm: a: its answer [^\n]*9[.]0[^\n]*\n"), result.err());
    }

    /** sudo writes that too where it has run the probe as root. */
    @ParameterizedTest
    @CsvSource({"0, 0", "1000, 1"})
    void whatSudoWritesMattersOnlyWithoutRoot(long uid, int lines) throws IOException {
        MadeUpProbe probe =
                new MadeUpProbe().process(1, "init", 100).about("#uid 0", "#uid " + uid);
        probe.replace("rollup", "1/smaps_rollup:", "grep: x: ");
        probe.add("rollup", "grep: 1/smaps_rollup: Permission denied\n");
        Path file = Files.write(folder.resolve("probe" + uid), probe.bytes());
        String complaint = "echo sudo: unable to resolve host x >&2; sleep 0.2; ";
        Command.Result result = psm("a", complaint + "cat " + file);
        long found = result.err().lines().filter(line -> line.contains("without root")).count();
        assertEquals(lines, found, result.err());
        assertEquals(0, result.exitCode());
    }

    @Test
    void noiseWithoutAnEndOfLineIsSkipped() {
        Command.Result result =
                Command.psm("--hosts", "a", "--via", "sh -c \"printf hello; exec sh\"").run();
        assertEquals(0, result.exitCode(), result.err());
    }

    @Test
    void manyMachinesFitIntoTheHeap() {
        Command.Result result =
                psm("n[001-100]", "sleep 0.1; " + answer(), "-q", "--by", "host", "-o", "csv");
        assertEquals("", result.err());
        assertEquals(101, result.out().lines().count());
    }

    @ParameterizedTest
    @ValueSource(strings = {"SUDO_UID", "PKEXEC_UID"})
    void asRootForAnotherUserItIsRefused(String variable) {
        Command.Result result =
                Command.psm("--hosts", "a", "--via", via(answer())).with(variable, "1000").run();
        assertEquals(2, result.exitCode());
        assertEquals(
                "psm: --hosts: run with sudo, psm would ask the machines as root, and the keys are"
                        + " yours; leave out sudo: there, psm uses it where it may\n",
                result.err());
    }

    @Test
    void wordsThatTheLocaleCannotPassOnAreRefused() {
        String encoding = System.getProperty("sun.jnu.encoding");
        assumeTrue(encoding.equals("UTF-8"), "the tests cannot pass it on either");
        Command.Result result =
                Command.psm("--hosts", "a", "--via", "echo caf\u00e9 {}").with("LC_ALL", "C").run();
        assertEquals(2, result.exitCode());
        assertEquals(
                "psm: --via echo caf\u00e9 {}: cannot be passed on in this locale; set"
                        + " LC_ALL=C.UTF-8\n",
                result.err());
    }

    @Test
    void aListComesFromStandardInput() throws IOException {
        Path list = Files.writeString(folder.resolve("list"), "# two\na[1-2]\n");
        Command.Result result =
                Command.psm(
                                "--hosts",
                                "-",
                                "--via",
                                via(answer()),
                                "-q",
                                "--by",
                                "host",
                                "-o",
                                "csv")
                        .from(list)
                        .run();
        assertEquals("", result.err());
        assertEquals(3, result.out().lines().count());
    }

    // Waiting

    @Test
    void inAPipeThereIsNoProgress() {
        Command.Result result = psm("a", "sleep 1.5; " + answer(), "-t", "--host-timeout", "50");
        assertEquals("", result.err());
    }

    @Test
    void theTerminalShowsWhatIsWaitedForAndThenTheReport() throws Exception {
        String mark = mark();
        String psm =
                Window.quoted(
                        Command.psm("--hosts", "a,me@slow,b", "--via", allBut("me@slow", mark))
                                .words());
        try (Window window = new Window(80, 24, Map.of(), psm + " | cat; echo over")) {
            window.await("2 of 3 machines, waiting for slow", 1);
            for (String line : alive(mark)) {
                Command.of("kill", line.split(" ", 2)[0]).run();
            }
            window.await("over", 1);
            String seen = window.seen();
            String after = seen.substring(seen.lastIndexOf("waiting for"));
            assertTrue(after.startsWith("waiting for slow\u001b[K\r\u001b[K"), after);
            assertTrue(after.contains("TOTAL USED BY PROCESSES"), after);
            assertEquals(0, window.exitCode());
        }
    }

    @Test
    void ctrlCOnceShowsWhatHasCome() throws Exception {
        String mark = mark();
        String psm =
                "exec " // a shell in between may end with 130 by itself
                        + Window.quoted(
                                Command.psm("--hosts", "a,slow,b", "--via", allBut("slow", mark))
                                        .words());
        try (Window window = new Window(80, 24, Map.of(), psm)) {
            window.await("2 of 3 machines", 1);
            window.type(Window.CTRL_C);
            window.await("TOTAL USED BY PROCESSES", 1);
            window.await("slow: stopped before it answered", 1);
            assertEquals(0, window.exitCode());
            assertEquals(List.of(), alive(mark));
        }
    }

    @Test
    void ctrlCTwiceEndsPsm() throws Exception {
        String mark = mark();
        String stubborn = via("trap \"\" INT TERM; exec sleep " + mark);
        String psm = Window.quoted(Command.psm("--hosts", "a", "--via", stubborn).words());
        try (Window window = new Window(80, 24, Map.of(), psm)) {
            window.await("0 of 1 machines", 1);
            window.type(Window.CTRL_C);
            window.type(Window.CTRL_C);
            int exitCode = window.exitCode();
            assertTrue(exitCode == 130 || exitCode == 1, exitCode + window.seen());
            assertFalse(window.seen().contains("TOTAL"), window.seen());
            assertEquals(List.of(), alive(mark));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "HUP", "INT"})
    void aSignalLeavesNoProgramBehind(String signal) throws Exception {
        String mark = mark();
        String all = via("exec sleep " + mark);
        List<String> words = Command.psm("--hosts", "a[1-40]", "--via", all, "-w", "5").words();
        Process psm =
                new ProcessBuilder(words)
                        .directory(Command.root().toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        awaitAlive(mark, 32);
        Command.of("kill", "-" + signal, Long.toString(psm.pid())).run();
        assertTrue(psm.waitFor(30, TimeUnit.SECONDS));
        assertEquals(List.of(), alive(mark));
    }
}
