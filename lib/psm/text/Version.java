package psm.text;

/** Holds the version of psm. */
public final class Version {
    /** The version, as {@code --version}, snapshots and installations show it. */
    public static final String CURRENT = "0.1.0";

    private Version() {}
}
