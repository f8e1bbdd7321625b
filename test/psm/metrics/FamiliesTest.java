package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.Psm;
import psm.support.MadeUpHost;

import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

class FamiliesTest {
    private static final Psm.Column PROGRAM = column("program", Psm.Kind.TEXT);
    private static final Psm.Column COUNT = column("count", Psm.Kind.COUNT);
    private static final Psm.Column PSS = summed("pss_bytes", Psm.Kind.BYTES);
    private static final Psm.Processes PROCESSES =
            new Psm.Processes(
                    7, 3, 1, 2, 0, 0, false, new Psm.Estimates(2, 0, 0, 0, 0, 1, true, false));

    private static Psm.Column column(String key, Psm.Kind kind) {
        return new Psm.Column(key, key, kind, 0, false, false);
    }

    private static Psm.Column summed(String key, Psm.Kind kind) {
        return new Psm.Column(key, key, kind, 0, false, true);
    }

    private static Psm.Row row(Object... values) {
        return new Psm.Row(Arrays.asList(values));
    }

    private static Psm.Report report(
            List<Psm.Column> columns,
            Psm.Row totals,
            Psm.More more,
            List<Psm.Account> accounts,
            Psm.Row... rows) {
        return new Psm.Report(
                "1.2",
                "host1",
                "6.1",
                Instant.ofEpochSecond(1_795_945_955),
                21_239_206,
                "smaps_rollup",
                PROCESSES,
                columns,
                List.of(rows),
                totals,
                accounts,
                more);
    }

    private static Psm.Report report(List<Psm.Column> columns, Psm.Row... rows) {
        Object[] none = new Object[columns.size()];
        return report(columns, row(none), null, List.of(), rows);
    }

    private static Psm.Report report(Psm.Account account) {
        return report(List.of(PROGRAM), row((Object) null), null, List.of(account));
    }

    private static String text(Psm.Report report) throws IOException {
        return MadeUpHost.written(report, "prometheus");
    }

    private static Exposition exposition(Psm.Report report) throws IOException {
        return Exposition.parse(text(report));
    }

    private static void assertValue(Object expected, BigDecimal actual) {
        assertEquals(0, new BigDecimal(expected.toString()).compareTo(actual), actual::toString);
    }

    @Test
    void namesFollowFromKeysAndKinds() throws IOException {
        Exposition metrics =
                exposition(
                        report(
                                List.of(
                                        PROGRAM,
                                        COUNT,
                                        column("pids", Psm.Kind.PIDS),
                                        PSS,
                                        column("used_percent", Psm.Kind.PERCENT),
                                        column("threads", Psm.Kind.NUMBER),
                                        column("top_pid", Psm.Kind.PID),
                                        column("depth", Psm.Kind.DEPTH),
                                        column("age_seconds", Psm.Kind.SECONDS),
                                        column("oldest_start_time", Psm.Kind.TIME),
                                        column("rate_bytes_per_hour", Psm.Kind.RATE)),
                                row(
                                        "nginx",
                                        2L,
                                        List.of(7, 8),
                                        4096L,
                                        12.5,
                                        -3L,
                                        8L,
                                        0L,
                                        60L,
                                        Instant.ofEpochMilli(1_795_945_955_120L),
                                        -1L << 40)));
        Map<String, Object> expected = new HashMap<>();
        expected.put("psm_processes", 2);
        expected.put("psm_pss_bytes", 4096);
        expected.put("psm_used_percent", 12.5);
        expected.put("psm_threads", -3);
        expected.put("psm_age_seconds", 60);
        expected.put("psm_oldest_start_time_seconds", "1795945955.12");
        expected.put("psm_rate_bytes_per_hour", -1L << 40);
        Map<String, BigDecimal> ofRow = new HashMap<>();
        metrics.samples.forEach(
                (series, value) -> {
                    if (series.labels().equals(Map.of("program", "nginx"))) {
                        ofRow.put(series.metric(), value);
                    }
                });
        assertEquals(expected.keySet(), ofRow.keySet());
        expected.forEach((name, value) -> assertValue(value, ofRow.get(name)));
    }

    @Test
    void theHeadSaysWhenAndHowCompletely() throws IOException {
        Exposition metrics = exposition(report(List.of(PROGRAM)));
        assertValue(1, metrics.value("psm_build_info", "version", "1.2"));
        assertValue(1_795_945_955, metrics.value("psm_taken_at_seconds"));
        assertValue("0.021239206", metrics.value("psm_scan_seconds"));
        assertValue(0, metrics.value("psm_complete"));
        assertValue(1, metrics.value("psm_unmeasured_processes", "reason", "denied"));
        assertValue(2, metrics.value("psm_unmeasured_processes", "reason", "vanished"));
        assertValue(2, metrics.value("psm_estimated_processes", "reason", "denied"));
        assertValue(1, metrics.value("psm_estimated_processes", "reason", "doubtful"));
    }

    @Test
    void whatIsMissingIsAbsent() throws IOException {
        List<Psm.Column> columns =
                List.of(PROGRAM, column("unit", Psm.Kind.TEXT), PSS, column("x", Psm.Kind.PERCENT));
        String text =
                text(
                        report(
                                columns,
                                row("a", null, 1L, null),
                                row(null, null, null, 2.0),
                                row("b", "b.service", 3L, Double.NaN)));
        Exposition metrics = Exposition.parse(text);
        assertValue(1, metrics.value("psm_pss_bytes", "program", "a"));
        assertValue(2, metrics.value("psm_x"));
        assertValue(4, metrics.sum("psm_pss_bytes"));
        assertValue(2, metrics.sum("psm_x"));
        assertFalse(text.contains("NaN") || text.contains("null"), text);
        assertNull(metrics.value("psm_other_pss_bytes"), text);
    }

    @Test
    void marksAreOneMetric() throws IOException {
        Psm.Column deleted = new Psm.Column("deleted", "deleted", Psm.Kind.COUNT, 0, true, false);
        Psm.Column estimated =
                new Psm.Column("estimated", "estimated", Psm.Kind.COUNT, 0, true, false);
        Exposition metrics =
                exposition(
                        report(
                                List.of(PROGRAM, COUNT, deleted, estimated),
                                row("a", 3L, 2L, 0L),
                                row("b", 4L, 0L, null)));
        assertEquals(
                Map.of(
                        new Exposition.Series(
                                "psm_marked_processes", Map.of("program", "a", "mark", "deleted")),
                        new BigDecimal(2)),
                ofMetric(metrics, "psm_marked_processes"));
    }

    private static Map<Exposition.Series, BigDecimal> ofMetric(Exposition metrics, String name) {
        Map<Exposition.Series, BigDecimal> found = new HashMap<>(metrics.samples);
        found.keySet().removeIf(series -> !series.metric().equals(name));
        return found;
    }

    @Test
    void textsBehindAFigureAreNoLabels() throws IOException {
        Exposition metrics =
                exposition(
                        report(
                                List.of(PROGRAM, PSS, column("verdict", Psm.Kind.TEXT)),
                                row("a", 1L, "grows")));
        assertValue(1, metrics.value("psm_pss_bytes", "program", "a"));
    }

    @Test
    void rowsAndOthersAreAll() throws IOException {
        Psm.Row totals = row(null, null, 100L);
        List<Psm.Column> columns = List.of(PROGRAM, COUNT, PSS);
        Psm.More more = new Psm.More(3, false, row(null, null, 30L));
        Exposition some = exposition(report(columns, totals, more, List.of(), row("a", 5L, 70L)));
        assertValue(30, some.value("psm_other_pss_bytes"));
        assertValue(2, some.value("psm_other_processes"));
        Exposition all = exposition(report(columns, totals, null, List.of(), row("a", 7L, 100L)));
        assertValue(0, all.value("psm_other_pss_bytes"));
        assertValue(0, all.value("psm_other_processes"));
    }

    @Test
    void partsOfASumHaveALabel() throws IOException {
        Psm.Account account =
                new Psm.Account(
                        "host_memory",
                        null,
                        List.of(
                                new Psm.Entry("page_cache_bytes", "cache", 30L, false),
                                new Psm.Entry("zram_bytes", "zram", null, false),
                                new Psm.Entry("unexplained_bytes", "unexplained", -2L, false),
                                new Psm.Entry("mem_total_bytes", "MemTotal", 28L, true),
                                new Psm.Entry("mem_available_bytes", "available", 9L, false)));
        Exposition metrics = exposition(report(account));
        assertValue(30, metrics.value("psm_host_memory_bytes", "part", "page_cache"));
        assertValue(28, metrics.sum("psm_host_memory_bytes"));
        assertValue(28, metrics.value("psm_mem_total_bytes"));
        assertValue(9, metrics.value("psm_mem_available_bytes"));
        assertEquals(2, ofMetric(metrics, "psm_host_memory_bytes").size());
    }

    @Test
    void figuresWithoutASumHaveTheNameOfTheirAccount() throws IOException {
        Psm.Account swap =
                new Psm.Account(
                        "swap",
                        null,
                        List.of(
                                new Psm.Entry("used_bytes", "used", 3L, false),
                                new Psm.Entry("total_bytes", null, 5L, false)));
        Exposition metrics = exposition(report(swap));
        assertValue(3, metrics.value("psm_swap_used_bytes"));
        assertValue(5, metrics.value("psm_swap_total_bytes"));
    }

    @Test
    void countersAreThoseWithATotal() throws IOException {
        Psm.Account cgroups =
                new Psm.Account(
                        "cgroup",
                        null,
                        List.of(),
                        false,
                        List.of(
                                column("cgroup", Psm.Kind.TEXT),
                                column("limit_bytes", Psm.Kind.BYTES),
                                column("oom_kills_total", Psm.Kind.NUMBER),
                                column("state", Psm.Kind.TEXT)),
                        List.of(row("/a", 5L, 2L, "x"), row("/b", null, 3L, "y")));
        Psm.Report report = report(cgroups);
        Exposition metrics = exposition(report);
        assertValue(5, metrics.value("psm_cgroup_limit_bytes", "cgroup", "/a"));
        assertNull(metrics.value("psm_cgroup_limit_bytes", "cgroup", "/b"));
        assertValue(3, metrics.value("psm_cgroup_oom_kills_total", "cgroup", "/b"));
        assertEquals("counter", metrics.types.get("psm_cgroup_oom_kills_total"));
        assertEquals("gauge", metrics.types.get("psm_cgroup_limit_bytes"));
        String open = MadeUpHost.written(report, "openmetrics");
        assertTrue(open.contains("\n# TYPE psm_cgroup_oom_kills counter\n"), open);
        assertTrue(
                open.contains("\npsm_cgroup_oom_kills_total{cgroup=\"/a\"} 2 1795945955\n"), open);
        assertTrue(open.endsWith("\n# EOF\n"), open);
    }

    @Test
    void sameLabelsAreThereOnce() throws IOException {
        Exposition metrics =
                exposition(report(List.of(PROGRAM, PSS), row("a", 1L), row("a", 2L), row("b", 3L)));
        assertValue(1, metrics.value("psm_pss_bytes", "program", "a"));
    }

    @Test
    void namesAreWhatTheyWereAfterReading() throws IOException {
        Random random = new Random(20);
        Map<String, String> byLabel = new HashMap<>();
        for (int round = 0; round < 200; round++) {
            List<String> names = new ArrayList<>(HOSTILE);
            List<Psm.Row> rows = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                names.add(name(random));
            }
            for (String name : names) {
                rows.add(row(name, (long) rows.size()));
            }
            Psm.Report report = report(List.of(PROGRAM, PSS), rows.toArray(new Psm.Row[0]));
            for (Family family : Families.of(report)) {
                if (family.name().equals("psm_pss_bytes")) {
                    assertEquals(names.stream().distinct().count(), family.samples().size());
                }
            }
            exposition(report)
                    .samples
                    .forEach(
                            (series, value) -> {
                                String label = series.labels().get("program");
                                if (label != null) {
                                    String name = names.get(value.intValue());
                                    assertEquals(name, decoded(label), label);
                                    String other = byLabel.putIfAbsent(label, name);
                                    assertTrue(other == null || other.equals(name), label);
                                }
                            });
        }
        assertNotEquals(0, byLabel.size());
    }

    private static final List<String> HOSTILE =
            List.of(
                    "\"} 1\npsm_complete 1\n",
                    "a\\",
                    "\\\"",
                    "\u001b]0;title\u0007",
                    "\u202ecod.exe",
                    "\udcff\udc80",
                    "\\xff",
                    "\\x5c",
                    "\\x5cxff",
                    "\\u{202e}cod.exe",
                    "",
                    "\\u{}",
                    "\r\n\t\u0000\u007f\u0085\u2028",
                    "x".repeat(4096));

    private static final String[] PIECES = {
        "\\",
        "x",
        "u",
        "{",
        "}",
        "1",
        "b",
        "f",
        "F",
        "5",
        "c",
        "2",
        "d",
        "e",
        "0",
        "7",
        "\"",
        "\n",
        "\u001b",
        "\u00ff",
        "\udcff",
        "\u202e",
        "\ud83d\ude00",
        " ",
        ",",
        "=",
        "\u007f",
        "n",
        "\u00a0"
    };

    private static String name(Random random) {
        StringBuilder name = new StringBuilder();
        for (int i = random.nextInt(9); i >= 0; i--) {
            name.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return name.toString();
    }

    /** Returns the name of which a label is made, by the rules that are documented. */
    private static String decoded(String label) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < label.length(); i++) {
            if (label.startsWith("\\u{", i)) {
                int end = label.indexOf('}', i);
                if (end > i + 3) {
                    name.appendCodePoint(Integer.parseInt(label.substring(i + 3, end), 16));
                }
                i = end;
            } else if (label.substring(i)
                    .matches("(?s)\\\\x([01][0-9a-f]|5c|7f|[89a-f][0-9a-f]).*")) {
                int code = Integer.parseInt(label.substring(i + 2, i + 4), 16);
                name.append((char) (code < 0x80 ? code : 0xdc00 + code));
                i += 3;
            } else {
                name.append(label.charAt(i));
            }
        }
        return name.toString();
    }
}
