package psm.fuzzing;

import psm.Psm;
import psm.report.Figure;
import psm.text.Text;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Makes a report of any bytes, which become its names and figures, including extreme ones. */
final class FuzzedReport {
    private static final long LAST_SECOND = 253_402_300_799L; // of the year 9999
    private static final int MOST_ROWS = 200;

    private static final List<Psm.Column> COLUMNS =
            List.of(
                    new Psm.Column("program", "PROCESS", Psm.Kind.TEXT, 10, false, false),
                    new Psm.Column("count", "COUNT", Psm.Kind.COUNT, 11, false, false),
                    new Psm.Column("pids", "PIDS", Psm.Kind.PIDS, 0, false, false),
                    Figure.PSS.column.at(1),
                    Figure.SHARED.column.at(2),
                    Figure.SWAP.column.at(3),
                    Figure.SWAP_WITH_SHARED.column,
                    Figure.SHARED_HUGETLB.column.at(4),
                    Figure.HEAP.column.at(5),
                    new Psm.Column("deleted", "deleted", Psm.Kind.COUNT, 12, true, false),
                    new Psm.Column("score", "SCORE", Psm.Kind.NUMBER, 8, false, false),
                    new Psm.Column("share_percent", "SHARE", Psm.Kind.PERCENT, 9, true, true),
                    new Psm.Column("age_seconds", "AGE", Psm.Kind.SECONDS, 10, false, false),
                    new Psm.Column("full_at", "FULL", Psm.Kind.TIME, 11, false, false),
                    new Psm.Column("bytes_per_hour", "RATE", Psm.Kind.RATE, 12, true, true));

    private final ByteBuffer input;

    private FuzzedReport(byte[] input) {
        this.input = ByteBuffer.wrap(input);
    }

    static Psm.Report of(byte[] input) {
        return new FuzzedReport(input).report();
    }

    private Psm.Report report() {
        List<Psm.Row> rows = new ArrayList<>();
        Psm.Report report =
                new Psm.Report(
                        new Psm.Origin(
                                "1.0.0",
                                text(),
                                text(),
                                Instant.ofEpochSecond(Math.floorMod(number(), LAST_SECOND)),
                                number() & Long.MAX_VALUE,
                                text()),
                        new Psm.Processes(
                                next(), next() & 1, next() & 1, next(), next() & 1, 0, isNext()),
                        COLUMNS,
                        rows,
                        row(),
                        List.of(account("swap", Figure.SWAP), account("memory", Figure.PSS)),
                        null,
                        new Psm.Ranking(rows, false));
        while (input.hasRemaining() && rows.size() < MOST_ROWS) {
            rows.add(row());
        }
        return report;
    }

    private Psm.Row row() {
        List<Object> values = new ArrayList<>();
        for (Psm.Column column : COLUMNS) {
            values.add(
                    switch (column.kind()) {
                        case TEXT -> text();
                        case COUNT -> count();
                        case BYTES, NUMBER, PID, DEPTH, SECONDS, RATE -> figure();
                        case TIME -> time();
                        case PERCENT -> percent();
                        case PIDS -> pids();
                    });
        }
        return new Psm.Row(Collections.unmodifiableList(values));
    }

    private Psm.Account account(String key, Figure figure) {
        return new Psm.Account(
                key,
                figure.column.key(),
                List.of(
                        new Psm.Entry("one_bytes", "one", figure(), false),
                        new Psm.Entry("rest_bytes", "rest", figure(), false),
                        new Psm.Entry("waits", "waits", Psm.Kind.NUMBER, figure(), false),
                        new Psm.Entry("wait_percent", "of it", Psm.Kind.PERCENT, percent(), false),
                        new Psm.Entry("sum_bytes", "both", figure(), true)));
    }

    /** Returns a text whose length is the next byte; an empty one or {@code null} if that is 0. */
    private String text() {
        int length = Math.min(next(), input.remaining());
        if (length == 0) {
            return isNext() ? null : "";
        }
        byte[] bytes = new byte[length];
        input.get(bytes);
        return Text.decode(bytes, 0, length);
    }

    private List<Integer> pids() {
        int length = next() & 7;
        if (length == 7) {
            return null;
        }
        List<Integer> pids = new ArrayList<>();
        while (pids.size() < length) {
            pids.add((int) number() & Integer.MAX_VALUE);
        }
        return pids;
    }

    private Long count() {
        Long figure = figure();
        return figure == null ? null : figure & Long.MAX_VALUE;
    }

    private Long figure() {
        return switch (next() & 7) {
            case 0 -> null;
            case 1 -> 0L;
            case 2 -> Long.MAX_VALUE;
            case 3 -> Long.MIN_VALUE;
            case 4 -> (long) next() << 19;
            default -> number();
        };
    }

    private Instant time() {
        Long second = figure();
        return second == null ? null : Instant.ofEpochSecond(Math.floorMod(second, LAST_SECOND));
    }

    private Double percent() {
        return switch (next() & 7) {
            case 0 -> null;
            case 1 -> 0.0;
            case 2 -> Double.NaN;
            case 3 -> next() / -2_000.0;
            case 4, 5 -> (next() << 8 | next()) / 100.0;
            default -> Double.longBitsToDouble(number());
        };
    }

    private long number() {
        byte[] bytes = new byte[Long.BYTES];
        int length = Math.min(Long.BYTES, input.remaining());
        input.get(bytes, 0, length);
        return ByteBuffer.wrap(Arrays.copyOf(bytes, Long.BYTES)).getLong();
    }

    private boolean isNext() {
        return (next() & 1) != 0;
    }

    private int next() {
        return input.hasRemaining() ? input.get() & 0xFF : 0;
    }
}
