package psm.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;

class LossesTest {
    private static List<String> keys(String before, String now) throws IOException {
        return Losses.between("json", before, now, false);
    }

    private static List<String> values(String format, String before, String now)
            throws IOException {
        return Losses.between(format, before, now, true);
    }

    @Test
    void whatIsNewIsNoLoss() throws IOException {
        String now = "{\"b\":[{\"d\":2,\"c\":1}],\"a\":3}";
        assertEquals(List.of(), values("json", "{\"b\":[{\"c\":1}]}", now));
        assertEquals(List.of(), values("csv", "a,b\r\n1,2\r\n", "a,b,c\r\n1,2,3\r\n"));
        String metrics = "# HELP x other words\n# TYPE x gauge\nx{l=\"a\"} 1\ny 2\n";
        assertEquals(List.of(), values("prom", "# HELP x y\nx{l=\"a\"} 1\n", metrics));
    }

    @Test
    void keysThatAreGoneAreFound() throws IOException {
        assertEquals(
                List.of(".b[0].c is gone"), keys("{\"b\":[{\"c\":1}]}", "{\"b\":[{\"d\":1}]}"));
        assertEquals(
                List.of("line 2 .a is gone"),
                values("ndjson", "{}\n{\"a\":1}\n", "{}\n{\"b\":1}\n"));
    }

    @Test
    void otherTypesAreFound() throws IOException {
        assertEquals(
                List.of(".a was NUMBER 1, and is STRING \"1\""),
                keys("{\"a\":1}", "{\"a\":\"1\"}"));
        assertEquals(List.of(".a was ARRAY, and is OBJECT"), keys("{\"a\":[]}", "{\"a\":{}}"));
        assertEquals(List.of(), keys("{\"a\":1}", "{\"a\":null}"));
    }

    @Test
    void otherValuesAreFoundWhereTheyCount() throws IOException {
        assertEquals(List.of(), keys("{\"a\":[1,2]}", "{\"a\":[3]}"));
        assertEquals(
                List.of(".a had 2 items, and has 1", ".a[0] was 1, and is 3"),
                values("json", "{\"a\":[1,2]}", "{\"a\":[3]}"));
        assertEquals(1, values("ndjson", "{}\n{}\n", "{}\n").size());
    }

    /** The psm that reads the output of a probe scans it. */
    @Test
    void valuesOfTheReaderMayDiffer() throws IOException {
        String before = "{\"psm_version\":\"1.0.0\",\"scan_ms\":1.5}";
        assertEquals(
                List.of(), values("json", before, "{\"psm_version\":\"1.1.0\",\"scan_ms\":2.5}"));
        String metrics = "psm_build_info{version=\"1.0.0\"} 1\npsm_scan_seconds 0.5\n";
        String now = metrics.replace("1.0.0", "1.1.0").replace("0.5", "0.25");
        assertEquals(List.of(), values("prom", metrics, now));
        assertEquals(
                List.of("psm_scan_seconds is gone"),
                values("prom", metrics, now.replace("scan", "other")));
        assertEquals(List.of(".psm_version is gone"), values("json", before, "{\"scan_ms\":1.5}"));
        assertEquals(
                List.of(".psm_version was STRING \"1.0.0\", and is NUMBER 1"),
                values("json", before, "{\"psm_version\":1,\"scan_ms\":1.5}"));
    }

    @Test
    void linesOfNewKindsAreNoLossButBehindTheLast() throws IOException {
        String row = "{\"kind\":\"row\"}\n";
        String totals = "{\"kind\":\"totals\"}\n";
        String other = "{\"kind\":\"new\"}\n";
        assertEquals(List.of(), values("ndjson", row + totals, other + row + other + totals));
        assertEquals(
                List.of("the last line was of kind 'totals', and is of 'new'"),
                values("ndjson", row + totals, row + totals + other));
        assertEquals(
                List.of("there were 2 lines, and are 3"),
                values("ndjson", row + totals, row + row + totals).subList(0, 1));
        assertEquals(2, values("ndjson", row + totals, row).size());
    }

    @Test
    void columnsInAnotherOrderAreFound() throws IOException {
        assertEquals(1, values("csv", "a,b\r\n", "b,a\r\n").size());
        assertEquals(1, values("csv", "a,b\r\n", "c,a,b\r\n").size());
        assertEquals(1, values("csv", "a,b\r\n", "a,bc\r\n").size());
        assertEquals(1, values("tsv", "a\tb\n1\t2\n", "a\tb\n1\t3\n").size());
        assertEquals(1, Losses.between("csv", "a,b\r\n1,2\r\n", "a\r\n1\r\n", false).size());
    }

    @Test
    void otherMetricsLabelsAndTypesAreFound() throws IOException {
        String before = "# TYPE x gauge\nx{l=\"a} b\"} 1\n";
        assertEquals(
                List.of("# TYPE x gauge is gone"),
                values("prom", before, before.replace("gauge", "counter")));
        assertEquals(
                List.of("x{l=} is gone"),
                Losses.between("prom", before, before.replace("l=", "m="), false));
        assertEquals(
                List.of(), Losses.between("prom", before, before.replace("} 1", "} 2"), false));
        assertEquals(
                List.of("x{l=\"a} b\"} 1 is gone"),
                values("prom", before, before.replace("} 1", "} 2")));
    }
}
