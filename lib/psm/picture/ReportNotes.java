package psm.picture;

import psm.Psm;
import psm.report.Figure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the notes of a report: its title, the remarks about it, how its figures are made, and its
 * pictures. The methods are thread-safe.
 */
public final class ReportNotes {
    private ReportNotes() {}

    /**
     * Returns a report with notes.
     *
     * @param title what the report shows, in a few words
     * @param remarks what psm prints about the report
     */
    public static Psm.Report on(
            Psm.Report report, String title, List<String> remarks, List<Psm.Picture> pictures) {
        return report.with(
                new Psm.Notes(title, List.copyOf(remarks), explanations(report), pictures));
    }

    private static Map<String, String> explanations(Psm.Report report) {
        Map<String, String> explanations = new LinkedHashMap<>();
        for (Psm.Column column : report.columns()) {
            for (Figure figure : Figure.values()) {
                if (figure.column.key().equals(column.key())) {
                    explanations.put(column.key(), figure.description);
                }
            }
        }
        return explanations;
    }
}
