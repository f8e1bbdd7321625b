package psm.name;

/**
 * The program that a process runs.
 *
 * @param name its name by the requested rule, see {@link NameRule}
 * @param file what happened to its executable
 * @param names the names by each rule; {@code null} if they were not requested
 */
public record Program(String name, File file, Names names) {
    /** What happened to an executable since it was started. */
    public enum File {
        /** The file is there. */
        CURRENT,
        /** The file was deleted. */
        DELETED,
        /** The file was deleted and another one is in its place, as after an update. */
        UPDATED,
        /** psm lacks the permission to see which file it is. */
        UNKNOWN
    }

    /**
     * The names of a program, one for each rule.
     *
     * @param title the title that it has set, else the name of the executable
     * @param executable the name of the executable
     * @param script the interpreter and what it runs, see {@link ScriptName}; {@code null} for
     *     other programs
     */
    public record Names(String title, String executable, String script) {
        /**
         * Returns one of the names.
         *
         * @param byTitle whether to prefer the title to the name of the executable
         * @param scripts whether to prefer the script, if there is one, to both
         */
        public String by(boolean byTitle, boolean scripts) {
            if (scripts && script != null) {
                return script;
            }
            return byTitle ? title : executable;
        }
    }

    public Program(String name, File file) {
        this(name, file, null);
    }

    /** Returns the same program with the name by another rule, if its names are known. */
    public Program named(boolean byTitle, boolean scripts) {
        return names == null ? this : new Program(names.by(byTitle, scripts), file, names);
    }
}
