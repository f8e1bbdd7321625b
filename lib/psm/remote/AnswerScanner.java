package psm.remote;

import psm.probe.ProbeFormat;
import psm.snapshot.SnapshotFormat;

import java.nio.charset.StandardCharsets;

/**
 * Finds where the answer of a machine begins, behind what its login shell prints, and where a probe
 * ends, as the bytes come in. No content of a process can end it: in a probe, content stands behind
 * the name of its file, in lines or in records that end with a NUL.
 */
final class AnswerScanner {
    private static final byte[] PROBE = bytes(ProbeFormat.MAGIC);
    private static final byte[] SNAPSHOT = bytes(SnapshotFormat.MAGIC);
    private static final byte[] RECORDING = bytes(RecordingScript.MAGIC);
    private static final byte[] END = bytes(ProbeFormat.END);

    /** The start of a line that decides what it is: the longest is that of a section. */
    private static final int LINE_START_BYTES = 32;

    /** The length of what is shown of an answer that is neither a probe nor a snapshot. */
    private static final int MAX_NOISE_CHARS = 200;

    /** With which an answer begins. */
    private final byte[][] starts;

    private final byte[] line = new byte[LINE_START_BYTES];
    private int lineBytes;
    private final StringBuilder noise = new StringBuilder();
    private byte[] start;
    private String version;
    private boolean isInRecords;
    private boolean isEnded;

    private AnswerScanner(byte[]... starts) {
        this.starts = starts;
    }

    /** Makes the scanner of a probe, or of a snapshot of a psm. */
    static AnswerScanner ofProbe() {
        return new AnswerScanner(PROBE, SNAPSHOT);
    }

    /** Makes the scanner of a recording, whose end {@link #end} reports. */
    static AnswerScanner ofRecording() {
        return new AnswerScanner(RECORDING);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Returns whether the answer has begun. */
    boolean isStarted() {
        return start != null;
    }

    /** Returns whether the answer is a probe, not the snapshot of a psm. */
    boolean isProbe() {
        return start == PROBE;
    }

    /** Returns whether the answer is the snapshot of a psm. */
    boolean isSnapshot() {
        return start == SNAPSHOT;
    }

    /** Returns the number of a probe's version; {@code null} if it is not known. */
    String version() {
        return version != null && version.matches("[0-9]+") ? version : null;
    }

    /** Returns whether the end mark of a probe has come, or that of a recording. */
    boolean isEnded() {
        return isEnded;
    }

    /** Notes that the end of a recording has come. */
    void end() {
        isEnded = true;
    }

    /** Returns the start of the line with which an answer has begun: it has passed already. */
    byte[] start() {
        return start.clone();
    }

    /**
     * Skips what comes before an answer.
     *
     * @return the position behind {@link #start()}; {@code to} if it has not come yet
     */
    int skipNoise(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            if (noise.length() < MAX_NOISE_CHARS) {
                noise.append((char) (b & 0xFF));
            }
            next(b);
            for (byte[] each : starts) {
                if (is(each)) {
                    start = each;
                    return i + 1;
                }
            }
        }
        return to;
    }

    /** Looks at a part of the answer, which must have begun; returns the position of its end. */
    int scan(byte[] bytes, int from, int to) {
        if (!isProbe()) {
            return to;
        }
        for (int i = from; i < to; i++) {
            byte b = bytes[i];
            boolean isNewline = b == '\n';
            if (isNewline && (!isInRecords || lineBytes == 0 || line[0] == '#')) {
                endLine();
                if (isEnded) {
                    return i + 1;
                }
            } else if (isInRecords && b == 0) {
                lineBytes = 0;
            } else {
                keep(b);
            }
        }
        return to;
    }

    private void endLine() {
        if (version == null) { // the first line
            String whole = new String(line, 0, lineBytes, StandardCharsets.ISO_8859_1);
            version = whole.substring(PROBE.length).strip();
        }
        if (lineBytes > 0 && line[0] == '#') {
            isEnded = is(END);
            String text = new String(line, 0, lineBytes, StandardCharsets.ISO_8859_1);
            isInRecords = ProbeFormat.startsRecords(text);
        }
        lineBytes = 0;
    }

    private void next(byte b) {
        if (b == '\n' || b == '\r') {
            lineBytes = 0;
        } else {
            keep(b);
        }
    }

    private void keep(byte b) {
        if (lineBytes < LINE_START_BYTES) {
            line[lineBytes++] = b;
        }
    }

    private boolean is(byte[] beginning) {
        if (lineBytes < beginning.length) {
            return false;
        }
        for (int i = 0; i < beginning.length; i++) {
            if (line[i] != beginning[i]) {
                return false;
            }
        }
        return true;
    }

    /** Returns the first words before the answer, in one line, for a message. */
    String printableNoise() {
        byte[] latin = noise.toString().getBytes(StandardCharsets.ISO_8859_1);
        return Complaints.line(latin, latin.length);
    }
}
