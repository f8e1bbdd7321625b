package psm.probe;

/** What all that read the output of a probe must agree on, see {@code docs/probe.md}. */
public final class ProbeFormat {
    /** The start of the first line, before the version. */
    public static final String MAGIC = "psm-probe ";

    /** The rest of the first line. */
    public static final String VERSION = "1";

    /** The start of the last line. */
    public static final String END = "#end ";

    /** The start of the line before a section, before its name. */
    private static final String SECTION = "#section ";

    /**
     * The limit for the whole output. If it is too low, a machine with many processes cannot be
     * read: 32,768 of them print 60 MB. If it is too high, a malicious answer takes the time of all
     * others.
     */
    public static final int MAX_BYTES = 64 << 20;

    /** The limit for what comes before it: greetings of login shells. */
    public static final int MAX_NOISE_BYTES = 8 << 20;

    private ProbeFormat() {}

    /** Returns what is wrong with the output of a probe of another version. */
    public static String problem(String version) {
        return "was printed by a probe of version "
                + version
                + ", and this psm knows version "
                + VERSION
                + "; use the probe that 'psm probe' prints";
    }

    /**
     * Returns whether a NUL ends each record behind a line of the script, since the content may
     * contain newlines.
     */
    public static boolean startsRecords(String line) {
        if (!line.startsWith(SECTION)) {
            return false;
        }
        int end = line.indexOf(' ', SECTION.length());
        String name = line.substring(SECTION.length(), end < 0 ? line.length() : end);
        ProbeSection section = ProbeSection.named(name);
        return section != null && section.isOfRecords();
    }
}
