package psm.svg;

import psm.Psm;
import psm.cell.HtmlText;
import psm.cell.Percent;
import psm.cell.SizeText;

import java.util.ArrayList;
import java.util.List;

/** Writes the treemaps of a report, in one scale. */
final class TreemapFigures {
    /** The number of levels of the table: parts of the whole, units and programs. */
    private static final int LEVELS = 3;

    /** The number of parts that the words above the picture mention. */
    private static final int MENTIONED = 3;

    /** The number of rows of a table; the main table of the page has all of them. */
    private static final int MAX_ROWS = 200;

    /** The sides below which a picture has no room for any part, compared with the largest one. */
    private static final double LEAST_SIDE = 0.03;

    private final StringBuilder out;
    private final SizeText sizes;

    TreemapFigures(StringBuilder out, SizeText sizes) {
        this.out = out;
        this.sizes = sizes;
    }

    /**
     * Appends the figure of a treemap.
     *
     * @param largest the largest whole of all the treemaps
     */
    void append(Psm.Treemap map, String id, boolean isOneOfMany, long largest) {
        Psm.Area whole = map.whole();
        String title = HtmlText.words(map.title());
        if (map.host() != null) {
            title = "<bdi>" + HtmlText.name(map.host()) + "</bdi>: " + title;
        }
        out.append("<figure class=\"pic\" id=\"").append(id).append("\"><figcaption><b>");
        out.append(title).append("</b> ");
        String words = words(whole);
        double side = Math.sqrt((double) whole.bytes() / largest);
        boolean isTiny = whole.bytes() > 0 && side < LEAST_SIDE;
        out.append(words).append(isTiny ? " Too small to be drawn to this scale." : "");
        out.append("</figcaption>");
        if (whole.bytes() > 0) {
            String label = HtmlText.words(map.title()) + ". " + words;
            if (!isTiny) {
                TreemapSvg.append(out, whole, side, isOneOfMany, sizes, label);
            }
            String host = map.host() == null ? "" : HtmlText.name(map.host());
            table(whole, host.isEmpty() ? words : HtmlText.apart(host) + ": " + words);
        }
        out.append("</figure>");
    }

    /** Says how large the whole and its largest parts are. */
    private String words(Psm.Area whole) {
        StringBuilder words = new StringBuilder(name(whole));
        words.append(' ').append(sizes.of(whole.bytes()));
        List<Psm.Area> parts = mentioned(whole);
        for (int i = 0; i < parts.size(); i++) {
            Psm.Area part = parts.get(i);
            words.append(i == 0 ? ": " : "; ");
            words.append(share(part.bytes(), whole.bytes())).append(' ');
            words.append(name(part)).append(TreemapSvg.isUnexplained(part) ? " (hatched)" : "");
        }
        return words.append('.').toString();
    }

    private static String name(Psm.Area area) {
        return HtmlText.apart(HtmlText.name(area.name()));
    }

    /** Returns the largest parts, those that have parts, what is free and what is hatched. */
    private static List<Psm.Area> mentioned(Psm.Area whole) {
        List<Psm.Area> parts = new ArrayList<>();
        boolean isFree = false;
        for (Psm.Area part : whole.parts()) {
            boolean isDivided = part.kind().equals("memory") && !part.parts().isEmpty();
            boolean isMore = part.free() ? !isFree : isDivided || TreemapSvg.isUnexplained(part);
            if (part.bytes() > 0 && (parts.size() < MENTIONED || isMore)) {
                parts.add(part);
                isFree |= part.free();
            }
        }
        return parts;
    }

    private static String share(long bytes, long whole) {
        return Percent.text(100.0 * bytes / whole);
    }

    private void table(Psm.Area whole, String caption) {
        PictureTable table = new PictureTable(out, caption, "Part", "Size", "Share");
        List<Psm.Area> rows = new ArrayList<>();
        List<Integer> depths = new ArrayList<>();
        collect(whole, 0, rows, depths);
        int shown = Math.min(rows.size(), MAX_ROWS);
        for (int i = 0; i < shown; i++) {
            Psm.Area area = rows.get(i);
            table.row(
                    depths.get(i),
                    TreemapSvg.shown(area.name()),
                    sizes.of(area.bytes()),
                    share(area.bytes(), whole.bytes()));
        }
        if (shown < rows.size()) {
            table.row(0, rows.size() - shown + " others", "", "");
        }
        table.end();
    }

    /** Collects the areas of a table, each before its parts, but no processes. */
    private static void collect(
            Psm.Area area, int depth, List<Psm.Area> rows, List<Integer> depths) {
        for (Psm.Area part : area.parts()) {
            if (part.bytes() > 0 && !part.kind().equals(TreemapSvg.PROCESS)) {
                rows.add(part);
                depths.add(depth);
                if (depth < LEVELS - 1) {
                    collect(part, depth + 1, rows, depths);
                }
            }
        }
    }
}
