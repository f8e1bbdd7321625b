package psm;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * The interface between psm and its exporters, both its own and plugins. A plugin is compiled
 * against this file and no other, and works with each later psm: members may be added here, none is
 * ever removed or renamed.
 *
 * <p>Everything here is immutable and may be shared between threads, except {@link Output}'s
 * stream.
 */
public final class Psm {
    private Psm() {}

    /**
     * Writes a report in one format. psm finds exporters with {@link java.util.ServiceLoader}: the
     * class and its constructor without parameters are public, and its jar names it in {@code
     * META-INF/services/psm.Psm$Exporter}.
     */
    public interface Exporter {
        /** Returns the format's name for {@code -o}: lower-case letters, digits and dashes. */
        String name();

        /**
         * Writes the whole report once. Called on one thread, at most once for each exporter.
         *
         * @param output where to write. The stream is psm's: it is buffered, and it is flushed and
         *     closed by psm, not by the exporter.
         * @throws IOException any error of the stream; psm distinguishes full disks from readers
         *     that closed the pipe
         */
        void export(Report report, Output output) throws IOException;

        /**
         * Returns whether the format shows {@link Report#notes}. Only then psm makes them, since
         * that takes more time and memory than the figures.
         */
        default boolean showsNotes() {
            return false;
        }
    }

    /**
     * The destination of a report.
     *
     * @param stream takes the bytes; the exporter must not close it
     * @param terminal whether standard output is a terminal
     * @param unicode whether the user's locale is UTF-8, so that characters beyond ASCII are shown
     * @param raw whether to write names without protection against what they may contain
     * @param layout how a table looks
     */
    public record Output(
            OutputStream stream, boolean terminal, boolean unicode, boolean raw, Layout layout) {
        /** Creates an output with the default layout. */
        public Output(OutputStream stream, boolean terminal, boolean unicode, boolean raw) {
            this(stream, terminal, unicode, raw, Layout.DEFAULT);
        }
    }

    /**
     * How a table for people looks.
     *
     * @param unit the unit of its sizes
     * @param si whether units are powers of 1,000, else of 1,024
     * @param header whether it starts with a line of titles; CSV and TSV follow this too
     * @param totalsAlone whether to show the totals and no rows: in bytes they are one bare number
     * @param bars whether each row shows its size as a bar, compared with the largest
     * @param colour whether to use colours; on a terminal, psm escapes all control characters of
     *     formats other than table
     * @param width the maximum number of characters in a line, 0 for any number
     * @param height the maximum number of lines, 0 for any number
     */
    public record Layout(
            Unit unit,
            boolean si,
            boolean header,
            boolean totalsAlone,
            boolean bars,
            boolean colour,
            int width,
            int height) {
        /** Sizes in MB, with a header, of any width and height. */
        public static final Layout DEFAULT =
                new Layout(Unit.M, false, true, false, false, false, 0);

        /** Creates a layout of any height. */
        public Layout(
                Unit unit,
                boolean si,
                boolean header,
                boolean totalsAlone,
                boolean bars,
                boolean colour,
                int width) {
            this(unit, si, header, totalsAlone, bars, colour, width, 0);
        }

        /** Returns the same layout for a terminal with this number of columns. */
        public Layout on(int columns, boolean isColoured) {
            return new Layout(unit, si, header, totalsAlone, bars, isColoured, columns, height);
        }

        /** Returns the same layout without the titles of columns. */
        public Layout withoutHeader() {
            return new Layout(unit, si, false, totalsAlone, bars, colour, width, height);
        }

        /** Returns the same layout with at most this number of lines. */
        public Layout within(int lines) {
            return new Layout(unit, si, header, totalsAlone, bars, colour, width, lines);
        }
    }

    /** The unit of the sizes in a table. */
    public enum Unit {
        /** The unit that shows a size with one to four digits; each size has its own. */
        AUTO,
        /** Bytes. */
        B,
        /** Kilobytes. */
        K,
        /** Megabytes. */
        M,
        /** Gigabytes. */
        G
    }

    /**
     * A table of memory figures, and how it was measured.
     *
     * @param origin when, where and from which file the figures were read
     * @param processes how many processes the figures include, and how many they leave out
     * @param columns the columns, in the order of JSON and CSV
     * @param rows one for each group of processes or mappings, in the order of documents: the
     *     largest first, unless the user asked for another order
     * @param totals the sums of those columns that are {@link Column#summed}, {@code null} for the
     *     others
     * @param accounts the kernel's own figures, which a table shows below the totals or above the
     *     rows
     * @param more the rows that the user did not ask for, {@code null} if there are none
     * @param ranking the order of the rows in a table, and which of them to keep where not all of
     *     them fit
     * @param notes words and pictures; {@link Notes#NONE} unless the exporter {@link
     *     Exporter#showsNotes shows} them
     */
    public record Report(
            Origin origin,
            Processes processes,
            List<Column> columns,
            List<Row> rows,
            Row totals,
            List<Account> accounts,
            More more,
            Ranking ranking,
            Notes notes) {
        /** Creates a report without notes. */
        public Report(
                Origin origin,
                Processes processes,
                List<Column> columns,
                List<Row> rows,
                Row totals,
                List<Account> accounts,
                More more,
                Ranking ranking) {
            this(origin, processes, columns, rows, totals, accounts, more, ranking, null);
        }

        /** Returns the words and pictures; without any, psm does not even load their class. */
        @Override
        public Notes notes() {
            return notes == null ? Notes.NONE : notes;
        }

        /** Creates a report whose largest rows are the first ones. */
        public Report(
                String psmVersion,
                String host,
                String kernel,
                Instant takenAt,
                long scanNanos,
                String source,
                Processes processes,
                List<Column> columns,
                List<Row> rows,
                Row totals,
                List<Account> accounts,
                More more) {
            this(
                    new Origin(psmVersion, host, kernel, takenAt, scanNanos, source),
                    processes,
                    columns,
                    rows,
                    totals,
                    accounts,
                    more,
                    Ranking.ofLargestFirst(rows));
        }

        /** Creates a report of all rows. */
        public Report(
                String psmVersion,
                String host,
                String kernel,
                Instant takenAt,
                long scanNanos,
                String source,
                Processes processes,
                List<Column> columns,
                List<Row> rows,
                Row totals,
                List<Account> accounts) {
            this(
                    new Origin(psmVersion, host, kernel, takenAt, scanNanos, source),
                    processes,
                    columns,
                    rows,
                    totals,
                    accounts,
                    null,
                    Ranking.ofLargestFirst(rows));
        }

        /** Returns the same report with notes. */
        public Report with(Notes words) {
            return new Report(
                    origin, processes, columns, rows, totals, accounts, more, ranking, words);
        }

        /** Returns the version of psm that measured. */
        public String psmVersion() {
            return origin.psmVersion();
        }

        /** Returns the host's name, {@code null} if it is not known. */
        public String host() {
            return origin.host();
        }

        /** Returns the kernel's release, {@code null} if it is not known. */
        public String kernel() {
            return origin.kernel();
        }

        /** Returns when the scan began, to the second. */
        public Instant takenAt() {
            return origin.takenAt();
        }

        /** Returns how long the scan took, in nanoseconds. */
        public long scanNanos() {
            return origin.scanNanos();
        }

        /** Returns which file the figures come from, see {@link Origin}. */
        public String source() {
            return origin.source();
        }

        /** Returns how long the scan took, for plugins; psm itself uses {@link #scanNanos}. */
        public Duration scanTime() {
            return Duration.ofNanos(scanNanos());
        }
    }

    /**
     * When, where and from which file the figures of a report were read.
     *
     * @param psmVersion the version of psm that measured
     * @param host {@code /proc/sys/kernel/hostname}, {@code null} if that file is missing
     * @param kernel {@code /proc/sys/kernel/osrelease}, {@code null} if that file is missing
     * @param takenAt when the scan began, to the second
     * @param scanNanos how long the scan took, in nanoseconds
     * @param source the file that the figures come from: {@code smaps_rollup}, {@code smaps},
     *     {@code mixed} where some processes had only the second, {@code status} if all of them are
     *     estimates, {@code null} if nothing was measured
     */
    public record Origin(
            String psmVersion,
            String host,
            String kernel,
            Instant takenAt,
            long scanNanos,
            String source) {}

    /**
     * The order of a report's rows in a table, which has the largest row last, next to the prompt,
     * and which of the rows to keep where not all of them fit.
     *
     * @param smallestFirst all rows of the report: the first one is the first to leave out
     * @param moreFirst whether those that are left out are mentioned before the other rows, as in
     *     {@link More#first}
     * @param inTable all rows of the report, from the top of a table to its end
     */
    public record Ranking(List<Row> smallestFirst, boolean moreFirst, List<Row> inTable) {
        /** Creates a ranking of rows that a table shows with the largest one last. */
        public Ranking(List<Row> smallestFirst, boolean moreFirst) {
            this(smallestFirst, moreFirst, smallestFirst);
        }

        private static Ranking ofLargestFirst(List<Row> rows) {
            List<Row> smallestFirst = new ArrayList<>(rows);
            Collections.reverse(smallestFirst);
            return new Ranking(smallestFirst, false);
        }
    }

    /**
     * The rows that the totals include and the report does not list: small ones, or too many.
     *
     * @param rows the number of these rows
     * @param first whether they come before the others in a document; in a table they come at the
     *     other end
     * @param sums the sums of their columns, as in {@link Report#totals}
     */
    public record More(int rows, boolean first, Row sums) {}

    /**
     * How complete a report is: the number of processes that its figures include or leave out.
     * Kernel threads and zombies have no memory and are not counted, nor are processes that the
     * user did not select.
     *
     * @param measured processes in the figures, the estimated ones too
     * @param estimated of those, processes with a figure in the report that may be too high, or
     *     that is missing: memory that they share with others is counted in full, or all their
     *     memory may be counted twice
     * @param denied processes that psm has no permission to read, and of which nothing else is
     *     known
     * @param vanished processes that exited during the scan
     * @param stuck processes that were skipped after the timeout, and of which nothing else is
     *     known
     * @param failed processes that could not be read for another reason, and of which nothing else
     *     is known
     * @param hidden whether the hidepid option of {@code /proc} hides other processes; their number
     *     is not known
     * @param estimates why processes are estimated
     * @param missingHosts in a report of several machines, those that could not be read
     */
    public record Processes(
            int measured,
            int estimated,
            int denied,
            int vanished,
            int stuck,
            int failed,
            boolean hidden,
            Estimates estimates,
            int missingHosts) {
        /** Creates the numbers of a report without machines that are missing. */
        public Processes(
                int measured,
                int estimated,
                int denied,
                int vanished,
                int stuck,
                int failed,
                boolean hidden,
                Estimates estimates) {
            this(measured, estimated, denied, vanished, stuck, failed, hidden, estimates, 0);
        }

        /** Creates the numbers of a report whose estimates, if any, have no known reason. */
        public Processes(
                int measured,
                int estimated,
                int denied,
                int vanished,
                int stuck,
                int failed,
                boolean hidden) {
            this(
                    measured,
                    estimated,
                    denied,
                    vanished,
                    stuck,
                    failed,
                    hidden,
                    estimated == 0
                            ? Estimates.NONE
                            : new Estimates(0, 0, 0, 0, 0, estimated, true, false));
        }

        /**
         * Returns whether the totals leave nothing out. Processes that exited do not count, since
         * their memory is free again. Where some are estimated, the totals may be too high.
         */
        public boolean complete() {
            return denied == 0 && stuck == 0 && failed == 0 && !hidden && missingHosts == 0;
        }

        /** Returns the same numbers with a number of machines that are missing. */
        public Processes withMissingHosts(int hosts) {
            return new Processes(
                    measured, estimated, denied, vanished, stuck, failed, hidden, estimates, hosts);
        }
    }

    /**
     * Why processes are estimated: the number of processes for each reason. Their sum is {@link
     * Processes#estimated}.
     *
     * @param denied no permission to read their exact figures
     * @param stuck reading them took longer than the timeout
     * @param failed they could not be read for another reason
     * @param large reading them would take longer than the user wanted
     * @param unsupported the kernel does not report the exact figures
     * @param doubtful their memory may be another process's, counted twice
     * @param tooHigh whether a total may be too high because of them
     * @param tooLow whether a total lacks a figure of them
     */
    public record Estimates(
            int denied,
            int stuck,
            int failed,
            int large,
            int unsupported,
            int doubtful,
            boolean tooHigh,
            boolean tooLow) {
        /** No process is estimated. */
        public static final Estimates NONE = new Estimates(0, 0, 0, 0, 0, 0, false, false);

        /** Returns how many have exact figures that psm failed to read. */
        public int unread() {
            return denied + stuck + failed;
        }
    }

    /**
     * Figures of the host that explain a total, or a list of things that the report's rows depend
     * on.
     *
     * @param key its name in JSON. Never changes once released
     * @param column the key of the column whose total it explains, {@code null} if it explains none
     * @param entries its figures, in order; empty for a list
     * @param above whether a table shows it above the rows, with a dash for each missing figure
     * @param columns the columns of a list; empty for figures
     * @param rows the rows of a list, the most urgent first; a table shows it last
     * @param known whether it could be read; an empty list that is not known is {@code null} in
     *     JSON
     * @param title what it contains, for people; {@code null} where its key says it
     */
    public record Account(
            String key,
            String column,
            List<Entry> entries,
            boolean above,
            List<Column> columns,
            List<Row> rows,
            boolean known,
            String title) {
        /** Creates an account whose key says what it contains. */
        public Account(
                String key,
                String column,
                List<Entry> entries,
                boolean above,
                List<Column> columns,
                List<Row> rows,
                boolean known) {
            this(key, column, entries, above, columns, rows, known, null);
        }

        /** Creates an account that is known. */
        public Account(
                String key,
                String column,
                List<Entry> entries,
                boolean above,
                List<Column> columns,
                List<Row> rows) {
            this(key, column, entries, above, columns, rows, true);
        }

        /** Creates an account of figures that a table shows below the totals. */
        public Account(String key, String column, List<Entry> entries) {
            this(key, column, entries, false, List.of(), List.of());
        }

        /** Returns the same account with a title. */
        public Account titled(String words) {
            return new Account(key, column, entries, above, columns, rows, known, words);
        }

        /** Returns whether it is a list, even an empty one. */
        public boolean isList() {
            return !columns.isEmpty();
        }
    }

    /**
     * One figure of an account.
     *
     * @param key its name in JSON: lower case, with the unit at the end. Never changes once
     *     released
     * @param title its name for people, {@code null} if only documents for programs contain it
     * @param kind its unit: bytes, a number, a percentage, or one of times
     * @param value the figure, {@code null} if the kernel does not report it
     * @param sum whether it is the sum of the entries before it
     * @param part whether it is a part of the entry before it, which a table shows in the same line
     */
    public record Entry(
            String key, String title, Kind kind, Object value, boolean sum, boolean part) {
        /** Creates an entry that is no part of another one. */
        public Entry(String key, String title, Kind kind, Object value, boolean sum) {
            this(key, title, kind, value, sum, false);
        }

        /** Creates an entry that is a size. */
        public Entry(String key, String title, Long bytes, boolean sum) {
            this(key, title, Kind.BYTES, bytes, sum);
        }

        /** Returns the figure where it is a size, {@code null} if it is missing or no size. */
        public Long bytes() {
            return kind == Kind.BYTES ? (Long) value : null;
        }
    }

    /**
     * One column of a report.
     *
     * @param key its name in JSON and CSV: lower case, with the unit at the end. Never changes once
     *     released
     * @param title its title in a table, for people
     * @param kind the type of its values
     * @param display its position in a table, counted from the left; 0 if a table leaves it out
     * @param sparse whether most rows contain a zero here, which a table leaves blank
     * @param summed whether its sum over all rows has a meaning; if not, the totals contain {@code
     *     null} here
     * @param chars the maximum number of characters of a text in a table, 0 for the table's own
     *     limit
     * @param signed whether its values are changes, so that those above 0 have a sign
     * @param ofMachines whether its values are figures of whole machines: estimates of processes,
     *     and processes that are left out, do not change its total
     */
    public record Column(
            String key,
            String title,
            Kind kind,
            int display,
            boolean sparse,
            boolean summed,
            int chars,
            boolean signed,
            boolean ofMachines) {
        /** Creates a column whose values are figures of processes or mappings. */
        public Column(
                String key,
                String title,
                Kind kind,
                int display,
                boolean sparse,
                boolean summed,
                int chars,
                boolean signed) {
            this(key, title, kind, display, sparse, summed, chars, signed, false);
        }

        /** Creates a column that contains no changes. */
        public Column(
                String key,
                String title,
                Kind kind,
                int display,
                boolean sparse,
                boolean summed,
                int chars) {
            this(key, title, kind, display, sparse, summed, chars, false);
        }

        /** Creates a column whose texts have the table's own limit. */
        public Column(
                String key, String title, Kind kind, int display, boolean sparse, boolean summed) {
            this(key, title, kind, display, sparse, summed, 0);
        }

        /** Returns the same column at another position of a table. */
        public Column at(int place) {
            return new Column(key, title, kind, place, sparse, summed, chars, signed, ofMachines);
        }
    }

    /** The type of a column's values. A value is {@code null} if the kernel did not report it. */
    public enum Kind {
        /**
         * A {@link String} that the user of the process chose: it can contain anything, control
         * characters too. A byte that is not UTF-8 is the lone surrogate U+DC00 + byte, so that no
         * two names become the same text.
         */
        TEXT,
        /**
         * A {@link Long}: a number of processes. Where the column is {@link Column#sparse}, it is
         * the number of the row's processes for which the title is true, and a table shows it as a
         * mark: {@code [deleted]}.
         */
        COUNT,
        /** A {@link Long}: bytes. */
        BYTES,
        /** A {@link List} of {@link Integer}: process ids, ascending. */
        PIDS,
        /** A {@link Long} without a unit; it may be negative. */
        NUMBER,
        /** A {@link Double}: 100 is all. */
        PERCENT,
        /** A {@link Long}: the id of one process. */
        PID,
        /** A {@link Long}: the indentation of the row's texts in a table, 0 for none. */
        DEPTH,
        /** A {@link Long}: a duration in seconds. */
        SECONDS,
        /** An {@link Instant}. */
        TIME,
        /** A {@link Long}: bytes per hour. */
        RATE
    }

    /**
     * One row of a report.
     *
     * @param values one value for each of the report's columns, in their order
     */
    public record Row(List<Object> values) {}

    /**
     * What people want to know of a report besides its figures.
     *
     * @param title what the report shows, in a few words
     * @param remarks what psm prints on standard error about the report: what it leaves out, and
     *     what would help. Names in them are escaped already
     * @param explanations how figures are made: a sentence for the keys of columns and entries that
     *     need one
     * @param pictures what to draw, the most important first
     */
    public record Notes(
            String title,
            List<String> remarks,
            Map<String, String> explanations,
            List<Picture> pictures) {
        /** No notes. */
        public static final Notes NONE = new Notes("", List.of(), Map.of(), List.of());
    }

    /**
     * A picture. There may be further kinds later: an exporter leaves out those it does not know.
     */
    public interface Picture {
        /** Returns what the picture shows, in a few words. */
        String title();
    }

    /**
     * A whole and what it consists of. Pictures of several machines have one scale: the same area
     * is the same number of bytes in each.
     *
     * @param title what the picture shows
     * @param host the machine; {@code null} in a report of one
     * @param whole the whole, such as all RAM of a machine
     */
    public record Treemap(String title, String host, Area whole) implements Picture {}

    /**
     * A number of bytes, and the parts that add up to them.
     *
     * @param kind what it is: {@code memory} for a figure of the host, else what it is the name of:
     *     {@code unit}, {@code program}, {@code process}, {@code kind} or {@code mapping}
     * @param key the key of a figure of the host, as in {@link Entry#key}; {@code null} for others
     * @param name its name, as in {@link Kind#TEXT}
     * @param bytes its size, never negative; the sum of its parts, if it has any
     * @param free whether it is memory that nothing uses
     * @param parts its parts, the largest first; empty if it has none
     */
    public record Area(
            String kind, String key, String name, long bytes, boolean free, List<Area> parts) {}

    /**
     * Sizes of one machine over time, with one axis of time for all curves.
     *
     * @param title what the picture shows
     * @param host the machine; {@code null} in a report of one
     * @param from the begin of the axis: the first sample
     * @param until the time of the last sample; predictions lie behind it
     * @param gaps times without samples, in order
     * @param marks what happened, in order of time
     * @param curves the curves, the most important first
     */
    public record Curves(
            String title,
            String host,
            Instant from,
            Instant until,
            List<Gap> gaps,
            List<Mark> marks,
            List<Curve> curves)
            implements Picture {}

    /** A time without samples. */
    public record Gap(Instant from, Instant until) {}

    /**
     * What happened at a moment.
     *
     * @param what in a few words
     */
    public record Mark(Instant at, String what) {}

    /**
     * One size over time.
     *
     * @param name what it is the size of, as in {@link Kind#TEXT}
     * @param verdict how it changes, in a few words
     * @param buckets its sizes, in order of time; the last one is that of the last sample alone
     * @param lowWater the least sizes that decide the verdict, in order of time
     * @param limit the most it can have, {@code null} if there is no limit
     * @param prediction how it goes on, {@code null} if that is not known
     */
    public record Curve(
            String name,
            String verdict,
            List<Bucket> buckets,
            List<Level> lowWater,
            Long limit,
            Prediction prediction) {}

    /**
     * The sizes in a short time.
     *
     * @param at the time of the least size
     * @param least the least size, in bytes
     * @param greatest the greatest size, in bytes
     */
    public record Bucket(Instant at, long least, long greatest) {}

    /** A size at a time, in bytes. */
    public record Level(Instant at, long bytes) {}

    /**
     * A line from the last sample on, and an interval around it that contains the true one in 95 of
     * 100 cases.
     *
     * @param bytes the level at the last sample; of saw-teeth, that of their peaks
     * @param rate bytes per hour
     * @param low the lower end of the interval of the rate
     * @param high its upper end
     * @param at when the line reaches the limit, {@code null} if it does not
     * @param earliest when the upper end of the interval does so, {@code null} if it does not
     * @param latest when its lower end does, {@code null} if it does not
     */
    public record Prediction(
            long bytes,
            long rate,
            long low,
            long high,
            Instant at,
            Instant earliest,
            Instant latest) {}

    /**
     * The rows as bars.
     *
     * @param title what the picture shows
     * @param name the index of the column with the name of a row
     * @param before the index of the column with its size before; -1 if there is none
     * @param after the index of the column with its size after; -1 if there is none
     * @param change the index of the column with the length of its bar, which may be negative
     * @param countBefore the index of the column with the number of its processes before, 0 for a
     *     row that is new; -1 if there is none
     * @param countAfter the index of the column with the number of its processes after, 0 for a row
     *     that has ended; -1 if there is none
     */
    public record Bars(
            String title,
            int name,
            int before,
            int after,
            int change,
            int countBefore,
            int countAfter)
            implements Picture {
        /** Creates bars of rows of which it is not known whether they are new or have ended. */
        public Bars(String title, int name, int before, int after, int change) {
            this(title, name, before, after, change, -1, -1);
        }
    }

    /**
     * The rows as points.
     *
     * @param title what the picture shows
     * @param name the index of the column with the name of a row
     * @param across the index of the column that grows to the right
     * @param up the index of the column that grows upwards
     */
    public record Points(String title, int name, int across, int up) implements Picture {}
}
