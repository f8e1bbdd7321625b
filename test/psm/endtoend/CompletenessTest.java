package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.name.Program;
import psm.proc.OwnProcess;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFile;
import psm.support.Command;
import psm.support.Fixtures;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Checks how each format reports what psm could not measure. */
@Tag("endtoend")
@Tag("user")
class CompletenessTest {
    /** A user without other processes. */
    private static final int USER = 64_997;

    /** A shell of that user runs a command, so that there is a process of the user beside psm. */
    private static final String BY_NOBODY =
            "setpriv --reuid=65534 --regid=65534 --clear-groups sh -c '\"$@\"; exit' sh \"$@\"; }";

    private static final String MAPPING = "1000-2000 r-xp 0 0 0 \n";

    @TempDir Path folder;

    /** Adds a process of 1 MB. */
    private void ordinary() throws IOException {
        process(8, "ordinary", MAPPING + "Rss: 2048 kB\nPss: 1024 kB\n");
    }

    /** Adds a process of 2 MB of a kernel before 2.6.25. */
    private void withoutPss() throws IOException {
        process(9, "old", MAPPING + "Rss: 2048 kB\n");
    }

    private void malformed() throws IOException {
        process(7, "malformed", MAPPING + "Pss: x\n");
    }

    private void process(int pid, String name, String smaps) throws IOException {
        Path process = Files.createDirectories(folder.resolve("" + pid));
        Files.writeString(process.resolve("cmdline"), name + "\0");
        Files.writeString(process.resolve("smaps"), smaps);
    }

    /** The kernel shows the size of a process even while smaps blocks; here stat alone has it. */
    @Test
    void skippedProcessIsEstimated() throws IOException {
        process(7, "java", "");
        Files.delete(folder.resolve("7/smaps"));
        Command.of("mkfifo", folder.resolve("7/smaps").toString()).run();
        String stat = Files.readString(Fixtures.HOST.resolve("41/stat"));
        String[] fields = stat.split(" ", -1);
        fields[23] = "1000000";
        Files.writeString(folder.resolve("7/stat"), String.join(" ", fields));
        ordinary();
        Command.Result result = psm("--timeout", "0.2", "-o", "csv", "-c", "pss").run();
        assertTrue(result.out().contains("\n\"java\",1,\"7\",4096000000,,,1,"), result.out());
        assertEquals(
                "psm: estimated by Rss: pid 7 (java): skipped after the timeout of 0.2 seconds\n",
                result.err());
    }

    /** Adds the status of a process, with RAM and swap in kB. */
    private void status(int pid, String name, long resident, long swapped) throws IOException {
        Files.createDirectories(folder.resolve("" + pid));
        Files.writeString(
                folder.resolve(pid + "/status"),
                "Name:\t%s\nState:\tS (sleeping)\nUid:\t4711\t4711\t4711\t4711\nVmSize:\t %d kB\nVmRSS:\t %d kB\nVmSwap:\t %d kB\n"
                        .formatted(name, 2 * resident, resident, swapped));
    }

    private void pipe(String file) throws IOException {
        Files.deleteIfExists(folder.resolve(file));
        Command.of("mkfifo", folder.resolve(file).toString()).run();
    }

    /** Adds a process of 200 GB whose smaps_rollup takes longer than psm waits. */
    private void slow() throws IOException {
        status(7, "bigdb", 209_715_200, 0);
        Files.writeString(folder.resolve("7/cmdline"), "bigdb\0");
        Files.writeString(folder.resolve("7/oom_score"), "801\n");
        pipe("7/smaps_rollup");
    }

    /** The largest process of a machine takes longest to read. */
    @Test
    void slowProcessIsEstimated() throws IOException {
        ordinary();
        slow();
        Command.Result result = psm("--timeout", "0.3").with("LC_ALL", "C").run();
        assertTrue(
                result.out().contains(" 204800.0                    \tbigdb (1) [estimated]\n"),
                result.out());
        assertTrue(result.out().contains("\n#<=204801.0 "), result.out());
        assertEquals(
                "psm: estimated by Rss: pid 7 (bigdb): skipped after the timeout of 0.3 seconds\n",
                result.err());
        assertEquals(3, psm("--timeout", "0.3", "--strict").run().exitCode());
        JsonNode oom =
                new ObjectMapper()
                        .readTree(psm("oom", "--timeout", "0.3", "-o", "json").run().out());
        assertEquals(2, oom.get("rows").size(), oom.toString());
    }

    /** What the process turns out to cost counts, not only what was expected. */
    @Test
    void processIsEstimatedOnceItTakesTooLong() throws IOException {
        ordinary();
        slow();
        JsonNode report =
                new ObjectMapper()
                        .readTree(psm("--estimate-above", "200", "-o", "json").run().out());
        assertEquals(1, report.get("processes").get("estimates").get("large").asInt());
        assertTrue(report.get("scan_ms").asDouble() < 2000, report.toString());
        assertEquals(0, psm("--estimate-above", "200", "--strict").run().exitCode());
    }

    @Test
    void snapshotHasTheSameEstimates() throws IOException {
        ordinary();
        slow();
        Path file = folder.resolve("host.psm");
        psm("--timeout", "0.3", "-o", "snapshot").to(file).run();
        for (String format : List.of("csv", "markdown", "table")) {
            Command.Result later = Command.psm("--from", file.toString(), "-o", format).run();
            Command.Result live = psm("--timeout", "0.3", "-o", format).run();
            assertEquals(withoutTimes(live.out()), withoutTimes(later.out()));
            assertEquals(live.err(), later.err());
        }
    }

    /** Those who read a snapshot do not know whether its writer was root. */
    @Test
    void deniedProcessOfASnapshotIsExplained() throws IOException {
        ordinary();
        status(9, "secret", 4_096, 0);
        Path map = folder.resolve("9/smaps_rollup");
        Files.writeString(map, "");
        Files.setPosixFilePermissions(map, PosixFilePermissions.fromString("---------"));
        Path file = folder.resolve("host.psm");
        Command.psmAsNobody(folder, "--proc", folder.toString(), "-o", "snapshot").to(file).run();
        assertEquals(
                "psm: estimated by Rss: pid 9 (secret): permission denied to the user who wrote"
                        + " the snapshot\n",
                Command.psm("--from", file.toString()).run().err());
    }

    private static String withoutTimes(String report) {
        return report.replaceAll("[0-9T:-]{19}Z|[0-9.]+ ms| on box1.*", "");
    }

    /** A status that may block is not read, and there is no other figure. */
    @Test
    void statusThatMayBlockIsNotRead() throws IOException {
        ordinary();
        slow();
        pipe("7/status");
        Command.Result result = psm("--timeout", "0.3", "-o", "json").run();
        JsonNode processes = new ObjectMapper().readTree(result.out()).get("processes");
        assertEquals(1, processes.get("stuck").asInt(), processes.toString());
    }

    /** Linux without CONFIG_PROC_PAGE_MONITOR. Kernel threads have no lines of memory. */
    @Test
    void kernelWithoutSmapsHasEstimates() throws IOException {
        status(8, "httpd", 204_800, 1_000);
        status(9, "bash", 4_096, 0);
        Files.createDirectories(folder.resolve("2"));
        Files.writeString(folder.resolve("2/status"), "Name:\tkthreadd\nState:\tS (sleeping)\n");
        String table = table("C");
        assertTrue(table.contains("       4.0                    \tbash (1) [estimated]\n"), table);
        assertTrue(
                table.contains("     200.0                 1.0\thttpd (1) [estimated]\n"), table);
        assertTrue(table.contains("#<=  204.0                 1.0\t"), table);
        Command.Result result = psm("--strict", "-o", "json").run();
        assertEquals(0, result.exitCode(), result.err());
        JsonNode report = new ObjectMapper().readTree(result.out());
        assertEquals("status", report.get("source").asText());
        assertEquals(2, report.get("processes").get("estimates").get("unsupported").asInt());
        assertEquals(2, report.get("processes").get("measured").asInt());
    }

    /** As in the archives of sosreport. */
    @Test
    void treeOfSmapsAndCommHasNames() throws IOException {
        process(8, "", MAPPING + "Rss: 2048 kB\nPss: 1024 kB\n");
        Files.delete(folder.resolve("8/cmdline"));
        Files.writeString(folder.resolve("8/comm"), "first\n");
        process(9, "", MAPPING + "Rss: 2048 kB\nPss: 1024 kB\n");
        Files.delete(folder.resolve("9/cmdline"));
        status(9, "second", 2048, 0);
        String table = table("C");
        assertTrue(table.contains("\tfirst (1)\n"), table);
        assertTrue(table.contains("\tsecond (1)\n"), table);
    }

    /** The file of smaps is empty if the one who copied it had no permission to read it. */
    @Test
    void copyWithoutPermissionIsEstimated() throws IOException {
        process(8, "httpd", "");
        status(8, "httpd", 2048, 0);
        assertTrue(
                table("C").contains("       2.0                    \thttpd (1) [estimated]"),
                table("C"));
    }

    @Test
    void selectionAppliesToSkippedProcesses() throws IOException {
        ordinary();
        slow();
        status(8, "ordinary", 2048, 0);
        String[] all = {"--timeout", "0.3", "-t", "--units", "b", "--user", "4711"};
        assertEquals((209_715_200L + 1024) * 1024 + "\n", psm(all).run().out());
        String[] none = {"--timeout", "0.3", "-o", "json", "--user", "!4711"};
        Command.Result result = psm(none).run();
        assertTrue(result.out().contains("\"measured\":0,"), result.out());
    }

    /** The figures of processes that only root may read. */
    @Test
    void othersProcessesAreEstimated() throws Exception {
        assumeTrue(new OwnProcess().isRoot(), "root alone can become another user");
        JsonNode report = new ObjectMapper().readTree(nobody("-d", "-o", "json").run().out());
        JsonNode own = null;
        for (JsonNode row : report.get("rows")) {
            own = row.get("pid").asLong() == ProcessHandle.current().pid() ? row : own;
        }
        assertEquals(1, own.get("estimated").asInt());
        assertTrue(own.get("pss_bytes").asLong() > 16 << 20, own.toString());
        assertTrue(own.get("shared_bytes").isNull());
        assertTrue(own.get("program").asText().matches("java|tests|psm.*"), own.toString());
        JsonNode processes = report.get("processes");
        assertTrue(processes.get("estimates").get("denied").asInt() > 0, processes.toString());
        assertTrue(report.get("complete").asBoolean());
        long used = kilobytes("MemTotal") - kilobytes("MemFree");
        assertTrue(report.get("totals").get("pss_bytes").asLong() >> 10 < used * 1.2);
        Command.Result rss = nobody("-c", "rss", "--strict").run();
        assertEquals("", rss.err());
        assertFalse(rss.out().contains("estimated"), rss.out());
        assertEquals(0, rss.exitCode());
        assertEquals(3, nobody("--strict").run().exitCode());
        String pid = Long.toString(ProcessHandle.current().pid());
        Command.Result uss = nobody("-p", pid, "-c", "uss,count").run();
        assertFalse(uss.err().contains("not available"), uss.err());
    }

    private Command nobody(String... options) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        return Command.psmAsNobody(Files.createTempDirectory(folder, "psm"), options);
    }

    private static long kilobytes(String key) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith(key + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IOException(key);
    }

    @Test
    void mineLeavesOthersOut() throws Exception {
        assumeTrue(new OwnProcess().isRoot(), "root alone can become another user");
        String user = "--reuid=" + USER;
        Process sleep =
                new ProcessBuilder("setpriv", user, "--regid=65534", "--clear-groups", "sleep", "9")
                        .start();
        try {
            List<String> words = new ArrayList<>();
            for (String word : nobody("--mine", "-o", "csv", "-d", "-c", "pss").words()) {
                words.add(word.equals("--reuid=65534") ? user : word);
            }
            Command.Result result = Command.of(words.toArray(new String[0])).in(folder).run();
            assertEquals("", result.err());
            assertTrue(result.out().contains(sleep.pid() + ",\"sleep\""), result.out());
            assertFalse(
                    result.out().contains("\n" + ProcessHandle.current().pid() + ","),
                    result.out());
        } finally {
            sleep.destroyForcibly().waitFor();
        }
    }

    private Command psm(String... options) {
        return Command.psm(options).append(List.of("--proc", folder.toString()));
    }

    private String table(String locale) {
        return psm().with("LC_ALL", locale).run().out();
    }

    @Test
    void completeReportHasNoRemark() throws IOException {
        ordinary();
        Command.Result result = psm("--strict").run();
        assertEquals(0, result.exitCode());
        assertEquals("", result.err());
        assertTrue(result.out().contains("\n#      1.0 "), result.out());
        assertTrue(psm("-o", "json").run().out().contains("\"complete\":true,"));
    }

    @Test
    void incompleteTotalIsMarked() throws IOException {
        ordinary();
        malformed();
        assertTrue(table("C.UTF-8").contains("\n#\u2265     1.0 "), table("C.UTF-8"));
        assertTrue(table("C").contains("\n#>=    1.0 "), table("C"));
        assertTrue(psm("-o", "json").run().out().contains("\"complete\":false,"));
    }

    @Test
    void strictFailsAnIncompleteReport() throws IOException {
        ordinary();
        malformed();
        assertEquals(0, psm().run().exitCode());
        Command.Result result = psm("--strict", "-o", "json").run();
        assertEquals(3, result.exitCode());
        assertFalse(new ObjectMapper().readTree(result.out()).get("complete").asBoolean());
        assertTrue(
                result.err().endsWith("\npsm: --strict: the report is incomplete\n"), result.err());
    }

    @Test
    void ramFromRssIsMarkedTooHigh() throws IOException {
        withoutPss();
        assertTrue(table("C.UTF-8").contains("\n#\u2264     2.0 "), table("C.UTF-8"));
        assertTrue(table("C").contains("\n#<=    2.0 "), table("C"));
        assertTrue(table("C").contains("\told (1) [estimated]\n"), table("C"));
        Command.Result csv = psm("-o", "csv").run();
        assertTrue(csv.out().contains("\"old\",1,\"9\",2097152,"), csv.out());
        Command.Result json = psm("-o", "json").run();
        assertTrue(json.out().contains("\"processes\":{\"measured\":1,\"estimated\":1,"));
        assertTrue(json.out().contains("\"estimated\":1}],\"totals\""), json.out());
        assertEquals(
                "psm: estimated by Rss: pid 9 (old): not measured by this kernel\n", json.err());
    }

    @ParameterizedTest
    @CsvSource({"C.UTF-8, #~     3.0 ", "C, #~     3.0 "})
    void bothMarksCanApplyAtOnce(String locale, String total) throws IOException {
        ordinary();
        withoutPss();
        malformed();
        assertTrue(table(locale).contains('\n' + total), table(locale));
    }

    @Test
    void quietLeavesOutRemarksButNoErrors() throws IOException {
        ordinary();
        malformed();
        for (String option : new String[] {"-q", "--quiet"}) {
            Command.Result result = psm(option).run();
            assertEquals("", result.err());
            assertTrue(result.out().contains("#>=") || result.out().contains("#\u2265"));
            assertEquals("", psm(option, "-f", "nothing").run().err());
        }
        assertEquals(
                "psm: --strict: the report is incomplete\n", psm("-q", "--strict").run().err());
        assertTrue(psm("-q", "--timing").run().err().contains(" ms to scan, "));
        assertTrue(psm("-q", "--debug").run().err().startsWith("psm: pid 7 (malformed): "));
    }

    @Test
    void skippedProcessIsNamed() throws IOException {
        ordinary();
        malformed();
        Files.delete(folder.resolve("7/smaps"));
        Command.of("mkfifo", folder.resolve("7/smaps").toString()).run();
        Command.Result result = psm("-o", "json").run();
        assertEquals(0, result.exitCode());
        assertEquals(
                "psm: not included: pid 7 (malformed): skipped after the timeout of 2 seconds\n",
                result.err());
        assertTrue(result.out().contains("\"stuck\":1,"), result.out());
        assertTrue(result.out().contains("\"complete\":false,"), result.out());
    }

    /** A process that exited during the scan does not make a report incomplete. */
    @Test
    void exitedProcessIsReportedOnRequest() throws IOException {
        ordinary();
        process(7, "ended", "");
        String stat = Files.readString(Fixtures.HOST.resolve("41/stat"));
        Files.writeString(folder.resolve("7/stat"), stat.replace(" 4194560 ", " 4194564 "));
        assertEquals("", psm("--strict").run().err());
        assertEquals("psm: pid 7 (ended): exited during the scan\n", psm("--debug").run().err());
        process(6, "bad", MAPPING + "Pss: x\n");
        String beside = psm().run().err();
        assertTrue(beside.startsWith("psm: not included: pid 6 (bad): could not be read"), beside);
        assertFalse(beside.contains("exited"), beside);
        assertTrue(psm("-o", "json").run().out().contains("\"vanished\":1,"));
    }

    @Test
    void timeLimitIsTheGivenOne() throws IOException {
        ordinary();
        malformed();
        Files.delete(folder.resolve("7/smaps"));
        Command.of("mkfifo", folder.resolve("7/smaps").toString()).run();
        Command.Result result = psm("--timeout", "0.25", "-o", "json").run();
        assertTrue(
                result.err()
                        .contains("pid 7 (malformed): skipped after the timeout of 0.25 seconds"),
                result.err());
        double ms = new ObjectMapper().readTree(result.out()).get("scan_ms").asDouble();
        assertTrue(ms >= 250 && ms < 2000, result.out());
    }

    /** The kernel takes some 15 ms to walk 8 MB of page tables, for 4 GB of memory. */
    @Test
    void expensiveProcessesAreEstimated() throws IOException {
        ordinary();
        process(9, "large", MAPPING + "Pss: x\n");
        Files.writeString(
                folder.resolve("9/status"),
                "Name:\tlarge\nVmRSS:\t 4194304 kB\nVmPTE:\t    8212 kB\nVmSwap:\t    1024 kB\n");
        Command.Result result = psm("--estimate-above", "10", "-o", "json").run();
        JsonNode report = new ObjectMapper().readTree(result.out());
        JsonNode large = report.get("rows").get(0);
        assertEquals("large", large.get("program").asText());
        assertEquals(4194304L * 1024, large.get("pss_bytes").asLong());
        assertEquals(1024 * 1024, large.get("swap_bytes").asLong());
        assertTrue(large.get("shared_bytes").isNull());
        assertEquals(1, large.get("estimated").asInt());
        assertEquals(1, report.get("processes").get("estimated").asInt());
        assertEquals(
                "psm: estimated by Rss: pid 9 (large): takes too long to measure\n", result.err());
        assertEquals(1, report.get("processes").get("estimates").get("large").asInt());
        JsonNode read =
                new ObjectMapper()
                        .readTree(psm("--estimate-above", "20", "-o", "json").run().out());
        JsonNode estimates = read.get("processes").get("estimates");
        assertEquals(1, estimates.get("failed").asInt(), "it was read, and is malformed");
    }

    /** The test mounts a /proc in which users see only their own processes. */
    @ParameterizedTest
    @ValueSource(strings = {"hidepid=2", "hidepid=4"})
    void hiddenProcessesAreReported(String option) throws IOException {
        Command.Result result = psmUnder(option);
        JsonNode report = new ObjectMapper().readTree(result.out());
        assertTrue(report.get("processes").get("hidden").isNull(), result.out());
        assertEquals(0, report.get("processes").get("denied").asInt());
        assertFalse(report.get("complete").asBoolean());
        assertTrue(
                result.err()
                        .startsWith(
                                "psm: not included: hidden processes (/proc is mounted with"
                                        + " hidepid; use sudo)"),
                result.err());
    }

    /** With hidepid=1 the folders are visible, and their files are not readable. */
    @Test
    void unreadableProcessesAreDenied() throws IOException {
        Command.Result result = psmUnder("hidepid=1");
        JsonNode report = new ObjectMapper().readTree(result.out());
        assertEquals(0, report.get("processes").get("hidden").asInt(-1));
        assertTrue(report.get("processes").get("denied").asInt() > 0, result.out());
        assertTrue(report.get("processes").get("measured").asInt() > 0, result.out());
    }

    /** A title may contain a password, and is in the same file as the command line. */
    @Test
    void collectorReadsNoTitlesUnderHidepid() throws Exception {
        assumeTrue(new OwnProcess().isRoot(), "root alone can mount a /proc of its own");
        Process titled =
                new ProcessBuilder("bash", "-c", "exec -a 'celeryd redis://u:SECRET@h' sleep 600")
                        .start();
        try {
            awaitTitle(titled);
            Snapshot snapshot = collectUnderHidepid();
            Program program = null;
            for (ProcessMemory process : snapshot.processes()) {
                program = process.pid() == titled.pid() ? process.program() : program;
            }
            assertEquals("sleep", program.name());
            assertEquals(new Program.Names("sleep", "sleep", null), program.names());
        } finally {
            titled.destroyForcibly().waitFor();
        }
    }

    private static void awaitTitle(Process process) throws Exception {
        while (!Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"))
                .startsWith("celeryd")) {
            assertTrue(process.isAlive());
            Thread.sleep(5);
        }
    }

    private Snapshot collectUnderHidepid() throws IOException {
        String mount = "mount -t proc -o hidepid=2 proc /proc && exec \"$0\" \"$@\"";
        Path file = folder.resolve("collected.psm");
        Command.Result result =
                Command.of("unshare", "-m", "sh", "-c", mount)
                        .append(Command.java("psm.collect.Collector").words())
                        .to(file)
                        .run();
        assumeTrue(!result.err().contains("mount: "), result.err());
        assertEquals(0, result.exitCode(), result.err());
        assertFalse(Files.readString(file, ISO_8859_1).contains("SECRET"), "a title is in it");
        return SnapshotFile.read(Files.newInputStream(file));
    }

    /** Process 1 is visible since it is the user's own, as in a container of one program. */
    @Test
    void hiddenProcessesAreReportedBesideOwnPid1() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "root alone can mount a /proc of its own");
        String container =
                "mount -t proc -o hidepid=2 proc /proc && { sleep 60 & exec " + BY_NOBODY;
        Command.Result result =
                Command.of("unshare", "-m", "-p", "-f", "sh", "-c", container, "sh")
                        .append(psmOfNobody())
                        .in(folder)
                        .run();
        assumeTrue(!result.err().contains("mount: "), result.err());
        JsonNode report = new ObjectMapper().readTree(result.out());
        assertEquals(1, report.get("rows").get(0).get("pids").get(0).asInt());
        assertTrue(report.get("processes").get("hidden").isNull(), result.out());
    }

    /** A copy of /proc by the size of its files, which is 0, contains empty files. */
    @Test
    void processWithEmptySmapsIsMissing() throws IOException {
        ordinary();
        process(7, "copied", "");
        Files.copy(Fixtures.HOST.resolve("41/stat"), folder.resolve("7/stat"));
        Command.Result result = psm("--strict").run();
        assertEquals(3, result.exitCode());
        assertTrue(
                result.err().contains("pid 7 (copied): could not be read: its smaps is empty\n"),
                result.err());
    }

    @Test
    void reportContainsItsTime() throws Exception {
        ordinary();
        process(7, "slow", "");
        Files.delete(folder.resolve("7/smaps"));
        Command.of("mkfifo", folder.resolve("7/smaps").toString()).run();
        Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        CompletableFuture<Command.Result> psm =
                CompletableFuture.supplyAsync(() -> psm("-o", "json").run());
        Instant began;
        try (OutputStream smaps = Files.newOutputStream(folder.resolve("7/smaps"))) {
            began = Instant.now();
            Thread.sleep(300);
            smaps.write((MAPPING + "Pss: 1 kB\n").getBytes(StandardCharsets.US_ASCII));
        }
        JsonNode report = new ObjectMapper().readTree(psm.get().out());
        Instant takenAt = Instant.parse(report.get("taken_at").asText());
        assertFalse(takenAt.isBefore(before), report.toString());
        assertFalse(takenAt.isAfter(began), report.toString());
        assertTrue(report.get("scan_ms").asDouble() >= 300, report.toString());
    }

    private Command.Result psmUnder(String mountOption) throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "root alone can mount a /proc of its own");
        String mount = "mount -t proc -o \"$0\" proc /proc && { " + BY_NOBODY;
        Command.Result result =
                Command.of("unshare", "-m", "sh", "-c", mount, mountOption)
                        .append(psmOfNobody())
                        .in(folder)
                        .run();
        assumeTrue(!result.err().contains("mount: "), result.err());
        assertEquals(0, result.exitCode(), result.err());
        return result;
    }

    /** Returns the words that run psm, for a caller who is that user already. */
    private List<String> psmOfNobody() throws IOException {
        List<String> words = Command.psmAsNobody(folder, "-o", "json").words();
        assertEquals("setpriv", words.get(0));
        return words.subList(4, words.size());
    }
}
