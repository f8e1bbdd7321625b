package psm.text;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/**
 * Ends psm with one line on standard error: what was asked, what is wrong with it, what would work.
 */
public final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    /** The exit codes of psm. */
    public enum Exit {
        OK(0),
        /** psm could not do what the user requested. */
        FAILED(1),
        /** The user requested what psm does not support. */
        USAGE(2),
        /** The report was written but is incomplete; only where an option requests this code. */
        INCOMPLETE(3);

        public final int code;

        Exit(int code) {
            this.code = code;
        }
    }

    public final Exit exit;

    private Failure(Exit exit, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    public static Failure usage(String message, Throwable cause) {
        return new Failure(Exit.USAGE, message, cause);
    }

    public static Failure incomplete(String message) {
        return new Failure(Exit.INCOMPLETE, message, null);
    }

    public static Failure of(String message, Throwable cause) {
        return new Failure(Exit.FAILED, message, cause);
    }

    /** What the system said, in words. The messages of two exceptions are the path alone. */
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
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
