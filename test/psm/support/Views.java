package psm.support;

import psm.Psm;
import psm.report.Figure;
import psm.report.Grouping;
import psm.report.MappingReport;
import psm.report.ProcessReport;
import psm.report.View;
import psm.scan.Snapshot;
import psm.text.Failure;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.List;

/** Makes views and reports for tests, which group by program by default. */
public final class Views {
    private static final View.Shown COUNT = new View.Shown(Figure.COUNT, View.When.ALWAYS);

    /** All figures for which a scan reads nothing but the memory. */
    public static final View ALL = of(figures());

    private Views() {}

    private static Figure[] figures() {
        List<Figure> figures = new ArrayList<>(List.of(Figure.values()));
        figures.removeIf(figure -> figure.fold == Figure.Fold.MARK || figure.needs() != null);
        return figures.toArray(new Figure[0]);
    }

    public static View of(Figure... figures) {
        return of(List.of(Grouping.PROGRAM), figures);
    }

    public static View of(List<Grouping> by, Figure... figures) {
        List<View.Shown> shown = new ArrayList<>();
        for (Figure figure : figures) {
            boolean isRare = figure == Figure.SHARED_HUGETLB;
            shown.add(new View.Shown(figure, isRare ? View.When.ANY : View.When.ALWAYS));
        }
        if (!shown.contains(COUNT)) {
            shown.add(COUNT);
        }
        return new View(
                by, shown, Figure.PSS, false, 0, Missing.VALUE, false, View.Extent.ROWS, null);
    }

    public static Psm.Report report(Snapshot snapshot, View view) {
        try {
            return ProcessReport.of(snapshot, "VERSION", view, snapshot.userNames(), null);
        } catch (Failure e) {
            throw new AssertionError(e);
        }
    }

    public static Psm.Report maps(Snapshot snapshot, boolean byKind) {
        try {
            return MappingReport.of(snapshot, "VERSION", byKind, View.DEFAULT);
        } catch (Failure e) {
            throw new AssertionError(e);
        }
    }

    /** Returns a view that shows where all of the host's memory is, too. */
    public static View withHost(View view) {
        return new View(
                view.by(),
                view.columns(),
                view.sort(),
                view.reversed(),
                view.maxRows(),
                view.minBytes(),
                view.totalsAlone(),
                View.Extent.SYSTEM,
                view.filter());
    }
}
