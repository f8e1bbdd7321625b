package psm.scan;

import psm.name.NameRule;
import psm.name.Program;
import psm.name.ProgramReader;
import psm.name.UserNames;
import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.smaps.ProcessMappings;
import psm.smaps.Usage;
import psm.text.Missing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Collections;
import java.util.Set;

/**
 * Measures one process after the other: what it runs, its memory and its details. Its arrays and
 * its parser serve all of them, so it belongs to one thread; other threads may call {@link
 * #current} and {@link #bytesRead}.
 */
public final class ProcessReader {
    /** The size of stat, which has 2 kB at most, and of a piece of smaps. */
    private static final int BUFFER_BYTES = 4096;

    /**
     * How often to look at a process that becomes another program while psm looks at it. There is a
     * limit, since a process may do that for ever.
     */
    private static final int MAX_LOOKS = 8;

    /** The details of a process that has yet to be selected: those that the selection needs. */
    private static final Set<Detail> NOTHING_ELSE = Collections.emptySet();

    private static final String OWN_NAME = "psm";

    /** The program of psm's own process. */
    public static final Program OWN =
            new Program(
                    OWN_NAME, Program.File.CURRENT, new Program.Names(OWN_NAME, OWN_NAME, null));

    private final ScanRequest request;
    private final AddressSpaces addressSpaces;
    private final UserNames users;
    private final int ownPid;

    /** Whether a process can only be selected by its details, not by its pid and parents. */
    private final boolean isSelectedByDetails;

    private final ProgramReader programs;
    private final StatReader stats;
    private final MemoryReader memory;
    private final ProcessMappings mappings;

    /** {@code null} where no details are needed. */
    private final DetailReader details;

    private final CurrentProcess process = new CurrentProcess();

    /**
     * Makes a reader for one thread of a scan.
     *
     * @param addressSpaces shared by all readers of one scan
     * @param users the names to select processes by; {@code null} where that is not needed
     * @param ownPid psm's own pid, which would be one more java otherwise; 0 where that is not
     *     among the processes
     * @param mappings receives the mappings of the process that is measured; {@code null} where
     *     they are not needed
     */
    ProcessReader(
            ProcFs proc,
            ScanRequest request,
            AddressSpaces addressSpaces,
            UserNames users,
            int ownPid,
            ProcessMappings mappings) {
        Selection selection = request.selection();
        byte[] buffer = new byte[BUFFER_BYTES];
        this.request = request;
        this.addressSpaces = addressSpaces;
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
                                request.details().contains(Detail.COMMAND)));
        this.stats = new StatReader(proc, buffer);
        this.memory = new MemoryReader(proc, request.source(), stats, buffer, mappings);
        this.mappings = mappings;
        boolean areDetailsNeeded =
                isSelectedByDetails || !request.details().isEmpty() || request.maxCostNanos() > 0;
        this.details = areDetailsNeeded ? new DetailReader(proc, selection, memory, buffer) : null;
    }

    /** Returns the mappings of the process that was measured last, until the next one is. */
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
        } catch (RuntimeException | Error e) {
            // One process that psm cannot deal with must not cost the others.
            return unmeasured(Unmeasured.Reason.FAILED, e.toString());
        } finally {
            if (!process.isSettled) {
                programs.forget();
            }
        }
    }

    private Unmeasured unmeasured(Unmeasured.Reason reason, String detail) {
        return new Unmeasured(process.pid, process.name(), reason, detail, process.names());
    }

    /**
     * Looks until the process is the same one, and runs the same program, before and after.
     *
     * <p>Where smaps_rollup was opened before the program was read, and read after that, no second
     * look at stat is needed: the kernel adds up the memory that the process had when the file was
     * opened, and once an exec(2) or its exit has freed that, nothing can be read. But forks may
     * have memory that another process keeps alive ({@link AddressSpaces}), so psm looks at them
     * twice unless their stack identifies them. Neither way excludes changes within microseconds:
     * of the process between its stat and the opening, and while another process reads, and keeps,
     * the same memory.
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
                process.isCertain = false; // a thread may have exited, and others live on
            }
            process.main = stats.read(folder);
            if (first == null || StatReader.hasExited(first, process.main)) {
                throw new NoSuchFileException(folder);
            }
        }
        throw new IOException("it was another program each time psm read it");
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
        process.setResidentPages(stat == null ? 0 : stat.residentPages());
        if (request.filter() != null || isSelectedByDetails) {
            // Most processes are not wanted: it saves the opening to read the program first.
            Program program = readProgram();
            return isWanted() ? measure(program, null) : ReadResult.NOTHING;
        }
        try (InputStream rollup = memory.openRollup(process.folder)) {
            return measure(readProgram(), rollup);
        }
    }

    private Program readProgram() {
        Program program = process.pid == ownPid ? OWN : programs.read(process.folder, process.stat);
        process.setProgram(program);
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
        Usage estimate = estimate();
        if (estimate != null) {
            registerAddressSpace();
            return measured(program, false, estimate);
        }
        Usage rollup = memory.rollup(process, opened);
        Usage usage = rollup == null ? memory.smaps(process) : rollup;
        if (usage.mappings == 0) {
            // It is no kernel thread, so either its memory has just been freed, which shows later,
            // or the file is incomplete: copies of /proc may consist of empty files.
            return process.stat == null
                    ? ReadResult.NOTHING
                    : unmeasured(Unmeasured.Reason.FAILED, "its smaps is empty");
        }
        boolean isOfOneOpening = rollup != null && opened != null && !request.heap();
        if (rollup != null && request.heap()) {
            usage = rollup.withHeap(memory.heap(process));
        }
        // The program is complete unless the main thread is exiting: it frees executable and
        // arguments, and leaves the memory to other threads. Details may be of a later program.
        process.isCertain =
                registerAddressSpace()
                        && isOfOneOpening
                        && programs.isWhole()
                        && request.details().isEmpty();
        return measured(program, rollup != null, usage);
    }

    private ProcessMemory measured(Program program, boolean isRollup, Usage usage) {
        ProcStat main = process.main;
        long startTime = main == null ? Missing.VALUE : main.startTime();
        ProcessDetails read = readDetails(request.details());
        return new ProcessMemory(process.pid, startTime, program, isRollup, usage, read);
    }

    /**
     * Returns the estimate for a process that takes too long to measure; {@code null} for others.
     */
    private Usage estimate() {
        return request.maxCostNanos() > 0 && !request.mappings()
                ? details.status(process.folder).estimate(request.maxCostNanos())
                : null;
    }

    private ProcessDetails readDetails(Set<Detail> wanted) {
        if (wanted.isEmpty() && !isSelectedByDetails) {
            return ProcessDetails.NONE;
        }
        String command = process.pid == ownPid ? OWN_NAME : programs.command();
        return details.read(process, wanted, command);
    }

    /**
     * Registers the address space of the process.
     *
     * @return whether the figures are certainly those of its own memory, without a second look
     */
    private boolean registerAddressSpace() {
        return process.stat == null
                || addressSpaces.register(process.pid, process.folder, process.stat);
    }
}
