package psm.scan;

import psm.name.Program;

/**
 * A process that psm saw and could not measure.
 *
 * @param pid its pid in {@code /proc}
 * @param program its name; {@code null} if that is not known
 * @param reason the reason why it has no figures
 * @param detail the message of the system or the parser; {@code null} if the reason says everything
 * @param names the name of its program by each rule; {@code null} if that was not requested
 */
public record Unmeasured(int pid, String program, Reason reason, String detail, Program.Names names)
        implements ReadResult {
    /** The reason why a process could not be measured. */
    public enum Reason {
        /** psm has no permission to read its memory. */
        DENIED("permission denied"),
        /** It exited or called exec while psm read it. */
        VANISHED("exited during the scan"),
        /**
         * Reading it took longer than the timeout, usually since another thread locks its memory
         * map.
         */
        STUCK("skipped after the timeout"),
        /** Another reason: its file was malformed, or a read failed. */
        FAILED("could not be read"),
        /** The kernel has no smaps. Only estimates have this reason. */
        ABSENT("not measured by this kernel"),
        /** Reading it takes longer than was wanted. Only estimates have this reason. */
        LARGE("takes too long to measure");

        /** The reason in words, to follow the process or a number of processes. */
        public final String inWords;

        Reason(String inWords) {
            this.inWords = inWords;
        }
    }

    /** Makes a process with at most one known name. */
    public Unmeasured(int pid, String program, Reason reason, String detail) {
        this(pid, program, reason, detail, null);
    }

    /** Returns the same process named by another rule, if its names are known. */
    Unmeasured named(boolean byTitle, boolean scripts) {
        return names == null
                ? this
                : new Unmeasured(pid, names.by(byTitle, scripts), reason, detail, names);
    }
}
