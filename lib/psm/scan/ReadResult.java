package psm.scan;

/** The result of reading one process. */
sealed interface ReadResult permits ProcessMemory, Unmeasured, ReadResult.Nothing {
    /** The result for a process that has no memory of its own, or is not wanted. */
    ReadResult NOTHING = Nothing.NOTHING;

    /** The type of {@link ReadResult#NOTHING}. */
    enum Nothing implements ReadResult {
        NOTHING
    }
}
