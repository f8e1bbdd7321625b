package psm.scan;

import psm.proc.ProcFs;
import psm.smaps.ProcessMappings;
import psm.smaps.SmapsFormatException;
import psm.smaps.SmapsParser;
import psm.smaps.Usage;
import psm.text.Missing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads {@code smaps_rollup}, {@code smaps} and {@code maps} of one process after the other.
 * Belongs to one thread; other threads may call {@link #bytesRead}.
 */
final class MemoryReader {
    /** Reports that there is no file with the figures, while the process still exists. */
    static final class AbsentException extends IOException {
        private static final long serialVersionUID = 1;

        AbsentException(String file, IOException cause) {
            super("it has no " + file, cause);
        }
    }

    private static final String SMAPS = "smaps";
    private static final String SMAPS_ROLLUP = "smaps_rollup";
    private static final String MAPS = "maps";

    /** The number of heaps that stands for no limit, so that all of a file is read. */
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    private final ProcFs proc;
    private final Source source;
    private final StatReader stats;
    private final byte[] buffer;
    private final SmapsParser parser;
    private final AtomicLong bytesRead = new AtomicLong();

    /** The reason why smaps_rollup of the process could not be opened, or {@code null}. */
    private IOException notOpened;

    /** The denial of smaps_rollup of the process, or {@code null}. */
    private AccessDeniedException denied;

    /**
     * Makes a reader for a tree.
     *
     * @param buffer an array that others may use between two calls
     * @param mappings the receiver of each process's mappings; {@code null} to read sums alone
     */
    MemoryReader(
            ProcFs proc, Source source, StatReader stats, byte[] buffer, ProcessMappings mappings) {
        this.proc = proc;
        this.source = source;
        this.stats = stats;
        this.buffer = buffer;
        this.parser = new SmapsParser(mappings);
    }

    /** Returns how many bytes have been read so far. */
    long bytesRead() {
        return bytesRead.get();
    }

    /** Starts with another process, or with another look at it. */
    void start() {
        notOpened = null;
        denied = null;
    }

    /**
     * Opens smaps_rollup.
     *
     * @return {@code null} if it is not requested, or cannot be opened; then {@link #rollup}
     *     reports the reason
     */
    InputStream openRollup(String folder) {
        if (source == Source.SMAPS || !proc.isProcFileSystem()) {
            return null;
        }
        try {
            return proc.open(folder + '/' + SMAPS_ROLLUP);
        } catch (IOException e) {
            notOpened = e;
            return null;
        }
    }

    /**
     * Reads smaps_rollup.
     *
     * @param opened the file, if it is already open, or {@code null}
     * @return {@code null} if smaps must be read instead
     */
    Usage rollup(CurrentProcess process, InputStream opened) throws IOException {
        if (source == Source.SMAPS) {
            return null;
        }
        try {
            Usage sums = proc.sums(process.folder, true);
            if (sums != null) {
                return sums;
            }
            if (notOpened != null) {
                throw notOpened;
            }
            Usage usage =
                    opened == null
                            ? parse(process, SMAPS_ROLLUP, NO_LIMIT)
                            : parse(SMAPS_ROLLUP, opened, NO_LIMIT);
            return usage.mappings == 0 && source == Source.AUTO ? null : usage;
        } catch (SmapsFormatException e) {
            throw e;
        } catch (AccessDeniedException e) {
            if (source != Source.AUTO || proc.isProcFileSystem()) {
                throw e; // the kernel asks for the same permission for smaps
            }
            denied = e;
            return null;
        } catch (IOException e) {
            if (source == Source.AUTO) {
                return null;
            }
            throw explained(process, SMAPS_ROLLUP, e);
        }
    }

    /** Reads smaps. */
    Usage smaps(CurrentProcess process) throws IOException {
        return smaps(process, NO_LIMIT);
    }

    /**
     * Returns Pss of the heap in bytes, or {@link Missing#VALUE}. It counts the heaps in maps,
     * which takes a tenth of the time of smaps, and then reads smaps up to the last heap, which is
     * usually among the first mappings.
     */
    long heap(CurrentProcess process) throws IOException {
        int heaps;
        try {
            boolean isEmpty = parse(process, MAPS, NO_LIMIT).mappings == 0;
            heaps = isEmpty ? NO_LIMIT : parser.heaps();
        } catch (SmapsFormatException e) {
            throw e;
        } catch (IOException e) {
            heaps = NO_LIMIT; // maps is missing, as in some copies of /proc, or the process exited
        }
        return heaps == 0 ? 0 : smaps(process, heaps).heap;
    }

    /** Returns the number of lines in maps, or {@link Missing#VALUE}. */
    long countMappings(CurrentProcess process) {
        try {
            return parse(process, MAPS, NO_LIMIT).mappings;
        } catch (IOException e) {
            return Missing
                    .VALUE; // permission denied or exited, which is noticed when the memory is read
        }
    }

    private Usage smaps(CurrentProcess process, int maxHeaps) throws IOException {
        try {
            Usage sums = proc.sums(process.folder, false);
            return sums == null ? parse(process, SMAPS, maxHeaps) : sums;
        } catch (SmapsFormatException e) {
            throw e;
        } catch (IOException e) {
            throw explained(process, SMAPS, e);
        }
    }

    /**
     * Opens and parses a file.
     *
     * @param maxHeaps the number of mappings named {@code [heap]} after which the rest is not read
     */
    private Usage parse(CurrentProcess process, String file, int maxHeaps) throws IOException {
        try (InputStream in = proc.open(process.folder + '/' + file)) {
            return parse(file, in, maxHeaps);
        }
    }

    private Usage parse(String file, InputStream in, int maxHeaps) throws IOException {
        boolean isRollup = file.equals(SMAPS_ROLLUP);
        boolean isWhole = isRollup && proc.isProcFileSystem(); // one read returns all of it
        if (file.equals(MAPS)) {
            parser.startMaps();
        } else {
            parser.start(isRollup);
        }
        try {
            int n;
            do {
                n = ProcFs.readPiece(in, buffer);
                if (n > 0) {
                    bytesRead.addAndGet(n);
                    parser.feed(buffer, 0, n);
                }
            } while (n >= 0 && !(isWhole && n < buffer.length) && parser.heaps() < maxHeaps);
            // A piece may end in the middle of the mapping after the last heap.
            return parser.heaps() < maxHeaps ? parser.finish() : parser.soFar();
        } catch (SmapsFormatException e) {
            throw new SmapsFormatException(file, e);
        }
    }

    /** Returns the exception whose type says what happened to the process. */
    private IOException explained(CurrentProcess process, String file, IOException e)
            throws IOException {
        if (e instanceof AccessDeniedException) {
            return e;
        }
        if (denied != null) {
            return denied;
        }
        if (!proc.exists(process.folder) || stats.hasLostMemory(process)) {
            return new NoSuchFileException(file);
        }
        return e instanceof NoSuchFileException ? new AbsentException(file, e) : e;
    }
}
