package psm.scan;

import java.util.Locale;

/** The file of {@code /proc/PID} that the figures are to come from. */
public enum Source {
    /** smaps_rollup where there is one and it tells what is asked for, else smaps. */
    AUTO,
    /** smaps_rollup alone: one entry, summed by the kernel (4.14) before it rounds. */
    ROLLUP,
    /** smaps alone: an entry for each mapping. */
    SMAPS;

    /** As it is given to {@code --source}. */
    public String optionName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
