package psm.report;

import psm.Psm;
import psm.scan.Unmeasured;
import psm.text.Text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Describes the processes that the figures of a report do not include, and those that they include
 * as estimates: how many, and why.
 */
public final class LeftOut {
    /** The maximum length of a name in a message, so that the message fits into a line. */
    public static final int MAX_NAME_CHARS = 48;

    private LeftOut() {}

    /**
     * What else to say about the processes of a report.
     *
     * @param only by reason: the process and the reason, to be shown if it is the only one
     * @param more by reason: the text that follows the reason in the same parentheses, such as a
     *     remedy or the first of several processes
     * @param hidden the text that follows hidepid
     */
    public record Details(
            Map<Unmeasured.Reason, String> only,
            Map<Unmeasured.Reason, String> more,
            String hidden) {
        public static final Details NONE = new Details(Map.of(), Map.of(), "");
    }

    /**
     * Returns what a report leaves out, separated by commas: {@code 61 processes (permission
     * denied; use sudo), pid 7 (x): skipped after the timeout}. It is empty if nothing is left out.
     * Processes that exited during the scan are not mentioned: their memory is free again.
     */
    public static String inWords(Psm.Processes processes, Details details) {
        List<String> parts = new ArrayList<>();
        add(parts, processes.denied(), Unmeasured.Reason.DENIED, details);
        if (processes.hidden()) {
            parts.add("hidden processes (/proc is mounted with hidepid" + details.hidden() + ")");
        }
        add(parts, processes.stuck(), Unmeasured.Reason.STUCK, details);
        add(parts, processes.failed(), Unmeasured.Reason.FAILED, details);
        return String.join(", ", parts);
    }

    /**
     * Returns which processes a report estimates, separated by commas: {@code 61 processes
     * (permission denied; use sudo), 1 process (may be counted twice)}. It is empty if all figures
     * are exact.
     */
    public static String estimated(Psm.Estimates estimates, Details details) {
        List<String> parts = new ArrayList<>();
        add(parts, estimates.denied(), Unmeasured.Reason.DENIED, details);
        add(parts, estimates.stuck(), Unmeasured.Reason.STUCK, details);
        add(parts, estimates.failed(), Unmeasured.Reason.FAILED, details);
        add(parts, estimates.large(), Unmeasured.Reason.LARGE, details);
        add(parts, estimates.unsupported(), Unmeasured.Reason.ABSENT, details);
        if (estimates.doubtful() > 0) {
            parts.add(processes(estimates.doubtful()) + " (may be counted twice)");
        }
        return String.join(", ", parts);
    }

    /**
     * Returns all that is not exact about the figures of a report, in one line; empty if all is.
     *
     * @param leftOut what to say about processes that are left out
     * @param unread what to say about processes that are estimated since they were not read
     * @param doubtful what follows the processes that may be counted twice
     */
    public static String doubts(
            Psm.Processes processes, Details leftOut, Details unread, String doubtful) {
        List<String> doubts = new ArrayList<>();
        String missing = processes.complete() ? "" : inWords(processes, leftOut);
        if (!missing.isEmpty()) {
            doubts.add("not included: " + missing);
        }
        Psm.Estimates estimates = processes.estimates();
        if (processes.estimated() > estimates.doubtful()) {
            boolean isMissing = estimates.tooLow() && !estimates.tooHigh();
            doubts.add(
                    (isMissing ? "not known: " : "estimated by Rss: ")
                            + estimated(withoutDoubtful(estimates), unread));
        }
        if (estimates.doubtful() > 0) {
            doubts.add(
                    "possibly too high: "
                            + processes(estimates.doubtful())
                            + " may be counted twice"
                            + doubtful);
        }
        return String.join("; ", doubts);
    }

    private static Psm.Estimates withoutDoubtful(Psm.Estimates estimates) {
        return new Psm.Estimates(
                estimates.denied(),
                estimates.stuck(),
                estimates.failed(),
                estimates.large(),
                estimates.unsupported(),
                0,
                estimates.tooHigh(),
                estimates.tooLow());
    }

    private static void add(
            List<String> parts, int count, Unmeasured.Reason reason, Details details) {
        String only = count == 1 ? details.only.get(reason) : null;
        if (only != null) {
            parts.add(only);
        } else if (count > 0) {
            String more = details.more.getOrDefault(reason, "");
            parts.add(processes(count) + " (" + reason.inWords + more + ")");
        }
    }

    /** Returns a process in words: its pid, and its name if that is known. */
    public static String name(Unmeasured process) {
        boolean isNamed = process.program() != null && !process.program().equals("?");
        return "pid "
                + process.pid()
                + (isNamed ? " (" + Text.cut(process.program(), MAX_NAME_CHARS) + ")" : "");
    }

    /** Returns what follows the reason for which a process was not measured. */
    public static String detail(Unmeasured process) {
        return process.detail() == null ? "" : ": " + process.detail();
    }

    /** Returns a number of processes in words, such as {@code 1 process} or {@code 2 processes}. */
    public static String processes(int count) {
        return count + (count == 1 ? " process" : " processes");
    }
}
