package psm;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What psm shows to its exporters, its own and anybody's. A plugin is compiled against this file
 * alone.
 *
 * <p>Everything here is immutable and may be shared between threads, but for {@link Output}'s
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
        /**
         * The format's name, as it is given to {@code -o}: lower-case letters, digits and dashes.
         */
        String name();

        /**
         * Writes the whole report once. Called on one thread, at most once for each exporter.
         *
         * @param output where to write. The stream is psm's: it is buffered, and it is flushed and
         *     closed by psm, not by the exporter.
         * @throws IOException what the stream threw; psm tells full disks from readers that went
         *     away
         */
        void export(Report report, Output output) throws IOException;
    }

    /**
     * Where a report goes.
     *
     * @param stream takes the bytes; not to be closed
     * @param terminal whether a person looks at it: standard output is a terminal
     * @param unicode whether that person's locale is UTF-8, so that signs beyond ASCII show
     * @param raw whether names are wanted as they are, whatever they do to the reader
     * @param layout how a table is to look
     */
    public record Output(
            OutputStream stream, boolean terminal, boolean unicode, boolean raw, Layout layout) {
        /** With a table as it looks unless somebody asks for another. */
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
     * @param bars whether each row shows its share of the total as a bar
     * @param colour whether the terminal may show colours
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

        /** Returns the same layout for a terminal whose lines have that many characters. */
        public Layout on(int columns, boolean isColoured) {
            return new Layout(unit, si, header, totalsAlone, bars, isColoured, columns, height);
        }

        /** Returns the same layout with at most that many lines. */
        public Layout within(int lines) {
            return new Layout(unit, si, header, totalsAlone, bars, colour, width, lines);
        }
    }

    /** The unit of the sizes in a table. */
    public enum Unit {
        /** For each size the unit that leaves it one to four digits. */
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
     * @param columns the columns, in the order of a document
     * @param rows one for each group of processes or mappings, in the requested order: the smallest
     *     first, unless the user asked for another order
     * @param totals the sums of those columns that are {@link Column#summed}, {@code null} for the
     *     others
     * @param accounts the kernel's own figures, which a table shows below the totals or above the
     *     rows
     * @param more the rows that the user did not ask for, {@code null} where there are none
     * @param ranking which of the rows to keep where not all of them fit
     */
    public record Report(
            Origin origin,
            Processes processes,
            List<Column> columns,
            List<Row> rows,
            Row totals,
            List<Account> accounts,
            More more,
            Ranking ranking) {
        /** Creates a report whose largest rows are the last ones. */
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
                    new Ranking(rows, true));
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
                    new Ranking(rows, true));
        }

        /** Returns the version of psm that measured. */
        public String psmVersion() {
            return origin.psmVersion();
        }

        /** Returns the host's name, {@code null} where it is not known. */
        public String host() {
            return origin.host();
        }

        /** Returns the kernel's release, {@code null} where it is not known. */
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

        /** Returns how long the scan took. */
        public Duration scanTime() {
            return Duration.ofNanos(scanNanos());
        }
    }

    /**
     * When, where and from which file the figures of a report were read.
     *
     * @param psmVersion the version of psm that measured
     * @param host {@code /proc/sys/kernel/hostname}, {@code null} where that file is missing
     * @param kernel {@code /proc/sys/kernel/osrelease}, {@code null} where that file is missing
     * @param takenAt when the scan began, to the second
     * @param scanNanos how long the scan took, in nanoseconds
     * @param source the file that the figures come from: {@code smaps_rollup}, {@code smaps},
     *     {@code mixed} where some processes had only the second, {@code null} where nothing was
     *     measured
     */
    public record Origin(
            String psmVersion,
            String host,
            String kernel,
            Instant takenAt,
            long scanNanos,
            String source) {}

    /**
     * Which rows of a report to keep where a format cannot show all of them.
     *
     * @param smallestFirst all rows of the report: the first one is the first to leave out
     * @param moreFirst whether those that are left out are mentioned before the other rows, as in
     *     {@link More#first}
     */
    public record Ranking(List<Row> smallestFirst, boolean moreFirst) {}

    /**
     * Rows that are in the totals, and not in the report: those that are small, or too many.
     *
     * @param rows how many
     * @param first whether they come before the others, in the order that was asked for
     * @param sums what they have, as {@link Report#totals}
     */
    public record More(int rows, boolean first, Row sums) {}

    /**
     * How complete a report is, in numbers of processes. Kernel threads and zombies have no memory
     * and are in none of the numbers; where some were chosen, neither are the others.
     *
     * @param measured in the report's figures, those that are estimated too
     * @param estimated whose RAM may be too much: the kernel does not tell their share of what they
     *     have in common with others, or it may be the memory of another one of them, counted twice
     * @param denied psm may not read them
     * @param vanished ended while psm read them
     * @param stuck the kernel did not answer in time
     * @param failed could not be read for another reason
     * @param hidden whether there are others that psm does not get to see (hidepid); how many,
     *     nobody can tell
     */
    public record Processes(
            int measured,
            int estimated,
            int denied,
            int vanished,
            int stuck,
            int failed,
            boolean hidden) {
        /**
         * Whether the totals leave nothing out. What a process had that vanished, nobody has any
         * more; where some are estimated, the totals may be too much.
         */
        public boolean complete() {
            return denied == 0 && stuck == 0 && failed == 0 && !hidden;
        }
    }

    /**
     * Figures of the host that explain a total: what it is part of, or what is beside it.
     *
     * @param key its name in documents. Never changes once released
     * @param column the key of the column whose total it explains, {@code null} where it explains
     *     none
     * @param entries its figures, in order
     * @param above whether it is what a reader must know before the rows, so that a table has it
     *     above them; figures that the kernel does not tell are shown as such then
     * @param columns where it is a list of things, what is told of each; else empty
     * @param rows those things, the most urgent last; there are no entries then
     */
    public record Account(
            String key,
            String column,
            List<Entry> entries,
            boolean above,
            List<Column> columns,
            List<Row> rows) {
        /** Figures that stand under the totals. */
        public Account(String key, String column, List<Entry> entries) {
            this(key, column, entries, false, List.of(), List.of());
        }

        /** Whether it is a list of things, be it an empty one. */
        public boolean isList() {
            return !columns.isEmpty();
        }
    }

    /**
     * One figure of an account.
     *
     * @param key its name in documents: lower case, with the unit at the end. Never changes once
     *     released
     * @param title its name for people
     * @param kind what it is: bytes, a number or a percentage
     * @param value the figure, {@code null} where the kernel does not tell
     * @param sum whether it is the sum of the entries before it
     */
    public record Entry(String key, String title, Kind kind, Object value, boolean sum) {
        /** A size. */
        public Entry(String key, String title, Long bytes, boolean sum) {
            this(key, title, Kind.BYTES, bytes, sum);
        }

        /** The figure where it is a size that the kernel tells, else {@code null}. */
        public Long bytes() {
            return kind == Kind.BYTES ? (Long) value : null;
        }
    }

    /**
     * One column of a report.
     *
     * @param key its name in documents: lower case, with the unit at the end. Never changes once
     *     released
     * @param title its name at the head of a table, for people
     * @param kind what its values are
     * @param display its place in a table, counted from the left; 0 where a table leaves it out
     * @param sparse whether most rows have a zero here, which a table leaves blank
     * @param summed whether its sum over all rows means something; else the totals have {@code
     *     null} here
     * @param chars how many characters of a text a table shows at most, 0 where it is for the table
     *     to say
     */
    public record Column(
            String key,
            String title,
            Kind kind,
            int display,
            boolean sparse,
            boolean summed,
            int chars) {
        /** A column whose texts are as long as a table has room for. */
        public Column(
                String key, String title, Kind kind, int display, boolean sparse, boolean summed) {
            this(key, title, kind, display, sparse, summed, 0);
        }

        /** The same column at another place of a table. */
        public Column at(int place) {
            return new Column(key, title, kind, place, sparse, summed, chars);
        }
    }

    /**
     * What the values of a column are. Each of them can be {@code null}: the kernel did not tell.
     */
    public enum Kind {
        /**
         * A {@link String}, chosen by whoever started the process: anything can be in it, control
         * characters too. A byte that is not UTF-8 is the lone surrogate U+DC00 + byte, so that no
         * two names look alike.
         */
        TEXT,
        /**
         * A {@link Long}: how many processes. Where the column is {@link Column#sparse}, how many
         * of the row's are what its title says, which a table shows as a mark: {@code [deleted]}.
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
        /** A {@link Long}: the process that the row is of, or that it tells of. */
        PID,
        /** A {@link Long}: how far the row's texts are indented in a table, 0 for not at all. */
        DEPTH
    }

    /**
     * One row of a report.
     *
     * @param values as many as the report has columns, in their order, of the columns' kinds
     */
    public record Row(List<Object> values) {}
}
