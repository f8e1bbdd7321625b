package psm.svg;

import psm.Psm;
import psm.cell.SizeText;

import java.io.IOException;
import java.io.Writer;
import java.util.List;

/** Draws the pictures of a report. */
public final class Pictures {
    /** The pattern of what is not known. */
    private static final String PATTERNS =
            "<svg class=\"df\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>"
                    + "<pattern id=\"h\""
                    + " width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\""
                    + " patternTransform=\"rotate(45)\"><path d=\"M0 0V6\"/></pattern>"
                    + "</defs></svg>";

    private Pictures() {}

    /** Appends a figure for each picture of a report, with its table. */
    public static void append(Writer out, Psm.Report report, Psm.Output output) throws IOException {
        List<Psm.Picture> pictures = report.notes().pictures();
        if (pictures.isEmpty()) {
            return;
        }
        int treemaps = 0;
        long largest = 1;
        for (Psm.Picture picture : pictures) {
            if (picture instanceof Psm.Treemap map) {
                treemaps++;
                largest = Math.max(largest, map.whole().bytes());
            }
        }
        SizeText sizes = new SizeText(output.layout().si());
        out.write("<div class=\"pics\">" + PATTERNS);
        for (int i = 0; i < pictures.size(); i++) {
            StringBuilder text = new StringBuilder();
            String id = "pic" + (i + 1);
            if (pictures.get(i) instanceof Psm.Treemap map) {
                new TreemapFigures(text, sizes).append(map, id, treemaps > 1, largest);
            } else if (pictures.get(i) instanceof Psm.Curves curves) {
                new CurvesFigure(text, sizes, output.layout().si(), curves).append(id);
            } else if (pictures.get(i) instanceof Psm.Bars bars) {
                new BarsFigure(text, sizes, bars, report).append(id);
            } else if (pictures.get(i) instanceof Psm.Points points) {
                new PointsFigure(text, sizes, output.layout(), points, report).append(id);
            }
            out.append(text);
        }
        out.write("</div>");
    }
}
