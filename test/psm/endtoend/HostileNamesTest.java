package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.support.Shapes;
import psm.text.Text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;

/**
 * Reports on real processes of an ordinary user whose names and mapped files are meant to harm the
 * reader. Programs that know nothing of psm read the reports.
 */
@Tag("endtoend")
@Tag("jdk")
class HostileNamesTest {
    /** A part of each name, so that two runs of the tests do not see each other's processes. */
    private static final String OURS = "psm" + ProcessHandle.current().pid();

    /** The names by the chosen ones, in ISO 8859-1: the string that JSON contains for each. */
    private static final Map<String, String> NAMES = new TreeMap<>();

    static {
        same("\u001b[31mred" + OURS);
        same("\u001b]52;c;cm0gLXJmIC8=\u0007" + OURS);
        same("line\nbreak" + OURS);
        same("tab\there" + OURS);
        same("carriage\rreturn" + OURS);
        same("\"quoted\" 'name' " + OURS);
        same("a,comma" + OURS);
        same("back\\slash\\x1b" + OURS);
        same("=cmd|' /C calc'!A0" + OURS);
        same(" =1+1" + OURS);
        same("\"=2+2" + OURS);
        same("+3" + OURS);
        same("-4" + OURS);
        same("@SUM(1)" + OURS);
        same("\t=5" + OURS);
        same("x;=1+1;" + OURS);
        same("x\";=1+1;\"" + OURS);
        same("'=6" + OURS);
        NAMES.put(bytes("\u22127" + OURS), "\u22127" + OURS);
        NAMES.put(bytes("\u00ab=8" + OURS), "\u00ab=8" + OURS);
        NAMES.put(bytes("\u3000=9" + OURS), "\u3000=9" + OURS);
        same("[blanks" + " ".repeat(50) + "900.0 fake]" + OURS);
        same("2024-01-02 " + OURS);
        same("</script><b>" + OURS);
        same("%n%s{0}${x}" + OURS);
        NAMES.put(bytes("right\u202eto-left\u2066" + OURS), "right\u202eto-left\u2066" + OURS);
        NAMES.put(bytes("C1 \u009b31m" + OURS), "C1 \u009b31m" + OURS);
        NAMES.put(bytes("zero\u200bwidth" + OURS), "zero\u200bwidth" + OURS);
        NAMES.put(bytes("\u65e5\u672c e\u0301 " + OURS), "\u65e5\u672c e\u0301 " + OURS);
        NAMES.put("invalid \u00ff\u00c3( \\xff " + OURS, "invalid \\xff\\xc3( \\\\xff " + OURS);
    }

    /** The names of mapped files, each of which is the executable of a process. */
    private static final List<String> FILES =
            List.of(
                    OURS + " kB",
                    "Pss: 999999 kB" + OURS,
                    "Pss: 999999 kB",
                    "x\nPss: 999999 kB\n",
                    "00400000-00452000 r-xp 00000000 08:02 173521 " + OURS,
                    "x".repeat(200) + " [heap]");

    @TempDir static Path folder;

    private static final List<Process> PROCESSES = new ArrayList<>();

    private static void same(String name) {
        NAMES.put(name, name);
    }

    private static String bytes(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    @BeforeAll
    static void startProcesses() throws Exception {
        assumeTrue(Command.exists("bash"), "bash is needed to give a process any name");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        int number = 0;
        for (String name : NAMES.keySet()) {
            start(number++, "exec -a " + quoted(name) + " /bin/sh -c 'read x'");
        }
        String big = " \"$(head -c 100000 /dev/zero | tr '\\0' x)\"";
        start(number++, "exec -a big-" + OURS + " /bin/sh -c 'read x'" + big.repeat(20));
        Files.copy(Path.of("/bin/sh").toRealPath(), folder.resolve("empty-" + OURS));
        start(number++, "exec -a '' " + folder.resolve("empty-" + OURS) + " -c 'read x'");
        for (String file : FILES) {
            Path copy = folder.resolve(file);
            Files.copy(Path.of("/bin/sh").toRealPath(), copy);
            String words = quoted(bytes(copy.toString())) + " -c 'read x'";
            start(number++, "exec -a file-" + OURS + " " + words);
        }
        Files.copy(Path.of("/bin/sh").toRealPath(), folder.resolve("plain-" + OURS));
        start(number, "exec " + folder.resolve("plain-" + OURS) + " -c 'read x'");
        awaitReaders();
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("$'");
        for (byte b : text.getBytes(ISO_8859_1)) {
            quoted.append(String.format("\\x%02x", b));
        }
        return quoted.append('\'').toString();
    }

    /**
     * Starts a script, which may contain any bytes, as an ordinary user where root runs the tests.
     */
    private static void start(int number, String script) throws IOException {
        Path file = folder.resolve("start" + number);
        Files.write(file, script.getBytes(ISO_8859_1));
        List<String> words = new ArrayList<>();
        if (new OwnProcess().isRoot() && Command.exists("setpriv")) {
            words.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        }
        words.addAll(List.of("bash", file.toString()));
        PROCESSES.add(new ProcessBuilder(words).start());
    }

    /** Waits until each process is the shell that reads its input. */
    private static void awaitReaders() throws IOException, InterruptedException {
        for (Process process : PROCESSES) {
            String arguments = "";
            while (!arguments.contains("\0read x\0")) {
                assertTrue(process.isAlive(), "a process has ended");
                Thread.sleep(5);
                arguments = Shapes.read(process.pid(), "cmdline");
            }
        }
    }

    @AfterAll
    static void endProcesses() throws Exception {
        for (Process process : PROCESSES) {
            process.outputWriter().close();
            process.waitFor();
        }
    }

    private static String report(String... options) {
        Command.Result result = Command.psm(options).run();
        assertEquals(0, result.exitCode(), result.err());
        assertHarmless(result.err());
        return result.out();
    }

    /** Checks that a report contains only lines of text. */
    private static void assertHarmless(String text) {
        for (int i = 0; i < text.length(); i = text.offsetByCodePoints(i, 1)) {
            int c = text.codePointAt(i);
            boolean isLayout = c == '\n' || c == '\t' || c == '\r';
            assertTrue(isLayout || !Text.isHarmful(c), "U+" + Integer.toHexString(c));
        }
    }

    private static JsonNode python(String script, String input) throws IOException {
        assumeTrue(Command.exists("python3"), "Python is needed to read the report");
        Path file = Files.writeString(folder.resolve("report"), input);
        Command.Result result =
                Command.of("python3", "-c", "import csv, json, sys; " + script)
                        .from(file)
                        .with("PYTHONUTF8", "1")
                        .run();
        assertEquals(0, result.exitCode(), result.err());
        return new ObjectMapper().readTree(result.out());
    }

    @Test
    void tableContainsOneLineForEach() {
        String table = report("-f", OURS);
        assertHarmless(table);
        assertFalse(table.contains("\r"), table);
        List<String> lines = table.lines().toList();
        // The big, the empty and the plain process, the files; header, total, two lines of the
        // host.
        int rows = NAMES.size() + 4;
        assertEquals("#", lines.get(rows + 1).substring(0, 1), table);
        for (String line : lines.subList(1, rows + 1)) {
            assertTrue(line.matches(" *\\d+\\.\\d +\\d+\\.\\d +(\\d+\\.\\d)?\t[^\t]+"), line);
        }
        assertTrue(table.contains("\t\\x1b[31mred" + OURS + " (1)\n"), table);
        assertTrue(table.contains("\tline\\nbreak" + OURS + " (1)\n"), table);
        assertTrue(table.contains("\t[blanks \\x20\\x20"), table);
    }

    @Test
    void jsonContainsEachNameUnchanged() throws IOException {
        String json = report("-o", "json", "-f", OURS);
        assertHarmless(json);
        JsonNode names =
                python(
                        "print(json.dumps([r['program'] for r in json.load(sys.stdin)['rows']]))",
                        json);
        List<String> read = new ArrayList<>();
        names.forEach(name -> read.add(name.asText()));
        assertTrue(read.containsAll(NAMES.values()), json);
        for (JsonNode row : new ObjectMapper().readTree(json).get("rows")) {
            boolean isEscaped = row.get("program").asText().startsWith("invalid");
            assertEquals(isEscaped, row.has("program_escaped"), row.toString());
        }
    }

    @Test
    void csvContainsNoFormulasOrLineBreaks() throws IOException {
        String csv = report("-o", "csv", "-f", OURS);
        assertHarmless(csv);
        JsonNode rows = python("print(json.dumps(list(csv.reader(sys.stdin))))", csv);
        assertEquals(NAMES.size() + 5, rows.size());
        for (JsonNode row : rows) {
            assertEquals(rows.get(0).size(), row.size(), row.toString());
            String name = row.get(0).asText();
            assertFalse(name.matches("(?s)[\\s\"]*[=+@\\-\t\r].*"), name);
        }
        assertTrue(csv.contains("\r\n\"'-4" + OURS + "\","), csv);
        assertTrue(csv.contains("\r\n\"' =1+1" + OURS + "\","), csv);
    }

    @Test
    void csvIsRawOnRequest() throws IOException {
        String csv = Command.psm("-o", "csv", "--csv-raw", "-f", OURS).run().out();
        JsonNode rows =
                python(
                        "sys.stdin.reconfigure(newline='');"
                                + " print(json.dumps([r[0] for r in csv.reader(sys.stdin)]))",
                        csv);
        List<String> names = new ArrayList<>();
        rows.forEach(name -> names.add(name.asText()));
        for (String name : NAMES.values()) {
            boolean isText = !name.startsWith("invalid");
            assertTrue(!isText || names.contains(name), name);
        }
    }

    @Test
    void spreadsheetsGetNoFormula() throws IOException {
        String sheet = spreadsheet(report("-o", "csv", "-f", OURS), "");
        assertNoFormula(sheet);
        assertEquals(NAMES.size() + 5, texts(sheet));
        Pattern number = Pattern.compile("<c r=\"D\\d+\"[^>]*? t=\"n\"");
        assertEquals(NAMES.size() + 4, number.matcher(sheet).results().count());
    }

    /** A spreadsheet takes the separators of the user's settings. */
    @ParameterizedTest
    @ValueSource(strings = {"44", "59", "124", "44/59/9"})
    void noSeparatorCreatesAFormula(String separators) throws IOException {
        String csv = report("-o", "csv", "-f", OURS);
        assertNoFormula(spreadsheet(csv, "Text - txt - csv (StarCalc):" + separators + ",34,76"));
    }

    @Test
    void namesThatLookLikeNumbersAreText() throws IOException {
        List<String> names =
                List.of(
                        "12345",
                        "1e5",
                        "1,234",
                        "5%",
                        "(5)",
                        "$5",
                        ".5",
                        "10:30",
                        "1/2",
                        "2024-01-02",
                        "TRUE",
                        "False",
                        "Jan 5",
                        "March 2024",
                        "sept. 7",
                        "-7",
                        "\u22127",
                        "0x10",
                        "#REF!",
                        "\u00bd",
                        "\u0663",
                        "\uff11\uff12",
                        "NaN",
                        "E5");
        Path proc = Files.createDirectory(folder.resolve("proc"));
        for (int i = 0; i < names.size(); i++) {
            Path process = Files.createDirectory(proc.resolve("" + (i + 1)));
            Files.writeString(process.resolve("cmdline"), names.get(i) + "\0");
            Files.writeString(process.resolve("smaps"), "1000-2000 r-xp 0 0 0 \nPss: 4 kB\n");
        }
        String sheet = spreadsheet(report("-o", "csv", "--proc", proc.toString()), "");
        assertNoFormula(sheet);
        assertEquals(names.size() + 1, texts(sheet));
    }

    /** Returns the sheet that LibreOffice makes of a CSV, in the XML of xlsx. */
    private static String spreadsheet(String csv, String filter) throws IOException {
        assumeTrue(Command.exists("soffice"), "LibreOffice is needed to open the CSV");
        Path file = Files.writeString(folder.resolve("report.csv"), csv);
        List<String> words = new ArrayList<>(List.of("soffice"));
        words.add("-env:UserInstallation=" + folder.resolve("office").toUri());
        words.add("--headless");
        if (!filter.isEmpty()) {
            words.add("--infilter=" + filter);
        }
        words.addAll(List.of("--convert-to", "xlsx", "--outdir", folder.toString()));
        words.add(file.toString());
        Command.Result result = Command.of(words.toArray(new String[0])).run();
        assertEquals(0, result.exitCode(), result.err());
        try (ZipFile zip = new ZipFile(folder.resolve("report.xlsx").toFile());
                InputStream in = zip.getInputStream(zip.getEntry("xl/worksheets/sheet1.xml"))) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    private static void assertNoFormula(String sheet) {
        assertTrue(sheet.contains("<c r=\"A2\""), sheet);
        assertFalse(sheet.contains("<f>") || sheet.contains("<f "), sheet);
    }

    /** Counts the cells of the first column, and checks that each is a text. */
    private static int texts(String sheet) {
        int texts = 0;
        Matcher cell = Pattern.compile("<c r=\"A\\d+\"[^>]*? t=\"(\\w+)\"").matcher(sheet);
        for (; cell.find(); texts++) {
            assertEquals("s", cell.group(1), cell.group());
        }
        return texts;
    }

    /** All processes are the same shell doing the same, from files with different names. */
    @Test
    void mappedFileNamesChangeNoFigure() throws IOException {
        for (String source : new String[] {"smaps", "rollup"}) {
            JsonNode rows =
                    new ObjectMapper()
                            .readTree(report("-o", "json", "-f", OURS + "$", "--source", source))
                            .get("rows");
            for (JsonNode row : rows) {
                String name = row.get("program").asText();
                int count = row.get("count").asInt();
                long each = row.get("pss_bytes").asLong() / count;
                assertEquals(name.startsWith("file-") ? FILES.size() : 1, count, name);
                boolean isBig = name.startsWith("big-");
                assertTrue(each > 50_000 && each < (isBig ? 4_000_000 : 1_000_000), row.toString());
            }
        }
    }
}
