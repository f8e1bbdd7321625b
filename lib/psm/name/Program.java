package psm.name;

/**
 * What a process runs.
 *
 * @param name the name that it goes by, by the rule that the scan was asked to go by, see {@link
 *     ProgramName}
 * @param file what became of its executable
 * @param names what it is called by each rule; {@code null} where that was not asked for
 */
public record Program(String name, File file, Names names) {
    /** What became of an executable since it was started. */
    public enum File {
        /** It is there, or psm may not know. */
        CURRENT,
        /** It was deleted. */
        DELETED,
        /** It was deleted, and there is another one in its place: an update, mostly. */
        UPDATED
    }

    /**
     * A program's names, one for each rule.
     *
     * @param title a title that it has set, else that of the executable
     * @param executable that of the executable alone
     * @param script what an interpreter runs, see {@link ScriptName}; {@code null} for others
     */
    public record Names(String title, String executable, String script) {
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

    /** The same program, by another rule for names, where its names are known. */
    public Program named(boolean byTitle, boolean scripts) {
        return names == null ? this : new Program(names.by(byTitle, scripts), file, names);
    }
}
