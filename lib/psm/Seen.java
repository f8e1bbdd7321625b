package psm;

/** What a look at one process came to. */
sealed interface Seen permits ProcessMemory, Unmeasured, Seen.Nothing {
    /** There is nothing to tell: it has no memory of its own, or nobody asked for it. */
    Seen NOTHING = Nothing.NOTHING;

    /** The one value of its kind. */
    enum Nothing implements Seen {
        NOTHING
    }
}
