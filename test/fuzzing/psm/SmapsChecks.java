package psm;

import java.util.Arrays;

/**
 * The parser, on a file that was cut into pieces: the first byte's lowest bit says whether it is a
 * rollup, the next three are the pieces' sizes, in turn; the rest is the file.
 */
final class SmapsChecks {
    /** How many bytes come before the file. */
    static final int PREFIX = 4;

    private static final int LARGEST_PIECE = 256;

    private SmapsChecks() {}

    static void check(byte[] input) {
        if (input.length < PREFIX) {
            return;
        }
        boolean rollup = (input[0] & 1) != 0;
        byte[] file = Arrays.copyOfRange(input, PREFIX, input.length);
        String whole = sums(rollup, file, file.length);
        FuzzTarget.require(
                whole.equals(sums(rollup, file, input[1], input[2], input[3])),
                "other sums in pieces");
        FuzzTarget.require(whole.equals(sums(rollup, file, 1)), "other sums byte by byte");
    }

    /** All that the parser makes of it, or the error that it declares. */
    private static String sums(boolean rollup, byte[] file, int... sizes) {
        SmapsParser parser = new SmapsParser();
        parser.start(rollup);
        try {
            feedInPieces(parser, file, sizes);
            return told(parser.finish());
        } catch (SmapsFormatException e) {
            return e.getMessage();
        }
    }

    /** Each piece is overwritten once it is fed, as those of a file are. */
    private static void feedInPieces(SmapsParser parser, byte[] file, int... sizes)
            throws SmapsFormatException {
        int piece = 0;
        for (int from = 0; from < file.length; piece++) {
            int size = sizes[piece % sizes.length];
            size = size > 0 ? size : (size & 0xFF) + LARGEST_PIECE;
            int to = Math.min(file.length, from + size);
            byte[] bytes = Arrays.copyOfRange(file, from, to);
            parser.feed(bytes, 0, bytes.length);
            Arrays.fill(bytes, (byte) '9');
            from = to;
        }
    }

    private static String told(Usage usage) {
        for (Usage.Field field : Usage.Field.values()) {
            requireSize(usage.bytes(field), field.kernelName);
        }
        requireSize(usage.heap, "heap");
        requireSize(usage.ram(), "ram");
        requireSize(usage.unique(), "unique");
        requireSize(usage.shared(), "shared");
        requireSize(usage.swapped(), "swapped");
        FuzzTarget.require(usage.mappings >= 0, "mappings");
        return Arrays.toString(usage.sums)
                + " heap "
                + usage.heap
                + " mappings "
                + usage.mappings
                + " ram "
                + usage.ram()
                + " swapped "
                + usage.swapped();
    }

    private static void requireSize(long bytes, String what) {
        FuzzTarget.require(bytes >= 0 || bytes == Usage.ABSENT, what + " is " + bytes);
    }
}
