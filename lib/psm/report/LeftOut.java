package psm.report;

import psm.Psm;
import psm.scan.Unmeasured;

import java.util.ArrayList;
import java.util.List;

/**
 * Describes the processes that the figures of a report do not include, and those that they include
 * as estimates: how many, and why.
 */
public final class LeftOut {
    private LeftOut() {}

    /**
     * The texts that follow each reason in the same parentheses, such as a remedy or the first
     * process. Empty if there is nothing to add.
     */
    public record Details(String denied, String hidden, String stuck, String failed) {
        public static final Details NONE = new Details("", "", "", "");
    }

    /**
     * Returns what a report leaves out, separated by commas: {@code 61 processes (permission
     * denied; use sudo), 1 process (exited during the scan)}. It is empty if nothing is left out.
     */
    public static String inWords(Psm.Processes processes, Details details) {
        List<String> parts = new ArrayList<>();
        add(parts, processes.denied(), Unmeasured.Reason.DENIED, details.denied());
        if (processes.hidden()) {
            parts.add("hidden processes (/proc is mounted with hidepid" + details.hidden() + ")");
        }
        add(parts, processes.vanished(), Unmeasured.Reason.VANISHED, "");
        add(parts, processes.stuck(), Unmeasured.Reason.STUCK, details.stuck());
        add(parts, processes.failed(), Unmeasured.Reason.FAILED, details.failed());
        return String.join(", ", parts);
    }

    /**
     * Returns which processes a report estimates, separated by commas: {@code 61 processes
     * (permission denied; use sudo), 1 process (may be counted twice)}. It is empty if all figures
     * are exact.
     */
    public static String estimated(Psm.Estimates estimates, Details details) {
        List<String> parts = new ArrayList<>();
        add(parts, estimates.denied(), Unmeasured.Reason.DENIED, details.denied());
        add(parts, estimates.stuck(), Unmeasured.Reason.STUCK, details.stuck());
        add(parts, estimates.failed(), Unmeasured.Reason.FAILED, details.failed());
        add(parts, estimates.large(), Unmeasured.Reason.LARGE, "");
        add(parts, estimates.unsupported(), Unmeasured.Reason.ABSENT, "");
        if (estimates.doubtful() > 0) {
            parts.add(processes(estimates.doubtful()) + " (may be counted twice)");
        }
        return String.join(", ", parts);
    }

    private static void add(
            List<String> parts, int count, Unmeasured.Reason reason, String detail) {
        if (count > 0) {
            parts.add(processes(count) + " (" + reason.inWords + detail + ")");
        }
    }

    /** Returns a number of processes in words, such as {@code 1 process} or {@code 2 processes}. */
    public static String processes(int count) {
        return count + (count == 1 ? " process" : " processes");
    }
}
