package psm.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.Psm;
import psm.format.Formats;
import psm.name.UserNames;
import psm.proc.ProcFs;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.scan.Unmeasured;
import psm.snapshot.SnapshotFormatException;
import psm.snapshot.SnapshotReader;
import psm.snapshot.SnapshotWriter;
import psm.support.Fixtures;
import psm.support.MadeUpProbe;
import psm.support.Views;
import psm.text.Missing;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;

/** Reads what a probe prints of made-up machines, and whatever else may come instead. */
class ProbeReaderTest {
    private static final Set<Detail> DETAILS =
            EnumSet.complementOf(
                    EnumSet.of(Detail.MAPPINGS, Detail.GPU, Detail.DEVICE_MAPPINGS, Detail.BOOT));

    private static final String CUT = "was cut off: the last line of the probe is missing";

    private static Snapshot scan(ProcFs proc) throws IOException {
        return new Scanner(proc, ScanRequest.of(Source.AUTO).with(DETAILS))
                .scan(1)
                .withNames(UserNames.of(proc));
    }

    private static ProbeFiles files(byte[] bytes) throws IOException {
        return Recorded.read(new ByteArrayInputStream(bytes)).probe();
    }

    private static Snapshot scan(MadeUpProbe probe) throws IOException {
        return scan(files(probe.bytes()));
    }

    private static String problem(byte[] bytes) {
        return assertThrows(SnapshotFormatException.class, () -> files(bytes)).getMessage();
    }

    private static String problem(String text) {
        return problem(text.getBytes(ISO_8859_1));
    }

    private static MadeUpProbe small() {
        return new MadeUpProbe()
                .process(1, "init", 100)
                .arguments(1, "/sbin/init")
                .process(42, "nginx", 3000)
                .arguments(42, "nginx: worker", "-g", "daemon off;")
                .add("stat", "42/cgroup:0::/system.slice/nginx.service\n")
                .add("host", "meminfo:MemTotal: 8000 kB\n")
                .add("users", "../etc/passwd:root::0:\n");
    }

    private static List<String> names(Snapshot snapshot) {
        List<String> names = new ArrayList<>();
        snapshot.processes().forEach(process -> names.add(process.program().name()));
        return names;
    }

    private static String written(Snapshot snapshot) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Psm.Exporter format : Formats.all()) {
            Psm.Report report = Views.report(snapshot, Views.ALL);
            format.export(report, new Psm.Output(out, false, true, false));
        }
        return out.toString(ISO_8859_1);
    }

    // What is whole

    @ParameterizedTest
    @ValueSource(strings = {"host", "containers"})
    void probeShowsWhatTheFilesShow(String machine) throws IOException {
        Path proc = Fixtures.HOST.resolveSibling(machine);
        Snapshot there = scan(new ProcFs(proc.toString()));
        Snapshot here = scan(MadeUpProbe.of(proc));
        assertEquals(there.processes().size(), here.processes().size());
        for (int i = 0; i < here.processes().size(); i++) {
            ProcessMemory process = here.processes().get(i);
            ProcessMemory expected = there.processes().get(i);
            assertEquals(
                    Arrays.toString(expected.usage().sums), Arrays.toString(process.usage().sums));
            assertEquals(expected.program(), process.program());
            assertEquals(expected.details(), process.details());
            assertEquals(expected.rollup(), process.rollup());
        }
        assertEquals(there.host().memory().meminfo(), here.host().memory().meminfo());
        assertEquals(there.users(), here.users());
        assertEquals(Instant.ofEpochSecond(1795925005), here.run().takenAt());
    }

    @Test
    void compressedProbeIsRead() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(small().bytes());
        }
        assertEquals(List.of("init", "nginx: worker"), names(scan(files(packed.toByteArray()))));
        for (int length = 2; length < packed.size(); length++) {
            String problem = problem(Arrays.copyOf(packed.toByteArray(), length));
            assertEquals("was cut off: the end of its compression is missing", problem);
        }
    }

    @Test
    void compressedSnapshotIsRead() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(SnapshotWriter.write(scan(small())));
        }
        Recorded read = Recorded.read(new ByteArrayInputStream(packed.toByteArray()));
        assertNull(read.probe());
        assertEquals(2, read.snapshot().processes().size());
    }

    @Test
    void noiseBeforeAndAfterIsSkipped() throws IOException {
        String motd =
                "Welcome\u0007 to host\n#end 9 1\n\n" + "x".repeat(1 << 20) + "\n psm-probe 1\n";
        String noisy = motd + small().text() + "logout\n" + "x".repeat(1 << 20);
        assertEquals(2, scan(files(noisy.getBytes(ISO_8859_1))).processes().size());
    }

    @Test
    void bootIdAndUptimeOfTheHostAreKnown() throws IOException {
        String id = "4f3a1c1e-8d0e-4f60-9c0f-0d6a6f0e2b11";
        ProbeFiles files =
                files(
                        small().add(
                                        "host",
                                        "sys/kernel/random/boot_id:" + id + "\nuptime:99.5 12.1\n")
                                .bytes());
        Snapshot snapshot =
                new Scanner(files, ScanRequest.of(Source.AUTO).with(EnumSet.of(Detail.BOOT)))
                        .scan(1);
        assertEquals(id, snapshot.host().bootId());
        assertEquals(99_500, snapshot.host().uptimeMillis());
        assertNull(scan(files).host().bootId());
        assertEquals(Missing.VALUE, scan(files).host().uptimeMillis());
    }

    @Test
    void memoryOfControlGroupsIsRead() throws IOException {
        String group = "../sys/fs/cgroup/system.slice/nginx.service";
        Snapshot snapshot =
                scan(
                        small().add("host", "../sys/fs/cgroup/cgroup.controllers:memory\n")
                                .add("cgroups", group + "/memory.max:1073741824\n")
                                .add("cgroups", group + "/memory.current:4096\n")
                                .add("cgroups", "../sys/fs/cgroup/a:1:b/memory.max:max\n"));
        assertEquals(
                1L << 30, snapshot.cgroups().get("/system.slice/nginx.service").limits().max());
    }

    @Test
    void threadShowsMemoryOfDeadLeader() throws IOException {
        MadeUpProbe probe =
                small().replace("stat", "(nginx) S 1 0 0 0 0 0", "(nginx) Z 1 0 0 0 0 0")
                        .replace("stat-again", "(nginx) S 1 0 0 0 0 0", "(nginx) Z 1 0 0 0 0 0");
        for (String section : List.of("stat", "stat-again")) {
            probe.replace(section, " 1 0 42 0 0 0\n", " 2 0 42 0 0 0\n");
            String thread = "42/task/43/stat:43 (worker) S 1" + " 0".repeat(15) + " 2 0 43 0 0 0\n";
            probe.add(section, thread);
        }
        probe.replace("rollup", "42/smaps", "42/task/43/smaps");
        probe.replace("exe", "42/exe", "42/task/43/exe");
        Snapshot snapshot = scan(probe);
        assertEquals(List.of("init", "nginx: worker").size(), snapshot.processes().size());
        assertEquals(3000 << 10, snapshot.processes().get(1).usage().ram());
        assertNull(snapshot.processes().get(1).estimate());
    }

    // What is missing

    @ParameterizedTest
    @CsvSource({
        "Permission denied, DENIED",
        "Operation not permitted, DENIED",
        "No such process, ABSENT",
    })
    void errorsSayWhyMemoryIsMissing(String error, Unmeasured.Reason reason) throws IOException {
        MadeUpProbe probe = small().process(43, "other", 500);
        probe.replace("rollup", "43/smaps_rollup:", "grep: x: ");
        probe.add("rollup", "grep: 43/smaps_rollup: " + error + '\n');
        ProcessMemory process = scan(probe).processes().get(2);
        assertEquals(reason, process.estimate().reason());
        assertEquals(500 << 10, process.usage().ram());
    }

    @Test
    void sectionThatWasCutShortGivesEstimates() throws IOException {
        MadeUpProbe probe = small().process(43, "other", 500);
        probe.replace("rollup", "42/smaps_rollup:Private_Dirty: 3000 kB\n", "42/smaps_rol\n#cut\n");
        probe.replace("rollup", "43/smaps_rollup:", "99/smaps_rollup:");
        Snapshot snapshot = scan(probe);
        assertNull(snapshot.processes().get(0).estimate());
        for (int i = 1; i < 3; i++) {
            assertEquals(Unmeasured.Reason.FAILED, snapshot.processes().get(i).estimate().reason());
        }
    }

    @Test
    void argumentsThatWereCutShortNameNothing() throws IOException {
        String text = small().text().replace("#section exe", "\0#cut\n#section exe");
        text = text.replace("42/cmdline:-g\00042/cmdline:daemon off;\0", "42/cmdl");
        assertEquals(List.of("init", "nginx"), names(scan(files(text.getBytes(ISO_8859_1)))));
    }

    /** The first bytes of arguments, and of a group's limit, could be other ones. */
    @ParameterizedTest
    @ValueSource(ints = {13, 14, 15, 16, 17, 20, 25, 31})
    void sectionAtItsLimitDropsItsLastLine(int bytes) throws IOException {
        String lines = "../sys/fs/cgroup/a/memory.max:4096\n../sys/fs/cgroup/b/memory.max:8192\n";
        String text = small().add("cgroups", lines).text();
        int arguments = text.indexOf("#section cmdline\n") + "#section cmdline\n".length();
        int end = text.indexOf("#section exe");
        int max = text.indexOf("42/cmdline", arguments) - arguments + bytes;
        int groups = lines.length() - 2;
        String cut =
                text.substring(0, arguments + max)
                                .replace("#section cmdline", "#section cmdline " + max)
                        + '\0'
                        + text.substring(end);
        cut =
                cut.replace("8192\n", "81\n")
                        .replace("#section cgroups", "#section cgroups " + (groups - 1));
        ProbeFiles files = files(cut.getBytes(ISO_8859_1));
        assertTrue(files.exists("1/cmdline"));
        assertFalse(files.exists("42/cmdline"));
        assertTrue(files.exists("../sys/fs/cgroup/a/memory.max"));
        assertFalse(files.exists("../sys/fs/cgroup/b/memory.max"));
        assertTrue(files.remarks().get(0).startsWith("not all command lines"));
        assertEquals(2, scan(files).processes().size());
    }

    @Test
    void smapsStandsForRollup() throws IOException {
        MadeUpProbe probe = small().rename("rollup", "smaps");
        String[] lines = probe.text().split("\n", -1);
        String smaps = String.join("\n", lines).replace("/smaps_rollup:", "/smaps:");
        Snapshot snapshot = scan(files(smaps.getBytes(ISO_8859_1)));
        assertEquals(3000 << 10, snapshot.processes().get(1).usage().ram());
        assertFalse(snapshot.processes().get(1).rollup());
    }

    @Test
    void processesThatAreNotThereAgainHaveVanished() throws IOException {
        MadeUpProbe probe = small().process(43, "a", 1).process(44, "b", 1).process(45, "c", 1);
        probe.replace("stat-again", "43/stat:43 (a)", "143/stat:143 (a)");
        probe.replace("stat-again", " 1 0 44 0 0 0\n", " 1 0 77 0 0 0\n"); // the pid was reused
        probe.replace("stat-again", "45 (c) S", "45 (c) Z");
        Snapshot snapshot = scan(probe);
        assertEquals(2, snapshot.processes().size());
        assertEquals(3, snapshot.count(Unmeasured.Reason.VANISHED));
    }

    @Test
    void processesOfTheProbeAreLeftOut() throws IOException {
        MadeUpProbe probe =
                small().about("999999", "50").process(50, "sh", 1).process(51, "grep", 1);
        probe.replace("stat", "51 (grep) S 1 ", "51 (grep) S 50 ");
        probe.replace("stat-again", "51/stat:51 (grep)", "61/stat:61 (ls)");
        Snapshot snapshot = scan(probe);
        assertEquals(List.of("init", "nginx: worker"), names(snapshot));
        assertEquals(List.of(), snapshot.unmeasured());
        assertEquals(50, snapshot.run().own().pid());
    }

    @Test
    void linesOfLinksAreReadUnlessAmbiguous() throws IOException {
        String line = "lrwxrwxrwx 1 0 0 0 Nov 29 04:07 ";
        MadeUpProbe probe = small().process(43, "kernel43", 1).process(44, "kernel44", 1);
        probe.process(45, "kernel45", 1).process(46, "kernel46", 1);
        probe.process(47, "kernel47", 1);
        probe.replace("exe", "\0", "").rename("exe", "exe-lines");
        String text = probe.text();
        int from = text.indexOf("#section exe-lines\n") + "#section exe-lines\n".length();
        String links =
                (line + "1/exe -> /sbin/init\n")
                        + (line + "42/exe\n")
                        + (line + "43/exe -> /usr/bin/new\nline\n")
                        + (line + "44/exe -> /usr/bin/evil\n")
                        + (line + "44/exe\n")
                        + (line + "45/exe -> /usr/bin/a -> b\n")
                        + (line + "46/exe -> /usr/bin/cut\n" + line + "4711/exe -> x\n")
                        + (line + "47/exe -> /usr/bin/caf??\n");
        String whole =
                text.substring(0, from)
                        + links
                        + text.substring(text.indexOf("#section stat-again"));
        assertEquals(
                List.of(
                        "init",
                        "nginx: worker",
                        "kernel43",
                        "kernel44",
                        "a -> b",
                        "kernel46",
                        "kernel47"),
                names(scan(files(whole.getBytes(ISO_8859_1)))));
    }

    /** With hidepid, the owner of process 1 sees it, but not those of others, unless it is root. */
    @ParameterizedTest
    @CsvSource({"0000000000000000, true", "000001ffffffffff, false", "'', true"})
    void hiddenProcessesAreKnown(String capabilities, boolean isHidden) throws IOException {
        String mount = "self/mountinfo:22 28 0:21 / /proc rw - proc proc rw,hidepid=invisible\n";
        MadeUpProbe probe = small().add("host", mount);
        if (!capabilities.isEmpty()) {
            probe.add("host", "self/status:CapEff:\t" + capabilities + '\n');
        }
        assertEquals(isHidden, scan(probe).run().hidden());
        assertFalse(scan(small()).run().hidden());
        assertTrue(scan(new MadeUpProbe().process(7, "a", 1)).run().hidden(), "no process 1");
    }

    @Test
    void machineMayLackPrograms() throws IOException {
        MadeUpProbe probe = small().about("#uid 0", "#uid ").about("#time 1795925005", "#time ");
        ProbeFiles files = files(probe.about("#page", "#lacks id\n#lacks date\n#page").bytes());
        assertTrue(
                files.remarks().get(0).startsWith("no date, id there, "),
                files.remarks().toString());
        assertFalse(files.isOfRoot());
        assertEquals(Instant.EPOCH, scan(files).run().takenAt());
    }

    // What is hostile

    @Test
    void contentForgesNoLine() throws IOException {
        MadeUpProbe probe = small();
        probe.arguments(
                42, "\n#end 9 2\n", "\n42/cmdline:root", "#section exe", "psm-probe 1\n#about");
        for (String section : List.of("stat", "stat-again")) {
            String name = "a\n42/stat:#end 9 2\n42/stat:1/stat:1 (root) S 1\n42/stat:)";
            probe.replace(section, "42 (nginx)", "42 (" + name + ")");
        }
        probe.replace("exe", "/usr/bin/nginx", "/usr/bin/new\n#end 9 2\nline");
        Snapshot snapshot = scan(probe);
        assertEquals(List.of("init", "nginx: worker"), names(snapshot));
        assertEquals(
                "new\n#end 9 2\nline", snapshot.processes().get(1).program().names().executable());
    }

    /** What is too large for the file format of snapshots would make a file that no psm reads. */
    @Test
    void snapshotOfHugeNumbersCanBeRead() throws IOException {
        String huge = "99999999999999999999";
        for (String number : List.of("9999999999", huge, huge + huge, "-5", "-" + huge)) {
            String others = (' ' + number).repeat(43); // after the flags
            String stat = " S " + number + " 0 0 0 0 0" + others + '\n';
            MadeUpProbe probe = small().process(43, "x", 5, stat);
            probe.add("stat", "43/oom_score:" + number + "\n43/oom_score_adj:" + number + '\n');
            for (String key : List.of("Uid", "Gid", "VmHWM", "VmPTE", "Threads", "PPid")) {
                probe.add("status", "43/status:" + key + ":\t" + number + '\t' + number + '\n');
            }
            Snapshot snapshot = scan(probe);
            assertEquals(3, snapshot.processes().size());
            byte[] written = SnapshotWriter.write(snapshot);
            assertEquals(3, SnapshotReader.read(written, written.length).processes().size());
        }
    }

    @Test
    void answerThatIsCutIsNone() {
        byte[] whole = small().bytes();
        for (int length = 0; length < whole.length; length++) {
            String problem = problem(Arrays.copyOf(whole, length));
            boolean isStarted = length > "psm-probe 1".length();
            assertTrue(isStarted ? problem.equals(CUT) : problem.contains("neither"), problem);
        }
    }

    @Test
    void flippedBytesGiveOneLineOrAReport() throws IOException {
        byte[] whole = small().bytes();
        for (int i = 0; i < whole.length; i++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] flipped = whole.clone();
                flipped[i] ^= (byte) (1 << bit);
                check(flipped);
            }
        }
    }

    private static void check(byte[] bytes) throws IOException {
        ProbeFiles files;
        try {
            files = files(bytes);
        } catch (SnapshotFormatException e) {
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
            return;
        }
        Snapshot snapshot = scan(files);
        for (ProcessMemory process : snapshot.processes()) {
            assertTrue(process.usage().ram() >= 0 || Missing.is(process.usage().ram()));
        }
        assertNotNull(written(snapshot));
    }

    @Test
    void linesThatAreGoneOrTwiceGiveOneLineOrAReport() throws IOException {
        String[] lines = small().text().split("(?<=[\n\0])", -1);
        for (int i = 0; i < lines.length; i++) {
            StringBuilder without = new StringBuilder();
            StringBuilder twice = new StringBuilder();
            for (int j = 0; j < lines.length; j++) {
                without.append(j == i ? "" : lines[j]);
                twice.append(lines[j]).append(j == i ? lines[j] : "");
            }
            check(without.toString().getBytes(ISO_8859_1));
            check(twice.toString().getBytes(ISO_8859_1));
            if (lines[i].startsWith("#section")) {
                String problem = problem(without.toString());
                assertTrue(problem.equals(CUT) || problem.startsWith("is damaged: line "));
                assertTrue(problem(twice.toString()).startsWith("is damaged: line "));
            }
        }
    }

    @Test
    void swappedSectionsAreDamage() {
        for (String one : MadeUpProbe.SECTIONS) {
            for (String other : MadeUpProbe.SECTIONS) {
                if (!one.equals(other)) {
                    String text =
                            small().text()
                                    .replace("#section " + one + '\n', "#section x\n")
                                    .replace("#section " + other + '\n', "#section " + one + '\n')
                                    .replace("#section x\n", "#section " + other + '\n');
                    assertTrue(problem(text).startsWith("is damaged: line "));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0/stat:0 (a) S",
                "007/stat:7 (a) S",
                "99999999999/stat:1 (a) S",
                "-1/stat:1 (a) S",
                "7/../1/stat:1 (a) S",
                "7/task/../stat:1 (a) S",
                "7/environ:A=B",
                "self/stat:1 (a) S",
                "stat:1 (a) S",
                "/stat:1 (a) S",
                "7/stat",
                "42/stat:twice",
                "grep: 7/stat: x",
                "#unknown",
                "#section stat",
                "#uid -1",
                "#end 9",
                "#end 3 2",
            })
    void unexpectedLineIsDamage(String line) {
        String problem = problem(small().add("stat", line + '\n').text());
        assertTrue(problem.matches("is damaged: line [0-9]+: .*"), problem);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../../etc/shadow:x",
                "../etc/shadow:x",
                "../sys/../etc/passwd:x",
                "../proc/1/environ:x",
                "/etc/passwd:x",
                "1/environ:x",
                "sys//kernel:x",
                "./meminfo:x",
                "meminfo",
                "meminfo:x\nuptime:1\nmeminfo:y",
            })
    void unexpectedFilesOfTheHostAreDamage(String line) {
        for (String section : List.of("host", "users", "cgroups")) {
            String problem = problem(small().add(section, line + '\n').text());
            assertTrue(problem.matches("is damaged: line [0-9]+: .*"), problem);
        }
    }

    @Test
    void otherVersionsAndTwoProbesAreRefused() {
        assertTrue(problem("psm-probe 2\n").startsWith("was printed by a probe of version 2, "));
        assertEquals(
                "contains more than one probe; write each to a file of its own",
                problem(small().text() + small().text()));
    }

    @Test
    void answerWithoutMostProcessesIsNotWhole() {
        assertEquals(
                "is not whole: the probe could read only 2 of 9 processes; run it again",
                problem(small().text().replace("#end 9 2", "#end 9 9")));
        String none = small().text().replaceAll("(?s)(#section stat\n).*(#section status)", "$1$2");
        assertEquals("contains no processes; the probe needs /proc", problem(none));
        String lacks = none.replace("#page", "#lacks grep\n#page");
        assertEquals("contains no processes; that machine lacks grep", problem(lacks));
    }

    @Test
    void endThatCountsOtherwiseIsDamage() {
        String text = small().text();
        for (String end : List.of("#end 8 2", "#end 10 2", "#end 9 1", "#end 9 x", "#end  9 2")) {
            assertTrue(problem(text.replace("#end 9 2", end)).startsWith("is damaged"), end);
        }
    }

    /** Returns the methods of a class that can be overridden. */
    private static Set<String> signatures(Class<?> type) {
        Set<String> signatures = new TreeSet<>();
        for (Method method : type.getDeclaredMethods()) {
            int modifiers = method.getModifiers();
            boolean isOpen =
                    !Modifier.isStatic(modifiers)
                            && !Modifier.isPrivate(modifiers)
                            && !Modifier.isFinal(modifiers);
            if (isOpen) {
                signatures.add(method.getName() + Arrays.toString(method.getParameterTypes()));
            }
        }
        return signatures;
    }

    /** No answer may lead to a file of this machine, so nothing of a real tree is inherited. */
    @Test
    void allThatReadsFilesIsOverridden() throws IOException {
        Set<String> inherited = signatures(ProcFs.class);
        inherited.removeAll(signatures(ProbeFiles.class));
        assertEquals(Set.of(), inherited);
        ProbeFiles files = files(small().bytes());
        assertFalse(files.exists("self/root/etc/passwd"));
        assertThrows(IOException.class, () -> files.open("1/root/etc/passwd"));
        assertThrows(IOException.class, () -> files.open("../etc/shadow"));
    }
}
