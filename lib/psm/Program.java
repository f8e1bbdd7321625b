package psm;

/**
 * What a process runs.
 *
 * @param name the name that it goes by, see {@link ProgramName}
 * @param file what became of its executable
 */
record Program(String name, File file) {
    /** What became of an executable since it was started. */
    enum File {
        /** It is there, or psm may not know. */
        CURRENT,
        /** It was deleted. */
        DELETED,
        /** It was deleted, and there is another one in its place: an update, mostly. */
        UPDATED
    }
}
