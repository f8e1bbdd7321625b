package psm.scan;

import psm.name.Program;

/**
 * A process that psm saw and could not measure.
 *
 * @param pid as {@code /proc} names it
 * @param program its name, {@code null} where that is not known
 * @param reason why there are no figures
 * @param detail what the system or the parser said of it, {@code null} where the reason says all
 * @param names what its program is called by each rule; {@code null} where that was not asked for
 */
public record Unmeasured(int pid, String program, Reason reason, String detail, Program.Names names)
        implements ReadResult {
    /** Why a process could not be measured. */
    public enum Reason {
        /** psm has no permission to read its memory. */
        DENIED("permission denied"),
        /** It exited, or started another program, while psm read it. */
        VANISHED("exited during the scan"),
        /** The kernel did not answer in time: another thread holds the process's memory map. */
        STUCK("skipped after the timeout"),
        /** Anything else: its file was malformed, or a read failed. */
        FAILED("could not be read");

        /** The reason, for people; it stands after the process or their number. */
        public final String inWords;

        Reason(String inWords) {
            this.inWords = inWords;
        }
    }

    /** A process of which one name at most is known. */
    public Unmeasured(int pid, String program, Reason reason, String detail) {
        this(pid, program, reason, detail, null);
    }

    /** The same process, by another rule for names, where its names are known. */
    Unmeasured named(boolean byTitle, boolean scripts) {
        return names == null
                ? this
                : new Unmeasured(pid, names.by(byTitle, scripts), reason, detail, names);
    }
}
