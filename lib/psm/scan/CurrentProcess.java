package psm.scan;

import psm.name.Program;
import psm.proc.ProcStat;

/**
 * The process that a {@link ProcessReader} is reading. One object serves one process after the
 * other. It belongs to the reader's thread; other threads may call {@link #name}, {@link #names}
 * and {@link #residentPages}.
 */
final class CurrentProcess {
    int pid;

    /** The {@code stat} of the process; {@code null} in a tree without stat. */
    ProcStat main;

    /**
     * The folder that shows its memory: its own, or if the main thread has exited, that of a
     * thread.
     */
    String folder;

    /** The {@code stat} in {@link #folder} before the memory was read, or {@code null}. */
    ProcStat stat;

    /** Whether the figures belong to the program that was read, without a second look. */
    boolean isCertain;

    /** Whether the program that was read belongs to {@link #stat}. */
    boolean isSettled;

    private volatile Program program;
    private volatile long residentPages;

    /** Starts with another process. */
    void start(int other) {
        pid = other;
        program = null;
        residentPages = 0;
        isSettled = false;
    }

    /** Starts a look at the process in its own folder. */
    void startLook(String ownFolder) {
        folder = ownFolder;
        stat = main;
        isCertain = false;
    }

    /** Stores the number of pages in RAM, which is reported if reading the memory blocks. */
    void setResidentPages(long pages) {
        residentPages = pages;
    }

    void setProgram(Program read) {
        program = read;
    }

    /** Returns the name of its program; {@code null} if that is not known yet. */
    String name() {
        Program known = program;
        return known == null ? null : known.name();
    }

    /** Returns the names of its program by each rule; {@code null} if they are not known. */
    Program.Names names() {
        Program known = program;
        return known == null ? null : known.names();
    }

    /** Returns about how many pages it has in RAM; 0 if that is not known. */
    long residentPages() {
        return residentPages;
    }
}
