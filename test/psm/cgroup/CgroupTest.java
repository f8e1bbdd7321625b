package psm.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import psm.support.Command;
import psm.support.Fixtures;
import psm.text.Text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Finds the groups, units and containers of processes. PATHS.tsv contains the paths that runtimes
 * make; each is tested in a file of v1 and in one of v2. EXPECTED.tsv is for the files beside it,
 * in which more than the path matters, and CAPTURES.tsv for captures from real hosts.
 */
class CgroupTest {
    private static final Path FIXTURES = Command.root().resolve("test/fixtures/cgroup");

    private static final String ID = "0123456789abcdef".repeat(4);

    @TestFactory
    List<DynamicTest> unitAndContainerAreFoundInV2() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String[] row : rows(FIXTURES.resolve("PATHS.tsv"))) {
            tests.add(dynamicTest(row[0], () -> check(v2(row[1]), row[1], row, row[1], "v2")));
        }
        return tests;
    }

    @TestFactory
    List<DynamicTest> unitAndContainerAreFoundInV1() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String[] row : rows(FIXTURES.resolve("PATHS.tsv"))) {
            tests.add(dynamicTest(row[0], () -> check(v1(row[1]), row[1], row, row[1], "v1")));
        }
        return tests;
    }

    @TestFactory
    List<DynamicTest> filesMatchTheirExpectations() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (String[] row : rows(FIXTURES.resolve("EXPECTED.tsv"))) {
            String content = read(FIXTURES.resolve(row[0]));
            tests.add(dynamicTest(row[0], () -> check(content, row[1], row, row[4], row[5])));
        }
        return tests;
    }

    @TestFactory
    List<DynamicTest> capturesMatchTheirExpectations() throws IOException {
        assumeTrue(Files.exists(Fixtures.CAPTURES), "there are no captures beside the checkout");
        List<DynamicTest> tests = new ArrayList<>();
        for (String[] row : rows(FIXTURES.resolve("CAPTURES.tsv"))) {
            String content = read(Fixtures.CAPTURES.resolve(row[0]));
            tests.add(dynamicTest(row[0], () -> check(content, row[1], row, row[4], row[5])));
        }
        return tests;
    }

    @Test
    void everyCaptureHasAnExpectation() throws IOException {
        assumeTrue(Files.exists(Fixtures.CAPTURES), "there are no captures beside the checkout");
        List<String> expected =
                rows(FIXTURES.resolve("CAPTURES.tsv")).stream().map(row -> row[0]).toList();
        try (Stream<Path> files = Files.walk(Fixtures.CAPTURES)) {
            List<String> captures =
                    files.filter(file -> file.endsWith("cgroup") && Files.isRegularFile(file))
                            .map(file -> Fixtures.CAPTURES.relativize(file).toString())
                            .sorted()
                            .toList();
            assertEquals(captures, expected);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, init.scope, ",
        "2, , ",
        "101, nginx.service, ",
        "110, docker.service, ",
        "200, session-3.scope, ",
        "201, user@1000.service/syncthing.service, ",
        "310, libpod-conmon-@.scope, ",
        "502, , lxc web1",
    })
    void processesAreFoundWhereTheyRun(int pid, String unit, String container) throws IOException {
        Cgroup cgroup = madeUp(pid);
        String shown = cgroup.unit() == null ? null : cgroup.unit().replaceAll("[0-9a-f]{64}", "@");
        assertEquals(unit, shown);
        assertEquals(container, cgroup.container());
    }

    @Test
    void containersAreDistinguished() throws IOException {
        Set<String> containers = new TreeSet<>();
        for (int pid : new int[] {300, 301, 302, 311, 400, 401, 402, 501}) {
            String container = madeUp(pid).container();
            assertEquals(madeUp(pid).path(), madeUp(pid).memoryPath());
            containers.add(container);
        }
        String pod = "pod 5c0f2e17-8a43-4d0e-9b6c-1f2e3d4c5b6a cri-containerd ";
        assertEquals(7, containers.size(), containers.toString());
        assertEquals(2, containers.stream().filter(name -> name.startsWith(pod)).count());
        assertEquals(2, containers.stream().filter(name -> name.startsWith("docker ")).count());
        assertEquals(1, containers.stream().filter(name -> name.startsWith("podman ")).count());
    }

    private static Cgroup madeUp(int pid) throws IOException {
        return Cgroup.parse(read(Fixtures.CONTAINERS.resolve(pid + "/cgroup")));
    }

    /** Returns the cells of a table without its head; an empty cell stands for {@code null}. */
    private static List<String[]> rows(Path table) throws IOException {
        List<String> lines = Files.readAllLines(table);
        return lines.subList(1, lines.size()).stream().map(line -> line.split("\t", -1)).toList();
    }

    private static String read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        return Text.decode(bytes, 0, bytes.length);
    }

    private static String v2(String path) {
        return "0::" + path + "\n";
    }

    private static String v1(String path) {
        StringBuilder lines = new StringBuilder();
        String[] hierarchies = {
            "pids", "memory", "cpu,cpuacct", "net_cls,net_prio", "name=systemd"
        };
        for (int i = 0; i < hierarchies.length; i++) {
            lines.append(hierarchies.length - i).append(':').append(hierarchies[i]).append(':');
            lines.append(path).append('\n');
        }
        return lines.append("0::/\n").toString();
    }

    private static void check(
            String content, String path, String[] row, String memoryPath, String memory) {
        Cgroup cgroup = Cgroup.parse(content);
        assertEquals(path, cell(cgroup.path()), "path");
        assertEquals(row[2], cell(cgroup.unit()), "unit");
        assertEquals(row[3], cell(cgroup.container()), "container");
        assertEquals(memoryPath, cell(cgroup.memoryPath()), "memory path");
        assertEquals(memory.equals("v2"), cgroup.isMemoryV2(), "memory of v2");
    }

    private static String cell(String value) {
        return value == null ? "" : value;
    }

    @Test
    void unreadableFileShowsNothing() {
        assertEquals(new Cgroup(null, null, null, null, false), Cgroup.parse(null));
    }

    @Test
    void ownPathIsTheKernels() throws IOException {
        String content = Files.readString(Path.of("/proc/self/cgroup"));
        assumeTrue(content.contains(":/"), "no cgroups here");
        String path = Cgroup.parse(content).path();
        assertTrue(content.contains(":" + path + "\n"), content);
    }

    @Test
    void emptyNameNamesNoContainer() {
        assertNull(Container.of("/machine.slice/machine-.scope"));
        assertNull(Container.of("/lxc.payload./docker/"));
        assertNull(Container.of(""));
    }

    @Test
    void pathOutsideTheMountIsNoFolder() {
        assertNull(Cgroup.parse("0::/a/../../etc\n").memoryPath());
        assertNull(Cgroup.parse("0::/a/..\n").memoryPath());
        assertEquals("/a../..b", Cgroup.parse("0::/a../..b\n").memoryPath());
    }

    @Test
    void invalidEscapesStayUnchanged() {
        assertEquals("a\\x2-b.service", SystemdUnit.unescaped("a\\x2-b.service"));
        assertEquals("a\\xzz.service", SystemdUnit.unescaped("a\\xzz.service"));
        assertEquals("a\\x00.service", SystemdUnit.unescaped("a\\x00.service"));
        assertEquals("a\\x2", SystemdUnit.unescaped("a\\x2"));
        assertEquals("a-", SystemdUnit.unescaped("a\\x2d"));
    }

    @Test
    void bytesThatAreNotUtf8AreKept() {
        assertEquals("a\uDCFFb.service", SystemdUnit.unescaped("a\\xffb.service"));
    }

    /** Linear time is milliseconds here, quadratic time minutes. */
    @ParameterizedTest
    @MethodSource("hostileContents")
    @Timeout(20)
    void hostileContentTakesBoundedTime(String content) {
        Cgroup cgroup = Cgroup.parse(content);
        for (String text : new String[] {cgroup.path(), cgroup.unit(), cgroup.container()}) {
            if (text != null) {
                assertTrue(text.length() <= 2 * content.length());
            }
        }
    }

    static Stream<String> hostileContents() {
        int many = 100_000;
        return Stream.of(
                "\n".repeat(many),
                ":".repeat(many),
                ":\n".repeat(many),
                "0::" + "/".repeat(many),
                "0::" + "/..".repeat(many),
                "0::" + "/a.slice".repeat(many),
                "0::" + "/lxc".repeat(many),
                "0::" + "/docker/a".repeat(many),
                "0::/" + "docker-".repeat(many) + ID + ".scope",
                ("0::/docker/" + ID + "\n").repeat(many),
                numberedLines(many),
                "0::/" + "\\x2d".repeat(many) + ".service",
                "0::/" + "\\x".repeat(many) + ".service",
                "0::/machine-qemu\\x2d" + "1".repeat(many) + ".scope",
                "0::/" + "a".repeat(many) + ID.repeat(many / 10),
                "0:" + ",memory".repeat(many) + ":/a",
                "0::/system.slice/\u001b[2J\u0007\r\u202e\uDC80.service\n",
                "0::/.service\n1:memory:/.scope/machine-.scope/lxc.payload./pod/podx.slice\n",
                "0::/machine-.scope\n",
                "0::/systemd-nspawn@.service\n0::/.libvirt-qemu\n0::/user@.service/.scope\n",
                "0::/lxc/..\n0::/docker/\n0::/qemu.slice/.scope\n");
    }

    private static String numberedLines(int count) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(i).append(":c").append(i).append(":/g").append(i).append('\n');
        }
        return lines.toString();
    }

    /** The content is made of pieces of real lines in any order. */
    @Test
    void noMixOfPiecesThrowsAnything() {
        String[] pieces = {
            "0::",
            "1:name=systemd:",
            "4:memory:",
            ":",
            "/",
            "/..",
            "\n",
            ".slice",
            ".scope",
            "user@",
            ".service",
            "machine-",
            "qemu-",
            "\\x2d",
            "1",
            "-",
            "lxc",
            "lxc.payload.",
            "docker",
            ID,
            "libvirt",
            "qemu",
            "-pod",
            "pod",
            "systemd-nspawn@",
            " (deleted)",
            "default",
            "_",
            "\0"
        };
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            StringBuilder content = new StringBuilder();
            for (int j = random.nextInt(12); j >= 0; j--) {
                content.append(pieces[random.nextInt(pieces.length)]);
            }
            Cgroup.parse(content.toString());
        }
    }
}
