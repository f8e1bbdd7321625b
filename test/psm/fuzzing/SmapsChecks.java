package psm.fuzzing;

import psm.smaps.MappingKind;
import psm.smaps.Mappings;
import psm.smaps.ProcessMappings;
import psm.smaps.SmapsFormatException;
import psm.smaps.SmapsParser;
import psm.smaps.Usage;
import psm.text.Missing;

import java.util.Arrays;

/**
 * Checks the parser, with and without a receiver of mappings, on a file in pieces. The lowest bit
 * of the first byte says whether it is a rollup, the next three bytes are the sizes of pieces, in
 * turn, and the rest is the file.
 */
final class SmapsChecks {
    /** The number of bytes before the file. */
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
        String mapped = sumsOfMappings(rollup, file, file.length);
        FuzzTarget.require(
                mapped.startsWith(whole), "other sums where mappings are handed on: " + mapped);
        FuzzTarget.require(
                mapped.equals(sumsOfMappings(rollup, file, input[1], input[2], input[3])),
                "other mappings in pieces");
        FuzzTarget.require(
                mapped.equals(sumsOfMappings(rollup, file, 1)), "other mappings byte by byte");
    }

    /** Returns the parser's sums, or its error. */
    private static String sums(boolean rollup, byte[] file, int... sizes) {
        SmapsParser parser = new SmapsParser();
        parser.start(rollup);
        try {
            feedInPieces(parser, file, sizes);
            return described(parser.finish());
        } catch (SmapsFormatException e) {
            return e.getMessage();
        }
    }

    /**
     * Returns the same of a parser with a receiver, and its mappings, whose sums by name and by
     * kind must be the parser's.
     */
    private static String sumsOfMappings(boolean rollup, byte[] file, int... sizes) {
        Mappings mappings = new Mappings();
        ProcessMappings receiver = new ProcessMappings(mappings);
        SmapsParser parser = new SmapsParser(receiver);
        parser.start(rollup);
        try {
            feedInPieces(parser, file, sizes);
            Usage usage = parser.finish();
            mappings.add(receiver, usage, false);
            requireSum(receiver.names().cells(), receiver.names().rows(), usage);
            requireSum(receiver.kinds(), MappingKind.values().length, usage);
            return described(usage) + described(mappings, usage);
        } catch (SmapsFormatException e) {
            return e.getMessage();
        }
    }

    /** Checks that the sum of each figure over all rows is the parser's. */
    private static void requireSum(long[] cells, int rows, Usage usage) {
        long mappings = 0;
        long[] sums = new long[SmapsParser.FIELDS.length];
        for (int row = 0; row < rows; row++) {
            int cell = row * ProcessMappings.COLUMNS;
            mappings += cells[cell + ProcessMappings.MAPPINGS];
            for (int i = 0; i < sums.length; i++) {
                sums[i] += cells[cell + i];
            }
        }
        FuzzTarget.require(mappings == usage.mappings, "other mappings than those of the sums");
        for (int i = 0; i < sums.length; i++) {
            FuzzTarget.require(
                    sums[i] * 1024 == Math.max(0, usage.sums[i]),
                    SmapsParser.FIELDS[i].kernelName + " of the mappings is another");
        }
    }

    private static String described(Mappings mappings, Usage usage) {
        StringBuilder text = new StringBuilder();
        long ram = 0;
        for (int row = 0; row < mappings.names(); row++) {
            text.append('\n').append(mappings.name(row));
            for (Mappings.Figure figure : Mappings.Figure.values()) {
                text.append(' ').append(mappings.ofName(row)[figure.ordinal()]);
            }
            ram =
                    Missing.plus(
                            ram, Math.max(0, mappings.ofName(row)[Mappings.Figure.PSS.ordinal()]));
        }
        long kinds = 0;
        for (MappingKind kind : MappingKind.values()) {
            kinds =
                    Missing.plus(
                            kinds,
                            Math.max(0, mappings.ofKind(kind)[Mappings.Figure.PSS.ordinal()]));
            text.append('\n')
                    .append(kind)
                    .append(mappings.ofKind(kind)[Mappings.Figure.RSS.ordinal()]);
        }
        boolean isInRange = usage.upperBound() < Long.MAX_VALUE; // the scan takes no others
        FuzzTarget.require(!isInRange || ram == Math.max(0, usage.ram()), "ram by name");
        FuzzTarget.require(!isInRange || kinds == Math.max(0, usage.ram()), "ram by kind");
        return text.toString();
    }

    /** Feeds pieces to a parser; each piece overwrites the one before, as when a file is read. */
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

    private static String described(Usage usage) {
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
        FuzzTarget.require(bytes >= 0 || bytes == Missing.VALUE, what + " is " + bytes);
    }
}
