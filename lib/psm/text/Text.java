package psm.text;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.TimeZone;

/**
 * Decodes, encodes, cuts and escapes text. Any user can choose names of processes and files, which
 * may contain every byte except 0.
 *
 * <p>A byte that is not part of UTF-8 is decoded to the lone surrogate U+DC00 + byte, so that no
 * byte is lost and no two names become the same.
 */
public final class Text {
    /** The length to which names of programs are cut, in code points. */
    public static final int MAX_NAME_CHARS = 256;

    /** The number of marks that letters have in any language: Hebrew and Thai need three. */
    private static final int MAX_MARKS = 3;

    private static final char SURROGATE_BASE = '\uDC00';

    private static final long SECONDS_PER_DAY = 86_400;

    /** The days of 400 years, after which the calendar repeats itself. */
    private static final long DAYS_PER_ERA = 146_097;

    private Text() {}

    /** Decodes {@code bytes[from..to)}. */
    public static String decode(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] < 0) {
                return decodeUtf8(bytes, from, to);
            }
        }
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static String decodeUtf8(byte[] bytes, int from, int to) {
        CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes, from, to - from);
        CharBuffer out = CharBuffer.allocate(to - from);
        while (true) {
            CoderResult result = utf8.decode(in, out, true);
            if (!result.isMalformed()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (SURROGATE_BASE + (in.get() & 0xFF)));
            }
        }
    }

    /** Returns the bytes that {@link #decode} turns into a text. */
    public static byte[] encode(String text) {
        int length = text.length();
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                return encodeUtf8(text);
            }
            bytes[i] = (byte) c;
        }
        return bytes;
    }

    private static byte[] encodeUtf8(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(2 * text.length());
        int from = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (isUndecodedByte(c)) {
                out.writeBytes(text.substring(from, i).getBytes(StandardCharsets.UTF_8));
                out.write(c - SURROGATE_BASE);
                from = i + 1;
            }
            i += Character.charCount(c);
        }
        out.writeBytes(text.substring(from).getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    /**
     * Formats a time to the second, as {@code 2026-11-23T15:51:01Z}. The result is that of {@link
     * Instant#toString} for the years 0 to 9999, but no other class of java.time is loaded, which
     * saves time in a run without options. The date is computed by civil_from_days of Howard
     * Hinnant's chrono-compatible low-level date algorithms, whose years start in March.
     */
    public static String utc(Instant at) {
        long days = Math.floorDiv(at.getEpochSecond(), SECONDS_PER_DAY);
        int seconds = (int) Math.floorMod(at.getEpochSecond(), SECONDS_PER_DAY);
        long sinceYear0 = days + 719_468;
        long era = Math.floorDiv(sinceYear0, DAYS_PER_ERA);
        long dayOfEra = Math.floorMod(sinceYear0, DAYS_PER_ERA);
        long yearOfEra =
                (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        long monthFromMarch = (5 * dayOfYear + 2) / 153;
        long month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        long year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
        StringBuilder out = new StringBuilder(20);
        twoDigits(out, year / 100);
        twoDigits(out, year % 100).append('-');
        twoDigits(out, month).append('-');
        twoDigits(out, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1).append('T');
        twoDigits(out, seconds / 3_600).append(':');
        twoDigits(out, seconds / 60 % 60).append(':');
        return twoDigits(out, seconds % 60).append('Z').toString();
    }

    /**
     * Formats a time as {@link #utc} does, but in the user's time zone, as {@code
     * 2026-11-23T16:51:01+01:00}.
     */
    public static String local(Instant at) {
        int seconds = TimeZone.getDefault().getOffset(at.toEpochMilli()) / 1_000;
        int minutes = Math.abs(seconds) / 60;
        String utc = utc(at.plusSeconds(seconds));
        StringBuilder out = new StringBuilder(25).append(utc, 0, utc.length() - 1);
        out.append(seconds < 0 ? '-' : '+');
        twoDigits(out, minutes / 60).append(':');
        return twoDigits(out, minutes % 60).toString();
    }

    private static StringBuilder twoDigits(StringBuilder out, long number) {
        return out.append(number / 10).append(number % 10);
    }

    /** Cuts a text to a number of characters (code points). */
    public static String cut(String text, int characters) {
        return text.length() <= characters || text.codePointCount(0, text.length()) <= characters
                ? text
                : text.substring(0, text.offsetByCodePoints(0, characters));
    }

    /** Returns whether the bytes of a text are valid UTF-8. */
    public static boolean isUtf8(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                int c = text.codePointAt(i);
                if (isUndecodedByte(c)) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /**
     * Returns a text that is safe to print on a terminal: bytes that are not UTF-8, characters that
     * are invisible or harmful, and marks that would pile up over other lines, are escaped, as
     * {@code \\x1b}.
     */
    public static String printable(String text) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < ' ' || c >= 0x7F) {
                return escapedFrom(i, text);
            }
        }
        return text;
    }

    private static String escapedFrom(int start, String text) {
        StringBuilder out = new StringBuilder(text.length() + 16).append(text, 0, start);
        int marks = 0;
        for (int i = start; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            marks = isMark(c) ? marks + 1 : 0;
            if (isUndecodedByte(c)) {
                appendHex(out, c - SURROGATE_BASE);
            } else if (isHarmful(c) || marks > MAX_MARKS) {
                appendEscape(out, c);
            } else {
                out.appendCodePoint(c);
            }
        }
        return out.toString();
    }

    /**
     * Returns what {@link #printable} returns, with each backslash doubled, so that no two texts
     * look the same.
     */
    public static String escaped(String text) {
        return printable(text.replace("\\", "\\\\"));
    }

    /** Returns a text that UTF-8 can encode: other bytes are escaped, as {@code \xff}. */
    public static String encodable(String text) {
        return isUtf8(text) ? text : withBytesEscaped(text, "\\");
    }

    /**
     * Returns a text whose bytes that are not UTF-8 are escaped, as {@code \xff}, with each
     * backslash doubled, so that no two texts look the same.
     */
    public static String escapedBytes(String text) {
        return withBytesEscaped(text, "\\\\");
    }

    private static String withBytesEscaped(String text, String backslash) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (isUndecodedByte(c)) {
                appendHex(out, c - SURROGATE_BASE);
            } else if (c == '\\') {
                out.append(backslash);
            } else {
                out.appendCodePoint(c);
            }
        }
        return out.toString();
    }

    private static boolean isMark(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK;
    }

    /** Returns whether a character stands for a byte that is not UTF-8. */
    private static boolean isUndecodedByte(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }

    /**
     * Returns whether a character is a control character, is invisible, reorders the text around
     * it, or is a blank other than ASCII's.
     */
    public static boolean isHarmful(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED ->
                    true;
            case Character.SPACE_SEPARATOR -> c != ' ';
            default -> isInvisible(c);
        };
    }

    /**
     * Returns whether a character is a letter or mark without width: a Default_Ignorable_Code_Point
     * of Unicode that is not a format character, or the blank of Braille.
     */
    private static boolean isInvisible(int c) {
        return c == 0x034F
                || c == 0x115F
                || c == 0x1160
                || c == 0x17B4
                || c == 0x17B5
                || (c >= 0x180B && c <= 0x180F)
                || c == 0x2800
                || c == 0x3164
                || (c >= 0xFE00 && c <= 0xFE0F)
                || c == 0xFFA0
                || (c >= 0xE0100 && c <= 0xE01EF);
    }

    private static void appendEscape(StringBuilder out, int c) {
        switch (c) {
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                if (c < 0x80) {
                    appendHex(out, c);
                } else {
                    out.append("\\u{").append(Integer.toHexString(c)).append('}');
                }
            }
        }
    }

    /** Adds a byte as an escape, such as {@code \\x1b}. */
    public static void appendHex(StringBuilder out, int b) {
        out.append("\\x")
                .append(Character.forDigit((b >> 4) & 0xF, 16))
                .append(Character.forDigit(b & 0xF, 16));
    }
}
