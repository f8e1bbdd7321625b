package psm.record;

/**
 * Something that happened between two samples, so that no line is drawn from one to the other. The
 * strongest is last: of several between two samples, it counts.
 */
public enum Mark {
    // Codes in files are ordinals + 1 of RecordingFormat.MARKS; the order here is free.
    /** The time between samples changed. */
    INTERVAL_CHANGED("the interval changed"),
    /** The wall clock was set: its difference to the uptime changed. */
    CLOCK_STEPPED("the clock was set"),
    /** A recorder began, or this is the first sample of all. */
    STARTED("recording started"),
    /** A recorder ended. */
    STOPPED("recording stopped"),
    /** No sample was written for long: the machine was suspended, or the recorder was stopped. */
    GAP("gap"),
    /** Samples could not be written. */
    DROPPED("samples could not be written"),
    /** Samples were written but cannot be read. */
    UNREADABLE("samples cannot be read"),
    /** The machine was started again. */
    REBOOTED("the machine was rebooted");

    /** What happened, for messages. */
    public final String description;

    Mark(String description) {
        this.description = description;
    }

    /**
     * Returns whether samples are missing: a recorder that goes on at once, at another interval or
     * with another clock, leaves no gap.
     */
    public boolean isGap() {
        return compareTo(STOPPED) >= 0;
    }

    /** Returns the stronger of two marks, which may be {@code null}. */
    static Mark stronger(Mark mark, Mark other) {
        if (mark == null || other == null) {
            return mark == null ? other : mark;
        }
        return mark.compareTo(other) < 0 ? other : mark;
    }
}
