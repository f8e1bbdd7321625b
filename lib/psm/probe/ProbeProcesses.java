package psm.probe;

import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.smaps.SmapsFormatException;
import psm.smaps.SmapsParser;
import psm.snapshot.SnapshotFormat;
import psm.snapshot.SnapshotFormatException;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of processes and threads that a probe printed, collected one after the other. Belongs
 * to one thread.
 */
final class ProbeProcesses {
    /** Says what is wrong with a line without the path of a file that is expected there. */
    static final String NO_PATH = "it begins with no expected path";

    private static final String FOLDER = "([1-9][0-9]*(?:/task/[1-9][0-9]*)?)";

    /** A line about a file with the memory of a process that may not be read (EACCES, EPERM). */
    private static final Pattern DENIED =
            Pattern.compile(
                    "(?:.*[^0-9a-z/])?"
                            + FOLDER
                            + "/smaps(_rollup)?\\b.*(ermission denied|not permitted).*");

    /** A line of {@code ls -l} about a link; without permission, it shows no target. */
    private static final Pattern LINK =
            Pattern.compile("l[^/]* " + FOLDER + "/exe(?: -> (.+))?", Pattern.DOTALL);

    static final String TASK = "/task/";

    /** What a thread takes besides the contents of its files, in bytes. */
    private static final int THREAD_BYTES = 300;

    /**
     * The length of all arguments from which on no long ones are kept. If it is too low, a script
     * after a long class path has no name; if it is too high, a user who starts many processes with
     * long arguments keeps psm from reading the machine.
     */
    private static final int MAX_ARGUMENT_BYTES = 4 << 20;

    private static final int SHORT_ARGUMENT_BYTES = 4096;

    private final ProbeContents contents;

    /** The processes and threads by the name of their folder. */
    private final Map<String, ProbeFolder> folders = new HashMap<>();

    private int processes;
    private final SmapsParser parser = new SmapsParser();

    /** The content of a stat at the end of the probe. */
    private final byte[] again = new byte[ProbeFolder.File.STAT.maxBytes];

    private int argumentBytes;

    /** Whether reading the memory of processes was ended before its end. */
    private boolean isMemoryCut;

    /** Whether the arguments of some processes are missing. */
    private boolean areArgumentsCut;

    // The file that is being read.

    private ProbeSection section;

    /** The name of its folder. */
    private byte[] path = {};

    /** Its folder; {@code null} for a process that did not exist at the start. */
    private ProbeFolder folder;

    /** The file; {@code null} between two files. */
    private ProbeFolder.File file;

    private int start;
    private int length;

    /** The last content of each file, which may be the same: its folder. */
    private final ProbeFolder[] last = new ProbeFolder[ProbeFolder.File.values().length];

    /** The link whose line was read last, in a list of lines. */
    private ProbeFolder link;

    /** The processes whose links have more than one line, so that one of them is forged. */
    private final Set<ProbeFolder> ambiguous = new HashSet<>();

    ProbeProcesses(ProbeContents contents) {
        this.contents = contents;
    }

    Map<String, ProbeFolder> folders() {
        return folders;
    }

    /** Returns the number of processes. */
    int count() {
        return processes;
    }

    /** Returns whether reading the memory of processes was ended before its end. */
    boolean isMemoryCut() {
        return isMemoryCut;
    }

    /** Returns whether the arguments of some processes are missing. */
    boolean areArgumentsCut() {
        return areArgumentsCut;
    }

    /**
     * Starts a line of a file, or continues the file that is being read.
     *
     * @param bytes the path of the file, {@code bytes[from..to)}
     * @return what is wrong with it; {@code null} if nothing is
     */
    String start(ProbeSection of, byte[] bytes, int from, int to) throws SnapshotFormatException {
        int slash = to - 1;
        while (slash > from && bytes[slash] != '/') {
            slash--;
        }
        ProbeFolder.File next = of.file(bytes, slash + 1, to);
        if (next == null) {
            return NO_PATH;
        }
        boolean isSame = Arrays.equals(path, 0, path.length, bytes, from, slash);
        if (isSame && next == file && of == section) {
            return null;
        }
        end();
        if (!isSame || of != section) {
            String name = new String(bytes, from, slash - from, StandardCharsets.US_ASCII);
            String problem = enter(of, name);
            if (problem != null) {
                return problem;
            }
            path = Arrays.copyOfRange(bytes, from, slash);
            section = of;
        }
        return begin(next);
    }

    private String begin(ProbeFolder.File next) {
        boolean isAgain = section == ProbeSection.STAT_AGAIN;
        if (folder != null && (isAgain ? folder.isThereAgain : folder.has(next))) {
            return "a file is there twice";
        }
        file = next;
        start = contents.size();
        length = 0;
        if (file.isSummed()) {
            parser.start(file == ProbeFolder.File.ROLLUP);
        }
        return null;
    }

    /** Finds the folder with a name; returns what is wrong with it, or {@code null}. */
    private String enter(ProbeSection of, String name) throws SnapshotFormatException {
        if (!isProcess(name) && !isThread(name)) {
            return NO_PATH;
        }
        folder = folders.get(name);
        if (of == ProbeSection.STAT) {
            if (folder != null) {
                return "a process is there twice";
            }
            if (isThread(name)) {
                contents.charge(THREAD_BYTES);
            } else if (++processes > SnapshotFormat.MAX_PROCESSES) {
                throw new SnapshotFormatException(
                        "contains more than " + SnapshotFormat.MAX_PROCESSES + " processes");
            }
            folder = new ProbeFolder();
            folders.put(name, folder);
        }
        return null;
    }

    private static boolean isThread(String name) {
        int task = name.indexOf(TASK);
        return task > 0
                && isProcess(name.substring(0, task))
                && isProcess(name.substring(task + TASK.length()));
    }

    private static boolean isProcess(String digits) {
        return ProcFs.number(digits) > 0;
    }

    /** Adds {@code bytes[from..to)} to the file that is being read. */
    void add(byte[] bytes, int from, int to) throws SnapshotFormatException {
        if (folder == null || file == null) {
            return;
        }
        if (file.isSummed()) {
            sum(bytes, from, to);
            return;
        }
        int count = Math.min(to - from, file.maxBytes - length);
        if (section == ProbeSection.STAT_AGAIN) {
            System.arraycopy(bytes, from, again, length, count);
        } else {
            contents.add(bytes, from, from + count);
        }
        length += count;
    }

    private void sum(byte[] bytes, int from, int to) {
        if (folder.malformed == null) {
            try {
                parser.feed(bytes, from, to);
            } catch (SmapsFormatException e) {
                folder.malformed = e;
            }
        }
    }

    /** Ends the file that is being read. */
    void end() {
        if (folder != null && file != null) {
            if (file.isSummed()) {
                endSums();
            } else if (section == ProbeSection.STAT_AGAIN) {
                folder.isThereAgain = true;
                ProcStat before = stat(folder.start(file), folder.end(file));
                ProcStat now = ProcStat.parse(again, length);
                folder.isUnchanged = before != null && before.isUnchanged(now);
            } else {
                endContent();
            }
        }
        file = null;
    }

    private void endSums() {
        if (folder.malformed == null) {
            try {
                folder.sums = parser.finish();
            } catch (SmapsFormatException e) {
                folder.malformed = e;
            }
        }
        folder.isRollup = file == ProbeFolder.File.ROLLUP;
    }

    private void endContent() {
        int end = contents.size();
        if (file == ProbeFolder.File.STAT) {
            ProcStat stat = stat(start, end);
            folder.parent = stat == null ? 0 : stat.parent();
            folder.isWithoutMemory =
                    stat != null
                            && (stat.isKernelThread() || (stat.isZombie() && !stat.isDeadLeader()));
        }
        if (file == ProbeFolder.File.CMDLINE && isTooLong()) {
            contents.cutTo(start);
            return;
        }
        ProbeFolder before = last[file.ordinal()];
        if (before != null && contents.areEqual(start, end, before.start(file), before.end(file))) {
            contents.cutTo(start);
            folder.put(file, before.start(file), before.end(file));
        } else {
            folder.put(file, start, end);
            last[file.ordinal()] = folder;
        }
    }

    private ProcStat stat(int from, int to) {
        return ProcStat.parse(contents.bytes(from, to), to - from);
    }

    private boolean isTooLong() {
        argumentBytes += length;
        return length > SHORT_ARGUMENT_BYTES && argumentBytes > MAX_ARGUMENT_BYTES;
    }

    /** Drops the file that is being read: the rest of it is missing, and what follows it. */
    void cut(ProbeSection of) {
        isMemoryCut |= of == ProbeSection.ROLLUP || of == ProbeSection.SMAPS;
        areArgumentsCut |= of == ProbeSection.CMDLINE;
        forget(link);
        if (folder != null && file != null && section != ProbeSection.STAT_AGAIN) {
            contents.cutTo(file.isSummed() ? contents.size() : start);
        }
        file = null;
    }

    /** Adds a line about a file that could not be read. */
    void addError(String line) {
        Matcher denied = DENIED.matcher(line);
        ProbeFolder of = denied.matches() ? folders.get(denied.group(1)) : null;
        if (of != null) {
            of.isDenied = true;
        }
    }

    /**
     * Adds a line {@code bytes[from..to)} of a list of links. The name of a file may contain
     * newlines, and so make a second line that looks like that of another process. So a link with
     * two lines is not known, and neither is one with a line behind it that is none of a link, or
     * one with a question mark: BusyBox prints that instead of newlines, and of all but ASCII.
     */
    void addLink(byte[] bytes, int from, int to) throws SnapshotFormatException {
        String line = new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        Matcher match = LINK.matcher(line);
        if (!match.matches()) {
            forget(link);
            return;
        }
        ProbeFolder next = folders.get(match.group(1));
        if (next == null) {
            forget(link);
            return;
        }
        link = next;
        if (!ambiguous.add(link)) {
            forget(link);
        } else if (match.group(2) != null && match.group(2).indexOf('?') < 0) {
            int target = from + match.start(2);
            int begin = contents.size();
            int count = Math.min(to - target, ProbeFolder.File.EXE.maxBytes);
            contents.add(bytes, target, target + count);
            link.put(ProbeFolder.File.EXE, begin, contents.size());
        }
    }

    private static void forget(ProbeFolder link) {
        if (link != null) {
            link.put(ProbeFolder.File.EXE, 0, 0);
        }
    }
}
