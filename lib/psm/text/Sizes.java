package psm.text;

import psm.Psm;

import java.util.Locale;

/** Formats sizes for people, in a unit. May be shared between threads. */
public final class Sizes {
    /** The letters of the units, in their order. */
    private static final String LETTERS = "BKMGTP";

    /** The first number for which {@code Psm.Unit.AUTO} uses the next larger unit. */
    private static final long AUTO_LIMIT = 1_000;

    private static final int MAX_DIGITS = 18;

    private final boolean isAuto;
    private final boolean si;

    /** The number of bytes in one unit. */
    private final long bytes;

    private final String unit;

    /**
     * Takes the unit.
     *
     * @param si whether units are powers of 1,000 instead of 1,024
     */
    public Sizes(Psm.Unit unit, boolean si) {
        this.isAuto = unit == Psm.Unit.AUTO;
        this.si = si;
        int power = isAuto ? 0 : unit.ordinal() - Psm.Unit.B.ordinal();
        this.bytes = power(power);
        this.unit =
                isAuto
                        ? ""
                        : power == 0 ? "B" : (power == 1 && si ? "k" : LETTERS.charAt(power)) + "B";
    }

    private long power(int exponent) {
        long power = 1;
        for (int i = 0; i < exponent; i++) {
            power *= si ? 1_000 : 1_024;
        }
        return power;
    }

    /** Returns the number of bytes in one unit; 1 where each size has its own. */
    public long unitBytes() {
        return bytes;
    }

    /** Returns the title of a column of sizes together with their unit. */
    public String titled(String title) {
        return isAuto ? title : unit + ' ' + title;
    }

    /** Explains the unit in words. */
    public String inWords() {
        String factor = si ? "1,000" : "1,024";
        if (isAuto || bytes == 1) {
            return isAuto ? "K, M, G and T are powers of " + factor + " bytes" : "B are bytes";
        }
        return si
                ? unit + " are " + bytes + " bytes"
                : unit + " are 2^" + Long.numberOfTrailingZeros(bytes) + " bytes";
    }

    /** Formats a size in the unit: without decimals in bytes, else with one. */
    public String of(long size) {
        if (isAuto) {
            return auto(size);
        }
        return bytes == 1 ? Long.toString(size) : tenths(inTenths(size, bytes));
    }

    private String auto(long size) {
        int power = 0;
        long one = 1;
        while (power < LETTERS.length() - 1 && Math.abs(size / one) >= AUTO_LIMIT) {
            power++;
            one = power(power);
        }
        String number = one == 1 ? Long.toString(size) : tenths(inTenths(size, one));
        return number + LETTERS.charAt(power);
    }

    /**
     * Converts a size to tenths of a unit, rounded as C and Go round {@code %.1f}: to the nearest
     * tenth, or to the even one if two are equally near. ({@link String#format} rounds ties up, and
     * uses the locale's digits.)
     */
    private static long inTenths(long size, long one) {
        if (size < 0) {
            return -inTenths(size == Long.MIN_VALUE ? Long.MAX_VALUE : -size, one);
        }
        long whole = size / one;
        // No overflow: this is at most 10 * 2^50, since P is the largest unit.
        long scaled = (size % one) * 10;
        long tenths = scaled / one;
        long rest = scaled % one;
        long other = one - rest;
        if (rest > other || (rest == other && (tenths & 1) == 1)) {
            tenths++;
        }
        return whole * 10 + tenths;
    }

    /** Formats a number of tenths, with one decimal. */
    public static String tenths(long tenths) {
        long positive = Math.abs(tenths);
        return (tenths < 0 ? "-" : "") + positive / 10 + "." + positive % 10;
    }

    /**
     * Parses a size such as {@code 10M} or {@code 1.5G}, in powers of 1,024; without a letter it is
     * in bytes.
     *
     * @return {@link Missing#VALUE} if the text is not a size
     */
    public static long parse(String text) {
        String number = text.toUpperCase(Locale.ROOT);
        String suffix = number.endsWith("IB") ? "IB" : "B";
        if (number.endsWith(suffix) && number.length() > suffix.length()) {
            number = number.substring(0, number.length() - suffix.length());
        }
        int letter = number.isEmpty() ? -1 : LETTERS.indexOf(number.charAt(number.length() - 1));
        if (letter > 0) {
            number = number.substring(0, number.length() - 1);
        }
        int point = number.indexOf('.');
        String whole = point < 0 ? number : number.substring(0, point);
        String decimals = point < 0 ? "0" : number.substring(point + 1);
        if (!areDigits(whole) || !areDigits(decimals)) {
            return Missing.VALUE;
        }
        double bytes =
                Double.parseDouble(whole + '.' + decimals) * (1L << (10 * Math.max(0, letter)));
        return bytes >= Long.MAX_VALUE ? Missing.VALUE : (long) bytes;
    }

    private static boolean areDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= MAX_DIGITS;
    }
}
