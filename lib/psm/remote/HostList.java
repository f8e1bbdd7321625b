package psm.remote;

import psm.proc.FileName;
import psm.text.Failure;
import psm.text.Text;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A list of machines as users write it: names with commas between them and ranges in brackets, such
 * as {@code web1,root@db[01-08]}. A name goes to another program as one word, and psm starts no
 * shell for it; still, no name is accepted that a shell or a program could take for anything else.
 */
public final class HostList {
    /** The name of standard input. */
    public static final String STANDARD_INPUT = "-";

    /** The start of the name of a file with lists. */
    public static final char OF_FILE = '@';

    /**
     * The limit for the machines of a list. With more, the mistake of one digit in a range would
     * start more processes than a machine can hold.
     */
    static final int MAX_HOSTS = 10_000;

    /** The limit for a file with lists: no 10,000 names are longer. */
    private static final int MAX_FILE_BYTES = 4 * 1024 * 1024;

    /** The limit for a name: a DNS name has at most 253 characters; this one may have a user. */
    private static final int MAX_NAME_CHARS = 512;

    /** The limit for the digits of a number in a range: more could overflow. */
    private static final int MAX_DIGITS = 9;

    /** The characters that are part of names beside letters and digits. */
    private static final String MARKS = "._-/:@+=%";

    private static final String RANGES = "a range is like db[01-08] or db[1,3-5]";

    /** What the user typed, for messages. */
    private final String asked;

    private final Set<String> hosts = new LinkedHashSet<>();

    /** The number of names, also of those that stand twice. */
    private int named;

    /** The line of the file that is read; 0 outside of files. */
    private int line;

    private HostList(String asked) {
        this.asked = asked;
    }

    /**
     * Returns the names of a list, each once, in the order of the list. Addresses of IPv6 have no
     * brackets any more.
     *
     * @param option the option with the list, for messages
     * @param list names and ranges, or {@code @FILE}, or {@link #STANDARD_INPUT}
     * @throws Failure if a name or a range is malformed, or there is none
     */
    public static List<String> parse(String option, String list) throws Failure {
        HostList parsed = new HostList(option + " " + (list.isBlank() ? "'" + list + "'" : list));
        boolean isFile = !list.isEmpty() && list.charAt(0) == OF_FILE;
        if (isFile || list.equals(STANDARD_INPUT)) {
            parsed.addLines(parsed.content(isFile ? list.substring(1) : list));
        } else {
            parsed.addList(list);
        }
        if (parsed.hosts.isEmpty()) {
            throw parsed.refused("contains no names; write one in each line");
        }
        return List.copyOf(parsed.hosts);
    }

    // Files

    private String content(String file) throws Failure {
        if (file.isEmpty()) {
            throw refused("needs the name of a file: @FILE");
        }
        boolean isStandardInput = file.equals(STANDARD_INPUT);
        if (!isStandardInput && Files.isDirectory(FileName.path(file))) {
            throw refused("is a folder; it takes a file with a name in each line");
        }
        try (InputStream in =
                isStandardInput
                        ? new FileInputStream(FileDescriptor.in)
                        : Files.newInputStream(FileName.path(file))) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw refused("is larger than 4 MB, so it is no list of machines");
            }
            return Text.decode(bytes, 0, bytes.length);
        } catch (IOException e) {
            throw refused("cannot be read: " + Failure.reason(e));
        }
    }

    /** Adds the lists in lines; a # at the start of a line or behind a blank starts a comment. */
    private void addLines(String text) throws Failure {
        for (String each : text.split("\n", -1)) {
            line++;
            String list = each.replaceFirst("(^|[ \t])#.*", "").strip();
            if (!list.isEmpty()) {
                addList(list);
            }
        }
        line = 0;
    }

    // Lists and ranges

    private void addList(String list) throws Failure {
        int depth = 0;
        int from = 0;
        for (int i = 0; i <= list.length(); i++) {
            char c = i < list.length() ? list.charAt(i) : ',';
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            if (depth < 0 || depth > 1 || (i == list.length() && depth > 0)) {
                throw refused(quoted(list) + " has brackets without a partner; " + RANGES);
            }
            if (c == ',' && depth == 0) {
                addItem(list.substring(from, i));
                from = i + 1;
            }
        }
    }

    private void addItem(String item) throws Failure {
        if (item.isEmpty()) {
            throw refused("has an empty name; it takes names with commas between them");
        }
        if (item.charAt(0) == OF_FILE) {
            throw refused(quoted(item) + " stands alone: one @FILE, without other names");
        }
        String problem = problem(item);
        if (problem != null) {
            throw refused(quoted(item) + " " + problem);
        }
        if (isIpv6(item)) {
            add(item.replace("[", "").replace("]", ""));
        } else {
            expand("", item);
        }
    }

    /** Returns what is wrong with a name, which may contain ranges; {@code null} if it is right. */
    private static String problem(String item) {
        if (item.length() > MAX_NAME_CHARS) {
            return "is too long for a name";
        }
        String host = item.substring(item.lastIndexOf('@') + 1);
        if (item.charAt(0) == '-' || host.startsWith("-")) {
            return "begins with a dash, so that programs would take it for an option";
        }
        if (host.isEmpty() || item.charAt(0) == '@') {
            return "has no name " + (host.isEmpty() ? "behind" : "before") + " the @";
        }
        for (int i = 0; i < item.length(); i++) {
            char c = item.charAt(i);
            if (Character.isWhitespace(c)) {
                return "contains a blank; a list has commas and no blanks";
            }
            if (c > 0x7F) {
                return "contains more than ASCII; use the name that DNS knows (xn--...)";
            }
            if (!isPlain(c) && c != '[' && c != ']' && c != ',') {
                return "contains " + Text.printable(String.valueOf(c)) + ", which no name has";
            }
        }
        boolean hasMark = host.indexOf(':') >= 0 || host.indexOf('%') >= 0;
        return hasMark && !isIpv6(item)
                ? "contains a "
                        + (host.indexOf(':') >= 0 ? "colon" : "%")
                        + ", and is no address of"
                        + " IPv6; a port belongs to ssh: --ssh 'ssh -p 2222'"
                : null;
    }

    private static boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || MARKS.indexOf(c) >= 0;
    }

    /** Returns whether a name is an address like {@code ::1} or {@code user@[fe80::1%eth0]}. */
    private static boolean isIpv6(String item) {
        String address = "[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*(%[\\w.-]+)?";
        return item.matches("([^\\[\\]]+@)?(\\[" + address + "\\]|" + address + ")");
    }

    /** Adds all names that begin with a text and go on with an item, which may contain ranges. */
    private void expand(String start, String item) throws Failure {
        int open = item.indexOf('[');
        if (open < 0) {
            add(start + item);
            return;
        }
        int close = item.indexOf(']', open);
        String before = start + item.substring(0, open);
        String rest = item.substring(close + 1);
        for (String range : item.substring(open + 1, close).split(",", -1)) {
            String[] ends = range.split("-", 2);
            String first = ends[0];
            String last = ends[ends.length - 1];
            requireNumbers(range, first, last);
            int width = first.charAt(0) == '0' ? first.length() : 1;
            long to = Long.parseLong(last);
            for (long number = Long.parseLong(first); number <= to; number++) {
                String digits = Long.toString(number);
                expand(before + "0".repeat(Math.max(0, width - digits.length())) + digits, rest);
            }
        }
    }

    private void requireNumbers(String range, String first, String last) throws Failure {
        String shown = "'[" + range + "]'";
        if (!first.matches("[0-9]+") || !last.matches("[0-9]+")) {
            throw refused(shown + " is no range of numbers; " + RANGES);
        }
        if (last.charAt(0) == '0' && last.length() != first.length()) {
            throw refused(shown + " has numbers with zeros of different lengths; " + RANGES);
        }
        if (first.length() > MAX_DIGITS || last.length() > MAX_DIGITS) {
            throw tooMany();
        }
        if (Long.parseLong(first) > Long.parseLong(last)) {
            throw refused(shown + " goes down; write the smaller number first");
        }
    }

    private void add(String host) throws Failure {
        hosts.add(host);
        if (++named > MAX_HOSTS) {
            throw tooMany();
        }
    }

    private Failure tooMany() {
        return refused("names more than 10,000 machines; ask some of them at a time");
    }

    private Failure refused(String problem) {
        return Failure.usage(asked + (line > 0 ? ", line " + line : "") + ": " + problem, null);
    }

    private static String quoted(String text) {
        return "'" + Text.cut(text, MAX_NAME_CHARS) + "'";
    }
}
