package psm.report;

import psm.Psm;
import psm.scan.Unmeasured;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Describes the processes that the figures of a report do not include, and those that they include
 * as estimates: how many, and why.
 */
public final class LeftOut {
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

    /** Returns a number of processes in words, such as {@code 1 process} or {@code 2 processes}. */
    public static String processes(int count) {
        return count + (count == 1 ? " process" : " processes");
    }
}
