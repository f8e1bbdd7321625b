package psm.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.support.MadeUpSnapshot;
import psm.text.Failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes the snapshots of machines into a folder. A machine answers with a file of its name. */
@Tag("user")
class SnapshotFolderTest {
    @TempDir static Path answers;
    @TempDir Path temporary;

    private Path to;

    @BeforeAll
    static void answer() {
        for (String name : List.of("a", "b", "c")) {
            String proc = name.equals("a") ? "containers" : "host";
            Command.Result made =
                    Command.psm("--proc", "test/fixtures/" + proc, "-o", "snapshot")
                            .to(answers.resolve(name))
                            .run();
            assertEquals(0, made.exitCode(), made.err());
        }
    }

    private Command.Result psm(String... args) {
        return Command.psm(args).in(temporary).run();
    }

    /** Asks machines, and writes their snapshots into a folder that does not exist yet. */
    private Command.Result write(String hosts, String... more) {
        to = temporary.resolve("deep/snapshots");
        return ask(hosts, List.of("-o", "snapshot", "--to", to.toString()), more);
    }

    private Command.Result ask(String hosts, List<String> words, String... more) {
        List<String> all = new ArrayList<>(List.of("--hosts", hosts, "--via"));
        all.add("sh -c 'cat " + answers + "/$(echo $1 | sed s/.*@//)' sh {}");
        all.addAll(words);
        all.addAll(List.of(more));
        return psm(all.toArray(new String[0]));
    }

    private static String names(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(each -> each.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new))
                    .toString();
        }
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private void assertRefused(Command.Result result, int exitCode, String line) {
        assertEquals("psm: " + line + "\n", result.err());
        assertEquals("", result.out());
        assertEquals(exitCode, result.exitCode());
    }

    // Files

    @Test
    void eachMachineHasAFileOfItsOwn() throws IOException {
        Command.Result result = write("a,me@b,c");
        assertEquals(0, result.exitCode(), result.err());
        assertEquals("", result.out());
        assertEquals("[a.psm, b.psm, c.psm]", names(to));
        assertEquals("rwx------", permissions(to));
        assertEquals("rwx------", permissions(to.getParent()));
        assertEquals("rw-------", permissions(to.resolve("a.psm")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--by program",
                "--by host,user -c +host",
                "--system",
                "-f java --by unit",
                "-t"
            })
    void theFolderMakesTheSameReport(String options) throws IOException {
        List<String> words = new ArrayList<>(List.of(options.split(" ")));
        words.addAll(List.of("-o", "csv"));
        if (options.matches("-t|--system")) {
            words.set(words.size() - 1, "json");
        }
        String asked = ask("a,b,c", words).out();
        assertTrue(asked.length() > 10, asked);
        write("a,b,c");
        words.addAll(List.of("--from", to.toString()));
        assertEquals(asked, psm(words.toArray(new String[0])).out());
    }

    @Test
    void aMissingMachineLeavesTheOthers() throws IOException {
        Files.createDirectories(temporary.resolve("deep/snapshots"));
        Path old = Files.writeString(temporary.resolve("deep/snapshots/a.psm"), "old");
        Path other = Files.writeString(temporary.resolve("deep/snapshots/other.txt"), "other");
        Command.Result result = write("a,nobody,b");
        assertTrue(result.err().contains("psm: nobody: "), result.err());
        assertEquals(0, result.exitCode());
        assertEquals("[a.psm, b.psm, other.txt]", names(to));
        assertTrue(Files.size(old) > 1000);
        assertEquals("rw-------", permissions(old));
        assertEquals("other", Files.readString(other));
        assertEquals(3, write("a,nobody,b", "--strict").exitCode());
        assertEquals(1, write("nobody").exitCode());
        assertEquals(0, write("a", "-q").exitCode());
    }

    @Test
    void noAnswerMakesNoFolder() {
        assertEquals(1, write("nobody,none").exitCode());
        assertFalse(Files.exists(to));
    }

    @Test
    void oneMachineOfTwoNamesHasTwoFiles() throws IOException {
        assertEquals(0, write("a,me@a").exitCode());
        assertEquals("[a.psm, a~2.psm]", names(to));
        assertEquals(0, write("a,me@a").exitCode());
        assertEquals("[a.psm, a~2.psm]", names(to));
    }

    @Test
    void severalFilesAndAFolderAreTakenOver() throws IOException {
        write("a,b");
        Path copy = temporary.resolve("copy");
        Command.Result result =
                psm(
                        "--from",
                        to.toString(),
                        "--from",
                        answers.resolve("c").toString(),
                        "-o",
                        "snapshot",
                        "--to",
                        copy.toString());
        assertEquals(0, result.exitCode(), result.err());
        assertEquals(3, names(copy).split(",").length, names(copy));
    }

    @Test
    void oneFileAndThisMachineHaveAFileToo() throws IOException {
        Path one = temporary.resolve("one");
        write("b");
        String from = to.resolve("b.psm").toString();
        Command.Result file = psm("--from", from, "-o", "snapshot", "--to", one + "/");
        assertEquals(0, file.exitCode(), file.err());
        assertEquals("[b.psm]", names(one));
        String own = temporary.resolve("h") + "/";
        assertEquals(0, psm("-o", "snapshot", "--to", own).exitCode());
        String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        assertEquals("[" + host + ".psm]", names(temporary.resolve("h")));
    }

    // Names

    @Test
    void noNameLeavesTheFolder() throws IOException, Failure {
        List<String> names =
                List.of(
                        "..",
                        ".",
                        "../x",
                        "/etc/passwd",
                        ".hidden",
                        "-rf",
                        "a:b",
                        "a%3Ab",
                        "a b",
                        "\u00fc",
                        "A",
                        "",
                        "x".repeat(400),
                        "x".repeat(401),
                        "a\n",
                        "a\0");
        to = temporary.resolve("deep");
        SnapshotFolder folder = SnapshotFolder.of("--to", to.toString(), null);
        for (String name : names) {
            folder.write(name, MadeUpSnapshot.of(List.of(), List.of()));
        }
        assertEquals("[deep]", names(temporary));
        assertEquals(names.size(), names(to).split(", ").length, names(to));
        for (String file : names(to).replaceAll("[\\[\\]]", "").split(", ", -1)) {
            assertTrue(file.matches("[A-Za-z0-9_%][A-Za-z0-9._%~-]*\\.psm"), file);
        }
        assertTrue(Files.exists(to.resolve("%2E.%2Fx.psm")), names(to));
        assertTrue(Files.exists(to.resolve("a%253Ab.psm")), names(to));
    }

    /** Another user of a shared folder may have laid a link. */
    @Test
    void linksAreReplacedAndNotFollowed() throws IOException {
        to = Files.createDirectories(temporary.resolve("deep/snapshots"));
        Path outside = Files.writeString(temporary.resolve("outside"), "unchanged");
        Files.createSymbolicLink(to.resolve("a.psm"), outside);
        assertEquals(0, write("a").exitCode());
        assertEquals("unchanged", Files.readString(outside));
        assertFalse(Files.isSymbolicLink(to.resolve("a.psm")));
    }

    // What does not work

    @Test
    void whereNothingCanBeWrittenNobodyIsAsked() throws IOException {
        Path file = Files.writeString(temporary.resolve("file"), "");
        String[] hosts = {"--hosts", "a", "--via", "touch " + temporary.resolve("asked")};
        Command psm = Command.psm(hosts).append(List.of("-o", "snapshot", "--to"));
        assertRefused(
                psm.append(List.of(file + "/x")).run(),
                2,
                "--to " + file + "/x: " + file + " is no folder; name another");
        assertFalse(Files.exists(temporary.resolve("asked")));
    }

    @Test
    void aFolderOfOthersIsRefused() throws IOException {
        assumeTrue(!new OwnProcess().isRoot(), "root may write everywhere");
        Command.Result result = ask("a", List.of("-o", "snapshot", "--to", "/etc/x"));
        assertRefused(result, 2, "--to /etc/x: you may not write in /etc; name another folder");
    }

    @Test
    void aFolderInTheWayOfAFileIsOneLine() throws IOException {
        Files.createDirectories(temporary.resolve("deep/snapshots/b.psm"));
        Command.Result result = write("b");
        assertRefused(result, 1, "--to " + to + ": b.psm: exists already, and is in the way");
        assertEquals("[b.psm]", names(to));
    }

    @Test
    void aFullDiskKeepsWhatIsWhole() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can mount a file system");
        to = Files.createDirectory(temporary.resolve("small"));
        String mount = "mount -t tmpfs -o size=12k none " + to;
        assumeTrue(Command.of("sh", "-c", mount).run().exitCode() == 0, "cannot mount tmpfs");
        try {
            String[] more = {"--fanout", "1"};
            Command.Result result =
                    ask("b,c,a", List.of("-o", "snapshot", "--to", to.toString()), more);
            String line = "--to " + to + ": a.psm: No space left on device";
            assertRefused(result, 1, line + "; the files before it are whole");
            assertEquals("[b.psm, c.psm]", names(to));
            assertEquals(0, psm("--from", to.toString(), "-q").exitCode());
        } finally {
            Command.of("umount", to.toString()).run();
        }
    }

    @Test
    void withoutAFolderOneLineSaysWhatToType() {
        String line = "-o snapshot: with --hosts, each machine has a file of its own; add --to DIR";
        assertRefused(ask("a,b", List.of("-o", "snapshot")), 2, line);
        String from = answers.resolve("a").toString();
        assertRefused(
                psm("--from", from, "--from", from, "-o", "snapshot"),
                2,
                "-o snapshot: each machine has a file of its own; add --to DIR");
    }
}
