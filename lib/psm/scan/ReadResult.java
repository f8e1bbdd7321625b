package psm.scan;

/** What a look at one process came to. */
sealed interface ReadResult permits ProcessMemory, Unmeasured, ReadResult.Nothing {
    /** There is nothing to tell: it has no memory of its own, or nobody asked for it. */
    ReadResult NOTHING = Nothing.NOTHING;

    /** The one value of its kind. */
    enum Nothing implements ReadResult {
        NOTHING
    }
}
