package psm.name;

/**
 * The name that a process goes by, and that processes are grouped under: the rule of Go's psm.
 *
 * <p>A program that sets its title (setproctitle(3)) writes it over its first argument, in {@code
 * /proc/PID/cmdline}: {@code nginx: worker process}. One that does not has the path there by which
 * it was started. So the first argument is the name, unless the executable's path starts as it
 * does; then the executable's base name is.
 */
public final class ProgramName {
    /** Enough to tell a path from a title, and few enough for a path that a title has cut short. */
    private static final int COMPARED_CHARS = 16;

    /** The path of an executable that is in memory alone, memfd_create(2). */
    static final String MEMFD = "/memfd:";

    private ProgramName() {}

    /**
     * Returns the name of a program.
     *
     * @param exe where {@code /proc/PID/exe} points to, {@code null} where that may not be read
     * @param firstArgument of {@code /proc/PID/cmdline}, empty where there is none
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

    /** The name of a process of which the executable's path alone counts. */
    public static String ofExecutable(String exe) {
        // What comes after the colon was chosen by whoever made it, slashes and all.
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
