package psm.text;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * The domain that all of some machines have in common, which does not distinguish them. May be
 * shared between threads.
 */
public final class CommonDomain {
    /** The domain with the dot before it; empty if there is none. */
    private final String domain;

    /** Finds the common domain of machines. */
    public CommonDomain(Collection<String> names) {
        this.domain = domain(names);
    }

    private static String domain(Collection<String> names) {
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
        return shortened.size() == new HashSet<>(names).size() ? domain : "";
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
    public String shortened(String name) {
        return shortened(name, domain);
    }

    private static String shortened(String name, String domain) {
        return name.endsWith(domain) && name.length() > domain.length()
                ? name.substring(0, name.length() - domain.length())
                : name;
    }
}
