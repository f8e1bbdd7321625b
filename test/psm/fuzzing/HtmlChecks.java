package psm.fuzzing;

import psm.Psm;
import psm.cell.CellText;
import psm.format.Formats;
import psm.html.HtmlPage;
import psm.text.Text;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Checks that a page has the structure and the rows of its report, whatever the names are. */
final class HtmlChecks {
    private HtmlChecks() {}

    static void check(Psm.Report report) throws IOException {
        HtmlPage page = page(report);
        FuzzTarget.require(page.tags().equals(page(withPlainNames(report)).tags()), "markup");
        int rows = report.rows().size();
        FuzzTarget.require(page.rows().size() == rows + 2, "rows");
        for (int i = 0; i < page.rows().size(); i++) {
            FuzzTarget.require(page.rows().get(i).size() == page.rows().get(0).size(), "cells");
        }
        for (int i = 0; i < rows; i++) {
            String name = (String) report.rows().get(i).values().get(0);
            String shown = name == null ? "\u2013" : CellText.name(name, 0);
            FuzzTarget.require(page.rows().get(i + 1).get(0).startsWith(shown), "name");
        }
        page(withPictures(report));
    }

    private static HtmlPage page(Psm.Report report) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new Formats.Html().export(report, new Psm.Output(bytes, false, true, false));
        String html = bytes.toString(StandardCharsets.UTF_8);
        NameChecks.requirePrintable(html.replace("\n", "").replace("\u00a0", ""));
        return HtmlPage.parse(html);
    }

    /** Returns the same report with names of one letter. */
    private static Psm.Report withPlainNames(Psm.Report report) {
        List<Psm.Row> rows = new ArrayList<>();
        for (Psm.Row row : report.rows()) {
            List<Object> values = new ArrayList<>(row.values());
            values.replaceAll(value -> value instanceof String ? "a" : value);
            rows.add(new Psm.Row(values));
        }
        return new Psm.Report(
                report.origin(),
                report.processes(),
                report.columns(),
                rows,
                report.totals(),
                report.accounts(),
                report.more(),
                new Psm.Ranking(rows, false));
    }

    /** Returns the same report with its names in words and in pictures. */
    private static Psm.Report withPictures(Psm.Report report) {
        List<Psm.Area> areas = new ArrayList<>();
        long whole = 0;
        int index = columns(report).indexOf("pss_bytes");
        for (Psm.Row row : report.rows()) {
            boolean isKnown = row.values().get(index) instanceof Long size && size >= 0;
            long bytes = isKnown ? (Long) row.values().get(index) >> 8 : 0;
            String name = (String) row.values().get(0);
            String shown = name == null ? "" : name;
            areas.add(new Psm.Area("program", null, shown, bytes, false, List.of()));
            whole += bytes;
        }
        areas.sort((a, b) -> Long.compare(b.bytes(), a.bytes()));
        String host = report.host() == null ? "" : report.host();
        Psm.Area all = new Psm.Area("memory", "mem_total_bytes", host, whole, false, areas);
        List<Psm.Picture> pictures =
                List.of(
                        new Psm.Treemap(host, report.host(), all),
                        new Psm.Bars(host, 0, -1, index, index),
                        new Psm.Points(host, 0, columns(report).indexOf("score"), index));
        return report.with(
                new Psm.Notes(
                        host, List.of(Text.printable(host)), Map.of("pss_bytes", host), pictures));
    }

    private static List<String> columns(Psm.Report report) {
        return report.columns().stream().map(Psm.Column::key).toList();
    }
}
