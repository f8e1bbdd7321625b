package psm.format;

import psm.Psm;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Shortens the names of machines for a window: it leaves out the domain that all of them have in
 * common, so that what distinguishes them fits. May be shared between threads.
 */
final class HostNames {
    /** The key of the column of machines. */
    static final String KEY = JsonDocument.HOST;

    /** The key of the list of machines. */
    static final String LIST = "hosts";

    /** The length to which a name is cut: that of Linux, HOST_NAME_MAX. */
    static final int MAX_CHARS = 64;

    /** The common domain with the dot before it; empty if there is none. */
    private final String domain;

    /** Finds the common domain of the machines of a report. */
    HostNames(Psm.Report report) {
        Set<String> names = new HashSet<>();
        for (Psm.Account account : report.accounts()) {
            if (account.key().equals(LIST)) {
                addTo(names, account.columns(), account.rows());
            }
        }
        this.domain = names.isEmpty() ? "" : domain(names);
    }

    private static void addTo(Set<String> names, List<Psm.Column> columns, List<Psm.Row> rows) {
        for (int i = 0; i < columns.size(); i++) {
            for (Psm.Row row : columns.get(i).key().equals(KEY) ? rows : List.<Psm.Row>of()) {
                names.add((String) row.values().get(i));
            }
        }
    }

    private static String domain(Set<String> names) {
        String domain = null;
        int dotted = 0;
        for (String name : names) {
            int dot = name.indexOf('.');
            if (dot > 0) {
                dotted++;
                domain = domain == null ? name.substring(dot) : common(domain, name);
            }
        }
        if (dotted < 2 || domain.isEmpty() || isAddress(domain)) {
            return "";
        }
        Set<String> shortened = new HashSet<>();
        for (String name : names) {
            shortened.add(shortened(name, domain));
        }
        return shortened.size() == names.size() ? domain : "";
    }

    /** Returns the part of a domain that a name has too, with its dot; or an empty text. */
    private static String common(String domain, String name) {
        String common = domain;
        while (!name.endsWith(common) || name.length() == common.length()) {
            int dot = common.indexOf('.', 1);
            common = dot < 0 ? "" : common.substring(dot);
        }
        return common;
    }

    /** Returns whether it is the end of an IP address: no domain ends in a digit. */
    private static boolean isAddress(String domain) {
        return Character.digit(domain.charAt(domain.length() - 1), 10) >= 0;
    }

    /** Returns a name without the common domain. */
    String shortened(String name) {
        return shortened(name, domain);
    }

    private static String shortened(String name, String domain) {
        return name.endsWith(domain) && name.length() > domain.length()
                ? name.substring(0, name.length() - domain.length())
                : name;
    }
}
