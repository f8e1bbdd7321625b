package psm.svg;

import psm.Psm;
import psm.cell.CellText;
import psm.cell.HtmlText;
import psm.cell.SizeText;
import psm.text.Text;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Draws a treemap: a rectangle whose area is the whole, divided into its parts. No frame and no
 * title takes a part of the area, so that all areas have one scale.
 *
 * <p>Each area is a {@code g} with its size in {@code data-b} and its name in {@code title}. The
 * {@code rect} of one without parts has no class; those with a class are lines.
 */
final class TreemapSvg {
    /** The size of a picture that is alone, in the units of its coordinates. */
    private static final double WIDTH = 1_000;

    private static final double HEIGHT = 640;

    /** The size of one of several pictures. */
    private static final double SMALL_WIDTH = 620;

    private static final double SMALL_HEIGHT = 440;

    /** The number of levels that have lines of their own. */
    private static final int LINES = 3;

    /** The number of levels below which areas are not divided any more. */
    private static final int MAX_DEPTH = 12;

    /** The number of steps of lightness of neighbours. */
    private static final int STEPS = 3;

    /** The characters to which names are cut: those of programs are never longer. */
    private static final int MAX_CHARS = Text.MAX_NAME_CHARS;

    /** The colours of areas that are no figures of the host. */
    private static final String COLOURS = "abcd";

    /** The figures of the host that processes have. */
    private static final Set<String> OF_PROCESSES =
            Set.of("processes_bytes", "other_processes_bytes");

    /** The figures of the host that are pages of files. */
    private static final Set<String> OF_FILES =
            Set.of("page_cache_bytes", "shmem_bytes", "swap_cache_bytes", "arc_bytes");

    /** The kind of single processes, which are called by their pids. */
    static final String PROCESS = "process";

    private static final String UNEXPLAINED = "unexplained_bytes";

    private final StringBuilder out;
    private final SizeText sizes;
    private final boolean isSmall;

    private TreemapSvg(StringBuilder out, SizeText sizes, boolean isSmall) {
        this.out = out;
        this.sizes = sizes;
        this.isSmall = isSmall;
    }

    /**
     * Appends a treemap.
     *
     * @param side how long its sides are, compared with those of the largest picture
     * @param label what it shows, in words; it is markup already
     */
    static void append(
            StringBuilder out,
            Psm.Area whole,
            double side,
            boolean isSmall,
            SizeText sizes,
            String label) {
        double width = (isSmall ? SMALL_WIDTH : WIDTH) * side;
        double height = (isSmall ? SMALL_HEIGHT : HEIGHT) * side;
        out.append("<svg class=\"tm").append(isSmall ? " sm" : "").append("\" width=\"");
        Decimals.append(out, 100 * side);
        out.append("%\" viewBox=\"0 0 ");
        Decimals.append(out, width);
        out.append(' ');
        Decimals.append(out, height);
        out.append("\" role=\"img\" aria-label=\"").append(label).append("\">");
        double[] shape = {0, 0, width, height};
        new TreemapSvg(out, sizes, isSmall).area(whole, shape, 0, "", false, List.of());
        out.append("</svg>");
    }

    /** Appends an area with its parts and its label. */
    private void area(
            Psm.Area area,
            double[] shape,
            int depth,
            String colour,
            boolean isNamed,
            List<AreaLabel> above) {
        begin(colour, area.bytes(), depth == 0 ? "" : shown(area.name()));
        boolean isWhole = depth == 0 || isNamed;
        List<AreaLabel> own = isWhole ? List.of() : labels(area, shape, above);
        if (area.parts().isEmpty() || depth == MAX_DEPTH) {
            rect(shape, "");
        } else {
            List<AreaLabel> labels = new ArrayList<>(above);
            labels.addAll(own);
            boolean isOne = area.parts().size() == 1 && onlyPart(area) != null;
            parts(area, shape, depth, isOne && depth > 0, labels);
            if (depth > 0 && depth <= LINES && !isOne) {
                rect(shape, " class=\"o" + depth + '"');
            }
        }
        for (AreaLabel label : own) {
            label.append(out, depth == 1 && !area.parts().isEmpty());
        }
        out.append("</g>");
    }

    private void begin(String colour, long bytes, String name) {
        out.append("<g");
        if (!colour.isEmpty()) {
            out.append(" class=\"").append(colour).append('"');
        }
        out.append(" data-b=\"").append(bytes).append("\"><title>");
        HtmlText.escape(out, HtmlText.apart(name));
        out.append(name.isEmpty() ? "" : ", ").append(sizes.of(bytes)).append("</title>");
    }

    private void rect(double[] shape, String attributes) {
        long left = Decimals.hundredths(shape[0]);
        long top = Decimals.hundredths(shape[1]);
        out.append("<rect").append(attributes).append(" x=\"");
        Decimals.appendHundredths(out, left);
        out.append("\" y=\"");
        Decimals.appendHundredths(out, top);
        out.append("\" width=\"");
        Decimals.appendHundredths(out, Decimals.hundredths(shape[0] + shape[2]) - left);
        out.append("\" height=\"");
        Decimals.appendHundredths(out, Decimals.hundredths(shape[1] + shape[3]) - top);
        out.append("\"/>");
    }

    private void parts(
            Psm.Area area, double[] shape, int depth, boolean isNamed, List<AreaLabel> above) {
        int count = area.parts().size();
        long[] bytes = new long[count + 1];
        long rest = area.bytes();
        for (int i = 0; i < count; i++) {
            bytes[i] = Math.max(0, area.parts().get(i).bytes());
            rest -= bytes[i];
        }
        bytes[count] = Math.max(0, rest);
        double[] layout = Squarified.layout(bytes, shape[0], shape[1], shape[2], shape[3]);
        for (int i = 0; i < count; i++) {
            if (bytes[i] > 0) {
                Psm.Area part = area.parts().get(i);
                area(part, shapeOf(layout, i), depth + 1, colour(part, depth, i), isNamed, above);
            }
        }
        if (rest > 0) {
            begin("ku", rest, "the rest");
            rect(shapeOf(layout, count), "");
            out.append("</g>");
        }
    }

    private static double[] shapeOf(double[] layout, int part) {
        int at = part * Squarified.NUMBERS;
        return new double[] {layout[at], layout[at + 1], layout[at + 2], layout[at + 3]};
    }

    /** Returns the class with the colour of a part; parts have the colour of the whole. */
    private static String colour(Psm.Area part, int depth, int index) {
        if (part.free()) {
            return "kz";
        }
        if (depth > 0) {
            return depth == 1 && index % STEPS > 0 ? "k" + index % STEPS : "";
        }
        if (!part.kind().equals("memory")) {
            return "k" + COLOURS.charAt(index % COLOURS.length());
        }
        if (isUnexplained(part)) {
            return "ku";
        }
        return OF_PROCESSES.contains(part.key())
                ? "ka"
                : OF_FILES.contains(part.key()) ? "kb" : "kc";
    }

    /** Returns whether a part of a whole is what nothing explains, which is hatched. */
    static boolean isUnexplained(Psm.Area part) {
        return part.kind().equals("memory")
                && !part.free()
                && (part.key() == null || part.key().equals(UNEXPLAINED));
    }

    /** Returns the labels of an area: in narrower windows there is less room for them. */
    private List<AreaLabel> labels(Psm.Area area, double[] shape, List<AreaLabel> above) {
        List<AreaLabel> labels = new ArrayList<>();
        List<String> names = names(area);
        boolean isCut = !area.kind().equals(PROCESS);
        boolean isPart = !area.parts().isEmpty();
        int from = 0;
        while (from < AreaLabel.WINDOWS) {
            String size = sizes.of(area.bytes());
            AreaLabel label =
                    AreaLabel.fitting(isSmall, from, shape, names, isCut, size, isPart, above);
            if (label == null) {
                break;
            }
            labels.add(label);
            from = label.to();
        }
        return labels;
    }

    /** Returns what a label may say, the best first. */
    private static List<String> names(Psm.Area area) {
        List<String> names = new ArrayList<>();
        String name = LabelWidth.withFewMarks(shown(area.name()));
        Psm.Area part = onlyPart(area);
        if (part != null && !part.kind().equals(PROCESS)) {
            String inner = LabelWidth.withFewMarks(shown(part.name()));
            String stem = name.toLowerCase(Locale.ROOT);
            if (!stem.contains(inner.toLowerCase(Locale.ROOT))) {
                names.add(name + " \u203a " + inner);
            }
        }
        names.add(name);
        int slash = name.lastIndexOf('/');
        if (name.startsWith("/") && slash > 0 && slash < name.length() - 1) {
            names.add(name.substring(slash + 1));
        }
        int point = name.lastIndexOf('.');
        if (area.kind().equals("unit") && point > 0) {
            names.add(name.substring(0, point)); // without ".service"
        }
        return names;
    }

    /** Returns the part that is all of an area, {@code null} if there is none. */
    private static Psm.Area onlyPart(Psm.Area area) {
        boolean isOne = area.parts().size() == 1 && area.parts().get(0).bytes() == area.bytes();
        return isOne ? area.parts().get(0) : null;
    }

    static String shown(String name) {
        return shown(name, MAX_CHARS);
    }

    /** Returns a name that is safe to print, cut after so many characters. */
    static String shown(String name, int characters) {
        String cut = Text.cut(name, characters);
        return CellText.name(cut.length() < name.length() ? cut + "\u2026" : name, 0);
    }
}
