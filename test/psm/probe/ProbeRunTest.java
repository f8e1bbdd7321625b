package psm.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs the script of the probe where a machine is in trouble, and looks at what it does there. */
@Tag("endtoend")
class ProbeRunTest {
    /** Stands for grep: it blocks as the kernel does, behind what it has printed before. */
    private static final String BLOCKED =
            """
            #!/bin/sh
            case $* in
            *1/smaps_rollup*) printf '1/smaps_rollup:Rss:       12' ;;
            *1/cmdline*) printf '1/cmdline:in' ;;
            *) exec GREP "$@" ;;
            esac
            exec sleep 1000
            """;

    /** A variable by which to find the processes of a test. */
    private static final String MARK = "PSM_TEST_OF_PROBE";

    @TempDir Path folder;
    private Path script;

    @BeforeEach
    void writeScript() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        script = Files.writeString(folder.resolve("probe"), ProbeScript.TEXT);
    }

    private Printed printed(Path file) throws IOException {
        return new Printed(Files.readString(file, StandardCharsets.ISO_8859_1));
    }

    private Printed printed(Command command) throws IOException {
        Path out = folder.resolve("out");
        Command.Result result = command.to(out).run();
        assertEquals("", result.err());
        assertEquals(0, result.exitCode());
        return printed(out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash", "bash --posix", "mksh"})
    void aBlockedReaderIsEndedAndSaidSo(String shell) throws IOException, InterruptedException {
        assumeTrue(Command.exists(shell.split(" ", 2)[0]), "there is no " + shell);
        Path tools = Files.createDirectory(folder.resolve("tools"));
        String grep = Command.of("sh", "-c", "command -v grep").run().out().strip();
        Files.writeString(tools.resolve("grep"), BLOCKED.replace("GREP", grep));
        assertTrue(tools.resolve("grep").toFile().setExecutable(true));
        Files.writeString(script, ProbeScript.TEXT.replaceAll("guarded (15|5) ", "guarded 1 "));
        Printed printed =
                printed(
                        Command.of((shell + ' ' + script).split(" ", -1))
                                .with(MARK, folder.toString())
                                .with("PATH", tools + ":" + System.getenv("PATH")));
        List<String> cut = printed.own.stream().filter(line -> line.equals("#cut")).toList();
        assertEquals(List.of("#cut", "#cut"), cut, printed.own + " " + printed.sections.keySet());
        String rollup = printed.content("rollup", "1/smaps_rollup");
        assertTrue(rollup == null || rollup.startsWith("Rss:       12"), rollup);
        awaitNothingLeft();
    }

    /** Waits until all processes of the test have ended; the test is killed if one stays. */
    private void awaitNothingLeft() throws IOException, InterruptedException {
        while (!left().isEmpty()) {
            Thread.sleep(10);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sh probe",
                "sh <probe",
                "sh -c \"$(cat probe)\"",
                "env -i sh probe",
                "sections=5 bytes=x file=y sh -aefu <probe",
                "SHELLOPTS=errexit:noglob:nounset bash probe"
            })
    void eachWayToStartItPrintsTheSame(String start) throws IOException {
        Printed printed = printed(Command.of("sh", "-c", start).in(folder));
        assertEquals(9, printed.sections.size(), printed.sections.keySet()::toString);
        String own = ProcessHandle.current().pid() + "/stat";
        assertTrue(printed.content("stat", own).startsWith(own.replace("/stat", " (java")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "setpriv --reuid=65534 --regid=65534 --clear-groups "})
    void nothingIsWritten(String asUser) throws IOException {
        assumeTrue(Command.exists("strace"), "there is no strace");
        assumeTrue(asUser.isEmpty() || new OwnProcess().isRoot(), "needs root");
        Path trace = Files.createFile(folder.resolve("trace"));
        Files.setPosixFilePermissions(trace, PosixFilePermissions.fromString("rw-rw-rw-"));
        String calls = "trace=%file,ftruncate,fallocate,kill,socket,connect";
        String words = asUser + "strace -fqq -o trace -e " + calls + " sh probe";
        Printed printed = printed(Command.of(words.split(" ", -1)).in(folder));
        assertEquals(9, printed.sections.size());
        String[] lines = Files.readString(trace, StandardCharsets.ISO_8859_1).split("\n", -1);
        Set<String> own = new HashSet<>();
        for (String line : lines) {
            own.add(line.split(" ", 2)[0]);
        }
        for (String line : lines) {
            boolean writes =
                    line.matches(".*(O_WRONLY|O_RDWR|O_CREAT).*")
                            || line.matches("[0-9]+ +(mk|un|re|link|sym|ch[mo]|trun|fa|so|co).*");
            boolean isRead = line.contains(" readlink") || line.contains("\"/dev/null\"");
            assertFalse(writes && !isRead, line);
            Matcher killed = Pattern.compile(" kill\\(([0-9]+), SIG").matcher(line);
            assertTrue(!killed.find() || own.contains(killed.group(1)), line);
        }
    }

    /** The shell gets SIGPIPE, as after a lost connection. */
    @Test
    void nothingIsLeftWhenTheReaderGoesAway() throws IOException, InterruptedException {
        Command pipe = Command.of("sh", "-c", "sh probe | head -c 3000 >/dev/null");
        Command.Result result = pipe.in(folder).with(MARK, folder.toString()).run();
        assertEquals(0, result.exitCode(), result.err());
        awaitNothingLeft();
    }

    /** Only /proc is mounted there, and BusyBox is the only program. */
    @Test
    void busyboxAloneIsEnough() throws IOException {
        Path busybox = Path.of("/bin/busybox");
        assumeTrue(Files.exists(busybox) && new OwnProcess().isRoot(), "needs root and busybox");
        Path root = folder.resolve("root");
        Files.createDirectories(root.resolve("bin"));
        Files.createDirectories(root.resolve("proc"));
        Files.copy(busybox, root.resolve("bin/busybox"));
        Files.copy(script, root.resolve("probe"));
        String enter = "mount -t proc proc root/proc && exec chroot root /bin/busybox sh -c '%s'";
        String run = "/bin/busybox --install -s /bin && exec sh /probe";
        Command command = Command.of("unshare", "-m", "sh", "-c", enter.formatted(run));
        Path out = folder.resolve("out");
        Command.Result result = command.in(folder).to(out).run();
        assumeTrue(!result.err().contains("mount"), result.err());
        assertEquals(0, result.exitCode(), result.err());
        Printed printed = printed(out);
        String own = ProcessHandle.current().pid() + "/smaps_rollup";
        assertTrue(printed.content("rollup", own).contains("Pss: "));
        assertTrue(printed.sections.containsKey("exe-lines"));
    }

    /** More files than arguments fit into one call, on a kernel without smaps_rollup. */
    @Test
    void manyProcessesAreReadWithFewArguments() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can mount a made-up /proc");
        int count = 8000;
        for (int pid = 1_000_001; pid <= 1_000_000 + count; pid++) {
            Path process = Files.createDirectories(folder.resolve("proc/" + pid));
            Files.writeString(process.resolve("stat"), pid + " (x\n) S 1\n");
            Files.writeString(process.resolve("smaps"), "00-10 r /a b\nSize: 4 kB\nPss: 4 kB\n");
        }
        Path self = Files.createDirectories(folder.resolve("proc/self"));
        Files.writeString(self.resolve("smaps"), "00-10 r\nKernelPageSize:       64 kB\n");
        String run = "mount --bind proc /proc && ulimit -s 400 && exec sh probe";
        Command command = Command.of("unshare", "-m", "sh", "-c", run);
        Path out = folder.resolve("out");
        Command.Result result = command.in(folder).to(out).run();
        assumeTrue(!result.err().contains("mount"), result.err());
        assertEquals(0, result.exitCode(), result.err());
        Printed printed = printed(out);
        assertEquals(count, printed.sections.get("stat").size());
        assertEquals("1000001 (x\n) S 1\n", printed.content("stat", "1000001/stat"));
        assertEquals(count, printed.sections.get("smaps").size());
        assertEquals("00-10 r /a b\nPss: 4 kB\n", printed.content("smaps", "1000002/smaps"));
        assertTrue(printed.own.contains("#page 65536"), printed.own.toString());
        assertEquals("#end 9 " + count, printed.own.get(printed.own.size() - 1));
    }

    private boolean isOfTest(ProcessHandle process) {
        try {
            return Shapes.read(process.pid(), "environ").contains(MARK + '=' + folder);
        } catch (IOException e) {
            return false; // it has ended, or is that of another user
        }
    }

    /** Returns the processes that a test has left behind. */
    private List<String> left() {
        List<String> left = new ArrayList<>();
        for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
            if (isOfTest(process)) {
                left.add(process.toString() + ' ' + process.info());
            }
        }
        return left;
    }
}
