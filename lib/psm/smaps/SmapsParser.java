package psm.smaps;

import psm.text.Missing;
import psm.text.Text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Adds up the figures of {@code /proc/PID/smaps} or {@code smaps_rollup}, as any kernel since
 * 2.6.14 prints them. It takes the file in pieces.
 *
 * <p>One parser serves many files, one after the other: call {@link #start}, {@link #feed} for each
 * piece, and {@link #finish}. Pieces can be cut anywhere. Nothing is allocated before {@link
 * #finish}. Not for sharing between threads.
 *
 * <p>A mapping starts with a header, a line such as {@code 55d0c0ffe000-55d0c1000000 r-xp}; the
 * lines up to the next header are its fields. A field is identified by its whole name. Unknown
 * lines are skipped, since newer kernels add some.
 */
public final class SmapsParser {
    /**
     * The number of bytes to keep of a line that continues in the next piece. Fields, and headers
     * without a name, have fewer than a hundred bytes. Longer lines end with the name of a file,
     * which only receivers of mappings need.
     */
    static final int CARRY_BYTES = 256;

    /**
     * The longest line that is accepted. If it is too low, a process that maps a file with a long
     * name is not measured (12,148 bytes were seen); if it is too high, a file that is not smaps is
     * read for a long time.
     */
    static final int MAX_LINE_BYTES = 64 * 1024;

    /**
     * How often to learn the layout in one file: a number that is wider than its padding moves the
     * bytes after it. If it is too low, such a file takes longer; if it is too high, a file in
     * which no entry fits takes longer.
     */
    private static final int MAX_LEARNED = 64;

    private static final byte[] HEAP = "[heap]".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KB = " kB".getBytes(StandardCharsets.US_ASCII);
    private static final int BYTES_PER_KB = 1024;

    /** The largest size that fits a {@code long} in bytes. */
    static final long MAX_KB = Long.MAX_VALUE / BYTES_PER_KB;

    public static final Usage.Field[] FIELDS = Usage.Field.values();

    /** The fields by the length of their names; {@code null} if no name has that length. */
    private static final Usage.Field[][] BY_LENGTH = fieldsByLength();

    /** The fields' names, by ordinal. */
    private static final byte[][] NAMES = fieldNames();

    /** The receiver of each mapping; {@code null} if only sums are wanted. */
    private final ProcessMappings receiver;

    /** The start of a cut line. Its length is the part of a line that is read. */
    private final byte[] carry;

    /** The length of the cut line so far, including bytes that did not fit into {@link #carry}. */
    private long carried;

    /** The offset in the file of the line that is being read. */
    private long lineOffset;

    // The layouts are kept from file to file: a kernel prints all files in the same way.
    private final EntryLayout smapsLayout = new EntryLayout();
    private final EntryLayout rollupLayout = new EntryLayout();

    private boolean rollup;

    /** The layout of this file's entries; {@code null} if they have no fields. */
    private EntryLayout layout;

    /** The number of times that the layout was learned in this file. */
    private int learned;

    /** The sums over all mappings by field, in kB or {@link Missing#VALUE}. */
    private final long[] sums = new long[FIELDS.length];

    /** The figures of the mapping that is being read by field, in kB or {@link Missing#VALUE}. */
    private final long[] mapping = new long[FIELDS.length];

    private boolean isHeap;
    private int heaps;
    private long heap;
    private int mappings;
    private int cutPss;
    private int cutSwapPss;

    /** Makes a parser for sums alone. */
    public SmapsParser() {
        this(null);
    }

    /**
     * Makes a parser for any number of files, one after the other.
     *
     * @param receiver the receiver of each mapping; {@code null} for sums alone
     */
    public SmapsParser(ProcessMappings receiver) {
        this.receiver = receiver;
        this.carry = new byte[receiver == null ? CARRY_BYTES : ProcessMappings.MAX_HEADER_BYTES];
        start(false);
    }

    /**
     * Forgets the last file's figures and starts another.
     *
     * @param rollup whether the kernel added up the figures before it cut them to whole kB
     */
    public void start(boolean rollup) {
        this.rollup = rollup;
        layout = rollup ? rollupLayout : smapsLayout;
        learned = 0;
        carried = 0;
        lineOffset = 0;
        Arrays.fill(sums, Missing.VALUE);
        isHeap = false;
        heaps = 0;
        heap = 0;
        mappings = 0;
        cutPss = 0;
        cutSwapPss = 0;
        if (receiver != null) {
            receiver.clear();
        }
    }

    /** Starts {@code /proc/PID/maps}, which contains headers alone. */
    public void startMaps() {
        start(false);
        layout = null;
    }

    /**
     * Reads the next piece of the file; the array is not kept.
     *
     * @throws SmapsFormatException if the value of a known field is not a size in kB, if a sum
     *     overflows, or if a line is longer than {@link #MAX_LINE_BYTES}
     */
    public void feed(byte[] bytes, int from, int to) throws SmapsFormatException {
        int start = from;
        if (carried > 0) {
            int end = indexOf((byte) '\n', bytes, from, to);
            carry(bytes, from, end < 0 ? to : end);
            if (end < 0) {
                return;
            }
            carriedLine();
            lineOffset++; // the newline
            start = end + 1;
        }
        while (start < to) {
            int end = indexOf((byte) '\n', bytes, start, to);
            if (end < 0) {
                carry(bytes, start, to);
                return;
            }
            limit(end - start);
            // Read no more of a line than fits into the carry, so that the size of pieces does not
            // matter.
            boolean isHeader = line(bytes, start, Math.min(end, start + carry.length));
            lineOffset += end + 1 - start;
            start = end + 1;
            if (isHeader && layout != null) {
                start = fields(bytes, start, to);
            }
        }
    }

    /** Reads the fields after a header whose layout is known; returns the end of these fields. */
    private int fields(byte[] bytes, int from, int to) {
        int end = layout.read(bytes, from, to);
        if (end == from && layout.isWhole(from, to) && learned < MAX_LEARNED) {
            learned++;
            end = layout.learn(bytes, from, to);
        }
        if (end > from) {
            System.arraycopy(layout.kilobytes, 0, mapping, 0, mapping.length);
            lineOffset += end - from;
        }
        return end;
    }

    /** Returns the sums of the whole file. The last line need not end in a newline. */
    public Usage finish() throws SmapsFormatException {
        if (carried > 0) {
            carriedLine();
        }
        endMapping();
        return soFar();
    }

    /** Returns the sums of the mappings that were read completely, see {@link #heaps}. */
    public Usage soFar() {
        long[] bytes = new long[sums.length];
        for (int i = 0; i < sums.length; i++) {
            bytes[i] = toBytes(sums[i]);
        }
        long heapBytes =
                sums[Usage.Field.PSS.ordinal()] == Missing.VALUE ? Missing.VALUE : toBytes(heap);
        return new Usage(bytes, heapBytes, mappings, cutPss, cutSwapPss);
    }

    /**
     * Returns the number of mappings named {@code [heap]} that were read completely: up to the next
     * mapping, or the end of the file.
     */
    public int heaps() {
        return heaps;
    }

    private static long toBytes(long kb) {
        return kb == Missing.VALUE ? Missing.VALUE : kb * BYTES_PER_KB;
    }

    private void carry(byte[] bytes, int from, int to) throws SmapsFormatException {
        int free = (int) Math.max(0, carry.length - carried);
        if (free > 0) {
            System.arraycopy(bytes, from, carry, (int) carried, Math.min(free, to - from));
        }
        carried += to - from;
        limit(carried);
    }

    private void limit(long lineBytes) throws SmapsFormatException {
        if (lineBytes > MAX_LINE_BYTES) {
            throw new SmapsFormatException(
                    "a line of more than " + MAX_LINE_BYTES + " bytes", lineOffset);
        }
    }

    private void carriedLine() throws SmapsFormatException {
        line(carry, 0, (int) Math.min(carried, carry.length));
        lineOffset += carried;
        carried = 0;
    }

    /** Reads a line; returns whether it is a header. */
    private boolean line(byte[] bytes, int from, int lineTo) throws SmapsFormatException {
        if (from == lineTo) {
            return false;
        }
        int to = Math.min(lineTo, from + CARRY_BYTES); // the sums are the same with a receiver
        if (isHexDigit(bytes[from])) {
            if (isHeader(bytes, from, to)) {
                endMapping();
                startMapping(bytes, from, to);
                if (receiver != null) {
                    receiver.start(bytes, from, lineTo);
                }
                return true;
            }
        } else if (mappings > 0) {
            field(bytes, from, to);
        }
        return false;
    }

    private void startMapping(byte[] bytes, int from, int to) {
        mappings++;
        Arrays.fill(mapping, Missing.VALUE);
        isHeap = isNamedHeap(bytes, from, to);
    }

    private void endMapping() throws SmapsFormatException {
        if (mappings == 0) {
            return;
        }
        for (int i = 0; i < sums.length; i++) {
            if (mapping[i] != Missing.VALUE) {
                sums[i] = sum(Math.max(0, sums[i]), mapping[i], FIELDS[i]);
            }
        }
        long pss = mapping[Usage.Field.PSS.ordinal()];
        if (isHeap) {
            heaps++;
            heap += Missing.orZero(pss); // part of the sum of Pss, so it does not overflow either
        }
        int cutPssBefore = cutPss;
        int cutSwapPssBefore = cutSwapPss;
        if (!rollup) {
            countCuts(pss);
        }
        if (receiver != null) {
            receiver.end(mapping, cutPss - cutPssBefore, cutSwapPss - cutSwapPssBefore);
        }
        Arrays.fill(mapping, Missing.VALUE);
    }

    private long sum(long kb, long more, Usage.Field field) throws SmapsFormatException {
        if (more > MAX_KB - kb) {
            throw new SmapsFormatException(
                    "the sum of " + field.kernelName + " overflows", lineOffset);
        }
        return kb + more;
    }

    private void countCuts(long pss) {
        if (pss != Missing.VALUE
                && (mapping[Usage.Field.SHARED_CLEAN.ordinal()] > 0
                        || mapping[Usage.Field.SHARED_DIRTY.ordinal()] > 0)) {
            cutPss++;
        }
        // Only Swap includes shared memory. Without SwapPss, no figure was divided and cut.
        long swapPss = mapping[Usage.Field.SWAP_PSS.ordinal()];
        if (swapPss > 0 && mapping[Usage.Field.SWAP.ordinal()] > swapPss) {
            cutSwapPss++;
        }
    }

    private void field(byte[] bytes, int from, int to) throws SmapsFormatException {
        int colon = indexOf((byte) ':', bytes, from, to);
        if (colon < 0) {
            return;
        }
        Usage.Field field = fieldNamed(bytes, from, colon);
        if (field != null) {
            mapping[field.ordinal()] = kilobytes(bytes, from, colon + 1, to);
        }
    }

    /** Returns the field whose name is {@code bytes[from..to)}, or {@code null}. */
    static Usage.Field fieldNamed(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length >= BY_LENGTH.length || BY_LENGTH[length] == null) {
            return null;
        }
        for (Usage.Field field : BY_LENGTH[length]) {
            if (Arrays.equals(NAMES[field.ordinal()], 0, length, bytes, from, to)) {
                return field;
            }
        }
        return null;
    }

    /** Reads the rest of a line, which must be a size such as {@code " 1234 kB"}. */
    private long kilobytes(byte[] bytes, int lineFrom, int from, int to)
            throws SmapsFormatException {
        int i = from;
        while (i < to && (bytes[i] == ' ' || bytes[i] == '\t')) {
            i++;
        }
        int digits = i;
        long value = 0;
        while (i < to && isDigit(bytes[i])) {
            value = value * 10 + (bytes[i] - '0');
            if (value > MAX_KB) {
                throw malformed(bytes, lineFrom, to);
            }
            i++;
        }
        if (i == digits || !Arrays.equals(KB, 0, KB.length, bytes, i, to)) {
            throw malformed(bytes, lineFrom, to);
        }
        return value;
    }

    private SmapsFormatException malformed(byte[] bytes, int from, int to) {
        String line = new String(bytes, from, Math.min(to - from, 80), StandardCharsets.ISO_8859_1);
        return new SmapsFormatException(
                "not a size in kB: '" + Text.printable(line) + "'", lineOffset);
    }

    /** Returns whether a line starts with addresses such as {@code 55d0c0ffe000-55d0c1000000 }. */
    private static boolean isHeader(byte[] bytes, int from, int to) {
        int dash = afterHex(bytes, from, to);
        if (dash == to || bytes[dash] != '-') {
            return false;
        }
        int blank = afterHex(bytes, dash + 1, to);
        return blank > dash + 1 && blank < to && bytes[blank] == ' ';
    }

    private static int afterHex(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && isHexDigit(bytes[i])) {
            i++;
        }
        return i;
    }

    /** Returns whether a mapping is the heap; names of files start with a slash. */
    private static boolean isNamedHeap(byte[] bytes, int from, int to) {
        int name = to - HEAP.length;
        return name > from
                && bytes[name - 1] == ' '
                && Arrays.equals(HEAP, 0, HEAP.length, bytes, name, to)
                && isSixthWord(bytes, from, name);
    }

    /** Distinguishes the heap from a file whose name ends in {@code " [heap]"}. */
    private static boolean isSixthWord(byte[] bytes, int from, int word) {
        int words = 0;
        for (int i = from; i < word; i++) {
            if (bytes[i] != ' ' && (i == from || bytes[i - 1] == ' ')) {
                words++;
            }
        }
        return words == 5;
    }

    static int indexOf(byte wanted, byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** Returns whether a byte may be part of an address; fields start with a capital instead. */
    private static boolean isHexDigit(byte b) {
        return isDigit(b) || (b >= 'a' && b <= 'f');
    }

    private static byte[][] fieldNames() {
        byte[][] names = new byte[FIELDS.length][];
        for (Usage.Field field : FIELDS) {
            names[field.ordinal()] = field.kernelName.getBytes(StandardCharsets.US_ASCII);
        }
        return names;
    }

    private static Usage.Field[][] fieldsByLength() {
        Usage.Field[][] byLength = new Usage.Field[16][];
        for (Usage.Field field : FIELDS) {
            int length = field.kernelName.length();
            Usage.Field[] others = byLength[length] == null ? new Usage.Field[0] : byLength[length];
            byLength[length] = Arrays.copyOf(others, others.length + 1);
            byLength[length][others.length] = field;
        }
        return byLength;
    }
}
