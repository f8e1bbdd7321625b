package psm;

/** Holds the version of psm. */
final class Version {
    /** The version, as {@code --version}, snapshots and installations show it. */
    static final String CURRENT = "0.1.0";

    private Version() {}
}
