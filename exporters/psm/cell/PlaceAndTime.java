package psm.cell;

import psm.Psm;
import psm.report.ReportHead;
import psm.text.Text;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Says where and when the figures of a report were measured: on one machine, or on several. */
public final class PlaceAndTime {
    /** The key of the machine, of a whole report or of each row. */
    public static final String HOST = "host";

    /** The key of the time of a scan, of a whole report or of each row. */
    public static final String TAKEN_AT = "taken_at";

    /** Times that differ by no more are one time: the machines were asked together. */
    private static final int TOGETHER_SECONDS = 60;

    private final Psm.Report report;

    /** The list of machines; {@code null} in a report of one machine. */
    private final Psm.Account machines;

    public PlaceAndTime(Psm.Report report) {
        this.report = report;
        Psm.Account list = null;
        for (Psm.Account account : report.accounts()) {
            list = account.key().equals(ReportHead.MACHINES) ? account : list;
        }
        this.machines = list;
    }

    /**
     * Returns the number of machines, such as {@code 9 of 10 machines}; {@code null} for one whose
     * name is known.
     */
    public String machines() {
        if (machines == null || report.host() != null) {
            return null;
        }
        int all = machines.rows().size();
        String some = count() == all ? "" : count() + " of ";
        return some + all + (all == 1 ? " machine" : " machines");
    }

    /** Returns how many machines were read, of several. */
    public int count() {
        int all = machines == null ? 1 : machines.rows().size();
        return all - report.processes().missingHosts();
    }

    /** Returns where and when the two snapshots of a report were taken that compares them. */
    public String since(Psm.Account before, boolean isLocal) {
        String host = (String) value(before, HOST);
        String first = text((Instant) value(before, TAKEN_AT), isLocal);
        String last = text(report.takenAt(), isLocal);
        boolean isOne = Objects.equals(host, report.host());
        return named(host, first) + " to " + (isOne ? last : named(report.host(), last));
    }

    private static String named(String host, String time) {
        return host == null
                ? time
                : Text.printable(Text.cut(host, HostNames.MAX_CHARS)) + ", " + time;
    }

    /** Returns a figure of an account; {@code null} if it has none of that key. */
    public static Object value(Psm.Account account, String key) {
        for (Psm.Entry entry : account.entries()) {
            if (entry.key().equals(key)) {
                return entry.value();
            }
        }
        return null;
    }

    /**
     * Returns the first and the last time if they differ by more than a little, else the first: of
     * two snapshots, of samples, or of several machines.
     */
    public String firstToLast(boolean isLocal) {
        Psm.Account before = ReportHead.before(report);
        if (before != null) {
            Instant first = (Instant) value(before, TAKEN_AT);
            return text(first, isLocal) + " to " + text(report.takenAt(), isLocal);
        }
        Psm.Account window = ReportHead.window(report);
        Object since = window == null ? null : value(window, ReportHead.SINCE);
        Instant first = since instanceof Instant at ? at : report.takenAt();
        Instant last = report.takenAt();
        for (String time : times()) {
            try {
                Instant at = Instant.parse(time);
                last = at.isAfter(last) ? at : last;
            } catch (DateTimeParseException e) {
                // A machine whose clock is in another age.
            }
        }
        long seconds = Math.abs(last.getEpochSecond() - first.getEpochSecond());
        boolean isOne = seconds <= TOGETHER_SECONDS;
        return text(first, isLocal) + (isOne ? "" : " to " + text(last, isLocal));
    }

    private List<String> times() {
        List<String> times = new ArrayList<>();
        for (int i = 0; machines != null && i < machines.columns().size(); i++) {
            if (machines.columns().get(i).key().equals(TAKEN_AT)) {
                for (Psm.Row row : machines.rows()) {
                    if (row.values().get(i) instanceof String time) {
                        times.add(time);
                    }
                }
            }
        }
        return times;
    }

    private static String text(Instant at, boolean isLocal) {
        return isLocal ? Text.local(at) : Text.utc(at);
    }
}
