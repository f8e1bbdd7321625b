package psm;

/** Holds the one spelling of a number that is not known. */
final class Missing {
    /** Stands for a number that is not known. It is no size, no count and no id. */
    static final long VALUE = -1;

    private Missing() {}
}
