package psm.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.Psm;
import psm.proc.ProcFs;
import psm.report.Figure;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.support.Command;
import psm.support.Fixtures;
import psm.support.Views;
import psm.text.Version;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Compares each format with an expected file, to the byte. {@code PSM_TEST_REWRITE=1} in the
 * environment rewrites these files instead; read the difference before you commit it.
 */
public class FormatsTest {
    private static final boolean REWRITE = System.getenv("PSM_TEST_REWRITE") != null;
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";

    @ParameterizedTest
    @CsvSource({
        "-o table, host.table",
        "-o table --heap, host-heap.table",
        "-o json, host.json",
        "-o json --heap, host-heap.json",
        "-o json --source smaps, host-smaps.json",
        "-o csv, host.csv",
        "-o csv --heap, host-heap.csv",
        "-o table --system, host-host.table",
        "-o json --system, host-host.json",
        "-o csv --by exe, host-by-executable.csv",
        "-o markdown, host.markdown",
        "-o markdown --heap --system, host-host.markdown",
        "-o tsv, host.tsv",
        "-o ndjson, host.ndjson",
        "-o html, host.html",
        "-o html --system -d --units auto, host-host.html",
        "-f celery, host-celery.table"
    })
    void reportOfTheHostIsAsExpected(String options, String file) throws IOException {
        assertExpected(file, psm(options));
    }

    @Test
    void eachFormatIsListed() {
        Set<Class<?>> classes = new HashSet<>(Set.of(Formats.class.getDeclaredClasses()));
        classes.remove(Formats.Format.class);
        Set<Class<?>> listed = new HashSet<>();
        for (Psm.Exporter format : Formats.all()) {
            listed.add(format.getClass());
        }
        assertEquals(classes, listed);
    }

    @Test
    void jsonOnATerminalIsIndented() throws Exception {
        Snapshot snapshot =
                new Scanner(new ProcFs(Fixtures.HOST.toString()), ScanRequest.of(Source.AUTO))
                        .scan(1);
        Psm.Report report = Views.report(snapshot, Views.of(Figure.PSS));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        JsonFormat.write(report, new Psm.Output(out, true, true, false));
        assertExpected("host-terminal.json", out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void jsonCanBeReadBack() throws Exception {
        JsonNode json = new ObjectMapper().readTree(psm("-o json"));
        assertEquals("psm/1", json.get("schema").asText());
        long total = 0;
        for (JsonNode row : json.get("rows")) {
            total += row.get("pss_bytes").asLong();
        }
        assertEquals(total, json.get("totals").get("pss_bytes").asLong());
    }

    @Test
    void csvCanBeReadBack() throws Exception {
        List<CSVRecord> rows =
                CSVFormat.RFC4180.parse(new StringReader(psm("-o csv"))).getRecords();
        assertEquals(10, rows.size());
        for (CSVRecord row : rows) {
            assertEquals(13, row.size());
        }
        assertTrue(rows.get(4).get(0).startsWith("report,\"daily\" v2"));
    }

    @Tag("endtoend")
    @Tag("jdk")
    @Test
    void numbersDoNotDependOnTheLocale() throws Exception {
        String english = stable(psm("-o table"));
        for (String locale : List.of("de-DE", "ar-EG-u-nu-arab", "hi-IN-u-nu-deva")) {
            Command.Result result =
                    Command.psm("--proc", Fixtures.HOST.toString())
                            .with("JDK_JAVA_OPTIONS", "-Duser.language=" + locale.substring(0, 2))
                            .with("LC_ALL", locale)
                            .run();
            assertEquals(english, stable(result.out()));
        }
    }

    private static String psm(String options) {
        Command.Result result =
                Command.psm(options.split(" ", -1))
                        .append(List.of("--proc", Fixtures.HOST.toString()))
                        .run();
        assertEquals("", result.err());
        assertEquals(0, result.exitCode());
        return result.out();
    }

    private static void assertExpected(String file, String actual) throws IOException {
        Path path = Fixtures.HOST.resolveSibling(file);
        if (REWRITE) {
            Files.writeString(path, stable(actual));
        }
        assertEquals(Files.readString(path), stable(actual));
    }

    /**
     * Replaces the times of the report and psm's version, which change from run to run, and the
     * style sheet and the script of a page, which do not depend on the report.
     */
    public static String stable(String report) {
        return report.replaceAll("(\"taken_at\" ?: ?)\"" + TIME + "\"", "$1\"TIME\"")
                .replaceAll("(?m)([,\t])\"?" + TIME + "\"?(\r?)$", "$1TIME$2")
                .replaceFirst("(\"scan_ms\" ?: ?)[0-9.]+", "$1\"DURATION\"")
                .replaceFirst(
                        "([\t ])" + TIME + ", scanned in [0-9.]+ ms([\n ])",
                        "$1TIME, scanned in DURATION ms$2")
                .replaceAll("([ >])" + TIME + "</", "$1TIME</")
                .replaceFirst(", scanned in [0-9.]+ ms from ", ", scanned in DURATION ms from ")
                .replaceAll("'sha256-[^']+'", "'HASH'")
                .replaceFirst("(?s)<style>.*</style>", "<style>STYLE</style>")
                .replaceFirst("(?s)<script>.*</script>", "<script>SCRIPT</script>")
                .replaceFirst(" by psm " + Version.CURRENT, " by psm VERSION")
                .replaceFirst(
                        "\"psm_version\":\"" + Version.CURRENT + "\"",
                        "\"psm_version\":\"VERSION\"");
    }
}
