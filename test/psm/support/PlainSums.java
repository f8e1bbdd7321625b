package psm.support;

import psm.text.Missing;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sums up smaps in the simplest way, to check psm's parser. */
public final class PlainSums {
    private static final Pattern FIELD = Pattern.compile("^(\\w+): +(\\d+) kB$", Pattern.MULTILINE);

    private PlainSums() {}

    /** Sums up the lines with a name, in bytes; returns {@link Missing#VALUE} without any. */
    public static long bytes(String smaps, String field) {
        long sum = Missing.VALUE;
        for (Matcher line = FIELD.matcher(smaps); line.find(); ) {
            if (line.group(1).equals(field)) {
                sum = Math.max(0, sum) + Long.parseLong(line.group(2)) * 1024;
            }
        }
        return sum;
    }
}
