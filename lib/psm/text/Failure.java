package psm.text;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/**
 * A failure that ends psm with one line on standard error: what the user requested, what is wrong
 * with it, and what would work instead.
 */
public final class Failure extends Exception {
    /** The start of a message about an exception that nothing but a defect of psm explains. */
    public static final String DEFECT = "a defect of psm; please report it: ";

    private static final long serialVersionUID = 1;

    /** The exit codes of psm. */
    public enum Exit {
        OK(0, "The report was written; messages say what it leaves out."),
        FAILED(1, "psm could not do what it was asked to do."),
        USAGE(
                2,
                "psm was asked for something that does not exist, such as an option, a column, a"
                        + " user or a unit without processes."),
        INCOMPLETE(
                3,
                "The report was written but leaves processes or machines out, or contains"
                        + " estimates of processes that could not be read, or 'psm growth' expects"
                        + " memory to be full soon, or has too few samples to say (only with"
                        + " --strict).");

        public final int code;

        /** The sentence in the man page. */
        public final String description;

        Exit(int code, String description) {
            this.code = code;
            this.description = description;
        }
    }

    public final Exit exit;

    private Failure(Exit exit, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    /** Makes the failure of a command line that psm does not support. */
    public static Failure usage(String message, Throwable cause) {
        return new Failure(Exit.USAGE, message, cause);
    }

    /** Makes the failure of a report that is incomplete. */
    public static Failure incomplete(String message) {
        return new Failure(Exit.INCOMPLETE, message, null);
    }

    /** Makes the failure of a command that psm supports but could not run. */
    public static Failure of(String message, Throwable cause) {
        return new Failure(Exit.FAILED, message, cause);
    }

    /**
     * Returns the reason for an exception in words: the message of some exceptions is only a path.
     */
    public static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileSystemException failed && failed.getReason() != null) {
            return failed.getReason();
        }
        if (e instanceof FileAlreadyExistsException) {
            return "exists already, and is in the way";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
