package psm.text;

import java.time.Instant;

/**
 * A moment that the user named.
 *
 * @param asked the option and its value, for messages
 * @param time the moment
 * @param twin the other moment with the same local time, if the clock was set back from summer time
 *     in between; else {@code null}
 */
public record Moment(String asked, Instant time, Instant twin) {}
