package psm.probe;

import psm.snapshot.SnapshotFormatException;

import java.io.IOException;
import java.io.InputStream;

/**
 * Reads what the script of {@code psm probe} printed, see {@code docs/probe.md}. It need not be
 * trusted: the result could always be that of a machine, and it is bounded. Belongs to one thread.
 */
public final class ProbeReader {
    /** The largest length of a line of the script itself. */
    private static final int MAX_LINE_BYTES = 128;

    private static final long MAX_NUMBER = 253_402_300_799L; // the year 9999, as in snapshots
    private static final int MAX_PAGE_BYTES = 1 << 20;

    private final ProbeInput in;
    private final ProbeAbout about = new ProbeAbout();
    private final ProbeContents contents = new ProbeContents();
    private final ProbeHostFiles host = new ProbeHostFiles(contents);
    private final ProbeProcesses processes = new ProbeProcesses(contents);

    /** The current section; {@code null} before the first. */
    private ProbeSection section;

    private int sections;

    /** Where the current section was cut, if it is so long; 0 if it has no such limit. */
    private long cutAt;

    /** What is wrong with the line before, which may be the last of a section that was cut. */
    private SnapshotFormatException problem;

    private ProbeReader(InputStream in) {
        this.in = new ProbeInput(in);
    }

    /**
     * Reads an answer of one machine.
     *
     * @throws SnapshotFormatException if it is none, not a whole one, or too large
     */
    public static ProbeFiles read(InputStream in) throws IOException {
        ProbeReader reader = new ProbeReader(in);
        reader.skipNoise();
        long count;
        do {
            count = reader.next();
        } while (count < 0);
        reader.requireEnd(count);
        return new ProbeFiles(reader.about, reader.contents, reader.host, reader.processes);
    }

    /** Goes to the first line after that of the version. */
    private void skipNoise() throws IOException {
        boolean isEmpty = true;
        while (in.start()) {
            isEmpty = false;
            String line = in.line(MAX_LINE_BYTES);
            if (line != null && line.equals(ProbeFormat.MAGIC + ProbeFormat.VERSION)) {
                in.startProbe();
                return;
            }
            if (line != null && line.matches(ProbeFormat.MAGIC + "[0-9]+")) {
                String version = line.substring(ProbeFormat.MAGIC.length());
                throw new SnapshotFormatException(ProbeFormat.problem(version));
            }
            if (line == null && !in.skip('\n')) {
                break;
            }
        }
        throw new SnapshotFormatException(
                isEmpty
                        ? "is empty: neither a snapshot nor a probe's output"
                        : "is neither a snapshot nor a probe's output; 'psm -o snapshot' and 'psm"
                                + " probe | ssh HOST sudo sh' write one");
    }

    /**
     * Reads the next line or record.
     *
     * @return the number of processes in the last line; -1 for each other line
     */
    private long next() throws IOException {
        if (!in.start()) {
            throw in.cut();
        }
        if (cutAt > 0 && in.position() > cutAt) { // behind the line or record that it has cut
            cutSection();
        }
        byte first = in.bytes[in.at];
        if (first == '\n' || (first == 0 && section != null && section.isOfRecords())) {
            in.at++;
            return -1;
        }
        if (first == '#') {
            return command();
        }
        requireNoProblem();
        if (section == null) {
            throw damaged("no section has started");
        }
        read(section);
        return -1;
    }

    private void read(ProbeSection of) throws IOException {
        switch (of) {
            case HOST, USERS -> {
                int end = wholeLine();
                fileOfHost(in.find(':', in.at, end), end);
            }
            case CGROUPS -> {
                int end = wholeLine();
                int slash = end;
                while (slash > in.at && in.bytes[slash - 1] != '/') {
                    slash--; // names of groups may contain colons, contents contain no slash
                }
                fileOfHost(in.find(':', slash, end), end);
            }
            case EXE_LINES -> {
                int end = wholeLine();
                processes.addLink(in.bytes, in.at, end);
                in.at = end + 1;
            }
            case EXE -> link();
            case CMDLINE -> fileOfProcess('\0');
            case ROLLUP, SMAPS -> {
                if (in.bytes[in.at] >= '0' && in.bytes[in.at] <= '9') {
                    fileOfProcess('\n');
                } else {
                    int end = wholeLine();
                    processes.addError(in.text(in.at, end));
                    in.at = end + 1;
                }
            }
            default -> fileOfProcess('\n');
        }
    }

    private int wholeLine() throws IOException {
        int end = in.find('\n', in.at);
        if (end == in.limit) {
            throw in.more() ? damaged("it is too long") : in.cut();
        }
        return end;
    }

    private void fileOfHost(int colon, int end) throws SnapshotFormatException {
        if (colon == end || !host.add(in.bytes, in.at, colon, end + 1)) {
            problem = damaged(ProbeProcesses.NO_PATH);
        }
        in.at = end + 1;
    }

    private void fileOfProcess(char end) throws IOException {
        int start = in.find(end, in.at, Math.min(in.limit, in.at + MAX_LINE_BYTES));
        int colon = in.find(':', in.at, start);
        boolean isPath = colon < start;
        String what =
                isPath ? processes.start(section, in.bytes, in.at, colon) : ProbeProcesses.NO_PATH;
        if (what != null) {
            skip(end, what);
            return;
        }
        in.at = colon + 1;
        int found = in.find(end, in.at);
        while (found == in.limit) {
            processes.add(in.bytes, in.at, found);
            if (!in.more()) {
                throw in.cut();
            }
            found = in.find(end, in.at);
        }
        in.bytes[found] = (byte) end;
        processes.add(in.bytes, in.at, found + 1);
        in.at = found + 1;
    }

    /** Leaves out a line that is damaged, unless the section was cut short in the middle of it. */
    private void skip(char end, String what) throws IOException {
        problem = damaged(what);
        if (!in.skip(end)) {
            throw in.cut();
        }
    }

    private void requireNoProblem() throws SnapshotFormatException {
        if (problem != null) {
            throw problem;
        }
    }

    /** Reads the name of a link, and the record after it, which is its target. */
    private void link() throws IOException {
        int name = in.find('\0', in.at, Math.min(in.limit, in.at + MAX_LINE_BYTES));
        boolean isName = name < in.limit && in.bytes[name] == 0;
        String what =
                isName ? processes.start(section, in.bytes, in.at, name) : ProbeProcesses.NO_PATH;
        if (what != null) {
            skip('\0', what);
            return;
        }
        in.at = name + 1;
        if (!in.start()) {
            throw in.cut();
        }
        if (in.bytes[in.at] == '#' || in.bytes[in.at] == '\n') {
            return; // the list was cut short
        }
        int from = in.at;
        int end = in.find('\0', from);
        processes.add(in.bytes, from, end);
        if (!in.skip('\0')) {
            throw in.cut();
        }
    }

    /**
     * Reads a line of the script itself.
     *
     * @return the number of processes in the last line; -1 for each other line
     */
    private long command() throws IOException {
        String line = in.line(MAX_LINE_BYTES);
        if (line == null) {
            throw in.find('\n', in.at) < in.limit ? damaged("it is too long") : in.cut();
        }
        if (line.equals("#cut")) {
            cutSection();
            return -1;
        }
        requireNoProblem();
        return obey(line.split(" ", 3));
    }

    /** Drops the last line of a section: it may not be whole. What is behind it is missing. */
    private void cutSection() {
        problem = null;
        cutAt = 0;
        processes.cut(section);
        if (section == ProbeSection.CGROUPS) {
            host.cut();
        }
    }

    private long obey(String... words) throws SnapshotFormatException {
        String word = words.length > 1 ? words[1] : "";
        boolean isAlone = words.length == 2;
        switch (words[0]) {
            case "#about" -> require(section == null && words.length == 1);
            case "#uid", "#pid", "#page", "#time" -> {
                if (!word.isEmpty()) { // empty where a program is missing
                    about(words[0], number(word, MAX_NUMBER, isAlone));
                }
            }
            case "#lacks" -> {
                require(isAlone && word.matches("[a-z-]{1,16}"));
                about.addLack(word);
            }
            case "#section" -> {
                long limit = isAlone ? 0 : number(words[2], MAX_NUMBER, true);
                start(word);
                cutAt = limit == 0 ? 0 : in.position() + limit;
            }
            case "#end" -> {
                require(words.length == 3 && number(word, sections, true) == sections);
                processes.end();
                return number(words[2], Integer.MAX_VALUE, true);
            }
            default -> throw damaged("'" + words[0] + "' is not known");
        }
        return -1;
    }

    private void about(String what, long number) throws SnapshotFormatException {
        switch (what) {
            case "#uid" -> about.user = number;
            case "#pid" -> about.pid = (int) number;
            case "#page" -> about.pageBytes = Math.min(number, MAX_PAGE_BYTES);
            default -> about.time = number;
        }
        require(section == null && (!what.equals("#pid") || number <= Integer.MAX_VALUE));
    }

    private void require(boolean isTrue) throws SnapshotFormatException {
        if (!isTrue) {
            throw damaged("it is not as expected");
        }
    }

    private long number(String digits, long max, boolean isExpected)
            throws SnapshotFormatException {
        require(isExpected && !digits.isEmpty() && digits.length() <= 18);
        long number = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            require(digit >= 0 && digit <= 9);
            number = number * 10 + digit;
        }
        require(number <= max);
        return number;
    }

    private void start(String name) throws SnapshotFormatException {
        ProbeSection next = ProbeSection.named(name);
        int expected = section == null ? 0 : section.rank + 1;
        if (next == null || next.rank != expected) {
            throw damaged("section " + name + " is not expected here");
        }
        processes.end();
        section = next;
        sections++;
    }

    private void requireEnd(long count) throws IOException {
        if (section == null || section.rank != ProbeSection.LAST) {
            throw damaged("the end comes too early");
        }
        if (processes.count() == 0) {
            throw new SnapshotFormatException(
                    "contains no processes; "
                            + (about.lacks.isEmpty()
                                    ? "the probe needs /proc"
                                    : "that machine lacks " + String.join(", ", about.lacks)));
        }
        if (processes.count() > count) {
            throw damaged("it counts fewer processes than there are");
        }
        // Some exit before the probe reads them. More are missing if it could start no grep.
        if (processes.count() < count / 2) {
            throw new SnapshotFormatException(
                    "is not whole: the probe could read only "
                            + processes.count()
                            + " of "
                            + count
                            + " processes; run it again");
        }
        while (in.start()) {
            String line = in.line(MAX_LINE_BYTES);
            if (line != null && line.startsWith(ProbeFormat.MAGIC)) {
                throw new SnapshotFormatException(
                        "contains more than one probe; write each to a file of its own");
            }
            if (line == null && !in.skip('\n')) {
                return;
            }
        }
    }

    private SnapshotFormatException damaged(String problem) {
        return new SnapshotFormatException("is damaged: line " + in.lines() + ": " + problem);
    }
}
