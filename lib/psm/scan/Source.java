package psm.scan;

import java.util.Locale;

/** The file of {@code /proc/PID} to read the figures from. */
public enum Source {
    /** smaps_rollup if it exists and has the requested figures, else smaps. */
    AUTO,
    /** smaps_rollup alone: one entry, which the kernel (4.14) adds up before it rounds. */
    ROLLUP,
    /** smaps alone: an entry for each mapping. */
    SMAPS;

    /** Returns its name on the command line. */
    public String optionName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
