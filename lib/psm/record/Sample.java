package psm.record;

import psm.scan.Snapshot;

/**
 * One sample of a recording.
 *
 * @param snapshot what the scan saw
 * @param mark why no line is drawn from the sample before to this one; {@code null} if it can be
 */
public record Sample(Snapshot snapshot, Mark mark) {}
