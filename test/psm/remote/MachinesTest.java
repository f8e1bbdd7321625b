package psm.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;
import psm.support.Machines;
import psm.support.Shapes;
import psm.text.Version;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Compares what psm reports of ten machines, by real ssh, with what psm reports there. */
@Tag("endtoend")
class MachinesTest {
    private static final int COUNT = 10;
    private static final String ALL = "m[01-10]";

    /** A name of this run, so that two runs at the same time do not see each other's processes. */
    private static final String NAME = "load-" + ProcessHandle.current().pid();

    /** The limit for the part of the one page that all processes of the kernel share. */
    private static final long VDSO_BYTES = 1024;

    /** What the machines run: each one shape, of which the last belongs to an ordinary user. */
    private static final List<String[]> LOADS =
            List.of(
                    new String[] {"sleep", "8"},
                    new String[] {"fork"},
                    new String[] {"dead-leader"},
                    new String[] {"twins"},
                    new String[] {"zombie"},
                    new String[] {"tmpfs"},
                    new String[] {"memfd"},
                    new String[] {"mappings", "300"},
                    new String[] {"undumpable", "5"});

    @TempDir static Path folder;

    private static final List<Shapes> SHAPES = new ArrayList<>();
    private static Machines machines;

    @BeforeAll
    static void start() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= COUNT; i++) {
            names.add(name(i));
        }
        names.add("installed,psm=" + launcher());
        machines = Machines.start(folder, names);
        String program = Shapes.compileStatic(folder, NAME).toString();
        for (int i = 1; i <= COUNT; i++) {
            List<String> words = new ArrayList<>();
            if (i == COUNT) {
                words.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534"));
                words.add("--clear-groups");
            }
            words.add(program);
            words.addAll(List.of(i == COUNT ? new String[] {"sleep", "20"} : LOADS.get(i - 1)));
            SHAPES.add(machines.start(name(i), words.toArray(new String[0])));
        }
        SHAPES.add(machines.start("installed", program, "sleep", "8"));
    }

    /** Writes a program that is an installed psm to others. */
    private static Path launcher() throws IOException {
        List<String> words = new ArrayList<>();
        Command.psm().words().forEach(word -> words.add('\'' + word + '\''));
        String mark = "# psm " + Version.CURRENT + ", written by 'psm install'.\n";
        String lines = "#!/bin/sh\n" + mark + "exec ";
        Path file = folder.resolve("launcher");
        Files.writeString(file, lines + String.join(" ", words) + " \"$@\"\n");
        return file;
    }

    @AfterAll
    static void end() throws IOException {
        for (Shapes shapes : SHAPES) {
            shapes.close();
        }
        if (machines != null) {
            machines.close();
        }
    }

    private static String name(int number) {
        return String.format(Locale.ROOT, "m%02d", number);
    }

    /** Else the other tests would compare this machine with itself. */
    @Test
    void machinesDifferFromThisOne() {
        for (int i = 1; i <= COUNT; i++) {
            String show = "'cat /proc/sys/kernel/hostname /proc/1/comm; id -un'";
            Command ssh = Command.of("ssh", name(i), "sudo", "sh", "-c", show);
            Command.Result result = machines.desk(ssh).run();
            assertEquals(name(i) + "\nsshd\nroot\n", result.out(), result.err());
        }
    }

    @Test
    void rowsAreThoseOfPsmThere() throws Exception {
        List<JsonNode> there = new ArrayList<>();
        for (int i = 1; i <= COUNT; i++) {
            there.add(report(machines.on(name(i), Command.psm(args()))));
        }
        assertSameRows(there, report(machines.desk(Command.psm(args("--hosts", ALL)))));
    }

    @Test
    void rowsAreThoseOfPsmThereForAnOrdinaryUser() throws Exception {
        List<JsonNode> there = new ArrayList<>();
        for (int i : new int[] {1, COUNT}) {
            Path copies = Files.createDirectory(folder.resolve("copies-" + i));
            there.add(report(machines.on(name(i), Command.psmAsNobody(copies, args()))));
        }
        String[] hosts = args("--hosts", "plain@m01,plain@m10");
        assertSameRows(there, report(machines.desk(Command.psm(hosts))));
    }

    @Test
    void installedPsmIsUsedAsRoot() throws Exception {
        JsonNode report = report(machines.desk(Command.psm(args("--hosts", "installed,m01"))));
        Map<String, String> read = new TreeMap<>();
        for (JsonNode host : report.get("hosts")) {
            read.put(host.get("host").asText(), host.get("read_by").asText());
        }
        assertEquals(Map.of("installed", "psm " + Version.CURRENT, "m01", "probe"), read);
        List<JsonNode> there = new ArrayList<>();
        for (String name : read.keySet()) {
            there.add(report(machines.on(name, Command.psm(args()))));
        }
        assertSameRows(there, report);
    }

    /** There are sh and grep, but no Java, no Python, no sudo, and nothing of psm. */
    @Test
    void firstCommandOfReadmeNeedsSshdAlone() throws Exception {
        assumeTrue(Command.exists("busybox"), "there is no busybox to make a small machine of");
        String readme = Files.readString(Command.root().resolve("README.md"));
        String section = readme.substring(readme.indexOf("\n## Other machines\n"));
        int start = section.indexOf("```sh\n") + "```sh\n".length();
        String line = section.substring(start, section.indexOf('\n', start));
        String name = line.replaceFirst(".* --hosts ([a-z0-9]+).*", "$1");
        Path desk = Files.createDirectories(folder.resolve("desk/bin"));
        Path psm = Files.copy(launcher(), desk.resolve("psm"));
        Files.setPosixFilePermissions(psm, PosixFilePermissions.fromString("rwxr-xr-x"));
        String busybox = Command.of("sh", "-c", "command -v busybox").run().out().strip();
        try (Machines small = Machines.start(desk, List.of(name + ",tools=" + busybox))) {
            String path = desk + ":" + System.getenv("PATH");
            Command.Result result =
                    small.desk(Command.of("sh", "-c", line)).with("PATH", path).run();
            assertEquals(0, result.exitCode(), line + '\n' + result.err());
            assertTrue(result.out().contains("sshd"), result.out());
        }
    }

    private static String[] args(String... first) {
        List<String> args = new ArrayList<>(List.of(first));
        args.addAll(List.of("--by", "host,program", "-f", "^" + NAME + "$", "-o", "json"));
        return args.toArray(new String[0]);
    }

    private static JsonNode report(Command psm) throws IOException {
        Command.Result result = psm.run();
        assertEquals(0, result.exitCode(), result.err());
        return new ObjectMapper().readTree(result.out());
    }

    private static void assertSameRows(List<JsonNode> there, JsonNode here) {
        Map<String, JsonNode> expected = new TreeMap<>();
        there.forEach(report -> report.get("rows").forEach(row -> put(row, expected)));
        Map<String, JsonNode> actual = new TreeMap<>();
        here.get("rows").forEach(row -> put(row, actual));
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((host, row) -> assertSame(row, actual.get(host)));
    }

    private static void put(JsonNode row, Map<String, JsonNode> rows) {
        assertEquals(null, rows.put(row.get("host").asText(), row));
    }

    /** The sizes of two moments may differ by the page that all processes of the kernel share. */
    private static void assertSame(JsonNode expected, JsonNode actual) {
        ObjectNode same = expected.deepCopy();
        expected.properties()
                .forEach(
                        field -> {
                            JsonNode value = actual.get(field.getKey());
                            if (field.getKey().endsWith("_bytes") && value.isNumber()) {
                                long away = Math.abs(value.asLong() - field.getValue().asLong());
                                long allowed = VDSO_BYTES * expected.get("count").asLong();
                                assertTrue(away <= allowed, expected + " but " + actual);
                                same.set(field.getKey(), value);
                            }
                        });
        assertEquals(same, actual);
    }
}
