package psm.picture;

import psm.Psm;

import java.util.List;

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
                new Psm.Notes(title, List.copyOf(remarks), Explanations.of(report), pictures));
    }
}
