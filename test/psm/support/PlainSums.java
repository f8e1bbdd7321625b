package psm.support;

import psm.text.Missing;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sums up smaps in the plainest way, to hold psm's own parser against. */
public final class PlainSums {
    private static final Pattern FIELD = Pattern.compile("^(\\w+): +(\\d+) kB$", Pattern.MULTILINE);

    private PlainSums() {}

    /** The sum of all lines of that name, in bytes; ABSENT where there is none. */
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
