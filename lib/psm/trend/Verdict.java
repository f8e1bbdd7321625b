package psm.trend;

/** Names the shape of a series of sizes. None of them says why it has this shape. */
public enum Verdict {
    /** Its low water rises all the time, and the rise is not over. */
    STEADY("steady growth"),

    /** Its low water falls all the time, and the fall is not over. */
    SHRINKS("shrinks"),

    /** Most of its change happened at one moment, or at two. */
    STEP("step"),

    /** It rose, and does not do so any more: a cache that is full, a program that started. */
    LEVELS_OFF("levels off"),

    /** It comes back to the same low water after each rise, as the heap of a collector does. */
    SAW_TOOTH("saw-tooth"),

    /**
     * It changes, but in no direction: more than what counts as flat, and in none of the above
     * ways.
     */
    VARIES("varies"),

    /** Its low water changes less than {@link Trend#LEAST_CHANGE_BYTES} or 5 %. */
    FLAT("flat"),

    /** Its samples are too few, or cover too little of the window, for any of the above. */
    TOO_SHORT("too short");

    /** The length of the longest text. */
    public static final int MAX_CHARS = STEADY.text.length();

    private final String text;

    Verdict(String text) {
        this.text = text;
    }

    /** Returns the words for users. */
    @Override
    public String toString() {
        return text;
    }
}
