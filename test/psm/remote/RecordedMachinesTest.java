package psm.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.proc.OwnProcess;
import psm.record.MadeUpRecording;
import psm.record.RecordingFolder;
import psm.record.RecordingWriter;
import psm.support.Command;
import psm.text.Failure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Asks machines for their recordings. Their transport is a shell that has a recording of the tests'
 * in the place of its own.
 */
class RecordedMachinesTest {
    private static final long MB = 1 << 20;

    @TempDir static Path folder;

    /** Records a machine whose first program grows by so much each minute, and not the second. */
    private static Path record(String name, long bytesPerMinute, Instant start)
            throws IOException, Failure {
        Path recording = Files.createDirectory(folder.resolve(name));
        try (RecordingWriter writer = RecordingWriter.open(RecordingFolder.of("", recording), 0)) {
            for (int i = 0; i < 120; i++) {
                writer.append(
                        MadeUpRecording.sample(
                                UUID.nameUUIDFromBytes(name.getBytes(UTF_8)).toString(),
                                start.plusSeconds(60L * i),
                                3_600_000 + 60_000L * i,
                                50 * MB + bytesPerMinute * i,
                                200 * MB));
            }
        }
        return recording;
    }

    @BeforeAll
    static void makeRecordings() throws Exception {
        assumeTrue(new OwnProcess().isRoot(), "another recording cannot be mounted");
        record("fast", 3 * MB, MadeUpRecording.START);
        record("slow", MB, MadeUpRecording.START.plusSeconds(30));
        record("still", 0, MadeUpRecording.START);
        Files.createDirectory(folder.resolve("empty"));
    }

    /** Returns a transport to machines named after their recordings; others have none. */
    private static List<String> words(String hosts, String... more) {
        String mount =
                "mount -t tmpfs tmpfs /var/log && [ ! -e $0/$1 ] || mkdir /var/log/psm &&"
                        + " mount --bind $0/$1 /var/log/psm";
        return words(hosts, mount + "; exec sh", more);
    }

    private static List<String> words(String hosts, String script, String[] more) {
        String via = "unshare --mount sh -c '" + script + "' " + folder + " {}";
        List<String> words = new ArrayList<>(List.of("growth", "--hosts", hosts, "--via", via));
        words.addAll(List.of(more));
        return words;
    }

    private static Command.Result psm(String hosts, String... more) {
        return Command.psm(words(hosts, more).toArray(new String[0])).run();
    }

    private static JsonNode json(String hosts, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of("-q", "-o", "json"));
        words.addAll(List.of(more));
        Command.Result result = psm(hosts, words.toArray(new String[0]));
        assertEquals("", result.err());
        return new ObjectMapper().readTree(result.out());
    }

    @Test
    void aReportIsThatOfTheMachineItself() throws IOException {
        for (String since : List.of("2026-11-23T08:00:00Z", "2026-11-23T09:00:00Z")) {
            ObjectNode there = (ObjectNode) json("fast", "--since", since);
            String from = folder.resolve("fast").toString();
            Command.Result here =
                    Command.psm("growth", "-q", "-o", "json", "--since", since, "--from", from)
                            .run();
            ObjectNode expected = (ObjectNode) new ObjectMapper().readTree(here.out());
            assertEquals("fast", there.remove("host").textValue());
            assertEquals("web1", expected.remove("host").textValue());
            assertEquals(1, there.remove("hosts").size());
            assertEquals(expected, there);
        }
    }

    @Test
    void aPageHasCurvesOfEachMachine() {
        Command.Result page = psm("slow,still,fast", "-q", "-o", "html");
        assertEquals("", page.err());
        List<String> curves = new ArrayList<>();
        Pattern title =
                Pattern.compile("<figcaption><b><bdi>(\\w+)</bdi>: What|cv\"><p><b>(.*?)</b>");
        Matcher found = title.matcher(page.out());
        while (found.find()) {
            String machine = found.group(1);
            curves.add(machine == null ? found.group(2).replaceAll("<[^>]*>", "") : machine);
        }
        List<String> expected =
                List.of(
                        "fast",
                        "RAM and swap of fast",
                        "p100",
                        "slow",
                        "RAM and swap of slow",
                        "p100",
                        "still",
                        "RAM and swap of still");
        assertEquals(expected, curves);
    }

    @Test
    void rowsOfSeveralMachinesNameThem() throws IOException {
        JsonNode report = json("slow,still,fast");
        List<String> rows = new ArrayList<>();
        report.get("rows")
                .forEach(
                        row ->
                                rows.add(
                                        row.get("host").textValue()
                                                + ' '
                                                + row.get("program").textValue()
                                                + ' '
                                                + row.get("verdict").textValue()));
        assertEquals(
                List.of("fast p100 steady growth", "slow p100 steady growth"), rows.subList(0, 2));
        assertEquals(6, rows.size());
        assertEquals("host", report.get("rows").get(0).fieldNames().next());
        assertEquals(3 * 120, report.get("window").get("samples").intValue());
        List<String> limits = new ArrayList<>();
        report.get("full").forEach(each -> limits.add(each.get("host").textValue()));
        assertEquals(List.of("fast", "slow", "still"), limits);
        JsonNode first = json("slow,still,fast", "-n", "1", "--by", "pid");
        assertEquals("fast", first.get("rows").get(0).get("host").textValue());
        assertEquals(100, first.get("rows").get(0).get("pid").intValue());
        assertEquals(5, first.get("more").get("rows").intValue());
        assertEquals(3, json("slow,still,fast", "--by", "host").get("rows").size());
        assertEquals(3, json("slow,still,fast", "-f", "^p100$").get("rows").size());
        assertEquals(
                3,
                json("slow,still,fast", "-f", "^p101 -$", "--by", "program,user")
                        .get("rows")
                        .size());
    }

    @Test
    void aTableShowsWhatGrowsAndWhere() {
        Command.Result result = psm("slow,still,fast");
        assertEquals(
                "psm: fast, slow, still: the last sample is ",
                result.err().replaceAll("[0-9].*\n", ""));
        assertTrue(result.out().contains("fast"), result.out());
        List<String> rows = result.out().lines().filter(row -> row.contains("p10")).toList();
        assertEquals(2, rows.size(), result.out());
        assertTrue(rows.get(1).matches(".* fast +p100 \\(1\\)"), result.out());
        assertTrue(result.out().contains("360 samples in 1h 59m"), result.out());
    }

    @Test
    void theRowsOfAMachineWithTwoNamesAreShownTwice() throws IOException {
        Files.createSymbolicLink(folder.resolve("twin"), folder.resolve("still"));
        Command.Result result = psm("still,twin", "-o", "csv", "--until", "2026-11-24");
        assertEquals(
                "psm: still, twin are the same machine (web1), so its rows are shown 2 times\n",
                result.err());
        assertEquals(5, result.out().lines().count(), result.out());
    }

    @Test
    void aMissingMachineIsALine() {
        Command.Result result = psm("fast,nothing,empty", "-n", "1", "--strict");
        assertEquals(
                """
                psm: nothing: it records nothing; as root there: psm install --record
                psm: empty: it records nothing; as root there: psm install --record
                psm: fast: the last sample is
                psm: --strict: the report is incomplete
                """,
                result.err().replaceAll(" [0-9].* old; there: sudo psm doctor", ""));
        assertEquals(3, result.exitCode());
        assertTrue(result.out().contains("p100"), result.out());
        Command.Result none = psm("nothing,gone", "-q");
        assertEquals(
                "psm: none of 2 machines has a recording that can be read; first: nothing: it"
                        + " records nothing; as root there: psm install --record\n",
                none.err());
        assertEquals(1, none.exitCode());
        Command.Result since = psm("fast,still", "--since", "2026-11-24");
        assertEquals(1, since.exitCode());
        assertTrue(
                since.err()
                        .startsWith(
                                "psm: fast: --since 2026-11-24: is after the last sample; its"
                                        + " recording contains samples from "),
                since.err());
    }

    @Test
    void aRecordingOfOthersIsExplained() {
        Command.Result result =
                Command.psm(
                                words(
                                                "fast",
                                                "mount -t tmpfs -o mode=755 tmpfs /var/log; mkdir"
                                                    + " -m 750 /var/log/psm; exec setpriv --reuid"
                                                    + " 65534 --regid 65534 --clear-groups sh",
                                                new String[0])
                                        .toArray(new String[0]))
                        .run();
        assertEquals(
                "psm: fast: its recording may be read by root there, and by members of a group;"
                        + " as root there: psm install --record --group GROUP\n",
                result.err());
    }

    private static String answer(String lines) {
        return "echo; echo psm-recording 1; " + lines;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "echo \"#segment ../../x.psmrec 3\"; echo abc | makes no sense: #segment"
                        + " ../../x.psmrec 3",
                "echo \"#segment 000001.psmrec -3\"; | makes no sense: #segment 000001.psmrec -3",
                "printf \"#segment 00000\\033[31m.psmrec 3\\n\" | makes no sense: #segment"
                        + " 00000\\x1b[31m.psmrec 3",
                "echo \"#segment 000001.psmrec 3\"; echo abc; echo \"#segment 000001.psmrec 3\"; |"
                        + " cannot be kept in /var/tmp: exists already, and is in the way",
                "echo \"#segment 000001.psmrec 3\"; echo abc; echo \"#end 2\" | is not whole: #end"
                        + " 2",
                "echo \"#end 0\" | is not whole: #end 0",
                "echo \"#segment 000001.psmrec 9\"; echo abc; exit | was cut off after 1 kB",
                "seq 1 99999 | makes no sense: 1",
                "head -c 999999 /dev/zero | makes no sense: ",
            })
    void aForgedAnswerIsALine(String lines, String problem) {
        Command.Result result =
                Command.psm(words("a", answer(lines), new String[0]).toArray(new String[0])).run();
        assertTrue(result.err().startsWith("psm: a: its answer " + problem), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertEquals(1, result.exitCode());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "echo \"#segment 000001.psmrec 30\"; head -c 30 /dev/urandom; echo; echo \"#end 1\""
                        + " | what was sent of its recording: contains no sample",
                "echo \"#segment 000001.psmrec 999999999999\"; cat /dev/zero | its recording of"
                        + " that time is too large: more than 128 MB; name a later --since",
                "echo \"psm-probe 1\" | its answer makes no sense: psm-probe 1",
            })
    void aForgedRecordingIsALine(String lines, String problem) {
        Command.Result result =
                Command.psm(words("a", answer(lines), new String[0]).toArray(new String[0])).run();
        assertTrue(result.err().startsWith("psm: a: " + problem), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    /** Returns the names of the segments that the script prints. */
    private static List<String> sent(Path recording, String since, String until)
            throws IOException {
        Instant begin = since == null ? null : Instant.parse(since);
        Instant end = until == null ? null : Instant.parse(until);
        String mount =
                "mount -t tmpfs tmpfs /var/log && mkdir /var/log/psm &&"
                        + " mount --bind $0 /var/log/psm; exec sh";
        Path script = Files.writeString(folder.resolve("script"), RecordingScript.of(begin, end));
        Command.Result result =
                Command.of("unshare", "--mount", "sh", "-c", mount, recording.toString())
                        .from(script)
                        .run();
        List<String> names = new ArrayList<>();
        for (String line : result.out().lines().toList()) {
            if (line.startsWith("#segment ")) {
                names.add(line.split(" ", -1)[1].replace(".psmrec", ""));
            }
        }
        assertTrue(result.out().endsWith("#end " + names.size() + "\n"), result.out());
        return names;
    }

    @Test
    void onlyWhatCanBeOfThatTimeIsSent() throws IOException {
        Path recording = Files.createDirectory(folder.resolve("days"));
        for (int day = 1; day <= 5; day++) {
            Path file = Files.writeString(recording.resolve("00000" + day + ".psmrec"), "x");
            Instant time = Instant.parse("2026-11-2" + day + "T00:00:10Z");
            Files.setLastModifiedTime(file, FileTime.from(time));
        }
        Files.createSymbolicLink(recording.resolve("000006.psmrec"), Path.of("/etc/passwd"));
        Files.createDirectory(recording.resolve("000007.psmrec"));
        assertEquals(List.of("000004", "000005"), sent(recording, null, null));
        assertEquals(List.of("000005"), sent(recording, "2026-11-24T00:01:00Z", null));
        assertEquals(List.of("000005"), sent(recording, "2026-11-29T00:01:00Z", null));
        assertEquals(
                List.of("000002", "000003", "000005"),
                sent(recording, "2026-11-21T12:00:00Z", "2026-11-22T12:00:00Z"));
        assertEquals(
                List.of("000002", "000003", "000005"),
                sent(recording, null, "2026-11-22T12:00:00Z"));
        assertEquals(List.of("000001", "000005"), sent(recording, null, "2026-11-01T00:00:00Z"));
        // After its clock was set back, the last file has an earlier time than those before it.
        Path last = recording.resolve("000005.psmrec");
        Files.setLastModifiedTime(last, FileTime.from(Instant.parse("2026-11-22T00:00:00Z")));
        assertEquals(
                List.of("000001", "000002", "000003", "000004", "000005"),
                sent(recording, null, null));
    }

    /** Returns a machine that sends what a recording has in its first segment. */
    private static String sends(String name, String about) {
        String file = folder.resolve(name) + "/000001.psmrec";
        return "echo; echo psm-recording 1; "
                + about
                + "; echo \"#segment 000001.psmrec $(stat -c %s "
                + file
                + ")\"; cat "
                + file
                + "; echo; echo \"#end 1\"";
    }

    @Test
    void otherClocksAreRemarked() {
        String[] more = {"--until", "2026-11-24", "-o", "csv"};
        for (int seconds : new int[] {-3600, 10, 3600}) {
            String about = "echo \"#time $(($(date +%s) + " + seconds + "))\"";
            Command.Result result =
                    Command.psm(words("a", sends("fast", about), more).toArray(new String[0]))
                            .run();
            assertEquals(
                    seconds == 10
                            ? ""
                            : "psm: a: the clock there is N s "
                                    + (seconds < 0 ? "behind" : "ahead of")
                                    + " the one here\n",
                    result.err().replaceAll("[0-9]{4}", "N"));
        }
    }

    @Test
    void aSlowMachineAndAFullDiskAreLines() throws IOException {
        String slow = answer("echo \"#segment 000001.psmrec 9\"; exec sleep 1000");
        String[] soon = {"--host-timeout", "1"};
        assertEquals(
                "psm: a: no answer within 1 s; its answer was cut off after 1 kB\n",
                Command.psm(words("a", slow, soon).toArray(new String[0])).run().err());
        Path small = Files.createDirectory(folder.resolve("small"));
        String large = answer("echo \"#segment 000001.psmrec 99999\"; cat /dev/zero");
        Command.Result result =
                Command.psm(words("a", large, new String[0]).toArray(new String[0]))
                        .behind(
                                "unshare",
                                "--mount",
                                "sh",
                                "-c",
                                "mount -t tmpfs -o size=16k tmpfs \"$TMPDIR\"; exec \"$@\"",
                                "sh")
                        .with("TMPDIR", small.toString())
                        .run();
        assertEquals(
                "psm: a: its answer cannot be kept in " + small + ": No space left on device\n",
                result.err());
    }

    @Test
    void soonFullNamesTheMachine() throws Exception {
        Path recording = Files.createDirectory(folder.resolve("full"));
        try (RecordingWriter writer = RecordingWriter.open(RecordingFolder.of("", recording), 0)) {
            for (int i = 0; i < 100; i++) {
                writer.append(MadeUpRecording.using(60L * i, 8_000_000 - 40_000L * i, 50 * MB));
            }
        }
        Command.Result result = psm("still,full", "--strict", "-q");
        assertEquals(3, result.exitCode());
        assertTrue(
                result.err().startsWith("psm: --strict: the memory of full will be full at "),
                result.err());
        assertEquals(0, psm("still,full", "--strict", "--within", "5m", "-q").exitCode());
    }

    @Test
    void noFileIsLeftBehind() throws Exception {
        Path own = Files.createDirectory(folder.resolve("tmp"));
        String forged = answer("echo \"#segment 000001.psmrec 9\"; echo abc; exec sleep 1000");
        for (String signal : new String[] {null, "TERM", "HUP", "INT"}) {
            String script = signal == null ? answer("echo x") : forged;
            Process psm =
                    Command.psm(words("a[1-9]", script, new String[0]).toArray(new String[0]))
                            .with("TMPDIR", own.toString())
                            .start(folder.resolve("out"), folder.resolve("err"));
            if (signal != null) {
                long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
                while (files(own) < 9 && psm.isAlive() && System.nanoTime() < end) {
                    Thread.sleep(20);
                }
                assertEquals(9, files(own), Files.readString(folder.resolve("err")));
                Command.of("kill", "-" + signal, Long.toString(psm.pid())).run();
            }
            assertTrue(psm.waitFor(30, TimeUnit.SECONDS));
            assertEquals(0, files(own), signal);
        }
    }

    private static int files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return (int) all.filter(file -> file.toString().endsWith(".psmrec")).count();
        } catch (UncheckedIOException e) {
            return files(folder); // something was removed meanwhile
        }
    }

    /** As many machines as programs are asked at the same time, and more. */
    @Test
    void aThousandMachinesFitIntoTheHeap() {
        String via = "sh -c '" + sends("fast", ":") + "' {}";
        List<String> words =
                List.of("growth", "--hosts", "m[0001-1000]", "--via", via, "-q", "-o", "csv");
        Command.Result result = Command.psm(words.toArray(new String[0])).run();
        assertEquals("", result.err());
        assertEquals(2001, result.out().lines().count());
        String last = result.out().lines().toList().get(1000);
        assertTrue(last.startsWith("\"p100\",") && last.contains(",\"m1000\","), last);
    }
}
