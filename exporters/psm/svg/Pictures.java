package psm.svg;

import psm.Psm;
import psm.cell.SizeText;

import java.io.IOException;
import java.io.Writer;
import java.util.List;

/** Draws the pictures of a report. */
public final class Pictures {
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
        out.write("<div class=\"pics\">");
        for (int i = 0; i < pictures.size(); i++) {
            StringBuilder text = new StringBuilder();
            String id = "pic" + (i + 1);
            if (pictures.get(i) instanceof Psm.Treemap map) {
                new TreemapFigures(text, sizes).append(map, id, treemaps > 1, largest);
            }
            out.append(text);
        }
        out.write("</div>");
    }
}
