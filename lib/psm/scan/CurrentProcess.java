package psm.scan;

import psm.name.Program;
import psm.proc.ProcStat;

/**
 * The process that a {@link ProcessReader} is reading. One object serves one process after the
 * other. It belongs to the reader's thread; other threads may call {@link #name}, {@link #names},
 * {@link #program}, {@link #command} and {@link #isWanted}.
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
    private volatile String command;
    private volatile boolean isWanted;

    /** Starts with another process. */
    void start(int other) {
        pid = other;
        program = null;
        command = null;
        isWanted = false;
        isSettled = false;
    }

    /** Starts a look at the process in its own folder. */
    void startLook(String ownFolder) {
        folder = ownFolder;
        stat = main;
        isCertain = false;
    }

    /** Stores the program and its command line, which may be {@code null}. */
    void setProgram(Program read, String commandLine) {
        command = commandLine;
        program = read;
    }

    /** Records that the process is selected, so that only its memory is still to be read. */
    void setWanted() {
        isWanted = true;
    }

    /** Returns its program; {@code null} if that is not known yet. */
    Program program() {
        return program;
    }

    /** Returns its command line; {@code null} if that is not known yet, or not requested. */
    String command() {
        return command;
    }

    /** Returns whether it is known that the process is selected. */
    boolean isWanted() {
        return isWanted;
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
}
