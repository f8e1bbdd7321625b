package psm.scan;

import psm.name.NameRule;
import psm.name.Program;
import psm.name.ProgramReader;
import psm.name.UserNames;
import psm.proc.PageMap;
import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.proc.ProcStatus;
import psm.proc.WalkCost;
import psm.smaps.ProcessMappings;
import psm.smaps.SmapsFormatException;
import psm.smaps.Usage;
import psm.text.Missing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Collections;
import java.util.Set;

/**
 * Measures one process after the other: its program, its memory and its details. All processes use
 * the same arrays and parser, so it belongs to one thread; other threads may call {@link #current}
 * and {@link #bytesRead}.
 */
public final class ProcessReader implements AutoCloseable {
    /** The size of a piece of smaps; it is large enough for stat, which has 2 kB at most. */
    private static final int BUFFER_BYTES = 4096;

    /**
     * How often to look at a process that becomes another program while psm looks at it. There is a
     * limit, since a process may do that forever.
     */
    private static final int MAX_LOOKS = 8;

    /**
     * The requested details while a process is being selected: only those that the selection needs.
     */
    private static final Set<Detail> NOTHING_ELSE = Collections.emptySet();

    private static final String OWN_NAME = "psm";

    /** The program of psm's own process. */
    public static final Program OWN =
            new Program(
                    OWN_NAME, Program.File.CURRENT, new Program.Names(OWN_NAME, OWN_NAME, null));

    private final ProcFs proc;
    private final ScanRequest request;
    private final byte[] buffer;
    private final AddressSpaces addressSpaces;
    private final PageMap pages;
    private final WalkCost cost;
    private final UserNames users;
    private final int ownPid;

    /** Whether the selection needs details of a process, besides its pid and its parents. */
    private final boolean isSelectedByDetails;

    private final ProgramReader programs;
    private final StatReader stats;
    private final MemoryReader memory;
    private final ProcessMappings mappings;

    /** The reader of details; {@code null} until they are needed. */
    private DetailReader details;

    private final CurrentProcess process = new CurrentProcess();

    /**
     * Makes a reader for one thread of a scan.
     *
     * @param addressSpaces shared by all readers of one scan
     * @param cost shared by all readers of one scan
     * @param users the names to select processes by; {@code null} if that is not needed
     * @param ownPid psm's own pid, so that it is named psm and not java; 0 if psm is not among the
     *     processes
     * @param mappings the receiver of each process's mappings; {@code null} if they are not needed
     */
    ProcessReader(
            ProcFs proc,
            ScanRequest request,
            AddressSpaces addressSpaces,
            WalkCost cost,
            UserNames users,
            int ownPid,
            ProcessMappings mappings) {
        Selection selection = request.selection();
        this.proc = proc;
        this.request = request;
        this.buffer = new byte[BUFFER_BYTES];
        this.addressSpaces = addressSpaces;
        this.pages = new PageMap(proc);
        this.cost = cost;
        this.users = users;
        this.ownPid = ownPid;
        this.isSelectedByDetails = selection.needs(Detail.STATUS) || selection.needs(Detail.CGROUP);
        this.programs =
                new ProgramReader(
                        proc,
                        new NameRule(
                                request.byTitle(),
                                request.scripts(),
                                request.details().contains(Detail.NAMES),
                                request.details().contains(Detail.COMMAND),
                                request.arguments()));
        this.stats = new StatReader(proc, buffer);
        this.memory = new MemoryReader(proc, request.source(), stats, buffer, mappings);
        this.mappings = mappings;
    }

    /**
     * Returns the mappings of the process that was measured last. The next process replaces them.
     */
    ProcessMappings mappings() {
        return mappings;
    }

    /** Returns the process that is being read. */
    CurrentProcess current() {
        return process;
    }

    /** Returns how many bytes of smaps, smaps_rollup and maps have been read so far. */
    long bytesRead() {
        return memory.bytesRead();
    }

    /**
     * Reads a process.
     *
     * @return {@link ReadResult#NOTHING} for kernel threads, zombies, and processes that are not
     *     wanted
     */
    ReadResult read(int pid) {
        process.start(pid);
        try {
            return look();
        } catch (NoSuchFileException e) {
            return unmeasured(Unmeasured.Reason.VANISHED, null);
        } catch (AccessDeniedException e) {
            return unmeasured(Unmeasured.Reason.DENIED, null);
        } catch (IOException e) {
            return unmeasured(Unmeasured.Reason.FAILED, e.getMessage());
        } catch (OutOfMemoryError e) {
            throw e; // it is not this process that is too large, but all of them
        } catch (RuntimeException | Error e) {
            // If psm cannot handle one process, it must still report the others.
            return unmeasured(Unmeasured.Reason.FAILED, e.toString());
        } finally {
            if (!process.isSettled) {
                programs.forget();
            }
        }
    }

    /** Closes the file that is kept open from process to process. */
    @Override
    public void close() {
        pages.close();
    }

    private Unmeasured unmeasured(Unmeasured.Reason reason, String detail) {
        return new Unmeasured(process.pid, process.name(), reason, detail, process.names());
    }

    /**
     * Reads the process again until it is the same process, with the same program, before and after
     * a reading.
     *
     * <p>If smaps_rollup is opened before the program is read, and read after it, no second look at
     * stat is needed: the kernel adds up the memory that the process had when the file was opened,
     * and after exec(2) or exit has freed that memory, nothing can be read. But the memory of a
     * fork may be kept alive by another process ({@link AddressSpaces}), so psm looks at forks
     * twice unless their stack identifies them. Two changes within microseconds are not noticed:
     * one between reading stat and opening the file, and one while another program reads the same
     * process and so keeps its memory.
     */
    private ReadResult look() throws IOException {
        String folder = Integer.toString(process.pid);
        ProcStat first = stats.read(folder);
        process.main = first;
        for (int looks = 1; looks <= MAX_LOOKS; looks++) {
            try {
                process.startLook(folder);
                ReadResult result = lookOnce();
                if (result == ReadResult.NOTHING
                        || process.isCertain
                        || stats.isUnchanged(process)) {
                    process.isSettled = result instanceof ProcessMemory;
                    return result;
                }
            } catch (StatReader.ExitingException e) {
                return unmeasured(Unmeasured.Reason.VANISHED, null);
            } catch (NoSuchFileException e) {
                process.isCertain = false; // this thread may have exited, while others still run
            }
            process.main = stats.read(folder);
            if (first == null || first.hasExited(process.main)) {
                throw new NoSuchFileException(folder);
            }
        }
        IOException changing = new IOException("it was another program each time psm read it");
        if (!process.isWanted()) {
            throw changing;
        }
        return estimated(process.program(), changing);
    }

    private ReadResult lookOnce() throws IOException {
        memory.start();
        if (process.main != null && process.main.isDeadLeader()) {
            stats.findLivingThread(process);
        }
        ProcStat stat = process.stat;
        if (stat != null && (stat.isKernelThread() || stat.isZombie())) {
            return ReadResult.NOTHING;
        }
        if (request.filter() != null || isSelectedByDetails) {
            // Most processes are not wanted: reading the program first saves opening the file.
            Program program = readProgram();
            return isWanted() ? measure(program, null) : ReadResult.NOTHING;
        }
        try (InputStream rollup = memory.openRollup(process.folder)) {
            return measure(readProgram(), rollup);
        }
    }

    private Program readProgram() {
        Program program = process.pid == ownPid ? OWN : programs.read(process.folder, process.stat);
        process.setProgram(program, command());
        return program;
    }

    private boolean isWanted() throws IOException {
        if (request.filter() != null && !request.filter().finds(process.name())) {
            return false;
        }
        return !isSelectedByDetails || request.selection().takes(readDetails(NOTHING_ELSE), users);
    }

    /**
     * Measures the process.
     *
     * @param opened its smaps_rollup, opened before the program was read, or {@code null}
     */
    private ReadResult measure(Program program, InputStream opened) throws IOException {
        process.setWanted();
        if (request.estimateAboveNanos() == 0 || request.mappings()) {
            return measureExactly(program, opened);
        }
        ProcStatus status = details().status(process.folder);
        Usage estimate = status.estimate(process.stat, proc);
        if (estimate != null && cost.isAbove(request.estimateAboveNanos(), status.pageTables())) {
            registerAddressSpace(true);
            return estimated(program, estimate, ProcessMemory.Estimate.LARGE);
        }
        long start = System.nanoTime();
        ReadResult result = measureExactly(program, opened);
        if (result instanceof ProcessMemory measured && measured.estimate() == null) {
            cost.learn(status.pageTables(), System.nanoTime() - start);
        }
        return result;
    }

    private ReadResult measureExactly(Program program, InputStream opened) throws IOException {
        try {
            return readMemory(program, opened);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            return estimated(program, e);
        }
    }

    private ReadResult readMemory(Program program, InputStream opened) throws IOException {
        Usage rollup = memory.rollup(process, opened);
        Usage usage = rollup == null ? memory.smaps(process) : rollup;
        if (usage.mappings == 0) {
            // It is not a kernel thread. So its memory has just been freed, which is noticed later,
            // or the file is incomplete: copies of /proc may consist of empty files.
            return ofEmptyFile(program);
        }
        boolean isOfOneOpening = rollup != null && opened != null && !request.heap();
        if (rollup != null && request.heap()) {
            usage = rollup.withHeap(memory.heap(process));
        }
        // The program is complete unless the main thread is exiting: then the executable and
        // arguments are freed, and other threads keep the memory. Details may belong to a later
        // program.
        process.isCertain =
                registerAddressSpace(false)
                        && isOfOneOpening
                        && programs.isWhole()
                        && request.details().isEmpty();
        return measured(program, rollup != null, usage);
    }

    private ProcessMemory measured(Program program, boolean isRollup, Usage usage) {
        ProcessDetails read = readDetails(request.details());
        return new ProcessMemory(process.pid, startTime(), program, isRollup, usage, read);
    }

    private ReadResult ofEmptyFile(Program program) throws IOException {
        IOException empty = new IOException("its smaps is empty");
        if (process.stat != null) {
            return estimated(program, empty);
        }
        Usage estimate = details().status(process.folder).estimate(null, proc);
        return estimate == null ? ReadResult.NOTHING : estimated(program, empty);
    }

    /**
     * Returns the process with the figures of its status.
     *
     * @param failure the reason why there are no exact figures
     * @throws IOException that failure, if status contains no figures either
     */
    private ReadResult estimated(Program program, IOException failure) throws IOException {
        ProcStatus status = details().status(process.folder);
        Usage estimate = request.mappings() ? null : status.estimate(process.stat, proc);
        if (estimate != null) {
            return estimated(program, estimate, ProcessMemory.Estimate.after(failure));
        }
        boolean isMalformed = failure instanceof SmapsFormatException;
        if (process.stat == null && status.isWithoutMemory() && !isMalformed) {
            return ReadResult.NOTHING; // a kernel thread or a zombie, in a tree without stat
        }
        throw failure;
    }

    private ProcessMemory estimated(
            Program program, Usage figures, ProcessMemory.Estimate estimate) {
        return ProcessMemory.estimated(
                process.pid,
                startTime(),
                program,
                figures,
                readDetails(DetailReader.withoutMappings(request.details())),
                estimate);
    }

    private long startTime() {
        return process.main == null ? Missing.VALUE : process.main.startTime();
    }

    private ProcessDetails readDetails(Set<Detail> wanted) {
        if (wanted.isEmpty() && !isSelectedByDetails) {
            return ProcessDetails.NONE;
        }
        return details().read(process, wanted, command());
    }

    private DetailReader details() {
        if (details == null) {
            details = new DetailReader(proc, request.selection(), memory, buffer);
        }
        return details;
    }

    private String command() {
        return process.pid == ownPid ? OWN_NAME : programs.command();
    }

    /**
     * Registers the address space of the process.
     *
     * @param isLarge whether reading its smaps takes too long
     * @return whether the figures are certainly those of its own memory, without a second look
     */
    private boolean registerAddressSpace(boolean isLarge) {
        return process.stat == null
                || addressSpaces.register(
                        process.pid, process.folder, process.stat, isLarge, pages);
    }
}
