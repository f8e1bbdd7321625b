package psm.install;

import java.util.List;

/**
 * Names the archives of loaded classes that an installation keeps for Java, one for each kind of
 * run: Java reads the whole of an archive at each start, so none contains a library that its runs
 * do not use.
 */
public final class Archives {
    /** The archive for runs without options. */
    public static final String PLAIN = "plain";

    /** The archive for runs with options that write a table. */
    public static final String OPTIONS = "options";

    /** The archive for runs that write another format. */
    public static final String FORMATS = "formats";

    /** The archive for the collector, where a group may use it. */
    public static final String COLLECTOR = "collector";

    /** The archives of every installation. */
    static final List<String> ALL = List.of(PLAIN, OPTIONS, FORMATS);

    private Archives() {}
}
