package psm.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.support.Command;
import psm.support.Shapes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs the script of the probe in each shell, with the tools of GNU, BusyBox and toybox, and
 * compares what it prints about stopped processes with /proc.
 */
@Tag("endtoend")
class ProbeShellsTest {
    private static final String FILES = "stat cgroup oom_score oom_score_adj";

    private static final String STATUS =
            "Name|Uid|Gid|PPid|Threads|VmHWM|VmSize|VmRSS|VmLck|VmPTE|VmSwap|RssFile|HugetlbPages";

    private static final String ROLLUP =
            "Rss|Pss|Pss_Anon|Pss_File|Pss_Shmem|Shared_Clean|Shared_Dirty|Shared_Hugetlb"
                    + "|Private_Clean|Private_Dirty|Private_Hugetlb|Swap|SwapPss|KSM|Locked";

    @TempDir static Path folder;

    /** The stopped processes, and the executable of each. */
    private static final Map<Process, Path> PROCESSES = new LinkedHashMap<>();

    @BeforeAll
    static void startProcesses() throws IOException, InterruptedException {
        assumeTrue(Command.exists("cc"), "there is no C compiler");
        Path program = folder.resolve("plain");
        String source = Command.root().resolve("test/programs/pauses.c").toString();
        Command.Result result =
                Command.of("cc", "-O1", "-static", "-pthread", "-o", program.toString(), source)
                        .run();
        assertEquals(0, result.exitCode(), result.err());
        start(copy(program, "15bytes.program"), "15bytes.program", "an", "", "a\tb \u001b[31m");
        start(copy(program, "a\nlrwxrwxrwx 1 0 0 0 Jan 1 00:00 1"), ") Z 1 (x\n\u001b)", "x\ny\n");
        start(program, "#end 9 1", "#end 9 83", "psm-probe 1", "#section stat\n", "1/cmdline:root");
        start(copy(program, "deleted"), "b\n#end 9 1", "\n#end 9 83\n", "", "");
        start(copy(program, "led"), "leader", "thread");
        Files.delete(folder.resolve("deleted"));
        Files.writeString(folder.resolve("probe"), ProbeScript.TEXT);
    }

    private static Path copy(Path program, String name) throws IOException {
        return Files.copy(program, folder.resolve(name));
    }

    private static void start(Path program, String... args)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(program.toString()));
        words.addAll(List.of(args));
        Process process = new ProcessBuilder(words).start();
        PROCESSES.put(process, program);
        assertEquals("ready", process.inputReader().readLine());
        if (!args[args.length - 1].equals("thread")) {
            Command.of("kill", "-STOP", Long.toString(process.pid())).run();
            while (!Shapes.read(process.pid(), "stat").contains(") T ")) {
                Thread.sleep(1);
            }
        }
    }

    @AfterAll
    static void endProcesses() {
        PROCESSES.keySet().forEach(Process::destroyForcibly);
    }

    /** Makes a folder with the tools of a program that has many, as the only folder of PATH. */
    private static String path(String tools, String shell) throws IOException {
        if (tools.equals("gnu")) {
            return System.getenv("PATH");
        }
        assumeTrue(Command.exists(tools), "there is no " + tools);
        Path root = folder.resolve(tools + " " + shell.replace('/', ' '));
        if (Files.exists(root)) {
            return root.toString();
        }
        Files.createDirectory(root);
        Path program = Path.of(Command.of("sh", "-c", "command -v " + tools).run().out().strip());
        for (String tool : List.of("date", "find", "grep", "head", "id", "ls", "renice", "sed")) {
            Files.createSymbolicLink(root.resolve(tool), program);
        }
        for (String tool : List.of("sleep", "xargs")) {
            Files.createSymbolicLink(root.resolve(tool), program);
        }
        return root.toString();
    }

    /** Returns the words that start a shell, which is also the sh on the PATH. */
    private static List<String> shell(String shell, String path) throws IOException {
        String[] words = shell.split(" ", -1);
        assumeTrue(Command.exists(words[0]), "there is no " + words[0]);
        String found = Command.of("sh", "-c", "command -v " + words[0]).run().out().strip();
        if (!path.equals(System.getenv("PATH"))) {
            Path sh = Path.of(path, "sh");
            Files.deleteIfExists(sh);
            Files.createSymbolicLink(sh, Path.of(found));
        }
        List<String> all = new ArrayList<>(List.of(words));
        all.set(0, found);
        return all;
    }

    private static Printed run(String shell, String tools) throws IOException {
        String path = path(tools, shell);
        Path out = folder.resolve("out");
        Command command =
                Command.of(shell(shell, path).toArray(new String[0]))
                        .from(folder.resolve("probe"))
                        .to(out)
                        .with("PATH", path);
        Command.Result result = command.run();
        assertEquals("", result.err());
        assertEquals(0, result.exitCode());
        return new Printed(Files.readString(out, StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @CsvSource({
        "dash, gnu", "dash, busybox", "dash, toybox",
        "bash, gnu", "bash, busybox", "bash, toybox",
        "bash --posix, gnu", "bash --posix, busybox", "bash --posix, toybox",
        "busybox sh, gnu", "busybox sh, busybox", "busybox sh, toybox",
        "mksh, gnu", "mksh, busybox", "mksh, toybox"
    })
    void allShellsAndToolsPrintWhatIsInProc(String shell, String tools) throws IOException {
        Printed printed = run(shell, tools);
        assertEquals(
                List.of("host", "users", "stat", "status", "rollup", "cgroups", "cmdline"),
                List.copyOf(printed.sections.keySet()).subList(0, 7));
        for (String line : printed.own) {
            assertTrue(line.matches("#(about|(uid|pid|page|time) [0-9]+|end [0-9]+ [0-9]+)"), line);
        }
        for (Process process : PROCESSES.keySet()) {
            String folder = Long.toString(process.pid());
            String thread = thread(process.pid());
            requireFiles(printed, folder, thread == null);
            if (thread != null) {
                requireFiles(printed, folder + "/task/" + thread, true);
            }
        }
        requireExecutables(printed);
    }

    /** Compares the files of a process or thread; one that has ended shows no memory. */
    private static void requireFiles(Printed printed, String of, boolean hasMemory)
            throws IOException {
        for (String name : FILES.split(" ", -1)) {
            assertEquals(read(of + '/' + name), printed.content("stat", of + '/' + name));
        }
        assertEquals(read(of + "/stat"), printed.content("stat-again", of + "/stat"));
        String status = of + "/status";
        assertEquals(lines(status, STATUS), printed.content("status", status));
        String rollup = of + "/smaps_rollup";
        assertEquals(hasMemory ? lines(rollup, ROLLUP) : null, printed.content("rollup", rollup));
        String arguments = of + "/cmdline";
        assertEquals(hasMemory ? read(arguments) : null, printed.content("cmdline", arguments));
    }

    /** Returns the thread that runs where the main thread has ended, else {@code null}. */
    private static String thread(long pid) throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            return tasks.map(task -> task.getFileName().toString())
                    .filter(tid -> !tid.equals(Long.toString(pid)))
                    .findAny()
                    .orElse(null);
        }
    }

    private static String read(String file) throws IOException {
        return Files.readString(Path.of("/proc/" + file), StandardCharsets.ISO_8859_1);
    }

    /** Returns the lines that psm reads, and a header. */
    private static String lines(String file, String names) throws IOException {
        return read(file)
                .lines()
                .filter(line -> line.matches("(" + names + "):.*|[0-9a-f]+-.*"))
                .map(line -> line + '\n')
                .collect(Collectors.joining());
    }

    private static void requireExecutables(Printed printed) {
        for (Map.Entry<Process, Path> entry : PROCESSES.entrySet()) {
            String link = entry.getKey().pid() + "/exe";
            String target = entry.getValue() + (Files.exists(entry.getValue()) ? "" : " (deleted)");
            boolean isDead = target.endsWith("/led");
            if (printed.sections.containsKey("exe")) {
                String found = printed.content("exe", link);
                assertEquals(isDead ? "" : target, found == null ? "" : found);
            } else if (!target.contains("\n") && !isDead) {
                Set<String> of = new TreeSet<>();
                for (String line : printed.sections.get("exe-lines").keySet()) {
                    if (line.contains(" " + link)) {
                        of.add(line.substring(line.indexOf(link)));
                    }
                }
                assertEquals(Set.of(link + " -> " + target), of);
            }
        }
    }

    /** A name with a newline makes a line that could be that of another process. */
    @Test
    void anExecutableCannotForgeTheOnlyLineOfAnotherProcess() throws IOException {
        Map<String, Integer> lines = new TreeMap<>();
        for (String line : run("dash", "busybox").sections.get("exe-lines").keySet()) {
            lines.merge(line.replaceFirst(".* ([0-9]+)/exe.*|.*", "$1"), 1, Integer::sum);
        }
        for (Process process : PROCESSES.keySet()) {
            assertEquals(1, lines.get(Long.toString(process.pid())), lines.toString());
        }
    }

    @Test
    void hostAndUsersAreNamedButNoPasswords() throws IOException {
        Printed printed = run("dash", "gnu");
        assertEquals(read("sys/kernel/hostname"), printed.content("host", "sys/kernel/hostname"));
        assertEquals(
                read("sys/kernel/random/boot_id"),
                printed.content("host", "sys/kernel/random/boot_id"));
        String meminfo = printed.content("host", "meminfo");
        assertEquals(read("meminfo").lines().count(), meminfo.lines().count());
        assertNotNull(printed.content("host", "self/mountinfo"));
        assertTrue(printed.content("users", "../etc/passwd").startsWith("root::0:\n"));
        for (String line : printed.content("users", "../etc/group").split("\n", -1)) {
            assertTrue(line.matches("[^:]*::[0-9]+:|"), line);
        }
        assertNull(printed.content("host", "version"));
    }
}
