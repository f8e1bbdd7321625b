package psm.text;

/** Holds the one spelling of a number that is not known. */
public final class Missing {
    /** Stands for a number that is not known. It is no size, no count and no id. */
    public static final long VALUE = -1;

    private Missing() {}
}
