package psm.text;

/** Holds the version of psm. Everything else that contains it is made from it, or tested. */
public final class Version {
    /** The version, as {@code --version}, snapshots and installations show it. */
    public static final String CURRENT = "1.0.0";

    /** The day of its release, which the changelog and the man page show. */
    public static final String DATE = "2026-11-29";

    private Version() {}
}
