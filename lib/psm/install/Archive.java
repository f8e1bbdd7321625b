package psm.install;

import java.util.List;
import java.util.Locale;

/**
 * The archives of loaded classes in an installation, one for each kind of run. Java reads a whole
 * archive at each start, so none contains a library that its runs do not use.
 */
public enum Archive {
    /** The archive for runs without options. */
    PLAIN,
    /** The archive for runs with options that write a table. */
    OPTIONS,
    /** The archive for runs that write a format other than the table. */
    FORMATS,
    /** The archive for the collector, which only an installation for a group contains. */
    COLLECTOR;

    /** The archives of every installation. */
    static final List<Archive> ALWAYS = List.of(PLAIN, OPTIONS, FORMATS);

    /** Returns the name of its file, without the extension that {@link JavaHome} adds. */
    String stem() {
        return name().toLowerCase(Locale.ROOT);
    }
}
