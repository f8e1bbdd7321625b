package psm.svg;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Holds the colours to what the colour-blind can distinguish, and to what can be read on them. */
class PictureColoursTest {
    /** The least difference of two areas, where 2 is what a trained eye sees. */
    private static final double LEAST_DIFFERENCE = 10;

    private static final double LEAST_CONTRAST = 4.5;

    /** The least contrast of a line, as WCAG 2 wants it of graphics. */
    private static final double LEAST_CONTRAST_OF_LINES = 3;

    /** Nothing, protanopia, deuteranopia, tritanopia: Machado, Oliveira and Fernandes (2009). */
    private static final double[][] EYES = {
        {1, 0, 0, 0, 1, 0, 0, 0, 1},
        {
            0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116,
            1.051998
        },
        {
            0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940,
            0.968881
        },
        {
            1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367,
            0.303900
        }
    };

    private static final Map<String, String> LIGHT = Map.of("bg", "#ffffff", "fg", "#1b1d20");
    private static final Map<String, String> DARK = Map.of("bg", "#15171a", "fg", "#e8e9eb");

    /** Returns the colours of a scheme, the first or the second one in the style sheet. */
    private static Map<String, String> colours(int scheme) {
        Map<String, String> colours = new HashMap<>(scheme == 0 ? LIGHT : DARK);
        String[] schemes = PictureStyle.TEXT.split("prefers-color-scheme:dark", -1);
        Matcher colour = Pattern.compile("--([a-f]):(#\\w{6})").matcher(schemes[scheme]);
        while (colour.find()) {
            colours.put(colour.group(1), colour.group(2));
        }
        return colours;
    }

    private static double[] linear(String colour) {
        double[] rgb = new double[3];
        for (int i = 0; i < 3; i++) {
            double value = Integer.parseInt(colour.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
            rgb[i] = value <= 0.04045 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4);
        }
        return rgb;
    }

    private static double contrast(String one, String other) {
        double a = luminance(linear(one));
        double b = luminance(linear(other));
        return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    }

    private static double luminance(double[] rgb) {
        return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
    }

    /** Returns the difference of two colours in CIELAB (1976), as an eye sees them. */
    private static double difference(String one, String other, double[] eye) {
        double[] a = lab(seen(linear(one), eye));
        double[] b = lab(seen(linear(other), eye));
        return Math.sqrt(square(a[0] - b[0]) + square(a[1] - b[1]) + square(a[2] - b[2]));
    }

    private static double square(double number) {
        return number * number;
    }

    private static double[] seen(double[] rgb, double[] eye) {
        double[] seen = new double[3];
        for (int i = 0; i < 3; i++) {
            double sum = eye[3 * i] * rgb[0] + eye[3 * i + 1] * rgb[1] + eye[3 * i + 2] * rgb[2];
            seen[i] = Math.max(0, Math.min(1, sum));
        }
        return seen;
    }

    private static double[] lab(double[] rgb) {
        double x = root((0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505);
        double y = root(luminance(rgb));
        double z = root((0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089);
        return new double[] {116 * y - 16, 500 * (x - y), 200 * (y - z)};
    }

    private static double root(double part) {
        return part > 0.008856 ? Math.cbrt(part) : 7.787 * part + 16 / 116.0;
    }

    @Test
    void textOnAreasCanBeRead() {
        for (int scheme = 0; scheme < 2; scheme++) {
            Map<String, String> colours = colours(scheme);
            for (String area : List.of("a", "b", "c", "d", "bg")) {
                double contrast = contrast(colours.get("fg"), colours.get(area));
                assertTrue(contrast >= LEAST_CONTRAST, scheme + " " + area + ": " + contrast);
            }
        }
    }

    @Test
    void linesStandOutFromTheBackground() {
        for (int scheme = 0; scheme < 2; scheme++) {
            Map<String, String> colours = colours(scheme);
            for (String line : List.of("e", "f")) {
                double contrast = contrast(colours.get("bg"), colours.get(line));
                assertTrue(contrast >= LEAST_CONTRAST_OF_LINES, scheme + line + ": " + contrast);
            }
        }
    }

    @Test
    void theColourBlindDistinguishAreas() {
        StringBuilder alike = new StringBuilder();
        for (int scheme = 0; scheme < 2; scheme++) {
            Map<String, String> colours = colours(scheme);
            List<String> areas = List.of("a", "b", "c", "d", "bg");
            for (int eye = 0; eye < EYES.length; eye++) {
                for (int i = 0; i < areas.size(); i++) {
                    for (int k = 0; k < i; k++) {
                        String one = colours.get(areas.get(i));
                        String other = colours.get(areas.get(k));
                        double difference = difference(one, other, EYES[eye]);
                        if (difference < LEAST_DIFFERENCE) {
                            alike.append(scheme).append(" eye ").append(eye).append(' ');
                            alike.append(areas.get(i)).append(areas.get(k)).append(' ');
                            alike.append(difference).append('\n');
                        }
                    }
                }
                double lines = difference(colours.get("e"), colours.get("f"), EYES[eye]);
                if (lines < 3 * LEAST_DIFFERENCE) {
                    alike.append(scheme).append(" eye ").append(eye).append(" lines ");
                    alike.append(lines).append('\n');
                }
            }
        }
        assertTrue(alike.isEmpty(), alike.toString());
    }
}
