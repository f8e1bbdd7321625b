package psm.fuzzing;

import psm.name.ProgramName;
import psm.name.ScriptName;
import psm.proc.ProcStat;
import psm.text.Text;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Checks the parser of {@code /proc/PID/stat}, and the rules for names. */
final class NameChecks {
    private static final char SURROGATE_BASE = '\uDC00';
    private static final String AFTER_COMM =
            ") S 1 1 1 0 -1 4194304 58 0 0 0 0 0 0 0 20 0 7 0 289588 2535424 312 1 1 1 4096 0 0\n";

    private NameChecks() {}

    /** Checks that any bytes are parsed or refused, and that any bytes can be a name. */
    static void stat(byte[] input) {
        ProcStat stat = ProcStat.parse(input, input.length);
        byte[] buffer = Arrays.copyOf(input, input.length + 8);
        Arrays.fill(buffer, input.length, buffer.length, (byte) ')');
        ProcStat ofBuffer = ProcStat.parse(buffer, input.length);
        FuzzTarget.require(
                stat == null ? ofBuffer == null : stat.equals(ofBuffer), "read past the end");
        if (stat != null) {
            requireFit(stat.comm());
            FuzzTarget.require(stat.startTime() >= 0, "started before the boot");
        }
        byte[] whole = around("1 (", input, AFTER_COMM);
        ProcStat named = ProcStat.parse(whole, whole.length);
        FuzzTarget.require(named != null, "a name hides the rest");
        FuzzTarget.require(Arrays.equals(encode(named.comm()), input), "another name");
        FuzzTarget.require(
                named.state() == 'S'
                        && named.flags() == 4194304
                        && named.threads() == 7
                        && named.startTime() == 289588
                        && named.startStack() == 4096,
                "a name changes the rest");
    }

    /**
     * The first byte says what may not be read (1: exe, 2: comm) and whether the command line is
     * cut (4); then come exe, comm and the command line, with a zero between them.
     */
    static void names(byte[] input) {
        if (input.length == 0) {
            return;
        }
        List<String> words = words(input);
        String exe = (input[0] & 1) != 0 ? null : words.get(0);
        String comm = (input[0] & 2) != 0 || words.size() < 2 ? null : words.get(1);
        List<String> arguments = words.subList(Math.min(2, words.size()), words.size());
        String first = arguments.isEmpty() ? "" : arguments.get(0);
        String name = ProgramName.of(exe, first, comm);
        requireFit(name);
        String base = exe == null ? null : ProgramName.ofExecutable(exe);
        FuzzTarget.require(base == null || exe.contains(base), "not of exe");
        String script = ScriptName.of(base, arguments, (input[0] & 4) != 0);
        if (script != null) {
            requireFit(script);
            int blank = script.indexOf(' ');
            FuzzTarget.require(blank > 0 && blank < script.length() - 1, "no script: " + script);
        }
        requireFit(new String(input, StandardCharsets.UTF_16));
    }

    private static List<String> words(byte[] input) {
        List<String> words = new ArrayList<>();
        int from = 1;
        while (from <= input.length) {
            int to = from;
            while (to < input.length && input[to] != 0) {
                to++;
            }
            String word = Text.decode(input, from, to);
            FuzzTarget.require(
                    Arrays.equals(encode(word), Arrays.copyOfRange(input, from, to)), "bytes lost");
            words.add(word);
            from = to + 1;
        }
        return words;
    }

    /** Checks that a name is harmless to a terminal and can be encoded. */
    static void requireFit(String text) {
        String printable = Text.printable(text);
        requirePrintable(printable);
        FuzzTarget.require(Text.printable(printable).equals(printable), "not printable: " + text);
        FuzzTarget.require(
                StandardCharsets.UTF_8.newEncoder().canEncode(Text.encodable(text)),
                "cannot be encoded");
    }

    /**
     * Checks that a text has no control characters, lone surrogates, or characters that reorder or
     * hide text.
     */
    static void requirePrintable(String text) {
        text.codePoints().forEach(NameChecks::requirePrintable);
    }

    private static void requirePrintable(int character) {
        switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    throw new AssertionError("shows U+" + Integer.toHexString(character));
            default -> {}
        }
    }

    /** Returns the bytes of a text. */
    private static byte[] encode(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        text.codePoints()
                .forEach(
                        c -> {
                            if (Character.getType(c) == Character.SURROGATE) {
                                bytes.write(c - SURROGATE_BASE);
                            } else {
                                bytes.writeBytes(
                                        Character.toString(c).getBytes(StandardCharsets.UTF_8));
                            }
                        });
        return bytes.toByteArray();
    }

    private static byte[] around(String before, byte[] input, String after) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(before.getBytes(StandardCharsets.US_ASCII));
        bytes.writeBytes(input);
        bytes.writeBytes(after.getBytes(StandardCharsets.US_ASCII));
        return bytes.toByteArray();
    }
}
