package psm.name;

/**
 * Finds the name by which processes are grouped.
 *
 * <p>A program that sets its title (setproctitle(3)) writes it over its first argument in {@code
 * /proc/PID/cmdline}: {@code nginx: worker process}. The first argument of other programs is the
 * name or the path by which they were started, so that {@code bash}, {@code -bash} and {@code
 * /bin/bash} are one program, and a link such as {@code redis-server} has its own name. Where the
 * first argument names no program ({@code /proc/self/exe}), the name is that of the executable.
 */
public final class ProgramName {
    /** The start of the path of an executable that exists only in memory, memfd_create(2). */
    static final String MEMFD = "/memfd:";

    /** The length to which the kernel cuts its name of a program. */
    private static final int COMM_CHARS = 15;

    /** The start of the path of a running executable, or of an open file. */
    private static final String PROC = "/proc/";

    private static final String DESCRIPTORS = "/dev/fd/";

    /** The start of the names that dovecot passes to its services; it is no folder. */
    private static final String DOVECOT = "dovecot/";

    /** The ends of names that Nix and Guix give to programs that a script of theirs starts. */
    private static final String[] WRAPPED = {"-wrapped", "-real"};

    private ProgramName() {}

    /**
     * Returns the name of a program.
     *
     * @param exe the target of {@code /proc/PID/exe}; {@code null} if permission was denied
     * @param firstArgument the first argument in {@code /proc/PID/cmdline}; empty if there is none
     * @param comm the kernel's name, the last resort; may be {@code null}
     */
    public static String of(String exe, String firstArgument, String comm) {
        return of(exe, exe == null ? null : ofExecutable(exe), firstArgument, comm);
    }

    /**
     * Returns the name of a program.
     *
     * @param own the result of {@link #ofExecutable}; {@code null} if that is not known
     */
    static String of(String exe, String own, String firstArgument, String comm) {
        String argument = withoutBlanks(firstArgument);
        String name = isName(argument) ? ofArgument(exe, own, argument, comm) : null;
        if (name != null && !name.isEmpty()) {
            return unwrapped(name);
        }
        if (own != null && !own.isEmpty()) {
            return own;
        }
        return comm == null || comm.isEmpty() ? "?" : comm;
    }

    /**
     * Returns the name of a program by the path of its executable alone.
     *
     * @return {@code null} if the file was renamed so that its name is not known
     */
    public static String ofExecutable(String exe) {
        if (exe.startsWith(MEMFD)) {
            return exe.substring(1); // after the colon is the program's choice, even with slashes
        }
        String name = unwrapped(baseName(Leftover.removed(exe)));
        return Leftover.isHidden(name) ? null : name;
    }

    /**
     * Returns {@code x} for {@code .x-wrapped} of Nix and {@code .x-real} of Guix. Nix appends
     * underscores to a second such name, or makes {@code ..x-wrapped-wrapped}.
     */
    static String unwrapped(String name) {
        if (!name.startsWith(".")) {
            return name;
        }
        int end = name.length();
        while (end > 1 && name.charAt(end - 1) == '_') {
            end--;
        }
        for (String suffix : WRAPPED) {
            int from = end - suffix.length();
            if (from > 1 && name.startsWith(suffix, from)) {
                return unwrapped(name.substring(1, from));
            }
        }
        return name;
    }

    /**
     * Returns the name that the first argument contains; {@code null} for that of the executable.
     */
    private static String ofArgument(String exe, String own, String argument, String comm) {
        if (argument.charAt(0) == '-') {
            return ofLoginShell(own, argument, comm);
        }
        if (argument.charAt(0) == '@' && isOwn(own, baseName(argument.substring(1)), comm)) {
            return baseName(argument.substring(1));
        }
        int slash = argument.indexOf('/');
        if (slash == 0) {
            return ofPath(exe, own, argument, comm);
        }
        if (slash > 0 && isRelativePath(own, argument, comm)) {
            return ofPath(exe, own, argument, comm);
        }
        if (slash < 0 && argument.startsWith(":\\", 1)) {
            return argument.substring(argument.lastIndexOf('\\') + 1); // Wine: C:\x.exe
        }
        return argument;
    }

    /**
     * Returns the name of a shell that login(1) has started, with a hyphen before its name. su(1)
     * starts the user's shell as {@code -su}.
     */
    private static String ofLoginShell(String own, String argument, String comm) {
        String name = baseName(argument.substring(1));
        if (isShell(name) || (!name.isEmpty() && isOwn(own, name, comm))) {
            return name;
        }
        if (!name.equals("su")) {
            return argument;
        }
        return own == null ? comm : own;
    }

    private static boolean isShell(String name) {
        return switch (name) {
            case "sh",
                    "ash",
                    "dash",
                    "bash",
                    "rbash",
                    "ksh",
                    "mksh",
                    "zsh",
                    "rzsh",
                    "csh",
                    "tcsh",
                    "fish" ->
                    true;
            default -> false;
        };
    }

    /**
     * Returns whether a name is that of the executable. systemd(1) does not end daemons whose first
     * argument is marked by an at sign.
     */
    private static boolean isOwn(String own, String name, String comm) {
        return own == null ? isOfKernel(name, comm) : name.equals(own);
    }

    /** Returns whether an argument with a slash is a path, not a title that contains one. */
    private static boolean isRelativePath(String own, String argument, String comm) {
        if (argument.startsWith("./") || argument.startsWith("../")) {
            return true;
        }
        if (argument.indexOf(' ') >= 0 || argument.startsWith(DOVECOT)) {
            return false;
        }
        String name = baseName(argument);
        String folder = baseName(argument.substring(0, argument.length() - name.length() - 1));
        return folder.equals("bin")
                || folder.equals("sbin")
                || (own != null && own.startsWith(name))
                || isOwn(own, name, comm)
                || (isInMemory(own, comm) && !isOfKernel(argument, comm));
    }

    /**
     * Returns whether the executable exists only in memory, so that its name is none that the first
     * argument could have. The kernel's name is then that of the file, or, before Linux 6.14, the
     * number of its descriptor.
     */
    private static boolean isInMemory(String own, String comm) {
        String name = own == null ? comm : own;
        return name != null && (name.startsWith("memfd:") || (own == null && isNumber(name)));
    }

    private static boolean isNumber(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) < '0' || name.charAt(i) > '9') {
                return false;
            }
        }
        return !name.isEmpty();
    }

    /** Returns the base name of the path that an argument is, or starts with. */
    private static String ofPath(String exe, String own, String argument, String comm) {
        if (isOfNoProgram(argument) || isSame(exe, argument)) {
            return null;
        }
        String name = baseName(argument);
        int blank = argument.indexOf(' ');
        if (blank < 0) {
            return name;
        }
        // It is a path and options in one argument, a path and a title, or a path with blanks.
        String head = argument.substring(0, blank);
        boolean isInFolderWithBlank = exe != null && exe.startsWith(head + ' ');
        if (isOfNoProgram(head) || isInFolderWithBlank) {
            return null;
        }
        String first = baseName(head);
        boolean isWhole = name.equals(own) || (!isOfKernel(first, comm) && isOfKernel(name, comm));
        return isWhole ? name : first;
    }

    /**
     * Returns whether a path leads to the running executable or to an open file, as Electron, runc
     * and others start themselves: {@code /proc/self/exe}, {@code /proc/self/fd/3}.
     */
    private static boolean isOfNoProgram(String path) {
        if (path.startsWith(DESCRIPTORS)) {
            return true;
        }
        int slash = path.startsWith(PROC) ? path.indexOf('/', PROC.length()) : -1;
        return slash > 0
                && ((path.startsWith("/exe", slash) && slash + "/exe".length() == path.length())
                        || path.startsWith("/fd/", slash));
    }

    /** Returns whether one path is the other, or a folder above it, or is followed by a blank. */
    private static boolean isSame(String exe, String argument) {
        if (exe == null) {
            return false;
        }
        int shared = Math.min(exe.length(), argument.length());
        if (!exe.regionMatches(0, argument, 0, shared)) {
            return false;
        }
        if (exe.length() == argument.length()) {
            return true;
        }
        return exe.length() > shared ? exe.charAt(shared) == '/' : argument.charAt(shared) == ' ';
    }

    /** Returns whether the kernel has cut its name of the program from this one. */
    static boolean isOfKernel(String name, String comm) {
        return comm == null
                || name.equals(comm)
                || (comm.length() == COMM_CHARS && name.startsWith(comm));
    }

    /** Returns a text without the blanks at its end, with which old postgres fills its title. */
    private static String withoutBlanks(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        return text.substring(0, end); // the same object if there are none
    }

    private static boolean isName(String argument) {
        return switch (argument) {
            case "-", ".", ".." -> false;
            default -> !argument.isBlank();
        };
    }

    static String baseName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
