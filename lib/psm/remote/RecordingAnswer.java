package psm.remote;

import psm.text.Failure;
import psm.text.Text;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The recording that a machine has sent: a header line before each segment, with its name and its
 * size. The segments are written into files as they come. All may be forged, so each name is
 * checked, and no content can end a segment early.
 */
public final class RecordingAnswer extends Answer {
    /** The limit of a recording: a month has some 100 MB. */
    private static final long MAX_BYTES = 128 << 20;

    /** The limit of its segments: a month has 30, or some hundred if busy. */
    private static final int MAX_SEGMENTS = 10_000;

    private static final int MAX_LINE_BYTES = 100;

    private static final Pattern SEGMENT =
            Pattern.compile("#segment ([0-9]{6}|[1-9][0-9]{6,14})[.]psmrec ([0-9]{1,12})");

    private static final Pattern TIME = Pattern.compile("#time ([0-9]{1,11})");

    /** What a machine lacks. */
    public enum Lack {
        RECORDING,
        PERMISSION,
        STAT
    }

    private final AnswerFolder parent;
    private final StringBuilder line = new StringBuilder();

    /** The folder of the segments; {@code null} without one. */
    private Path folder;

    /** The segment that comes in; {@code null} between segments. */
    private OutputStream segment;

    /** How much of it is missing. */
    private long left;

    private int segments;
    private String version;
    private Lack lack;

    /** What is wrong with the answer; {@code null} if nothing is. */
    private String problem;

    /** The clock there, and the one here when it came; {@code null} if it did not. */
    private Instant clock;

    private Instant clockAt;

    RecordingAnswer(String host, AnswerMemory memory, AnswerFolder parent) {
        super(host, memory, AnswerScanner.ofRecording());
        this.parent = parent;
    }

    /** Returns what the machine lacks, so that there is no recording; {@code null} for nothing. */
    public Lack lack() {
        return lack;
    }

    /** Returns what is wrong with the answer; {@code null} if nothing is. */
    public String problem() {
        return problem;
    }

    /** Returns the folder of the segments, which exists until the answer was received. */
    public Path folder() {
        return folder;
    }

    /** Returns the clock there, when the answer began; {@code null} if it is not known. */
    public Instant clock() {
        return clock;
    }

    /** Returns the clock here at that time. */
    public Instant clockAt() {
        return clockAt;
    }

    @Override
    void begin() {
        // The segments do not contain the first line.
    }

    @Override
    void keep(byte[] part, int from, int to) throws InterruptedException {
        count(to - from, MAX_BYTES);
        take(to - from);
        int at = from;
        while (at < to && !scanner().isEnded() && !isTooLarge()) {
            if (segment != null) {
                int length = (int) Math.min(left, to - at);
                write(part, at, length);
                at += length;
            } else if (part[at] == '\n') {
                at++;
                endLine();
            } else if (line.length() < MAX_LINE_BYTES) {
                line.append((char) (part[at++] & 0xFF));
            } else {
                endLine();
            }
        }
    }

    private void write(byte[] part, int at, int length) throws InterruptedException {
        OutputStream file = segment; // which another thread closes if the machine is too slow
        try {
            if (file != null) {
                file.write(part, at, length);
            }
            left -= length;
            if (left == 0) {
                close();
            }
        } catch (ClosedByInterruptException e) {
            throw new InterruptedException(); // psm waits no longer for this machine
        } catch (IOException e) {
            fail(e);
        }
    }

    private void fail(IOException e) {
        end("cannot be kept in " + AnswerFolder.parent() + ": " + Failure.reason(e));
    }

    /** Ends the answer, as nothing can follow. */
    private void end(String why) {
        problem = why;
        scanner().end();
    }

    private void endLine() {
        String text = line.toString();
        line.setLength(0);
        Matcher found = SEGMENT.matcher(text);
        if (version == null) {
            version = text;
            if (!text.equals(RecordingScript.VERSION)) {
                end("is of version " + printable(text) + ", which this psm does not know");
            }
        } else if (found.matches() && segments < MAX_SEGMENTS) {
            segments++;
            begin(found.group(1) + ".psmrec", Long.parseLong(found.group(2)));
        } else if (text.startsWith("#end ")) {
            boolean isWhole = text.equals("#end " + segments) && segments > 0;
            end(isWhole ? null : "is not whole: " + printable(text));
        } else {
            about(text);
        }
    }

    private void about(String text) {
        Matcher time = TIME.matcher(text);
        if (time.matches()) {
            clock = Instant.ofEpochSecond(Long.parseLong(time.group(1)));
            clockAt = Instant.now();
            return;
        }
        lack =
                switch (text) {
                    case "#none" -> Lack.RECORDING;
                    case "#denied" -> Lack.PERMISSION;
                    case "#lacks stat" -> Lack.STAT;
                    default -> null;
                };
        if (lack != null) {
            scanner().end();
        } else if (!text.isEmpty()) {
            end("makes no sense: " + printable(text));
        }
    }

    private static String printable(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return Text.printable(Text.decode(bytes, 0, bytes.length));
    }

    private void begin(String name, long size) {
        try {
            folder = folder == null ? parent.make() : folder;
            segment = parent.create(folder, name);
            left = size;
            if (size == 0) {
                close();
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    @Override
    void finish() throws InterruptedException {
        note();
        close();
    }

    private void close() {
        OutputStream file = segment;
        segment = null;
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            fail(e);
        }
    }

    @Override
    void forget() {
        close();
        if (folder != null) {
            AnswerFolder.remove(folder);
        }
    }

    @Override
    String tooLarge() {
        return "its recording of that time is too large: more than "
                + (MAX_BYTES >> 20)
                + " MB; name a later --since";
    }
}
