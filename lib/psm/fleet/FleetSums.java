package psm.fleet;

import psm.proc.HostMemory;
import psm.report.Figure;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFormatException;
import psm.text.Missing;

import java.util.HashMap;
import java.util.Map;

/** The sums of the figures of several machines, which must stay what a number can hold. */
final class FleetSums {
    /** A machine may take this part of what is left, so that none keeps another one out. */
    private static final int PART = 4;

    private final Map<String, Long> sums = new HashMap<>();

    /** Returns the figures of a machine's processes, and what percentages are parts of. */
    static Map<String, Long> of(Snapshot snapshot) {
        Map<String, Long> figures = new HashMap<>();
        for (Figure figure : Figure.values()) {
            if (figure.fold == Figure.Fold.SUM) {
                long sum = Missing.VALUE;
                for (ProcessMemory process : snapshot.processes()) {
                    sum = Missing.plus(sum, figure.of(process));
                }
                figures.put(figure.column.key(), Missing.orNull(sum));
            }
        }
        HostMemory memory = snapshot.host().memory();
        for (String key : new String[] {"MemTotal", "SwapTotal", "SwapCached"}) {
            figures.put(key, Missing.orNull(memory.bytes(key)));
        }
        return figures;
    }

    /**
     * Adds a machine.
     *
     * @param figures by their keys; {@code null} for those that are not known
     * @throws SnapshotFormatException if a sum would become too large; then it is not added
     */
    void add(Map<String, Long> figures) throws SnapshotFormatException {
        for (Map.Entry<String, Long> figure : figures.entrySet()) {
            long size = size(figure.getValue());
            if (size > (Long.MAX_VALUE - sums.getOrDefault(figure.getKey(), 0L)) / PART) {
                throw new SnapshotFormatException(
                        "is left out: its "
                                + figure.getKey()
                                + " is too large to be true: "
                                + size);
            }
        }
        for (Map.Entry<String, Long> figure : figures.entrySet()) {
            sums.merge(figure.getKey(), size(figure.getValue()), Long::sum);
        }
    }

    /** Returns a figure without its sign; 0 if it is not known. */
    private static long size(Long figure) {
        return figure == null ? 0 : figure < 0 ? Math.max(-figure, 0) : figure;
    }
}
