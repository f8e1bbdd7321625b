package psm.format;

import psm.Psm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Makes a table fit into the lines of a window: it leaves out the smallest rows, and shows their
 * sum in one line.
 */
final class TableHeight {
    /** The titles of a list above the rows, and the empty line below it. */
    private static final int LINES_OF_LIST = 2;

    /** The most urgent row of such a list, and how many others there are. */
    private static final int LEAST_LISTED = 2;

    private TableHeight() {}

    /** Returns the table of a report with no more lines than its layout allows. */
    static String fit(Psm.Report report, Psm.Output output) {
        int height = output.layout().height();
        Psm.Report shown = withLargest(report, height);
        TableFormat table = new TableFormat(shown, output);
        int maxListed = 0;
        if (table.lines() > height && table.linesAboveRows() > height / 2) {
            maxListed = maxListed(report, height / 2);
            table = new TableFormat(shown, output, maxListed);
        }
        // With fewer rows, columns may become narrower and lines may fit, so count again.
        while (table.lines() > height && shown.rows().size() > 1) {
            int tooMany = table.lines() - height;
            shown = withLargest(shown, Math.max(1, shown.rows().size() - tooMany));
            table = new TableFormat(shown, output, maxListed);
        }
        return cut(table.text(), table.linesAboveRows(), height);
    }

    /** Returns how many lines each list above the rows may have, without its titles. */
    private static int maxListed(Psm.Report report, int height) {
        int lists = 0;
        int others = 1; // the titles of the rows
        for (Psm.Account account : report.accounts()) {
            if (account.above() && account.isList() && !account.rows().isEmpty()) {
                lists++;
            } else if (account.above() && !account.isList()) {
                others += account.entries().size() + 1;
            }
        }
        int lines = lists == 0 ? 0 : (height - others) / lists - LINES_OF_LIST;
        return Math.max(LEAST_LISTED, lines);
    }

    /** Returns the same report with at most a number of rows, the largest. */
    private static Psm.Report withLargest(Psm.Report report, int maxRows) {
        List<Psm.Row> ranked = report.ranking().smallestFirst();
        int small = ranked.size() - maxRows;
        if (small <= 0) {
            return report;
        }
        Set<Psm.Row> leftOut = Collections.newSetFromMap(new IdentityHashMap<>());
        leftOut.addAll(ranked.subList(0, small));
        boolean isFirst = report.ranking().moreFirst();
        Psm.More more = report.more();
        return new Psm.Report(
                report.origin(),
                report.processes(),
                report.columns(),
                without(leftOut, report.rows()),
                report.totals(),
                report.accounts(),
                new Psm.More(
                        small + (more == null ? 0 : more.rows()),
                        isFirst,
                        sums(report, ranked.subList(0, small))),
                new Psm.Ranking(
                        ranked.subList(small, ranked.size()),
                        isFirst,
                        without(leftOut, report.ranking().inTable())));
    }

    private static List<Psm.Row> without(Set<Psm.Row> leftOut, List<Psm.Row> rows) {
        List<Psm.Row> kept = new ArrayList<>(rows.size());
        for (Psm.Row row : rows) {
            if (!leftOut.contains(row)) {
                kept.add(row);
            }
        }
        return kept;
    }

    /** Adds up other rows and those that a report already leaves out. */
    private static Psm.Row sums(Psm.Report report, List<Psm.Row> others) {
        Object[] sums =
                report.more() == null
                        ? new Object[report.columns().size()]
                        : report.more().sums().values().toArray();
        for (int i = 0; i < sums.length; i++) {
            if (report.columns().get(i).summed()) {
                for (Psm.Row row : others) {
                    sums[i] = sum(sums[i], row.values().get(i));
                }
            }
        }
        return new Psm.Row(Arrays.asList(sums));
    }

    private static Object sum(Object a, Object b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a instanceof Double percent
                ? (Object) (percent + (Double) b)
                : (Object) ((Long) a + (Long) b);
    }

    /**
     * Cuts a table in which not even one row fits: it keeps the start, and the end with the totals.
     *
     * @param start the number of lines before the rows; if they do not fit either, only the first
     *     one is kept
     */
    static String cut(String table, int start, int height) {
        List<String> lines = table.lines().toList();
        if (lines.size() <= height) {
            return table;
        }
        int kept = start < height ? start : 1;
        int rest = Math.max(1, height - kept);
        List<String> shown = new ArrayList<>(lines.subList(0, kept));
        shown.addAll(lines.subList(lines.size() - rest, lines.size()));
        return String.join("\n", shown) + '\n';
    }
}
