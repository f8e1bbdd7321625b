package psm.name;

/**
 * Finds the name by which processes are grouped, with the rule of Go's psm.
 *
 * <p>A program that sets its title (setproctitle(3)) writes it over its first argument in {@code
 * /proc/PID/cmdline}: {@code nginx: worker process}. The first argument of other programs is the
 * path by which they were started. So the first argument is the name, unless the path of the
 * executable starts with it; then the base name of the executable is the name.
 */
public final class ProgramName {
    /**
     * The number of characters to compare. If it is too low, a title is taken for a path; if it is
     * too high, a path that was cut short is taken for a title.
     */
    private static final int COMPARED_CHARS = 16;

    /** The start of the path of an executable that exists only in memory, memfd_create(2). */
    static final String MEMFD = "/memfd:";

    private ProgramName() {}

    /**
     * Returns the name of a program.
     *
     * @param exe the target of {@code /proc/PID/exe}; {@code null} if permission was denied
     * @param firstArgument the first argument in {@code /proc/PID/cmdline}; empty if there is none
     * @param comm the kernel's name, the last resort; may be {@code null}
     */
    public static String of(String exe, String firstArgument, String comm) {
        if (exe == null) {
            return guess(firstArgument, comm);
        }
        int compared = Math.min(COMPARED_CHARS, firstArgument.length());
        boolean isPath = exe.startsWith(firstArgument.substring(0, compared));
        return isPath ? ofExecutable(exe) : firstArgument;
    }

    /** Returns the name of a program by the path of its executable alone. */
    public static String ofExecutable(String exe) {
        // The text after the colon is the program's choice and may contain slashes.
        return exe.startsWith(MEMFD) ? exe.substring(1) : baseName(exe);
    }

    private static String guess(String firstArgument, String comm) {
        if (!firstArgument.isEmpty()) {
            boolean isPath = firstArgument.charAt(0) == '/' && firstArgument.indexOf(' ') < 0;
            return isPath ? baseName(firstArgument) : firstArgument;
        }
        return comm == null ? "?" : comm;
    }

    private static String baseName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
