package psm.picture;

import psm.Psm;

import java.util.List;

/** Makes pictures that draw the rows of a report. */
public final class ReportPictures {
    private ReportPictures() {}

    /** Returns the pictures of what changed between two snapshots. */
    public static List<Psm.Picture> ofDiff(Psm.Report report) {
        if (report.rows().isEmpty()) {
            return List.of();
        }
        return List.of(
                new Psm.Bars(
                        "What grew and what shrank",
                        name(report),
                        index(report, "before_bytes"),
                        index(report, "after_bytes"),
                        index(report, "change_bytes"),
                        index(report, "count_before"),
                        index(report, "count_after")));
    }

    /** Returns the pictures of the order in which the OOM killer ends processes. */
    public static List<Psm.Picture> ofOom(Psm.Report report) {
        int score = index(report, "oom_score");
        boolean isAnyScored = false;
        for (Psm.Row row : report.rows()) {
            isAnyScored |= row.values().get(score) != null;
        }
        if (!isAnyScored) {
            return List.of();
        }
        return List.of(
                new Psm.Points(
                        "What an end would free",
                        index(report, "program"),
                        score,
                        index(report, "frees_bytes")));
    }

    private static int index(Psm.Report report, String key) {
        for (int i = 0; i < report.columns().size(); i++) {
            if (report.columns().get(i).key().equals(key)) {
                return i;
            }
        }
        return -1;
    }

    /** Returns the index of the first column of names. */
    private static int name(Psm.Report report) {
        for (int i = 0; i < report.columns().size(); i++) {
            if (report.columns().get(i).kind() == Psm.Kind.TEXT) {
                return i;
            }
        }
        return 0;
    }
}
