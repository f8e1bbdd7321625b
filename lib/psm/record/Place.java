package psm.record;

import java.io.IOException;
import java.time.Instant;

/**
 * The place of a sample in a segment.
 *
 * @param frame its frame
 * @param mark why no line is drawn from the sample before; {@code null} if it can be
 * @param key the key frame before it, or the frame itself
 * @param keyStart the offset of the key frame
 */
record Place(Frame frame, Mark mark, Frame key, long keyStart) {
    /** Returns the mark if the sample is that of the key frame itself. */
    Mark markOfKey() {
        return frame.equals(key) ? mark : null;
    }

    /**
     * Finds the last sample at a time or before it. No content is read.
     *
     * @param reader at the start of a segment
     * @return {@code null} if there is none
     */
    static Place of(SegmentReader reader, Instant time) throws IOException {
        Place place = null;
        Frame frame;
        while ((frame = reader.next()) != null) {
            Mark mark = reader.takeMark();
            if (!frame.time().isAfter(time)) {
                place = new Place(frame, mark, reader.key(), reader.keyStart());
            }
        }
        return place;
    }
}
