package psm.snapshot;

import psm.scan.Snapshot;
import psm.text.Text;
import psm.text.Version;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Reads a snapshot in the {@link SnapshotFormat}. The file need not be trusted: the result could
 * always be that of a scan, and it is within the limits of the format. Not for sharing between
 * threads.
 */
public final class SnapshotReader extends NumberInput {
    private static final int START_BYTES = 1 << 16;

    /** The start and end of each known section's content, by tag. */
    private final Map<Integer, int[]> sections = new HashMap<>();

    private String[] texts;

    private SnapshotReader(byte[] bytes, int length) {
        super(bytes, length);
    }

    /** Returns whether a file with that start may be a snapshot, of any version. */
    static boolean isStart(byte[] bytes, int length) {
        int compared = Math.min(length, SnapshotFormat.MAGIC.length());
        for (int i = 0; i < compared; i++) {
            if (bytes[i] != SnapshotFormat.MAGIC.charAt(i)) {
                return false;
            }
        }
        return length > 0;
    }

    /**
     * Reads the snapshot in {@code bytes[0..length)}.
     *
     * @throws SnapshotFormatException if there is no snapshot, or it has another version
     */
    public static Snapshot read(byte[] bytes, int length) throws SnapshotFormatException {
        return new SnapshotReader(bytes, length).read();
    }

    /** Reads the snapshot in a stream. No other object keeps the bytes of the file. */
    static Snapshot read(InputStream in) throws IOException {
        SnapshotReader reader = new SnapshotReader(new byte[START_BYTES], 0);
        reader.load(in);
        return reader.read();
    }

    private void load(InputStream in) throws IOException {
        byte[] piece = new byte[START_BYTES]; // a stream of a file keeps the array that it reads to
        int n;
        while ((n = in.read(piece, 0, Math.min(piece.length, bytes.length - limit))) >= 0) {
            System.arraycopy(piece, 0, bytes, limit, n);
            limit += n;
            if (!isStart(bytes, limit)) {
                break;
            }
            if (limit > SnapshotFormat.MAX_BYTES) {
                throw new SnapshotFormatException(
                        "has more than "
                                + (SnapshotFormat.MAX_BYTES >> 20)
                                + " MB, so it is not a snapshot");
            }
            if (limit == bytes.length) {
                int more = Math.min(2 * limit, SnapshotFormat.MAX_BYTES + 1);
                bytes = Arrays.copyOf(bytes, more);
            }
        }
        if (limit == 0) {
            throw new SnapshotFormatException("is empty: 'psm -o snapshot' has written nothing");
        }
    }

    /**
     * Reads the tables of the snapshot in {@code bytes[0..length)}. Whether they are those of a
     * scan is known when {@link SnapshotBuilder} makes it.
     *
     * @throws SnapshotFormatException if there is no snapshot, or it has another version
     */
    public static SnapshotTables tables(byte[] bytes, int length) throws SnapshotFormatException {
        return new SnapshotReader(bytes, length).tables();
    }

    private Snapshot read() throws SnapshotFormatException {
        return new SnapshotBuilder(tables()).snapshot();
    }

    private SnapshotTables tables() throws SnapshotFormatException {
        header();
        checkEnd();
        findSections();
        texts();
        dropTexts();
        SnapshotTables tables = new SnapshotTables(texts);
        for (int tag : SnapshotFormat.TABLES) {
            if (isRequired(tag) || sections.containsKey(tag)) {
                tables.put(tag, table(tag));
            }
        }
        bytes = null;
        texts = null;
        return tables;
    }

    /** Returns whether a section is in the files of all versions of psm. */
    private static boolean isRequired(int tag) {
        return tag == SnapshotFormat.SCAN
                || tag == SnapshotFormat.PROCESSES
                || tag == SnapshotFormat.UNMEASURED
                || tag == SnapshotFormat.SLOWEST;
    }

    private void header() throws SnapshotFormatException {
        if (!isStart(bytes, limit)) {
            throw new SnapshotFormatException("is not a snapshot; 'psm -o snapshot' writes one");
        }
        int end = 0;
        while (end < limit && end < SnapshotFormat.MAX_HEADER_BYTES && bytes[end] != '\n') {
            end++;
        }
        if (end == limit) {
            throw cut();
        }
        String line = new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
        int by = line.indexOf(SnapshotFormat.BY, SnapshotFormat.MAGIC.length());
        if (by < 0 || bytes[end] != '\n') {
            throw new SnapshotFormatException(
                    "starts like a snapshot but is not one; 'psm -o snapshot' writes one");
        }
        String version = line.substring(SnapshotFormat.MAGIC.length(), by);
        if (!version.equals(Integer.toString(SnapshotFormat.VERSION))) {
            throw new SnapshotFormatException(
                    "was written by psm "
                            + line.substring(by + SnapshotFormat.BY.length())
                            + " in version "
                            + version
                            + " of its format, and this psm "
                            + Version.CURRENT
                            + " knows version "
                            + SnapshotFormat.VERSION
                            + "; read it with that psm");
        }
        at = end + 1;
    }

    private static SnapshotFormatException cut() {
        return new SnapshotFormatException(
                "is cut: its end is missing; have 'psm -o snapshot' write it again");
    }

    private void checkEnd() throws SnapshotFormatException {
        int end = limit - SnapshotFormat.END_BYTES;
        if (end < at
                || intAt(end) != SnapshotFormat.END
                || intAt(end + Integer.BYTES) != Integer.BYTES) {
            throw cut();
        }
        CRC32 sum = new CRC32();
        sum.update(bytes, 0, end);
        if ((int) sum.getValue() != intAt(end + SnapshotFormat.SECTION_HEAD_BYTES)) {
            throw new SnapshotFormatException(
                    "is damaged: its checksum is wrong; have 'psm -o snapshot' write it again");
        }
        limit = end;
    }

    private void findSections() throws SnapshotFormatException {
        int end = limit;
        while (at < end) {
            int tag = readInt();
            int length = readLength(end);
            boolean isKnown = tag == SnapshotFormat.TEXTS || SnapshotFormat.TABLES.contains(tag);
            if (isKnown && sections.put(tag, new int[] {at, at + length}) != null) {
                throw damaged("a section occurs twice");
            }
            at += length;
        }
    }

    /** Starts to read a section. */
    private void enter(int tag) throws SnapshotFormatException {
        int[] section = sections.get(tag);
        if (section == null) {
            throw damaged("a section is missing");
        }
        at = section[0];
        limit = section[1];
    }

    private void texts() throws SnapshotFormatException {
        enter(SnapshotFormat.TEXTS);
        texts = new String[readCount(SnapshotFormat.MAX_TEXTS, "texts")];
        long chars = 0;
        for (int i = 0; i < texts.length; i++) {
            int length = readCount(SnapshotFormat.MAX_TEXT_BYTES, "bytes in a text");
            texts[i] = Text.decode(bytes, at, at + length);
            at += length;
            chars += texts[i].length();
            if (chars > SnapshotFormat.MAX_CHARS) {
                throw damaged("it has more text than a snapshot may have");
            }
        }
        if (at != limit) {
            throw damaged("there are bytes after the texts");
        }
    }

    /** Drops the bytes of the texts, which are at the end of the files that psm writes. */
    private void dropTexts() {
        int end = 0;
        for (Map.Entry<Integer, int[]> section : sections.entrySet()) {
            if (section.getKey() != SnapshotFormat.TEXTS) {
                end = Math.max(end, section.getValue()[1]);
            }
        }
        bytes = Arrays.copyOf(bytes, end);
    }

    private SnapshotTable table(int tag) throws SnapshotFormatException {
        enter(tag);
        int end = limit;
        SnapshotTable table = new SnapshotTable(readCount(SnapshotFormat.maxRows(tag), "rows"));
        while (at < end) {
            int keyLength = readCount(end - at, "letters");
            int key = at;
            at += keyLength;
            int length = readLength(end);
            int next = at + length;
            int slot = SnapshotSlots.slot(tag, bytes, key, keyLength);
            limit = next;
            if (slot >= 0 && !table.put(slot, values(table.rows(), slot))) {
                throw damaged("a column occurs twice");
            }
            at = next;
            limit = end;
        }
        return table;
    }

    /** Reads the values of a column, which must end at {@link #limit}. */
    private long[] values(int count, int slot) throws SnapshotFormatException {
        if (count > limit - at) {
            throw damaged("a column is too short");
        }
        long min = SnapshotSlots.min(slot);
        long max = SnapshotSlots.isText(slot) ? texts.length : SnapshotSlots.max(slot);
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            long value = readSigned();
            if (value < min || value > max) {
                throw damaged("a column has " + value);
            }
            values[i] = value;
        }
        if (at != limit) {
            throw damaged("a column is too long");
        }
        return values;
    }
}
