package psm.probe;

import psm.smaps.SmapsFormatException;
import psm.smaps.Usage;

import java.nio.charset.StandardCharsets;

/** The files of one process, or of one of its threads, as a probe printed them. */
final class ProbeFolder {
    /** The files. */
    enum File {
        STAT("stat", 4096),
        STATUS("status", 4096),
        /** Only its sums are kept. */
        ROLLUP("smaps_rollup", 0),
        /** Only its sums are kept. */
        SMAPS("smaps", 0),
        CGROUP("cgroup", 1 << 16),
        OOM_SCORE("oom_score", 64),
        OOM_SCORE_ADJ("oom_score_adj", 64),
        OOM_ADJ("oom_adj", 64),
        /** The limit is that of what psm reads of arguments. */
        CMDLINE("cmdline", 128 * 1024),
        /** The target of the link. */
        EXE("exe", 4096 + 16);

        final byte[] name;
        private final String text;

        /** The limit for its length; more is left out. */
        final int maxBytes;

        File(String name, int maxBytes) {
            this.text = name;
            this.name = name.getBytes(StandardCharsets.US_ASCII);
            this.maxBytes = maxBytes;
        }

        /** Returns the file with a name, or {@code null}. */
        static File named(String name) {
            for (File file : values()) {
                if (file.text.equals(name)) {
                    return file;
                }
            }
            return null;
        }

        /** Returns whether only the sums of its figures are kept. */
        boolean isSummed() {
            return this == ROLLUP || this == SMAPS;
        }
    }

    private static final int FILES = File.values().length;

    /** The place of the contents of each file, as two numbers: the start, and the end. */
    private final int[] places = new int[2 * FILES];

    /** The sums of smaps_rollup or smaps; {@code null} if there are none. */
    Usage sums;

    /** Whether {@link #sums} are those of smaps_rollup. */
    boolean isRollup;

    /** Why there are no sums; {@code null} if the file is not malformed. */
    SmapsFormatException malformed;

    /** Whether permission to read its memory was denied. */
    boolean isDenied;

    /** The pid of its parent; 0 if it is not known. */
    int parent;

    /** Whether it has no memory that it could lose: a kernel thread, or a zombie. */
    boolean isWithoutMemory;

    /** Whether its stat was printed at the end too. */
    boolean isThereAgain;

    /** Whether it ran the same program until the end. */
    boolean isUnchanged;

    /** Returns whether a file was printed. */
    boolean has(File file) {
        return file.isSummed() ? sums != null || malformed != null : end(file) > start(file);
    }

    /** Returns whether it exited while the probe ran, or became another program. */
    boolean isGone() {
        return !isUnchanged && !isWithoutMemory;
    }

    int start(File file) {
        return places[2 * file.ordinal()];
    }

    int end(File file) {
        return places[2 * file.ordinal() + 1];
    }

    void put(File file, int start, int end) {
        places[2 * file.ordinal()] = start;
        places[2 * file.ordinal() + 1] = end;
    }
}
