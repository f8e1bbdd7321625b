package psm.metrics;

import psm.Psm;
import psm.report.Figure;
import psm.report.MappingReport;
import psm.report.ReportHead;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes families of metrics of a report. Their names follow from the keys of its columns and
 * accounts by rules, which docs/metrics.md shows. What is missing in the report is absent, never 0
 * or NaN.
 */
public final class Families {
    private static final String PREFIX = "psm_";
    private static final String BYTES = "_bytes";

    /** The key of the number of a row's processes. */
    private static final String COUNT = "count";

    /** The label of the parts of a sum. */
    private static final String PART = "part";

    /** The label of the marks of rows, such as "deleted". */
    private static final String MARK = "mark";

    private static final String REASON = "reason";
    private static final String UNMEASURED = PREFIX + "unmeasured_processes";
    private static final String ESTIMATED = PREFIX + "estimated_processes";

    private static final int NANOS_DIGITS = 9;

    /** The families by their names, in the order of the text. */
    private final Map<String, Family> families = new LinkedHashMap<>();

    /** The names, each with the labels of a sample, of all samples. */
    private final Set<String> series = new HashSet<>();

    private final Psm.Report report;

    /** What comes before the keys of rows and of what is left out: {@code psm_}, or a topic's. */
    private final String prefix;

    private Families(Psm.Report report) {
        this.report = report;
        this.prefix = PREFIX + topic(report);
    }

    /** Returns the families of a report, each name once, and no labels twice in a family. */
    public static List<Family> of(Psm.Report report) {
        Families families = new Families(report);
        families.addHead();
        families.addRows();
        families.addOthers();
        for (Psm.Account account : report.accounts()) {
            if (account.isList()) {
                families.addList(account);
            } else {
                families.addFigures(account);
            }
        }
        return new ArrayList<>(families.families.values());
    }

    /** Returns what the names of rows have in a report that is not of processes at one time. */
    private static String topic(Psm.Report report) {
        if (ReportHead.window(report) != null) {
            return "growth_";
        }
        if (ReportHead.before(report) != null) {
            return "diff_";
        }
        return MappingReport.isOf(report) ? "maps_" : "";
    }

    private void addHead() {
        StringBuilder version = new StringBuilder("{");
        LabelText.append(version, "version", report.psmVersion());
        add("psm_build_info", version.append('}'), 1L);
        add("psm_taken_at_seconds", "", report.takenAt());
        add("psm_scan_seconds", "", BigDecimal.valueOf(report.scanNanos(), NANOS_DIGITS));
        for (Psm.Account account : report.accounts()) {
            if (account.key().equals(ReportHead.MACHINES)) {
                long missing = report.processes().missingHosts();
                add("psm_missing_hosts", "", missing);
            }
        }
        addProcesses(report.processes());
    }

    private void addProcesses(Psm.Processes processes) {
        add("psm_complete", "", processes.complete() ? 1L : 0L);
        addReason(UNMEASURED, "denied", processes.denied());
        addReason(UNMEASURED, "vanished", processes.vanished());
        addReason(UNMEASURED, "stuck", processes.stuck());
        addReason(UNMEASURED, "failed", processes.failed());
        Psm.Estimates estimates = processes.estimates();
        addReason(ESTIMATED, "denied", estimates.denied());
        addReason(ESTIMATED, "stuck", estimates.stuck());
        addReason(ESTIMATED, "failed", estimates.failed());
        addReason(ESTIMATED, "large", estimates.large());
        addReason(ESTIMATED, "unsupported", estimates.unsupported());
        addReason(ESTIMATED, "doubtful", estimates.doubtful());
    }

    private void addReason(String name, String reason, int count) {
        add(name, labelled(REASON, reason), (long) count);
    }

    private static String labelled(String label, String name) {
        StringBuilder labels = new StringBuilder("{");
        LabelText.append(labels, label, name);
        return labels.append('}').toString();
    }

    private void addRows() {
        List<Psm.Column> columns = report.columns();
        List<Psm.Row> rows = report.rows();
        List<StringBuilder> labels = new ArrayList<>(rows.size());
        int names = names(columns);
        for (Psm.Row row : rows) {
            labels.add(labels(columns, row, names));
        }
        for (int i = 0; i < columns.size(); i++) {
            Psm.Column column = columns.get(i);
            String name = name(prefix, column);
            String help = name == null ? null : MetricHelp.of(name, words(column));
            for (int row = 0; name != null && row < rows.size(); row++) {
                Object value = rows.get(row).values().get(i);
                if (!isMark(column)) {
                    add(name, help, closed(labels.get(row)), value);
                } else if (value instanceof Long marked && marked > 0) {
                    add(name, marked(labels.get(row), column.key()), value);
                }
            }
        }
    }

    /**
     * Returns how many of the columns name the rows: those before the first figure. A text behind
     * it says something about a row, and would make another series whenever it changes.
     */
    private static int names(List<Psm.Column> columns) {
        for (int i = 0; i < columns.size(); i++) {
            switch (columns.get(i).kind()) {
                case TEXT, PID, PIDS, DEPTH -> {}
                default -> {
                    return i;
                }
            }
        }
        return columns.size();
    }

    /** Returns whether a column counts processes for which its title is true. */
    private static boolean isMark(Psm.Column column) {
        return column.kind() == Psm.Kind.COUNT && column.sparse();
    }

    /** Returns the first columns of a row as labels without an end; what is missing is absent. */
    private static StringBuilder labels(List<Psm.Column> columns, Psm.Row row, int names) {
        StringBuilder labels = new StringBuilder();
        for (int i = 0; i < names; i++) {
            if (columns.get(i).kind() == Psm.Kind.TEXT && row.values().get(i) != null) {
                labels.append(labels.length() == 0 ? '{' : ',');
                LabelText.append(labels, columns.get(i).key(), (String) row.values().get(i));
            }
        }
        return labels;
    }

    private static String closed(StringBuilder labels) {
        return labels.length() == 0 ? "" : labels + "}";
    }

    private static String marked(StringBuilder labels, String mark) {
        StringBuilder more = new StringBuilder(labels);
        LabelText.append(more.append(labels.length() == 0 ? '{' : ','), MARK, mark);
        return more.append('}').toString();
    }

    /** Adds what the rows leave out, even if that is nothing, so that it can always be added. */
    private void addOthers() {
        List<Psm.Column> columns = report.columns();
        String start = prefix + "other_";
        for (int i = 0; i < columns.size(); i++) {
            Psm.Column column = columns.get(i);
            if (column.summed() && report.totals().values().get(i) != null) {
                Object rest =
                        report.more() == null ? zero(column) : report.more().sums().values().get(i);
                addOther(name(start, column), column, rest);
            } else if (column.key().equals(COUNT) && prefix.equals(PREFIX)) {
                addOther(name(start, column), column, uncounted(i));
            }
        }
    }

    private void addOther(String name, Psm.Column column, Object rest) {
        if (name != null) {
            add(name, MetricHelp.ofOthers(name, words(column)), "", rest);
        }
    }

    private static Object zero(Psm.Column column) {
        return column.kind() == Psm.Kind.PERCENT ? (Object) 0.0 : (Object) 0L;
    }

    /** Returns how many processes are in no row; {@code null} if a row does not count its own. */
    private Long uncounted(int column) {
        long rest = report.processes().measured();
        for (Psm.Row row : report.rows()) {
            if (!(row.values().get(column) instanceof Long count)) {
                return null;
            }
            rest -= count;
        }
        return rest;
    }

    /** Adds a list, whose first column names its rows. */
    private void addList(Psm.Account account) {
        List<Psm.Column> columns = account.columns();
        // psm_hosts is on how many of them a row is.
        String key = account.key().equals(ReportHead.MACHINES) ? "machine" : account.key();
        for (int i = 1; i < columns.size(); i++) {
            String name = name(PREFIX + key + '_', columns.get(i));
            String help = name == null ? null : MetricHelp.of(name, words(columns.get(i)));
            for (Psm.Row row : account.rows()) {
                add(name, help, closed(labels(columns, row, 1)), row.values().get(i));
            }
        }
    }

    /** Adds figures: the parts of a sum have a label, all others a name of their own. */
    private void addFigures(Psm.Account account) {
        int sum = -1;
        for (int i = 0; i < account.entries().size(); i++) {
            sum = account.entries().get(i).sum() ? i : sum;
        }
        for (int i = 0; i < account.entries().size(); i++) {
            Psm.Entry entry = account.entries().get(i);
            if (i < sum) {
                String key = entry.key();
                String part =
                        key.endsWith(BYTES) ? key.substring(0, key.length() - BYTES.length()) : key;
                add(PREFIX + account.key() + BYTES, labelled(PART, part), entry.value());
            } else if (entry.kind() != Psm.Kind.TEXT) {
                String start = sum < 0 ? PREFIX + account.key() + '_' : PREFIX;
                add(name(start, entry.key(), entry.kind()), "", entry.value());
            }
        }
    }

    /** Returns what a column is in words, which are those of {@code -c help} if it has some. */
    private static String words(Psm.Column column) {
        Figure figure = Figure.named(column.key());
        boolean isIt = figure != null && figure.column.key().equals(column.key());
        return isIt ? figure.description : words(column.key());
    }

    private static String words(String key) {
        return key.replace('_', ' ');
    }

    /** Returns the name of a column's metric; {@code null} if it has none. */
    private static String name(String start, Psm.Column column) {
        if (isMark(column)) {
            return start + "marked_processes";
        }
        // What a document counts is clear from its rows; the name of a metric stands alone.
        boolean isCount = column.kind() == Psm.Kind.COUNT;
        String key = isCount ? column.key().replaceFirst('^' + COUNT, "processes") : column.key();
        return name(start, key, column.kind());
    }

    private static String name(String start, String key, Psm.Kind kind) {
        return switch (kind) {
            case TEXT, PIDS, PID, DEPTH -> null;
            case TIME -> start + key + "_seconds";
            default -> start + key;
        };
    }

    private void add(String name, CharSequence labels, Object value) {
        if (name != null) {
            boolean isNew = !families.containsKey(name); // else it has its words
            String words = isNew ? words(name.substring(PREFIX.length())) : null;
            add(name, isNew ? MetricHelp.of(name, words) : null, labels, value);
        }
    }

    private void add(String name, String help, CharSequence labels, Object value) {
        String text = text(value);
        if (name == null || text == null || !series.add(name + labels)) {
            return;
        }
        Family family = families.get(name);
        if (family == null) {
            Family.Type type =
                    name.endsWith(Family.TOTAL) ? Family.Type.COUNTER : Family.Type.GAUGE;
            family = new Family(name, type, help, new ArrayList<>());
            families.put(name, family);
        }
        family.samples().add(new Family.Sample(labels.toString(), text));
    }

    /** Returns a value as both text formats have it; {@code null} if it is missing. */
    private static String text(Object value) {
        if (value instanceof Instant at) {
            return seconds(at);
        }
        if (value instanceof Double number) {
            return Double.isFinite(number) ? number.toString() : null;
        }
        return value instanceof BigDecimal number
                ? number.stripTrailingZeros().toPlainString()
                : value instanceof Long ? value.toString() : null;
    }

    /** Returns the Unix time in seconds, with the fraction if there is one. */
    static String seconds(Instant at) {
        return BigDecimal.valueOf(at.getEpochSecond())
                .add(BigDecimal.valueOf(at.getNano(), NANOS_DIGITS))
                .stripTrailingZeros()
                .toPlainString();
    }
}
