package psm.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Command;
import psm.support.MadeUpProbe;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Reads huge answers in the memory that psm has: 64 MB. Each ends in a report or in one line. */
@Tag("endtoend")
class ProbeLimitsTest {
    private static final int MB = 1 << 20;

    /** A line of the usual length in the stat of a process, after its name. */
    private static final String STAT =
            " S 1 4711 4711 0 -1 4194560 1843 0 11 0 29 14 0 0 20 0 1 0 START 45228032 3012"
                    + " 18446744073709551615 94118287806464 94118288534017 140729331207120 0 0 0 0"
                    + " 4096 81923 1 0 0 17 1 0 0 0 0 0 94118288761520 94118288764232"
                    + " 94118305472512 140729331209925 140729331209956 140729331209956"
                    + " 140729331212264 0\n";

    @TempDir Path folder;

    private static void assertProblem(Path file, String problem) {
        Command.Result result = Command.psm("--from", file.toString()).run();
        assertEquals("psm: --from " + file + ": " + problem + '\n', result.err());
        assertEquals(2, result.exitCode());
        assertEquals("", result.out());
    }

    private static void assertNoProblem(Path file, String row, String... options) {
        Command psm = Command.psm("--from", file.toString());
        Command.Result result = psm.append(List.of(options)).run();
        assertTrue(result.out().contains(row), result.toString());
        assertEquals(0, result.exitCode());
    }

    private Path file() {
        return folder.resolve("probe.psm");
    }

    /** Writes the answer of a machine whose processes have files of the usual lengths. */
    private Path large(int processes) throws IOException {
        return MadeUpProbe.write(file(), processes, ProbeLimitsTest::addUsual);
    }

    private static void addUsual(MadeUpProbe probe, int pid) {
        probe.process(pid, "worker" + pid % 100, 3000 + pid, STAT.replace("START", "" + pid));
        probe.add("cmdline", pid + "/cmdline:worker\0" + pid + "/cmdline:--id=" + pid + '\0');
        probe.add("stat", pid + "/cgroup:0::/system.slice/worker" + pid % 100 + ".service\n");
        probe.add("stat", pid + "/oom_score:666\n" + pid + "/oom_score_adj:0\n");
        for (String key : new String[] {"Uid", "Gid"}) {
            probe.add("status", pid + "/status:" + key + ":\t1000\t1000\t1000\t1000\n");
        }
        for (String key : new String[] {"VmSize", "VmLck", "VmHWM", "RssFile", "VmPTE", "VmSwap"}) {
            probe.add("status", pid + "/status:" + key + ":\t   45320 kB\n");
        }
        for (String key : new String[] {"Shared_Clean", "Shared_Dirty", "Private_Clean"}) {
            probe.add("rollup", pid + "/smaps_rollup:" + key + ":       0 kB\n");
        }
    }

    @Test
    void asManyProcessesAsInASnapshotAreRead() throws IOException {
        Path file = large(32_768);
        assertNoProblem(file, "worker (32768)");
        assertNoProblem(file, "worker (32768)", "-n", "1", "-c", "+cgroup,+user,+oom,+command");
        Path snapshot = folder.resolve("snapshot.psm");
        Command.Result result =
                Command.psm("--from", file.toString(), "-o", "snapshot").to(snapshot).run();
        assertEquals(0, result.exitCode(), result.err());
        assertNoProblem(snapshot, "worker (32768)");
    }

    @Test
    void moreProcessesAreRefused() throws IOException {
        assertProblem(large(40_000), "contains more than 32768 processes");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void zerosAreNeither(boolean areCompressed) throws IOException {
        Path file = folder.resolve("zeros");
        try (OutputStream plain = new BufferedOutputStream(Files.newOutputStream(file));
                OutputStream out = areCompressed ? new GZIPOutputStream(plain) : plain) {
            byte[] zeros = new byte[MB];
            for (int i = 0; i < 100; i++) {
                out.write(zeros);
            }
        }
        assertProblem(
                file,
                "is neither a snapshot nor a probe's output; 'psm -o snapshot' and 'psm probe | ssh"
                        + " HOST sudo sh' write one");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"host", "users", "stat", "status", "rollup", "cgroups", "cmdline", "exe"})
    void endlessLineInASection(String section) throws IOException {
        MadeUpProbe probe = new MadeUpProbe().process(1, "init", 100);
        String path =
                switch (section) {
                    case "host" -> "meminfo:";
                    case "users" -> "../etc/passwd:";
                    case "rollup" -> "1/smaps_rollup:";
                    case "cgroups" -> "../sys/fs/cgroup/memory.stat:";
                    case "exe" -> "1/exe\0";
                    case "cmdline" -> "1/cmdline:";
                    default -> "1/" + section + ':';
                };
        probe.replace("stat", "1/stat", section.equals("stat") ? path : "1/stat");
        String text = probe.add(section, path).text();
        int at = text.indexOf(path) + path.length();
        Path file = folder.resolve("endless");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            out.write(text.substring(0, at).getBytes(ISO_8859_1));
            byte[] line = "x".repeat(MB).getBytes(ISO_8859_1);
            for (int i = 0; i < 70; i++) {
                out.write(line);
            }
        }
        Command.Result result = Command.psm("--from", file.toString()).run();
        String start = "psm: --from " + file + ": ";
        assertTrue(result.err().startsWith(start), result.err());
        assertTrue(
                result.err().endsWith("has more than 64 MB; run psm there\n")
                        || result.err().contains(": is damaged: line "),
                result.err());
        assertEquals(2, result.exitCode());
    }

    /** Thirty processes have arguments of 2 MB, as much as the kernel allows. */
    @Test
    void longestArgumentsAreCut() throws IOException {
        String longest = "x".repeat(2 * MB - 10);
        Path file =
                MadeUpProbe.write(
                        file(),
                        30,
                        (probe, pid) ->
                                probe.process(pid, "python3", 100)
                                        .arguments(pid, "python3", "script.py", longest));
        assertNoProblem(file, "python3 (30)");
        assertNoProblem(file, "script.py", "--scripts");
    }

    /** A user can make many groups; those of the processes are above or before them. */
    @Test
    void manyControlGroupsDoNotKeepAMachineFromBeingRead() throws IOException {
        String group = "../sys/fs/cgroup/user.slice/" + "x".repeat(50);
        Path file =
                MadeUpProbe.write(
                        file(),
                        300_000,
                        (probe, i) -> {
                            probe.add("cgroups", group + i + "/memory.max:max\n");
                            if (i == 1) {
                                probe.process(1, "init", 100);
                            }
                        });
        assertNoProblem(file, "init (1)");
    }

    /** Machines that are too large beside the others are left out, in whatever order they come. */
    @ParameterizedTest
    @ValueSource(strings = {"program", "pid", "command"})
    void hugeMachinesDoNotHideTheOthers(String by) throws IOException {
        Path machines = Files.createDirectory(folder.resolve("machines"));
        String[] names = {"a-huge", "b-huge", "c-small", "d-huge", "e-small"};
        for (String name : names) {
            boolean isHuge = name.endsWith("huge");
            MadeUpProbe.write(
                    machines.resolve(name),
                    isHuge ? 25_000 : 100,
                    (probe, pid) -> {
                        String process = (isHuge ? name : "of-all") + '-' + pid;
                        String comm = process.substring(0, Math.min(15, process.length()));
                        probe.process(pid, comm, 100);
                        probe.arguments(pid, "/bin/" + process + "x".repeat(80));
                        if (pid == 1) {
                            probe.add("host", "sys/kernel/hostname:" + name + '\n');
                        }
                    });
        }
        Path out = folder.resolve("out");
        Command psm = Command.psm("--from", machines.toString(), "--by", by, "-o", "json");
        Command.Result result = psm.to(out).run();
        assertEquals(0, result.exitCode(), result.err());
        JsonNode report = new ObjectMapper().readTree(out.toFile());
        for (JsonNode host : report.get("hosts")) {
            String name = host.get("host").asText();
            boolean isMissing = host.get("state").asText().equals("missing");
            assertEquals(name.startsWith("b-") || name.startsWith("d-"), isMissing, name);
        }
        assertEquals(by.equals("pid") ? 25_200 : 25_100, report.get("rows").size());
        assertTrue(
                result.err().contains(" has 25000 rows that no other has, too many"), result.err());
    }
}
