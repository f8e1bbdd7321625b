package psm.metrics;

import java.util.List;

/**
 * All samples of one metric.
 *
 * @param name the name of the metric; that of a counter ends with {@code _total}
 * @param help what it is, in one line
 * @param samples its samples, no two with the same labels
 */
public record Family(String name, Type type, String help, List<Sample> samples) {
    /** What ends the name of a counter. */
    static final String TOTAL = "_total";

    /** What becomes of a metric over time. */
    public enum Type {
        /** It rises and falls. */
        GAUGE("gauge"),
        /** It only rises, until what counts starts anew. */
        COUNTER("counter");

        /** The name of both text formats. */
        final String text;

        Type(String text) {
            this.text = text;
        }
    }

    /**
     * One value.
     *
     * @param labels the labels in braces as both text formats have them, empty if there are none
     * @param value the value as both text formats have it
     */
    public record Sample(String labels, String value) {}

    /** Returns what the family is, without its samples. */
    Family withoutSamples() {
        return new Family(name, type, help, List.of());
    }
}
