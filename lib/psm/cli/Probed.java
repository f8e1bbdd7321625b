package psm.cli;

import psm.probe.Recorded;
import psm.proc.ProcFs;
import psm.report.Figure;
import psm.report.View;
import psm.scan.Detail;
import psm.text.Failure;

import java.util.EnumSet;
import java.util.Set;

/**
 * What reports of a probe need, apart from {@link SnapshotSource}: a report of this machine loads
 * no class that only a probe needs.
 */
final class Probed {
    /** The details that need files which a probe does not read. */
    private static final Set<Detail> UNREAD =
            EnumSet.of(Detail.MAPPINGS, Detail.GPU, Detail.DEVICE_MAPPINGS);

    private Probed() {}

    /** Returns the files that a probe has printed. */
    static ProcFs files(Recorded recorded) {
        return recorded.probe();
    }

    /** Returns those details that a probe can show. */
    static Set<Detail> read(Set<Detail> details) {
        Set<Detail> read = EnumSet.of(Detail.BOOT);
        read.addAll(details);
        read.removeAll(UNREAD);
        return read;
    }

    /**
     * Refuses columns of files that a probe does not read.
     *
     * @param heap what was typed for the column of the heap; {@code null} if that is not known
     */
    static void refuse(View view, String heap) throws Failure {
        for (Figure figure : Figure.values()) {
            boolean isUnread = figure == Figure.HEAP || UNREAD.contains(figure.needs());
            if (isUnread && view.uses(figure)) {
                throw Failure.usage(
                        (figure == Figure.HEAP && heap != null ? heap : "column " + figure.option)
                                + ": a probe does not read it; leave it out, or run psm on that"
                                + " machine",
                        null);
            }
        }
    }
}
