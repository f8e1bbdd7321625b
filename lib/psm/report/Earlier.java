package psm.report;

import psm.proc.Host;
import psm.scan.Snapshot;
import psm.text.Missing;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * The RAM of the rows of earlier reports of one machine, with which the next report is compared.
 * Not for sharing between threads.
 */
public final class Earlier {
    /** The key of the total of all rows; no row has it. */
    private static final Object TOTAL = new Object();

    /** The RAM of each row in the last report, by its key; empty if there was none. */
    private Map<Object, Long> last = Map.of();

    /** The same of the first report; empty if there was none, or if it is not needed. */
    private Map<Object, Long> first = Map.of();

    private Host firstHost;
    private Instant firstTime;

    /** Returns the rows that a figure compares with. */
    private Map<Object, Long> rows(Figure figure) {
        return figure == Figure.CHANGE ? last : first;
    }

    /**
     * Returns the RAM that a row had; 0 if it is new, {@link Missing#VALUE} if there was no report.
     */
    long ram(Figure figure, Object key) {
        Map<Object, Long> then = rows(figure);
        return then.isEmpty() ? Missing.VALUE : then.getOrDefault(key, 0L);
    }

    /** Returns the RAM of all rows together, or {@link Missing#VALUE}. */
    long total(Figure figure) {
        return rows(figure).getOrDefault(TOTAL, Missing.VALUE);
    }

    /** Returns the keys of all rows, and their RAM. */
    Iterable<Map.Entry<Object, Long>> entries(Figure figure) {
        return rows(figure).entrySet();
    }

    static boolean isTotal(Object key) {
        return key == TOTAL;
    }

    /**
     * Returns the time since the first report in milliseconds, or {@link Missing#VALUE}: by the
     * uptime, since a clock can be set, unless the machine was restarted.
     */
    long millisecondsUntil(Snapshot now) {
        if (firstHost == null) {
            return Missing.VALUE;
        }
        long uptime = now.host().uptimeMillis();
        boolean isSameBoot =
                firstHost.bootId() != null
                        && firstHost.bootId().equals(now.host().bootId())
                        && !Missing.is(firstHost.uptimeMillis())
                        && !Missing.is(uptime);
        long elapsed =
                isSameBoot
                        ? uptime - firstHost.uptimeMillis()
                        : Duration.between(firstTime, now.run().takenAt()).toMillis();
        return elapsed > 0 ? elapsed : Missing.VALUE;
    }

    /**
     * Keeps the RAM of all rows of a report.
     *
     * @param rows the RAM by key; it is kept
     * @param total the RAM of all rows together, or {@code null}
     * @param isFirstKept whether to keep the first report too
     */
    void remember(Snapshot snapshot, Map<Object, Long> rows, Long total, boolean isFirstKept) {
        if (total != null) {
            rows.put(TOTAL, total);
        }
        last = rows;
        if (isFirstKept && first.isEmpty()) {
            first = rows;
            firstHost = snapshot.host();
            firstTime = snapshot.run().takenAt();
        }
    }

    /** Forgets the last report: it cannot be compared with the next one. */
    public void forgetLast() {
        last = Map.of();
    }
}
