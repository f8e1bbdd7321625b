package psm.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.support.Command;
import psm.text.Failure;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Asks machines by real programs: the transport is env(1), which starts sh with their name. */
@Timeout(60)
class FanoutTest {
    private static final String WHOLE = "echo 'psm-probe 1'; echo '#about'; echo '#end 0 0'";
    private static final String ANSWER = "psm-probe 1\n#about\n#end 0 0\n";

    /** The start of what is shown of 35 digits in each line. */
    private static final String NOISE =
            " 01234567890123456789012345678901234 01234567890123456789012345678901234"
                    + " 01234567890123456789012345678901234 01234567890123456789012345678901234"
                    + " 01234567890123456789012345678901234 01234567890123456789";

    @TempDir Path folder;

    /** What came of the machines. */
    private static class Seen implements Fanout.Receiver {
        final Map<String, String> answers = new TreeMap<>();
        final Map<String, String> missing = new TreeMap<>();
        final List<String> withoutRoot = new ArrayList<>();
        int mostAsked;

        @Override
        public String receive(Answer answer, String lacksRoot) {
            try {
                byte[] bytes = answer.open().readAllBytes();
                answers.put(answer.host(), new String(bytes, StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                return e.toString();
            }
            if (lacksRoot != null) {
                withoutRoot.add(answer.host() + ": " + lacksRoot);
            }
            return null;
        }

        @Override
        public void miss(String host, String reason) {
            missing.put(host, reason);
        }

        @Override
        public void await(int done, List<String> asked) {
            mostAsked = Math.max(mostAsked, asked.size());
        }
    }

    /** Asks machines for large answers in a JVM with as little memory as psm has. */
    static final class Large {
        public static void main(String[] args) throws Failure {
            String script = "echo psm-probe 1; cat " + args[0] + "; echo; echo '#end 0 0'";
            Seen seen =
                    new Seen() {
                        @Override
                        public String receive(Answer answer, String lacksRoot) {
                            try (InputStream in = answer.open()) {
                                System.out.println(in.transferTo(OutputStream.nullOutputStream()));
                                return null;
                            } catch (IOException e) {
                                return e.toString();
                            }
                        }
                    };
            fanout("n[1-32]", "env HOST={} sh", 5, script).run(seen);
            seen.missing.forEach((host, reason) -> System.err.println(host + ": " + reason));
        }
    }

    private static Fanout fanout(String hosts, String via, double seconds, String script)
            throws Failure {
        return new Fanout(
                HostList.parse("--hosts", hosts),
                Transport.via("--via", via),
                32,
                (long) (seconds * TimeUnit.SECONDS.toNanos(1)),
                new ProbeQuestion(script.getBytes(StandardCharsets.UTF_8)));
    }

    private static Seen ask(String hosts, double seconds, String script) throws Failure {
        Seen seen = new Seen();
        fanout(hosts, "env HOST={} sh", seconds, script).run(seen);
        return seen;
    }

    private static List<String> alive(String mark) throws IOException {
        List<String> alive = new ArrayList<>();
        try (var all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : all) {
                try {
                    String line = Files.readString(process.resolve("cmdline"));
                    if (line.contains(mark)) {
                        alive.add(line.replace('\0', ' '));
                    }
                } catch (IOException e) {
                    // it has ended
                }
            }
        }
        return alive;
    }

    /** Returns the programs that stay: one that was ended may take a moment on a busy machine. */
    private static List<String> left(String mark) throws IOException, InterruptedException {
        List<String> left = alive(mark);
        for (int i = 0; i < 500 && !left.isEmpty(); i++) {
            Thread.sleep(20);
            left = alive(mark);
        }
        return left;
    }

    private static void awaitStart(String mark) {
        try {
            while (alive(mark).isEmpty()) {
                Thread.sleep(20);
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void eachMachineAnswersItsOwn() throws Failure {
        Seen seen = ask("a,b,c", 20, "echo 'psm-probe 1'; echo \"#$HOST\"; echo '#end 0 0'");
        assertEquals(Map.of(), seen.missing);
        assertEquals(
                Map.of(
                        "a", "psm-probe 1\n#a\n#end 0 0\n",
                        "b", "psm-probe 1\n#b\n#end 0 0\n",
                        "c", "psm-probe 1\n#c\n#end 0 0\n"),
                seen.answers);
    }

    @Test
    void noiseBeforeAnAnswerIsSkipped() throws Failure {
        String noise = "echo 'Welcome to psm-probe 1'; echo '#end 3 4';";
        assertEquals(Map.of("a", ANSWER), ask("a", 20, noise + WHOLE).answers);
    }

    @Test
    void aMegabyteOfNoiseIsSkipped() throws Failure {
        String noise = "head -c 1000000 /dev/zero | tr '\\0' 'x'; echo;";
        assertEquals(Map.of("a", ANSWER), ask("a", 20, noise + WHOLE).answers);
    }

    @Test
    void whatComesBehindTheEndMarkIsNotRead() throws Failure {
        Seen seen = ask("a", 20, WHOLE + "; echo more; exit 255");
        assertEquals(Map.of("a", ANSWER), seen.answers);
        assertEquals(Map.of(), seen.missing);
    }

    @Test
    void aProgramThatGoesOnBehindTheEndMarkIsEnded() throws Exception {
        String mark = "9" + System.nanoTime();
        Seen seen = ask("a", 20, WHOLE + "; sleep " + mark);
        assertEquals(Map.of("a", ANSWER), seen.answers);
        assertEquals(List.of(), left(mark));
    }

    @Test
    void contentIsNoEndMark() throws Failure {
        String script =
                """
                printf 'psm-probe 1\\n#section stat\\n1/stat:#end 1 1\\n'
                printf '#section cmdline\\n1/cmdline:a\\n#end 1 1\\nb\\0001/cmdline:\\0'
                printf '\\n#section exe\\n1/exe\\0/bin/x\\n#end 1 1\\n\\0#section oom\\n'
                printf '#end 4 1\\n'
                """;
        Seen seen = ask("a", 20, script);
        assertTrue(seen.answers.get("a").endsWith("\0#section oom\n#end 4 1\n"), seen.answers + "");
    }

    @Test
    void aMachineThatHangsIsMissingAndItsProgramsEnd() throws Exception {
        String mark = "8" + System.nanoTime();
        Seen seen = ask("a,b", 0.5, "[ $HOST = b ] || sleep " + mark + " | cat; " + WHOLE);
        assertEquals(Map.of("b", ANSWER), seen.answers);
        assertEquals(Map.of("a", "no answer within 0.5 s"), seen.missing);
        assertEquals(List.of(), left(mark));
    }

    @Test
    void aMachineThatIgnoresSignalsEndsToo() throws Exception {
        String mark = "7" + System.nanoTime();
        Seen seen = ask("a", 0.3, "trap '' TERM; sleep " + mark + " & wait; sleep " + mark);
        assertEquals(Map.of("a", "no answer within 0.3 s"), seen.missing);
        assertEquals(List.of(), left(mark));
    }

    @Test
    void anAnswerIsCutOffInTime() throws Failure {
        Seen seen = ask("a", 0.5, "echo 'psm-probe 1'; head -c 3000 /dev/zero; sleep 99");
        assertEquals(
                Map.of("a", "no answer within 0.5 s; its answer was cut off after 3 kB"),
                seen.missing);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "exit 3 | no answer; env ended with code 3",
                "(sleep 1; echo a reason that is late >&2) >&- & exit 3 | a reason that is late",
                "exec >&-; sleep 30; exit 3 | no answer; env has closed its output, and was ended",
                "echo psm-probe 99; exit | its answer was printed by a probe of version 99, and"
                        + " this psm knows version 1; use the probe that 'psm probe' prints",
                "head -c 500 /dev/zero >&2; printf 'a\\007\\0\\0b' >&2; exit 1 | a b",
                "head -c 9000 /dev/zero >&2; exit 1 | no answer; env ended with code 1",
                "head -c 9000 /dev/zero; exit 1 | no answer; env ended with code 1",
                "echo 'Maintenance until  noon'; exit | answered without a probe: Maintenance until"
                        + " noon",
                "printf '\\033[2Jx'; exit | answered without a probe: \\x1b[2Jx",
                "echo 'sh: not found' >&2; exit 127 | sh: not found",
                "echo psm-probe 1; head -c 4000 /dev/zero; exit | its answer was cut off after 4"
                        + " kB",
                "echo psm-probe 1; echo 'Connection closed by remote host.' >&2; exit | its answer"
                        + " was cut off after 1 kB: Connection closed by remote host.",
                "echo psm-probe 1; echo '.bashrc: No such file or directory' >&2; exit | its answer"
                        + " was cut off after 1 kB",
                "echo 'ssh: connect to host a port 22: Connection refused' >&2; echo bye >&2; exit"
                        + " | ssh: connect to host a port 22: Connection refused",
                "echo one >&2; echo two >&2; exit 1 | two",
                "yes 01234567890123456789012345678901234; exit | answered without a probe:" + NOISE,
                "echo psm-probe 1; yes 1/stat:x; exit | its answer is too large: more than 64 MB"
            })
    void theReasonOfAMissingMachineIsOneLine(String script, String reason) throws Failure {
        Seen seen = ask("a", 30, script + "\n");
        assertEquals(Map.of("a", reason), seen.missing);
    }

    @Test
    void complaintsThatNeverEndTakeNoTime() throws Exception {
        String mark = "4" + System.nanoTime();
        Seen seen = ask("a", 1.5, "yes no " + mark + " >&2");
        assertEquals(Map.of("a", "no answer within 1.5 s"), seen.missing);
        assertEquals(List.of(), left(mark));
    }

    @Test
    void randomBytesThatNeverEndAreTooLarge() throws Failure {
        Seen seen = ask("a", 30, "echo psm-probe 1; exec cat /dev/urandom");
        assertEquals(Map.of("a", "its answer is too large: more than 64 MB"), seen.missing);
    }

    @Test
    void aProgramThatDoesNotExistIsNamed() throws Failure {
        Seen seen = new Seen();
        fanout("a", "/nowhere/kubectl exec {}", 9, WHOLE).run(seen);
        assertEquals(Map.of("a", "cannot start /nowhere/kubectl: no such program"), seen.missing);
    }

    @Test
    void aProgramThatReadsNothingIsNoProblem() throws Failure {
        Seen seen = new Seen();
        fanout("a", "echo {}", 9, WHOLE).run(seen);
        assertEquals(Map.of("a", "answered without a probe: a"), seen.missing);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sudo: a password is required | a: sudo asks for a password",
                "sh: 1: sudo: not found | a: there is no sudo",
                "Sorry, user x is not allowed to execute '/bin/sh' | a: sudo does not allow it",
                "sh: 1: sudo: Permission denied | a: that user may not run sudo",
                "hello |"
            })
    void aMachineWithoutRootSaysWhy(String line, String expected) throws Failure {
        Seen seen = ask("a", 20, "echo \"" + line + "\" >&2; sleep 0.2; " + WHOLE);
        assertEquals(expected == null ? List.of() : List.of(expected), seen.withoutRoot);
    }

    @Test
    void oneHundredMachinesAreAskedThirtyTwoAtATime() throws Failure {
        Seen seen = ask("n[1-100]", 30, "sleep 0.3; " + WHOLE);
        assertEquals(Map.of(), seen.missing);
        assertEquals(100, seen.answers.size());
        assertTrue(seen.mostAsked <= 32 && seen.mostAsked > 1, seen.mostAsked + "");
    }

    /** 32 answers take 100 MB deflated: they come one after the other, and each is whole. */
    @Test
    void largeAnswersWaitForMemory() throws Exception {
        String length = Integer.toString("psm-probe 1\n\n#end 0 0\n".length() + (3 << 20));
        Command.Result result =
                Command.java("psm.remote.FanoutTest$Large", random().toString()).run();
        assertEquals("", result.err());
        assertEquals((length + "\n").repeat(32), result.out());
    }

    private Path random() throws IOException {
        Path random = folder.resolve("random");
        byte[] bytes = new byte[3 << 20];
        new Random(7).nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = bytes[i] == '\n' ? 0 : bytes[i];
        }
        return Files.write(random, bytes);
    }

    @Test
    void aStopEndsAllButKeepsWhatHasCome() throws Exception {
        String mark = "6" + System.nanoTime();
        String script = "[ $HOST = a ] || exec sleep " + mark + "; " + WHOLE;
        Fanout fanout = fanout("a,b[1-40]", "env HOST={} sh", 30, script);
        Seen seen =
                new Seen() {
                    @Override
                    public String receive(Answer answer, String lacksRoot) {
                        awaitStart(mark);
                        fanout.stop();
                        return super.receive(answer, lacksRoot);
                    }
                };
        fanout.run(seen);
        assertEquals(Map.of("a", ANSWER), seen.answers);
        assertEquals(40, seen.missing.size());
        assertEquals("stopped before it answered", seen.missing.get("b1"));
        assertEquals(List.of(), left(mark));
    }

    @Test
    void aFailureOfTheReceiverEndsAll() throws Exception {
        String mark = "5" + System.nanoTime();
        Fanout fanout =
                fanout(
                        "a,b",
                        "env HOST={} sh",
                        30,
                        "[ $HOST = a ] || exec sleep " + mark + "; " + WHOLE);
        Seen seen =
                new Seen() {
                    @Override
                    public String receive(Answer answer, String lacksRoot) {
                        awaitStart(mark);
                        throw new IllegalStateException("full");
                    }
                };
        try {
            fanout.run(seen);
        } catch (IllegalStateException | Failure e) {
            assertEquals("full", e.getMessage());
        }
        assertEquals(List.of(), left(mark));
    }
}
