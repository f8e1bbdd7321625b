package psm.cell;

import psm.Psm;
import psm.report.ReportHead;
import psm.text.CommonDomain;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Shortens the names of machines for a window: it leaves out the domain that all of them have in
 * common, so that what distinguishes them fits. May be shared between threads.
 */
public final class HostNames {
    /** The key of the column of machines. */
    public static final String KEY = PlaceAndTime.HOST;

    /** The length to which a name is cut: that of Linux, HOST_NAME_MAX. */
    public static final int MAX_CHARS = 64;

    private final CommonDomain domain;

    /** Finds the common domain of the machines of a report. */
    public HostNames(Psm.Report report) {
        Set<String> names = new HashSet<>();
        for (Psm.Account account : report.accounts()) {
            if (account.key().equals(ReportHead.MACHINES)) {
                addTo(names, account.columns(), account.rows());
            }
        }
        this.domain = new CommonDomain(names);
    }

    private static void addTo(Set<String> names, List<Psm.Column> columns, List<Psm.Row> rows) {
        for (int i = 0; i < columns.size(); i++) {
            for (Psm.Row row : columns.get(i).key().equals(KEY) ? rows : List.<Psm.Row>of()) {
                names.add((String) row.values().get(i));
            }
        }
    }

    /** Returns a name without the common domain. */
    public String shortened(String name) {
        return domain.shortened(name);
    }
}
