package psm.remote;

import psm.probe.ProbeFormat;

import java.util.concurrent.TimeUnit;

/** Finds in one line why a machine is missing, from what it has answered and what ssh writes. */
final class MissingReason {
    /** The reason of a machine for which the user did not want to wait. */
    static final String STOPPED = "stopped before it answered";

    /**
     * The exit code of a program that Ctrl-C has ended, often before psm hears of it: 128 and the
     * number of SIGINT.
     */
    private static final int INTERRUPTED = 130;

    private static final String CHANGED_KEY = "REMOTE HOST IDENTIFICATION HAS CHANGED";

    private static final String[] UNKNOWN_KEY = {
        "Host key verification failed", "host key is known for"
    };

    /** The words of lines with the reason, which others may follow. */
    private static final String[] REASONS = {
        "Permission denied (",
        "Could not resolve hostname",
        "connect to host",
        "timed out",
        "Connection closed by",
        "Connection reset by",
        "Too many authentication failures",
        "not found",
        "No such file or directory",
        "is not recognized as"
    };

    /** The words of lines about a connection that has ended. */
    private static final String[] CONNECTION = {
        "timed out", "onnection closed", "onnection reset", "Broken pipe", "disconnect"
    };

    /** The words of lines that are never the reason. */
    private static final String[] NOISE = {
        "Warning: Permanently added", "sudo:", "debug1:", "Killed by signal"
    };

    /** What sudo writes where the user must type a password. */
    private static final String[] ASKS = {
        "a password is required", "a terminal is required", "must have a tty"
    };

    /** What shells write where there is no sudo: dash and busybox, bash, mksh. */
    private static final String[] NO_SUDO = {
        "sudo: not found", "sudo: command not found", "sudo: inaccessible or not found"
    };

    private MissingReason() {}

    /** Returns the reason of a machine that has not answered in time. */
    static String late(long timeoutNanos) {
        double seconds = (double) timeoutNanos / TimeUnit.SECONDS.toNanos(1);
        boolean isWhole = seconds == Math.rint(seconds);
        return "no answer within " + (isWhole ? Long.toString((long) seconds) : seconds) + " s";
    }

    /**
     * Returns why a call has brought no answer that can be read; {@code null} if it has.
     *
     * @param isStopped whether the user has stopped all calls
     */
    static String of(Call call, boolean isStopped) {
        Answer answer = call.answer();
        AnswerScanner scanner = answer.scanner();
        if (answer.isTooLarge() && scanner.isStarted()) {
            return answer.tooLarge();
        }
        if (scanner.isEnded()) {
            return null;
        }
        if (call.failure() != null) {
            return "cannot start " + call.transport().words().get(0) + ": " + reason(call);
        }
        if (call.ended() != null) {
            return call.ended() + (scanner.isStarted() ? "; " + cut(answer) : "");
        }
        if (scanner.isSnapshot()) {
            return null; // the reader of snapshots knows whether it is whole
        }
        if (scanner.isStarted()) {
            return ofProbe(call);
        }
        String line = line(call);
        String noise = scanner.printableNoise();
        if (line != null) {
            return line;
        }
        if (isStopped || call.exitCode() == INTERRUPTED) {
            return STOPPED;
        }
        if (!noise.isEmpty()) {
            return "answered without " + call.question().what() + ": " + noise;
        }
        String program = call.transport().words().get(0);
        return "no answer; "
                + program
                + (call.exitCode() < 0
                        ? " has closed its output, and was ended"
                        : " ended with code " + call.exitCode());
    }

    private static String cut(Answer answer) {
        return "its answer was cut off after " + (answer.bytes() + 1023) / 1024 + " kB";
    }

    /** Returns why a probe that has no end cannot be read. */
    private static String ofProbe(Call call) {
        String version = call.answer().scanner().version();
        if (version != null && !version.equals(ProbeFormat.VERSION)) {
            return "its answer " + ProbeFormat.problem(version);
        }
        // A line such as "No such file or directory" may be of the login shell.
        String reason = call.complaints().lastWith(CONNECTION);
        return cut(call.answer()) + (reason == null ? "" : ": " + reason);
    }

    private static String reason(Call call) {
        String message = String.valueOf(call.failure().getMessage());
        // Java 17 writes "error=2, No such file or directory"; Java 25 "error: 2 (No ...) ".
        return message.matches(".*error(=|: )2\\b.*")
                ? "no such program"
                : message.replaceFirst(".*error(=\\d+, |: \\d+ )", "").strip();
    }

    /** Returns the most telling line of standard error; {@code null} if there is none. */
    private static String line(Call call) {
        Complaints complaints = call.complaints();
        String ssh = String.join(" ", call.transport().words()) + " " + call.host();
        if (call.transport().isSsh() && complaints.lastWith(CHANGED_KEY) != null) {
            return "its host key has changed: it was set up anew, or another machine answers; run '"
                    + ssh
                    + "' to see which key is wrong";
        }
        if (call.transport().isSsh() && complaints.lastWith(UNKNOWN_KEY) != null) {
            return "its host key is not known here; run '" + ssh + "' once to check and accept it";
        }
        String line = complaints.lastWith(REASONS);
        return line == null ? complaints.lastWithout(NOISE) : line;
    }

    /**
     * Returns why a machine was not read as root.
     *
     * @return {@code null} if sudo has not complained
     */
    static String ofRoot(Call call) {
        Complaints complaints = call.complaints();
        if (complaints.lastWith(ASKS) != null) {
            return "sudo asks for a password";
        }
        if (complaints.lastWith(NO_SUDO) != null) {
            return "there is no sudo";
        }
        if (complaints.lastWith("sudo: Permission denied") != null) {
            return "that user may not run sudo";
        }
        return complaints.lastWith("sudo:", "not allowed to execute", "not in the sudoers") != null
                ? "sudo does not allow it"
                : null;
    }
}
