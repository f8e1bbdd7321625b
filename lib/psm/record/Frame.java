package psm.record;

import psm.proc.Host;
import psm.scan.Snapshot;
import psm.text.Missing;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import java.util.zip.CRC32;

/**
 * What the head of a frame contains, see {@link RecordingFormat}.
 *
 * @param number the number of samples before it in the segment
 * @param wallMillis the wall time, in milliseconds since 1970
 * @param uptimeMillis the uptime, or {@link Missing#VALUE}
 * @param boot the id of the boot
 */
record Frame(byte type, int number, long wallMillis, long uptimeMillis, UUID boot) {
    static final UUID NO_BOOT = new UUID(0, 0);

    /** The code of an uptime that is not known. */
    private static final long NO_UPTIME = -1;

    /** Makes the frame of a sample, which is numbered later. */
    static Frame of(Snapshot snapshot) {
        Host host = snapshot.host();
        return new Frame(
                RecordingFormat.KEY,
                0,
                snapshot.run().takenAt().toEpochMilli(),
                host.uptimeMillis(),
                boot(host.bootId()));
    }

    private static UUID boot(String id) {
        if (id == null) {
            return NO_BOOT;
        }
        try {
            return UUID.fromString(id);
        } catch (IllegalArgumentException e) {
            return UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Reads the head of a frame, whose bytes have been checked. */
    static Frame read(ByteBuffer bytes, int at) {
        int next = at + RecordingFormat.MAGIC.length;
        long uptime = bytes.getLong(next + 17);
        return new Frame(
                bytes.get(next),
                bytes.getInt(next + 5),
                bytes.getLong(next + 9),
                uptime < 0 ? Missing.VALUE : uptime,
                new UUID(bytes.getLong(next + 25), bytes.getLong(next + 33)));
    }

    /** Returns the same frame with another type and number. */
    Frame as(byte otherType, int otherNumber) {
        return new Frame(otherType, otherNumber, wallMillis, uptimeMillis, boot);
    }

    /** Returns the difference between the two clocks, or {@link Missing#VALUE}. */
    long clockMillis() {
        return Missing.is(uptimeMillis) ? Missing.VALUE : wallMillis - uptimeMillis;
    }

    Instant time() {
        return Instant.ofEpochMilli(wallMillis);
    }

    /** Returns a time that all frames of its segment are before. */
    Instant endOfDay() {
        return Instant.ofEpochMilli(
                Math.min(day() + 1, RecordingFormat.MAX_DAY) * RecordingFormat.DAY_MILLIS);
    }

    /** Returns the day by UTC. */
    long day() {
        return Math.floorDiv(wallMillis, RecordingFormat.DAY_MILLIS);
    }

    /** Returns all bytes of the frame. */
    byte[] bytes(byte[] content, int length) {
        int size = RecordingFormat.HEAD_BYTES + length;
        ByteBuffer bytes = ByteBuffer.allocate(size + RecordingFormat.SUM_BYTES);
        bytes.put(RecordingFormat.MAGIC)
                .put(type)
                .putInt(length)
                .putInt(number)
                .putLong(wallMillis)
                .putLong(Missing.is(uptimeMillis) ? NO_UPTIME : uptimeMillis)
                .putLong(boot.getMostSignificantBits())
                .putLong(boot.getLeastSignificantBits())
                .put(content, 0, length);
        CRC32 sum = new CRC32();
        sum.update(bytes.array(), 0, size);
        return bytes.putInt((int) sum.getValue()).array();
    }
}
