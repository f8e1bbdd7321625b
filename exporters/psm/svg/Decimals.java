package psm.svg;

/** Writes coordinates, with as few characters as their precision allows. */
final class Decimals {
    private Decimals() {}

    /** Rounds a coordinate to hundredths, so that neighbours have the same edge. */
    static long hundredths(double coordinate) {
        return Math.round(coordinate * 100);
    }

    /** Appends a coordinate with at most two decimals. */
    static void append(StringBuilder out, double coordinate) {
        appendHundredths(out, hundredths(coordinate));
    }

    /** Appends a coordinate with at most one decimal, which is enough for a curve. */
    static void appendTenths(StringBuilder out, double coordinate) {
        appendHundredths(out, Math.round(coordinate * 10) * 10);
    }

    /** Appends a number of hundredths. */
    static void appendHundredths(StringBuilder out, long hundredths) {
        long positive = Math.abs(hundredths);
        if (hundredths < 0) {
            out.append('-');
        }
        out.append(positive / 100);
        long decimals = positive % 100;
        if (decimals > 0) {
            out.append('.').append(decimals / 10);
            if (decimals % 10 > 0) {
                out.append(decimals % 10);
            }
        }
    }

    /** Appends an attribute whose value is a coordinate. */
    static void attribute(StringBuilder out, String name, double coordinate) {
        out.append(' ').append(name).append("=\"");
        append(out, coordinate);
        out.append('"');
    }
}
