package psm.scan;

import psm.cgroup.Cgroup;
import psm.name.NameRule;
import psm.name.Program;
import psm.name.ProgramReader;
import psm.name.UserNames;
import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.proc.ProcStatus;
import psm.smaps.ProcessMappings;
import psm.smaps.SmapsFormatException;
import psm.smaps.SmapsParser;
import psm.smaps.Usage;
import psm.text.Missing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Measures one process after the other. Owns an array and a parser that serve all of them, so it
 * belongs to one thread.
 */
public final class ProcessReader {
    private static final String SMAPS = "smaps";
    private static final String SMAPS_ROLLUP = "smaps_rollup";
    private static final String MAPS = "maps";

    /** Room for stat, which has 2 kB at most, and for a piece of smaps. */
    private static final int BUFFER_BYTES = 4096;

    private static final int MAX_STATUS_BYTES = 1 << 20;

    /**
     * How much of cgroups one reader keeps. Too low, and a large box lacks some; too high, and
     * whoever may make groups, as users of systemd may, has them not fit into the heap.
     */
    private static final int MAX_CGROUP_CHARS = 1 << 21;

    /**
     * How often to look at a process that becomes another program while it is looked at. One that
     * always does is not kept company for ever.
     */
    private static final int MAX_LOOKS = 8;

    /** Beside what tells whether a process is wanted: for most that is all that is read. */
    private static final Set<Detail> NOTHING_ELSE = Collections.emptySet();

    private static final String OWN_NAME = "psm";

    /** What this process runs. */
    public static final Program OWN =
            new Program(
                    OWN_NAME, Program.File.CURRENT, new Program.Names(OWN_NAME, OWN_NAME, null));

    /** Bytes of smaps, smaps_rollup and maps so far. */
    long bytesRead;

    private final ProcFs proc;
    private final ScanRequest request;
    private final AddressSpaces addressSpaces;
    private final ProgramReader programs;
    private final UserNames users;

    /** Whether it takes more than pids and parents to tell who is wanted. */
    private final boolean isChosenByDetails;

    private final int ownPid;
    private final byte[] buffer = new byte[BUFFER_BYTES];

    // The stat that was read last, and what it says.
    private final byte[] lastStat = new byte[BUFFER_BYTES];
    private int lastStatLength;
    private ProcStat lastParsed;

    private final ProcessMappings mappings;
    private final SmapsParser parser;

    /** What the files of cgroups say, each once: whole units and pods have the same. */
    private final Map<String, String> cgroups = new HashMap<>();

    /** Of those. */
    private int cgroupChars;

    // The process that is being looked at.
    private int pid;

    /** Where its memory is to be seen: its own folder, or that of a thread. */
    private String folder;

    /**
     * What {@link #folder} said of it before it was measured; {@code null} in a tree without stat.
     */
    private ProcStat before;

    /** Why smaps_rollup could not be opened, or {@code null}. */
    private IOException notOpened;

    /** Whether what was measured is of the program that was seen, without another look. */
    private boolean isCertain;

    /** Whether what was read of its program is the program's of the stat that was read. */
    private boolean isSettled;

    // Read by whoever gives the process up.
    private volatile String name;
    private volatile Program.Names names;
    private volatile long residentPages;

    /**
     * @param addressSpaces what all readers of one scan have in common
     * @param users by whose names processes may be chosen; {@code null} where they are not
     * @param ownPid psm's own, which else were one more java; 0 where that is not among the
     *     processes
     * @param mappings takes those of the process that was measured last; {@code null} where they
     *     are not wanted
     */
    ProcessReader(
            ProcFs proc,
            ScanRequest request,
            AddressSpaces addressSpaces,
            UserNames users,
            int ownPid,
            ProcessMappings mappings) {
        this.proc = proc;
        this.request = request;
        this.addressSpaces = addressSpaces;
        this.programs =
                new ProgramReader(
                        proc,
                        new NameRule(
                                request.byTitle(),
                                request.scripts(),
                                request.details().contains(Detail.NAMES),
                                request.details().contains(Detail.COMMAND)));
        this.users = users;
        this.isChosenByDetails =
                request.selection().needs(Detail.STATUS)
                        || request.selection().needs(Detail.CGROUP);
        this.ownPid = ownPid;
        this.mappings = mappings;
        this.parser = new SmapsParser(mappings);
    }

    /** Those of the process that was measured last, until the next one is. */
    ProcessMappings mappings() {
        return mappings;
    }

    /** The name of the process that is being looked at; {@code null} where it is not known yet. */
    String name() {
        return name;
    }

    /** What it is called by each rule; {@code null} where that is not known, or not asked for. */
    Program.Names names() {
        return names;
    }

    /** How many pages the process that is being looked at has in RAM, about; 0 where not known. */
    long residentPages() {
        return residentPages;
    }

    /**
     * Looks at a process.
     *
     * @return {@link ReadResult#NOTHING} for kernel threads, zombies, and those not wanted
     */
    ReadResult read(int process) {
        pid = process;
        name = null;
        names = null;
        residentPages = 0;
        isSettled = false;
        try {
            return look();
        } catch (NoSuchFileException e) {
            return unmeasured(Unmeasured.Reason.VANISHED, null);
        } catch (AccessDeniedException e) {
            return unmeasured(Unmeasured.Reason.DENIED, null);
        } catch (IOException e) {
            return unmeasured(Unmeasured.Reason.FAILED, e.getMessage());
        } catch (RuntimeException | Error e) {
            // One process that psm cannot deal with must not cost the others.
            return unmeasured(Unmeasured.Reason.FAILED, e.toString());
        } finally {
            if (!isSettled) {
                programs.forget();
            }
        }
    }

    private Unmeasured unmeasured(Unmeasured.Reason reason, String detail) {
        return new Unmeasured(pid, name, reason, detail, names);
    }

    /**
     * Looks until the process is the same one, and runs the same program, before and after.
     *
     * <p>Where smaps_rollup was opened before the program was looked at, and read after that, no
     * second look at stat is needed: what the kernel then sums up is the memory that the process
     * had at the opening, and once an exec(2) or its end has taken that away, nothing can be read.
     * But forks may have memory that another process keeps alive ({@link AddressSpaces}), so they
     * are looked at twice where their stack does not tell. Not excluded either way are changes
     * within microseconds: of the process between its stat and the opening, and while somebody else
     * reads, and keeps, the same memory.
     */
    private ReadResult look() throws IOException {
        ProcStat first = stat(Integer.toString(pid));
        ProcStat main = first;
        for (int looks = 1; looks <= MAX_LOOKS; looks++) {
            try {
                ReadResult seen = look(main);
                if (seen == ReadResult.NOTHING || isCertain || isStillWhatItWas(main)) {
                    isSettled = seen instanceof ProcessMemory;
                    return seen;
                }
            } catch (EndingException e) {
                return unmeasured(Unmeasured.Reason.VANISHED, null);
            } catch (NoSuchFileException e) {
                // A thread may have ended while the process lives on in others.
                folder = null;
            }
            main = stat(Integer.toString(pid));
            if (first == null || hasEnded(first, main)) {
                throw new NoSuchFileException(Integer.toString(pid));
            }
        }
        throw new IOException("it was another each time it was looked at");
    }

    private ReadResult look(ProcStat main) throws IOException {
        folder = Integer.toString(pid);
        before = main;
        notOpened = null;
        isCertain = false;
        if (main != null && main.isDeadLeader()) {
            findLivingThread();
        }
        if (before != null && (before.isKernelThread() || before.isZombie())) {
            return ReadResult.NOTHING;
        }
        residentPages = before == null ? 0 : before.residentPages();
        if (request.filter() != null || isChosenByDetails) {
            // Most are not wanted, and are spared the opening.
            Program program = program();
            return isWanted(main) ? measure(main, program, null) : ReadResult.NOTHING;
        }
        try (InputStream rollup = openRollup()) {
            return measure(main, program(), rollup);
        }
    }

    private boolean isWanted(ProcStat main) throws IOException {
        if (request.filter() != null && !request.filter().finds(name)) {
            return false;
        }
        return !isChosenByDetails || request.selection().takes(details(main, NOTHING_ELSE), users);
    }

    /**
     * {@code null} where it is not to be read, or can not be opened: then {@link #rollup} tells.
     */
    private InputStream openRollup() {
        if (request.source() == Source.SMAPS || !proc.isProcFileSystem()) {
            return null;
        }
        try {
            return proc.open(folder + '/' + SMAPS_ROLLUP);
        } catch (IOException e) {
            notOpened = e;
            return null;
        }
    }

    /**
     * The main thread's folder has no memory, no executable and no arguments any more.
     *
     * @throws NoSuchFileException where a thread ended meanwhile; there may be new ones
     */
    private void findLivingThread() throws IOException {
        boolean hasChanged = false;
        boolean areExiting = false;
        for (int tid : proc.tids(pid)) {
            String thread = pid + "/task/" + tid;
            ProcStat stat = tid == pid ? null : statIfThere(thread);
            if (stat != null && !stat.isZombie() && !stat.isExiting()) {
                folder = thread;
                before = stat;
                return;
            }
            hasChanged |= tid != pid && stat == null;
            areExiting |= stat != null && stat.isExiting() && !stat.isZombie() && tid != pid;
        }
        if (hasChanged) {
            throw new NoSuchFileException(folder);
        }
        if (areExiting) {
            throw new EndingException(); // no new threads can come of those
        }
    }

    /** All threads of the process are exiting. */
    private static final class EndingException extends IOException {
        private static final long serialVersionUID = 1;
    }

    private ProcStat statIfThere(String thread) throws IOException {
        try {
            return stat(thread);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /**
     * Whether the process still runs the program that was measured. What was read at a thread that
     * has ended since is whole all the same, as long as the process lives on in other threads.
     */
    private boolean isStillWhatItWas(ProcStat main) throws IOException {
        if (main == null) {
            return true;
        }
        ProcStat now = stat(Integer.toString(pid));
        return !hasEnded(main, now)
                && now.isDeadLeader() == main.isDeadLeader()
                && now.addresses() == main.addresses();
    }

    private static boolean hasEnded(ProcStat before, ProcStat now) {
        return now == null
                || now.startTime() != before.startTime()
                || (!now.isDeadLeader() && (now.isZombie() || now.isExiting()));
    }

    /** By its end, or by exec(2): an smaps_rollup that was opened before has none to tell. */
    private boolean hasLostItsMemory() throws IOException {
        ProcStat now = stat(folder);
        return hasEnded(before, now) || now.addresses() != before.addresses();
    }

    /** The stat in a folder, or {@code null} in a tree that has none. */
    private ProcStat stat(String of) throws IOException {
        try {
            return parsedStat(proc.read(of + "/stat", buffer));
        } catch (AccessDeniedException e) {
            throw e;
        } catch (IOException e) {
            // ENOENT or ESRCH: it is gone, or the tree has no stat. EPERM: hidepid=1 shows the
            // folder alone.
            if (!proc.exists(of)) {
                throw new NoSuchFileException(e.getMessage());
            }
            if (e instanceof NoSuchFileException) {
                return null;
            }
            throw new AccessDeniedException(e.getMessage());
        }
    }

    /** The second look at a process that stands still finds the same: then nothing is parsed. */
    private ProcStat parsedStat(int length) {
        if (!Arrays.equals(buffer, 0, length, lastStat, 0, lastStatLength)) {
            lastStatLength = 0; // until it has been parsed
            lastParsed = ProcStat.parse(buffer, length);
            System.arraycopy(buffer, 0, lastStat, 0, length);
            lastStatLength = length;
        }
        return lastParsed;
    }

    private Program program() {
        Program program = pid == ownPid ? OWN : programs.read(folder, before);
        names = program.names();
        name = program.name();
        return program;
    }

    /**
     * Measures the process.
     *
     * @param opened its smaps_rollup, opened before the program was looked at, or {@code null}
     */
    private ReadResult measure(ProcStat main, Program program, InputStream opened)
            throws IOException {
        long startTime = main == null ? Missing.VALUE : main.startTime();
        if (request.maxCostNanos() > 0 && !request.mappings()) {
            Usage estimate = new ProcStatus(status()).estimate(request.maxCostNanos());
            if (estimate != null) {
                isOfItsMemory();
                return new ProcessMemory(pid, startTime, program, false, estimate, details(main));
            }
        }
        Usage rollup = request.source() == Source.SMAPS ? null : rollup(opened);
        Usage usage = rollup == null ? smaps() : rollup;
        if (usage.mappings == 0) {
            // It is no kernel thread, so either its memory has just gone, which shows later, or the
            // file lacks what it should have: copies of /proc are made of empty files, at times.
            return before == null
                    ? ReadResult.NOTHING
                    : unmeasured(Unmeasured.Reason.FAILED, "its smaps is empty");
        }
        boolean isBound = rollup != null && opened != null;
        if (rollup != null && request.heap()) {
            usage = rollup.withHeap(heap());
            isBound = false; // the heap may be of what it became meanwhile
        }
        // A leader that ends takes executable and arguments along, and leaves the memory to
        // threads.
        isCertain = isOfItsMemory() && isBound && programs.isWhole();
        ProcessDetails details = details(main);
        // These are of what it became meanwhile, if it did.
        isCertain &= request.details().isEmpty();
        return new ProcessMemory(pid, startTime, program, rollup != null, usage, details);
    }

    private ProcessDetails details(ProcStat main) throws IOException {
        return details(main, request.details());
    }

    /**
     * @param wanted beside what the selection needs
     */
    private ProcessDetails details(ProcStat main, Set<Detail> wanted) throws IOException {
        if (wanted.isEmpty() && !isChosenByDetails) {
            return ProcessDetails.NONE;
        }
        Selection selection = request.selection();
        boolean isStatus = wanted.contains(Detail.STATUS) || selection.needs(Detail.STATUS);
        boolean isCgroup =
                wanted.contains(Detail.CGROUP)
                        || wanted.contains(Detail.CGROUP_MEMORY)
                        || selection.needs(Detail.CGROUP);
        boolean oom = wanted.contains(Detail.OOM);
        return new ProcessDetails(
                main == null ? 0 : main.parent(),
                main == null ? Missing.VALUE : main.threads(),
                isStatus ? figures(new ProcStatus(status())) : ProcessDetails.Status.UNKNOWN,
                oom ? number("oom_score") : Missing.VALUE,
                oom ? number("oom_score_adj") : Missing.VALUE,
                wanted.contains(Detail.MAPPINGS) ? countMappings() : Missing.VALUE,
                isCgroup ? cgroup() : null,
                pid == ownPid ? OWN_NAME : programs.command());
    }

    private static ProcessDetails.Status figures(ProcStatus status) {
        return new ProcessDetails.Status(
                status.effectiveUserId(),
                status.effectiveGroupId(),
                status.peakResident(),
                status.pageTables());
    }

    /** A file that has one number. */
    private long number(String file) {
        try {
            return Integer.parseInt(proc.text(folder + '/' + file, buffer).strip());
        } catch (IOException | NumberFormatException e) {
            return Missing.VALUE; // not there, or not a number
        }
    }

    private long countMappings() {
        try {
            return parse(MAPS, Integer.MAX_VALUE).mappings;
        } catch (IOException e) {
            return Missing.VALUE; // it may not be read, or has ended, which the memory shows
        }
    }

    private String cgroup() {
        try {
            String cgroup = proc.text(folder + "/cgroup", buffer, Cgroup.MAX_FILE_BYTES);
            String known = cgroups.get(cgroup);
            if (known == null && cgroupChars < MAX_CGROUP_CHARS) {
                cgroupChars += cgroup.length();
                cgroups.put(cgroup, cgroup);
                known = cgroup;
            }
            return known;
        } catch (IOException e) {
            return null; // a kernel without them, or the process has ended, which shows later
        }
    }

    /** Whether what was measured is its memory, without a second look. */
    private boolean isOfItsMemory() {
        return before == null || addressSpaces.note(pid, folder, before);
    }

    /**
     * It takes no lock of the process, so it is there at once; empty where it is missing. A process
     * may be in 65,536 groups, and they come before what is wanted of it.
     */
    private String status() {
        try {
            return proc.text(folder + "/status", buffer, MAX_STATUS_BYTES);
        } catch (IOException e) {
            return "";
        }
    }

    /** The figures of smaps_rollup; {@code null} where there are none and smaps is to be tried. */
    private Usage rollup(InputStream opened) throws IOException {
        try {
            if (notOpened != null) {
                throw notOpened;
            }
            Usage usage =
                    opened == null
                            ? parse(SMAPS_ROLLUP, Integer.MAX_VALUE)
                            : parse(SMAPS_ROLLUP, opened, Integer.MAX_VALUE);
            return usage.mappings == 0 && request.source() == Source.AUTO ? null : usage;
        } catch (SmapsFormatException e) {
            throw e;
        } catch (IOException e) {
            if (request.source() == Source.AUTO) {
                return null;
            }
            throw explained(SMAPS_ROLLUP, e);
        }
    }

    private Usage smaps() throws IOException {
        return read(SMAPS, Integer.MAX_VALUE);
    }

    /**
     * Pss of the heap, in bytes or {@link Missing#VALUE}. maps tells how many mappings are named
     * so, at a tenth of what smaps costs; and these are among the first, mostly, so that the rest
     * of smaps is spared.
     */
    private long heap() throws IOException {
        int heaps;
        try {
            boolean isEmpty = parse(MAPS, Integer.MAX_VALUE).mappings == 0;
            heaps = isEmpty ? Integer.MAX_VALUE : parser.heaps();
        } catch (SmapsFormatException e) {
            throw e;
        } catch (IOException e) {
            heaps = Integer.MAX_VALUE; // it is not there, as in copies of /proc, or smaps is not
        }
        return heaps == 0 ? 0 : read(SMAPS, heaps).heap;
    }

    private Usage read(String file, int heaps) throws IOException {
        try {
            return parse(file, heaps);
        } catch (SmapsFormatException e) {
            throw e;
        } catch (IOException e) {
            throw explained(file, e);
        }
    }

    /**
     * Reads a file.
     *
     * @param heaps after how many mappings that are named {@code [heap]} it has been read far
     *     enough
     */
    private Usage parse(String file, int heaps) throws IOException {
        try (InputStream in = proc.open(folder + '/' + file)) {
            return parse(file, in, heaps);
        }
    }

    private Usage parse(String file, InputStream in, int heaps) throws IOException {
        boolean isRollup = file.equals(SMAPS_ROLLUP);
        boolean isWhole = isRollup && proc.isProcFileSystem(); // the kernel makes it at once
        if (file.equals(MAPS)) {
            parser.startMaps();
        } else {
            parser.start(isRollup);
        }
        try {
            int n;
            do {
                n = ProcFs.readPiece(in, buffer);
                if (n > 0) {
                    bytesRead += n;
                    parser.feed(buffer, 0, n);
                }
            } while (n >= 0 && !(isWhole && n < buffer.length) && parser.heaps() < heaps);
            // What follows on the heap may have been cut anywhere.
            return parser.heaps() < heaps ? parser.finish() : parser.soFar();
        } catch (SmapsFormatException e) {
            throw new SmapsFormatException(file, e);
        }
    }

    /** The same failure, by a type that tells what became of the process. */
    private IOException explained(String file, IOException e) throws IOException {
        if (e instanceof AccessDeniedException) {
            return e;
        }
        if (!proc.exists(folder) || (before != null && hasLostItsMemory())) {
            return new NoSuchFileException(file);
        }
        return e instanceof NoSuchFileException ? new IOException("it has no " + file, e) : e;
    }
}
