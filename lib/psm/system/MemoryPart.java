package psm.system;

import psm.text.Missing;

import java.util.List;

/**
 * A part of the host's memory.
 *
 * @param key its name in JSON
 * @param title its name for people
 * @param bytes its size, or {@link Missing#VALUE}
 * @param counters the counters that it is made of, and that may be wrong; none if it is certain
 */
record MemoryPart(String key, String title, long bytes, List<String> counters) {
    MemoryPart(String key, String title, long bytes, String... counters) {
        this(key, title, bytes, List.of(counters));
    }

    MemoryPart with(long other) {
        return new MemoryPart(key, title, other, counters);
    }
}
