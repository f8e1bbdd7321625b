package psm.name;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Names real processes, and made-up ones where no real one can be started. */
class ProgramReaderTest {
    private static final NameRule BY_TITLE = new NameRule(true, false, false, false, true);
    private static final NameRule BY_EXECUTABLE = new NameRule(false, false, false, false, true);
    private static final NameRule SCRIPTS = new NameRule(true, true, false, false, true);

    private static final NameRule COMMANDS = new NameRule(true, false, false, true, true);

    private static final long EXECED = 0x400000;
    private static final long FORKED = 0x400040;
    private static final ProcStat STAT = stat("comm", EXECED, 0);

    @TempDir Path folder;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endProcesses() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    private static Program read(ProcFs proc, long pid, NameRule rule) {
        return new ProgramReader(proc, rule).read(Long.toString(pid), STAT);
    }

    private static Program read(Process process) {
        return read(new ProcFs("/proc"), process.pid(), BY_TITLE);
    }

    /** Starts a copy of sleep(1) under another name. */
    private Process sleep(String name) throws IOException, InterruptedException {
        Path program = folder.resolve(name);
        Files.copy(Path.of("/bin/sleep").toRealPath(), program);
        Process process = new ProcessBuilder(program.toString(), "600").start();
        processes.add(process);
        awaitArgument(process, program.toString());
        return process;
    }

    /** Waits for a process to call exec; until then it is a copy of this JVM. */
    private static void awaitArgument(Process process, String first)
            throws IOException, InterruptedException {
        Path cmdline = Path.of("/proc/" + process.pid(), "cmdline");
        while (!Files.readString(cmdline, ISO_8859_1).startsWith(first + '\0')) {
            assertTrue(process.isAlive());
            Thread.sleep(5);
        }
    }

    @Test
    void existingExecutableIsCurrent() throws Exception {
        assertEquals(new Program("sleeper", Program.File.CURRENT), read(sleep("sleeper")));
    }

    @Test
    void deletedExecutableKeepsItsName() throws Exception {
        Process process = sleep("sleeper");
        Files.delete(folder.resolve("sleeper"));
        assertEquals(new Program("sleeper", Program.File.DELETED), read(process));
    }

    @Test
    void replacedExecutableIsUpdated() throws Exception {
        Process process = sleep("sleeper");
        Files.delete(folder.resolve("sleeper"));
        Files.writeString(folder.resolve("sleeper"), "the next version");
        assertEquals(new Program("sleeper", Program.File.UPDATED), read(process));
    }

    @Test
    void nameMayEndWithDeleted() throws Exception {
        Process process = sleep("sleeper (deleted)");
        assertEquals(new Program("sleeper (deleted)", Program.File.CURRENT), read(process));
        Files.delete(folder.resolve("sleeper (deleted)"));
        assertEquals(new Program("sleeper (deleted)", Program.File.DELETED), read(process));
    }

    /** Outside of the process's root, the same path may be another file. */
    @Test
    void successorIsSoughtInProcessRoot() throws IOException {
        process("/opt/example/x (deleted)", "x");
        ProcFs proc = new ProcFs(folder.toString());
        assertEquals(Program.File.DELETED, read(proc, 7, BY_TITLE).file());
        Files.createDirectories(folder.resolve("7/root/opt/example"));
        Files.writeString(folder.resolve("7/root/opt/example/x"), "");
        assertEquals(Program.File.UPDATED, read(proc, 7, BY_TITLE).file());
    }

    /** Package managers rename a file before they delete it. */
    @ParameterizedTest
    @CsvSource({"x;62a1f0c2, x", "x.#prelink#.fX7LCT, x", "x.dpkg-tmp, x"})
    void renamedExecutableIsUpdated(String file, String name) throws IOException {
        process("/opt/example/" + file + " (deleted)", "/opt/example/" + name);
        ProcFs proc = new ProcFs(folder.toString());
        assertEquals(new Program(name, Program.File.UPDATED), read(proc, 7, BY_TITLE));
        assertEquals(new Program(name, Program.File.UPDATED), read(proc, 7, BY_EXECUTABLE));
        Files.createDirectories(folder.resolve("7/root/opt/example"));
        assertEquals(Program.File.DELETED, read(proc, 7, BY_TITLE).file(), "nothing replaces it");
        Files.writeString(folder.resolve("7/root/opt/example/x"), "");
        assertEquals(Program.File.UPDATED, read(proc, 7, BY_TITLE).file());
    }

    /** Before 3.18, the kernel shows the temporary name of the file that has replaced it. */
    @ParameterizedTest
    @CsvSource({
        ".x.aB3xY9, x",
        ".x-v2.a8f2, x-v2",
        ".x.a8f, .x.a8f",
        ".ansible_tmpab12_d9xx, x",
        ".x.backup, .x.backup"
    })
    void temporaryNameOfTheSuccessorIsLeftOut(String file, String name) throws IOException {
        process("/opt/example/" + file + " (deleted)", "/opt/example/" + name);
        ProcFs proc = new ProcFs(folder.toString());
        assertEquals(name, read(proc, 7, BY_EXECUTABLE).name());
        Files.createDirectories(folder.resolve("7/root/opt/example"));
        assertEquals(Program.File.DELETED, read(proc, 7, BY_TITLE).file(), "nothing replaces it");
        Files.writeString(folder.resolve("7/root/opt/example/" + name), "");
        assertEquals(Program.File.UPDATED, read(proc, 7, BY_TITLE).file());
    }

    /** NFS renames a deleted file that is in use, so only the process knows its name. */
    @Test
    void executableThatNfsHasRenamedIsDeleted() throws IOException {
        process("/opt/example/.nfs000000000012ab34000000c1", "/opt/example/exporter-of-nodes|-x");
        ProcFs proc = new ProcFs(folder.toString());
        ProcStat stat = stat("exporter-of-nod", EXECED, 0);
        for (NameRule rule : new NameRule[] {BY_TITLE, BY_EXECUTABLE}) {
            Program program = new ProgramReader(proc, rule).read("7", stat);
            assertEquals(new Program("exporter-of-nodes", Program.File.DELETED), program);
        }
        Files.createDirectories(folder.resolve("7/root/opt/example"));
        Files.writeString(folder.resolve("7/root/opt/example/exporter-of-nodes"), "");
        Program program = new ProgramReader(proc, BY_EXECUTABLE).read("7", stat);
        assertEquals(Program.File.UPDATED, program.file());
    }

    /** Without permission to see the executable, the kernel's name is cut, but not the argument. */
    @ParameterizedTest
    @CsvSource({
        "/usr/lib/systemd/systemd-journald, systemd-journal, systemd-journald",
        "systemd-journald: x, systemd-journal, systemd-journal",
        "/usr/bin/other, systemd-journal, systemd-journal",
        "/usr/bin/nginx-debug, nginx, nginx"
    })
    void cutNameIsCompletedFromTheArgument(String argument, String comm, String name)
            throws IOException {
        Files.delete(process("/", argument).resolve("exe"));
        ProcFs proc = new ProcFs(folder.toString());
        ProgramReader reader = new ProgramReader(proc, BY_EXECUTABLE);
        assertEquals(name, reader.read("7", stat(comm, EXECED, 0)).name());
    }

    @Test
    void fileMayContainThePathOfTheExecutable() throws IOException {
        Path process = process("/opt/example/x (deleted)", "/opt/example/x");
        Files.delete(process.resolve("exe"));
        ProcFs proc = new ProcFs(folder.toString());
        Files.writeString(process.resolve("exe"), "/opt/example/x (deleted)\n");
        assertEquals(new Program("x", Program.File.DELETED), read(proc, 7, BY_TITLE));
        Files.writeString(process.resolve("exe"), "\u007fELF\1\0\0");
        assertEquals(new Program("x", Program.File.UNKNOWN), read(proc, 7, BY_TITLE));
        Files.writeString(process.resolve("exe"), "/x".repeat(5000));
        assertEquals(new Program("x", Program.File.UNKNOWN), read(proc, 7, BY_TITLE));
        Files.delete(process.resolve("exe"));
        assertEquals(0, Command.of("mkfifo", process.resolve("exe").toString()).run().exitCode());
        assertEquals(new Program("x", Program.File.UNKNOWN), read(proc, 7, BY_TITLE));
    }

    @ParameterizedTest
    @CsvSource({
        // executable, arguments, name, name with --scripts
        "/run/rosetta/rosetta, /run/rosetta/rosetta|/usr/bin/node|node|s.js, node, node s.js",
        "/rosetta/rosetta, /rosetta/rosetta|/bin/bash|-bash, bash, bash",
        "/rosetta/rosetta, [rosetta]|/usr/bin/nginx|-g|x, nginx, nginx",
        "/rosetta/rosetta, [rosetta]|/usr/bin/node|app.js, node, node app.js",
        "/rosetta/rosetta, /usr/bin/node|app.js, node, node app.js",
        "/rosetta/rosetta, rosetta|-x, rosetta, rosetta",
        "/rosetta/rosetta, rosetta|/bin/php-fpm8.2|php-fpm: pool www, php-fpm: pool www,"
                + " php-fpm: pool www",
        "/bin/qemu-aarch64-static, /bin/qemu-aarch64-static|/bin/nginx|nginx|-g|off, nginx, nginx",
        "/bin/qemu-arm-static, qemu-arm|/bin/sh|run.sh, sh, sh run.sh",
        "/bin/qemu-arm, /bin/sh|run.sh, sh, sh run.sh",
        "/bin/qemu-arm, /bin/sh|-c|ls, sh, sh -c",
        "/bin/qemu-arm, qemu-arm|-L|/usr/arm|-0|web|./server|x, web, web",
        "/bin/qemu-arm, qemu-arm|-strace|-cpu|max|/bin/python3|x.py, python3, python x.py",
        "/bin/qemu-arm, qemu-arm|/bin/python3.11|python3|x.py, python3, python x.py",
        "/bin/qemu-arm, qemu-arm|-unknown|value|/bin/x, qemu-arm, qemu-arm",
        "/bin/qemu-arm, qemu-arm, qemu-arm, qemu-arm",
        "/bin/qemu-img, qemu-img|create|x, qemu-img, qemu-img",
        "/bin/qemu-system-arm, qemu-system-arm|-m|1G, qemu-system-arm, qemu-system-arm",
        "/dev/.buildkit_qemu_emulator, /x|-0|sh|/bin/sh|-c|ls, sh, sh -c",
        "/bin/FEXInterpreter, /bin/FEXInterpreter|/usr/bin/game|game|-x, game, game",
        "/bin/box64, box64|/opt/game|-x, game, game",
        "/bin/FEX, /usr/bin/node|app.js, node, node app.js",
        "/bin/FEX, nginx: worker process, nginx: worker process, nginx: worker process",
        "/bin/FEX, -bash, bash, bash",
        "/bin/FEX, -game, game, game",
        "/bin/box64, /bin/bash|run.sh, bash, bash run.sh",
        "/bin/box64, box64|--version, box64, box64",
        "/lib/ld-linux-x86-64.so.2, /lib64/ld.so|--library-path|/a|/a/bin/alpha, alpha, alpha",
        "/lib/ld-2.31.so, /lib64/ld.so|--argv0|beta|--preload|x.so|/a/bin/alpha, beta, beta",
        "/lib/ld-musl-x86_64.so.1, /lib/ld.so|--library-path=/a|--|/bin/sh|x.sh, sh, sh x.sh",
        "/lib/ld.so, ld.so|--unknown|value|x, ld.so, ld.so",
        "/bin/coreutils, coreutils|--coreutils-prog-shebang=sleep|/bin/sleep|9, sleep, sleep",
        "/bin/busybox, busybox|httpd|-f, httpd, httpd",
        "/bin/busybox, /bin/sh|x.sh, sh, sh x.sh",
        "/bin/busybox, busybox|sh|x.sh, sh, sh x.sh",
        "/bin/busybox, busybox, busybox, busybox",
        ", /run/rosetta/rosetta|/usr/bin/node|node|s.js, node, node s.js"
    })
    void emulatorsAreNamedAfterWhatTheyRun(String exe, String arguments, String name, String script)
            throws IOException {
        Path process = process(exe == null ? "/" : exe, arguments);
        if (exe == null) {
            Files.delete(process.resolve("exe")); // as for other users' processes
        }
        ProcFs proc = new ProcFs(folder.toString());
        assertEquals(name, read(proc, 7, BY_TITLE).name());
        assertEquals(script, read(proc, 7, SCRIPTS).name());
    }

    @Test
    void emulatedProgramIsFoundAfterLongOptions() throws IOException {
        String path = "/opt/example/lib:".repeat(1000);
        process("/lib/ld.so", "/lib/ld.so|--library-path|" + path + "|/opt/x/server");
        assertEquals("server", read(new ProcFs(folder.toString()), 7, BY_TITLE).name());
    }

    @Test
    void realLinkerIsNamedAfterWhatItRuns() throws Exception {
        Path linker = Path.of("/lib64/ld-linux-x86-64.so.2");
        assumeTrue(Files.exists(linker), "no linker of that name");
        Process process =
                new ProcessBuilder(linker.toString(), "--inhibit-cache", "/bin/sleep", "600")
                        .start();
        processes.add(process);
        awaitArgument(process, linker.toString());
        assertEquals("sleep", read(process).name());
    }

    @Test
    void scriptsAreNamedWithoutTitles() throws IOException {
        process("/opt/example/python3", "python3|/srv/manage.py");
        NameRule both = new NameRule(false, true, false, false, true);
        assertEquals("python manage.py", read(new ProcFs(folder.toString()), 7, both).name());
    }

    @Test
    void cutScriptNameIsNotUsed() throws IOException {
        process("/opt/example/python3", "python3|/srv/" + "x/".repeat(100_000));
        assertEquals("python3", read(new ProcFs(folder.toString()), 7, SCRIPTS).name());
    }

    @Test
    void hiddenExecutableMayBeDeleted() throws IOException {
        Path process = process("/opt/example/nginx", "nginx");
        Files.delete(process.resolve("exe"));
        Program program = read(new ProcFs(folder.toString()), 7, BY_TITLE);
        assertEquals(Program.File.UNKNOWN, program.file());
    }

    @Test
    void executableInMemoryWasNeverDeleted() throws IOException {
        Path process = Files.createDirectories(folder.resolve("7"));
        Files.createSymbolicLink(
                process.resolve("exe"), Path.of("/memfd:runc:/proc/self/exe (deleted)"));
        Files.writeString(process.resolve("cmdline"), "/memfd:runc:/proc/self/exe\0init\0");
        assertEquals(
                new Program("memfd:runc:/proc/self/exe", Program.File.CURRENT),
                read(new ProcFs(folder.toString()), 7, BY_TITLE));
    }

    @ParameterizedTest
    @CsvSource({
        "nginx: worker process, nginx: worker process, nginx, nginx: worker process",
        "/opt/example/nginx|-g|daemon off;, nginx, nginx, nginx",
        "python3|/srv/app/manage.py|run, python3, nginx, python3",
    })
    void ruleDecidesTheName(String arguments, String byTitle, String byExecutable, String scripts)
            throws IOException {
        Path process = process("/opt/example/nginx", arguments);
        ProcFs proc = new ProcFs(process.getParent().toString());
        assertEquals(byTitle, read(proc, 7, BY_TITLE).name());
        assertEquals(byExecutable, read(proc, 7, BY_EXECUTABLE).name());
        assertEquals(scripts, read(proc, 7, SCRIPTS).name());
    }

    /** Titles, updates and unreadable links do not make several programs of one. */
    @Test
    void executableHasOneNameWhateverItsTitles() throws IOException {
        String[] files = {"postgres", "postgres (deleted)", "postgres;62a1f0c2 (deleted)"};
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < 21; i++) {
            Path process = Files.createDirectories(folder.resolve(Integer.toString(i + 1)));
            Path exe = Path.of("/usr/lib/postgresql/" + (i % 2 + 14) + "/bin/" + files[i % 3]);
            Files.createSymbolicLink(process.resolve("exe"), exe);
            Files.writeString(process.resolve("cmdline"), "postgres: worker " + i + "   \0");
            names.add(read(new ProcFs(folder.toString()), i + 1, BY_EXECUTABLE).name());
        }
        assertEquals(Set.of("postgres"), names);
    }

    @Test
    void withoutArgumentsThereAreNoTitles() throws IOException {
        Path process = process("/opt/example/python3", "celeryd redis://u:SECRET@h|/srv/manage.py");
        ProcFs proc = new ProcFs(folder.toString());
        NameRule all = new NameRule(true, true, true, true, false);
        ProgramReader reader = new ProgramReader(proc, all);
        Program program = reader.read("7", STAT);
        assertEquals(new Program.Names("python3", "python3", null), program.names());
        assertEquals("python3", program.name());
        assertNull(reader.command());
        Files.delete(process.resolve("exe"));
        reader.forget();
        assertEquals("comm", reader.read("7", STAT).name(), "the kernel's name is left");
    }

    private Path process(String exe, String arguments) throws IOException {
        Path process = Files.createDirectories(folder.resolve("7"));
        Files.createSymbolicLink(process.resolve("exe"), Path.of(exe));
        Files.writeString(process.resolve("cmdline"), arguments.replace('|', '\0') + "\0");
        return process;
    }

    @Test
    void scriptIsFoundAfterLongClassPath() throws IOException {
        String classPath = "/opt/kafka/libs/x.jar:".repeat(1000);
        process("/opt/example/java", "java|-cp|" + classPath + "|kafka.Kafka|server.properties");
        ProcFs proc = new ProcFs(folder.toString());
        assertEquals("java kafka.Kafka", read(proc, 7, SCRIPTS).name());
        assertEquals("java", read(proc, 7, BY_TITLE).name());
    }

    /** The main class of a Java program comes after its class path. */
    @ParameterizedTest
    @CsvSource({
        "x, 1013, false",
        "x, 1014, true",
        "x, 5000, true",
        "x, 100000, true",
        "\u65e5, 1013, false",
        "\u65e5, 1014, true",
        "\ud83d\ude00, 1013, false",
        "\ud83d\ude00, 9999, true"
    })
    void longCommandLinesKeepTheirEnds(String letter, int letters, boolean isCut)
            throws IOException {
        process("/opt/example/java", "java -" + letter.repeat(letters) + "|Main");
        ProgramReader reader = new ProgramReader(new ProcFs(folder.toString()), COMMANDS);
        reader.read("7", STAT);
        String command = reader.command();
        assertEquals(1024, command.codePointCount(0, command.length()));
        assertEquals(isCut, command.contains(letter + "..." + letter));
        assertTrue(command.startsWith("java -" + letter), command.substring(0, 20));
        assertTrue(command.endsWith(letter + " Main"), command.substring(command.length() - 20));
    }

    /** Without a sign, the place of the cut would look like the end of the command. */
    @Test
    void commandLineWithoutAnEndEndsInDots() throws IOException {
        process("/opt/example/java", "java -" + "x".repeat(200_000));
        ProgramReader reader = new ProgramReader(new ProcFs(folder.toString()), COMMANDS);
        reader.read("7", STAT);
        assertTrue(reader.command().endsWith("x..."));
        assertTrue(reader.command().length() <= 1024);
    }

    @Test
    void endlessCommandLineTakesBoundedMemory() throws IOException {
        process("/opt/example/java", "java|-cp|" + "x".repeat(2_000_000) + "|Main");
        assertEquals("java", read(new ProcFs(folder.toString()), 7, SCRIPTS).name());
    }

    @Test
    void realInterpreterIsNamedByScript() throws Exception {
        Path script = Files.writeString(folder.resolve("job.sh"), "read line");
        Process process = new ProcessBuilder("sh", "-e", script.toString()).start();
        processes.add(process);
        awaitArgument(process, "sh");
        assertEquals("sh job.sh", read(new ProcFs("/proc"), process.pid(), SCRIPTS).name());
    }

    /** The link of a fork is not read if that of its parent was: here the fork has no link. */
    @Test
    void forksAreNamedLikeTheirParent() throws IOException {
        process("/opt/example/server", "/opt/example/server|-x");
        ProgramReader reader = new ProgramReader(new ProcFs(folder.toString()), BY_TITLE);
        Program first = reader.read("7", stat("server", EXECED, 5));
        assertEquals("server", first.name());
        assertTrue(reader.isWhole());

        String arguments = "/opt/example/server\0-x\0";
        Program fork = fork(reader, arguments, stat("server", FORKED, 5));
        assertEquals(first, fork);
        assertSame(fork, fork(reader, arguments, stat("server", FORKED, 5)));
        assertTrue(reader.isWhole());
        Program titled = fork(reader, "server: worker\0", stat("server", FORKED, 5));
        assertEquals(new Program("server: worker", Program.File.CURRENT), titled);

        assertEquals("x", fork(reader, "", stat("x", FORKED, 5)).name(), "it has renamed itself");
        assertFalse(reader.isWhole());
        reader.read("7", stat("server", EXECED, 5));
        assertEquals("server", fork(reader, "", stat("server", FORKED, 5)).name());
        assertFalse(reader.isWhole(), "it has no arguments");
        reader.read("7", stat("server", EXECED, 5));
        assertEquals("x", fork(reader, "x\0", stat("server", FORKED, 6)).name(), "other addresses");
        reader.read("7", stat("server", EXECED, 5));
        assertEquals("x", fork(reader, "x\0", stat("server", EXECED, 5)).name(), "it called exec");
        reader.read("7", stat("server", EXECED, 0));
        assertEquals(
                "x", fork(reader, "x\0", stat("server", FORKED, 0)).name(), "hidden addresses");
    }

    private Program fork(ProgramReader reader, String arguments, ProcStat stat) throws IOException {
        Files.writeString(
                Files.createDirectories(folder.resolve("8")).resolve("cmdline"), arguments);
        return reader.read("8", stat);
    }

    private static ProcStat stat(String comm, long flags, long addresses) {
        return new ProcStat(comm, 'S', 1, flags, 1, 0, 0, 0x7ffd_1234_5678L, addresses);
    }
}
