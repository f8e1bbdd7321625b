package psm.scan;

import psm.proc.ProcFs;
import psm.proc.ProcStat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;

/** Reads {@code stat} of processes and of their threads. Belongs to one thread. */
final class StatReader {
    /** Reports that all threads of a process are exiting. */
    static final class ExitingException extends IOException {
        private static final long serialVersionUID = 1;
    }

    private final ProcFs proc;
    private final byte[] buffer;

    /** The bytes of the file that was parsed last. */
    private final byte[] lastBytes;

    private int lastLength;

    /** The result of parsing {@link #lastBytes}. */
    private ProcStat last;

    /**
     * Makes a reader for a tree.
     *
     * @param buffer an array that others may use between two calls; longer than the file, which has
     *     2 kB at most
     */
    StatReader(ProcFs proc, byte[] buffer) {
        this.proc = proc;
        this.buffer = buffer;
        this.lastBytes = new byte[buffer.length];
    }

    /**
     * Reads the stat in a folder.
     *
     * @return {@code null} in a tree without stat
     * @throws NoSuchFileException if the process or thread has exited
     */
    ProcStat read(String folder) throws IOException {
        try {
            return parse(proc.read(folder + "/stat", buffer));
        } catch (AccessDeniedException e) {
            throw e;
        } catch (IOException e) {
            // ENOENT or ESRCH: it exited, or the tree has no stat. EPERM: hidepid=1 shows only the
            // folder.
            if (!proc.exists(folder)) {
                throw new NoSuchFileException(e.getMessage());
            }
            if (e instanceof NoSuchFileException) {
                return null;
            }
            throw new AccessDeniedException(e.getMessage());
        }
    }

    /**
     * Parses the file, unless its bytes are those that were parsed last. A scan reads the stat of
     * some processes twice, and the stat of an idle process does not change.
     */
    private ProcStat parse(int length) {
        if (!Arrays.equals(buffer, 0, length, lastBytes, 0, lastLength)) {
            lastLength = 0; // in case parsing fails
            last = ProcStat.parse(buffer, length);
            System.arraycopy(buffer, 0, lastBytes, 0, length);
            lastLength = length;
        }
        return last;
    }

    /**
     * Finds a thread that shows the memory of a process whose main thread has exited: the process's
     * own folder no longer shows memory, executable or arguments.
     *
     * @throws NoSuchFileException if a thread exited during the search; there may be new ones
     * @throws ExitingException if no thread will be left
     */
    void findLivingThread(CurrentProcess process) throws IOException {
        boolean hasChanged = false;
        boolean areExiting = false;
        for (int tid : proc.tids(process.pid)) {
            if (tid == process.pid) {
                continue;
            }
            String thread = process.pid + "/task/" + tid;
            ProcStat stat = readIfThere(thread);
            if (stat != null && !stat.isZombie() && !stat.isExiting()) {
                process.folder = thread;
                process.stat = stat;
                return;
            }
            hasChanged |= stat == null;
            areExiting |= stat != null && stat.isExiting() && !stat.isZombie();
        }
        if (hasChanged) {
            throw new NoSuchFileException(process.folder);
        }
        if (areExiting) {
            throw new ExitingException(); // an exiting thread starts no new ones
        }
    }

    private ProcStat readIfThere(String thread) throws IOException {
        try {
            return read(thread);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /**
     * Returns whether the process still runs the program that was measured. If the thread that was
     * read has exited since then, its figures are complete as long as other threads run.
     */
    boolean isUnchanged(CurrentProcess process) throws IOException {
        ProcStat main = process.main;
        if (main == null) {
            return true;
        }
        return main.isUnchanged(read(Integer.toString(process.pid)));
    }

    /**
     * Returns whether exit or exec(2) has freed the memory since stat was read, so that an
     * smaps_rollup that was opened before can no longer be read.
     */
    boolean hasLostMemory(CurrentProcess process) throws IOException {
        ProcStat before = process.stat;
        if (before == null) {
            return false;
        }
        ProcStat now = read(process.folder);
        return before.hasExited(now) || now.addresses() != before.addresses();
    }
}
