package psm;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Measures one process after the other. Owns an array and a parser that serve all of them, so it
 * belongs to one thread; its results may be read by another once that thread is done.
 */
final class ProcessReader {
    private static final String SMAPS = "smaps";
    private static final String SMAPS_ROLLUP = "smaps_rollup";

    /**
     * Room for stat, which has 2 kB at most, and for a first argument. That is cut there: titles
     * are shorter than a line, but anybody may start a thousand processes with one of 2 MB.
     */
    private static final int BUFFER_BYTES = 4096;

    /** Those that were measured, in the order in which they were read. */
    final List<ProcessMemory> measured = new ArrayList<>();

    /** Those that could not be measured, in the order in which that was found. */
    final List<Unmeasured> unmeasured = new ArrayList<>();

    /** Bytes of smaps and smaps_rollup so far. */
    long bytesRead;

    private final ProcFs proc;
    private final Source source;
    private final Pattern filter;
    private final long ownPid;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final SmapsParser parser = new SmapsParser();

    /**
     * @param source where the figures are to come from
     * @param filter finds something in the names of the programs that are wanted; {@code null} for
     *     all
     * @param ownPid psm's own, which else were one more java; 0 where that is not among the
     *     processes
     */
    ProcessReader(ProcFs proc, Source source, Pattern filter, long ownPid) {
        this.proc = proc;
        this.source = source;
        this.filter = filter;
        this.ownPid = ownPid;
    }

    /**
     * Adds the process to one of the lists, or to none: kernel threads, zombies, those not wanted.
     */
    void read(int pid) {
        String program = null;
        try {
            ProcStat stat = stat(pid);
            if (stat != null && (stat.isKernelThread() || stat.isZombie())) {
                return;
            }
            program = pid == ownPid ? "psm" : program(pid, stat);
            if (filter == null || filter.matcher(program).find()) {
                measure(pid, stat, program);
            }
        } catch (NoSuchFileException e) {
            fail(pid, program, Unmeasured.Reason.VANISHED, null);
        } catch (AccessDeniedException e) {
            fail(pid, program, Unmeasured.Reason.DENIED, null);
        } catch (IOException e) {
            fail(pid, program, Unmeasured.Reason.FAILED, e.getMessage());
        } catch (RuntimeException | Error e) {
            // One process that psm cannot deal with must not cost the others.
            fail(pid, program, Unmeasured.Reason.FAILED, e.toString());
        }
    }

    private void fail(int pid, String program, Unmeasured.Reason reason, String detail) {
        unmeasured.add(new Unmeasured(pid, program, reason, detail));
    }

    /** The process's stat, or {@code null} in a tree that has none. */
    private ProcStat stat(int pid) throws IOException {
        try {
            return ProcStat.parse(buffer, proc.read(pid, "stat", buffer));
        } catch (AccessDeniedException e) {
            throw e;
        } catch (IOException e) {
            // ENOENT or ESRCH: it is gone, or the tree has no stat. EPERM: hidepid=1 shows the
            // folder alone.
            if (!proc.exists(pid)) {
                throw new NoSuchFileException(e.getMessage());
            }
            if (e instanceof NoSuchFileException) {
                return null;
            }
            throw new AccessDeniedException(e.getMessage());
        }
    }

    /**
     * The program's name, as well as it can be told. Whether the process is still there shows
     * later.
     */
    private String program(int pid, ProcStat stat) {
        String exe = null;
        String firstArgument = "";
        try {
            exe = proc.link(pid, "exe");
        } catch (IOException e) {
            exe = null; // may be read by root and the process's owner alone
        }
        try {
            int length = proc.read(pid, "cmdline", buffer);
            int end = 0;
            while (end < length && buffer[end] != 0) {
                end++;
            }
            firstArgument = Text.decode(buffer, 0, end);
        } catch (IOException e) {
            firstArgument = "";
        }
        return ProgramName.of(exe, firstArgument, stat == null ? null : stat.comm());
    }

    private void measure(int pid, ProcStat before, String program) throws IOException {
        boolean rollup = source != Source.SMAPS;
        Usage usage = rollup ? rollup(pid, before) : smaps(pid, before);
        if (usage == null) {
            rollup = false;
            usage = smaps(pid, before);
        }
        if (usage.mappings > 0) {
            measured.add(
                    new ProcessMemory(
                            pid, before == null ? 0 : before.startTime(), program, rollup, usage));
        } else if (before != null) {
            // It was no kernel thread: its memory went while it was looked at.
            fail(pid, program, Unmeasured.Reason.VANISHED, null);
        }
    }

    /** The figures of smaps_rollup; {@code null} where there are none and smaps is to be tried. */
    private Usage rollup(int pid, ProcStat before) throws IOException {
        try {
            Usage usage = parse(pid, SMAPS_ROLLUP);
            return usage.mappings == 0 && source == Source.AUTO ? null : usage;
        } catch (SmapsFormatException e) {
            throw e;
        } catch (IOException e) {
            if (source == Source.AUTO) {
                return null;
            }
            throw explained(pid, before, SMAPS_ROLLUP, e);
        }
    }

    private Usage smaps(int pid, ProcStat before) throws IOException {
        Usage usage;
        try {
            usage = parse(pid, SMAPS);
        } catch (SmapsFormatException e) {
            throw e;
        } catch (IOException e) {
            throw explained(pid, before, SMAPS, e);
        }
        // A process that ends meanwhile, or whose pid another one gets, leaves a file that is whole
        // to see.
        if (before != null && hasEnded(pid, before)) {
            throw new NoSuchFileException(SMAPS);
        }
        return usage;
    }

    private Usage parse(int pid, String file) throws IOException {
        parser.start(file.equals(SMAPS_ROLLUP));
        try (InputStream in = proc.open(pid, file)) {
            for (int n = ProcFs.readPiece(in, buffer); n >= 0; n = ProcFs.readPiece(in, buffer)) {
                bytesRead += n;
                parser.feed(buffer, 0, n);
            }
        }
        return parser.finish();
    }

    /** The same failure, by a type that tells what became of the process. */
    private IOException explained(int pid, ProcStat before, String file, IOException e)
            throws IOException {
        if (e instanceof AccessDeniedException) {
            return e;
        }
        if (!proc.exists(pid) || (before != null && hasEnded(pid, before))) {
            return new NoSuchFileException(file);
        }
        return e instanceof NoSuchFileException ? new IOException("it has no " + file, e) : e;
    }

    private boolean hasEnded(int pid, ProcStat before) throws IOException {
        try {
            ProcStat now = stat(pid);
            return now == null
                    || now.startTime() != before.startTime()
                    || now.isZombie()
                    || now.isExiting();
        } catch (NoSuchFileException e) {
            return true;
        }
    }
}
