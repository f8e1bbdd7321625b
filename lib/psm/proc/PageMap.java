package psm.proc;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads {@code /proc/PID/pagemap}, which contains the page frame of each page of a process. Only
 * holders of CAP_SYS_ADMIN see frames; others read 0 (4.2). It keeps a file open, so it belongs to
 * one thread, which closes it.
 */
public final class PageMap implements AutoCloseable {
    private static final int ENTRY_BYTES = 8;

    private static final String SWAP = "Swap:";
    private static final String SWAP_PSS = "SwapPss:";

    /**
     * The number of pages to search. If it is too low, no frame is found for a stack whose first
     * pages are swapped out; if it is too high, each search costs more than the system call.
     */
    private static final int PAGES = 64;

    /**
     * The bits of an entry that contain the frame, or for a page that is swapped out the place in
     * swap (Documentation/admin-guide/mm/pagemap.rst).
     */
    private static final long FRAME = (1L << 55) - 1;

    private static final long PRESENT = 1L << 63;
    private static final long SWAPPED = 1L << 62;

    /** The bit of pages of files and of shared memory. */
    private static final long SHAREABLE = 1L << 61;

    /** The bit of pages that only one address space maps (4.2). */
    private static final long EXCLUSIVE = 1L << 56;

    /** The number of comparisons after which pages change too fast to compare them. */
    private static final int MAX_COMPARISONS = 4;

    /** Whether two processes share an address space. */
    public enum Sharing {
        /** They do. */
        ONE,
        /** Each has its own. */
        TWO,
        /** That cannot be proved. */
        UNKNOWN
    }

    /** The key in the auxiliary vector for the size of a page, AT_PAGESZ, see getauxval(3). */
    private static final int PAGE_SIZE_KEY = 6;

    private final ProcFs proc;

    /** The size of a page; 0 until it is first needed. */
    private static volatile long pageBytes;

    /** The owner of {@link #kept}, see {@link #keep}. */
    private Object owner;

    /** The pages that stay open for the next comparison, or {@code null}. */
    private Pages kept;

    public PageMap(ProcFs proc) {
        this.proc = proc;
    }

    /** Returns the pages of the process in a folder; the caller closes them. */
    public Pages of(String folder) {
        return new Pages(folder);
    }

    /**
     * Returns the pages of a process whose file stays open until the pages of another process are
     * requested. An open file shows the memory that the process had when it was opened, and nothing
     * once that memory is freed.
     *
     * @param process identifies the process between two calls of exec(2): a pid may be that of
     *     another process by now
     */
    public Pages keep(Object process, String folder) {
        if (kept == null || owner != process || !kept.folder.equals(folder)) {
            close();
            owner = process;
            kept = of(folder);
        }
        return kept;
    }

    /** Closes the pages that were kept open. */
    @Override
    public void close() {
        if (kept != null) {
            kept.close();
            kept = null;
            owner = null;
        }
    }

    /** The pages of one process. Its file is opened when it is first read. */
    public final class Pages implements AutoCloseable {
        private final String folder;

        /** The open file; {@code null} if it is not open. */
        private RandomAccessFile file;

        private Pages(String folder) {
            this.folder = folder;
        }

        /**
         * Reads the entries of the pages from an address downwards. If the memory that the process
         * had when the file was opened has been freed since, it reads the present memory.
         *
         * @return the entries by ascending address; {@code null} if there are none: permission
         *     denied, the process exited, or a copy of {@code /proc} has no pagemap
         */
        public long[] entries(long address) {
            boolean wasOpen = file != null;
            long[] entries = read(address);
            if (entries == null && wasOpen) {
                close();
                entries = read(address);
            }
            return entries;
        }

        private long[] read(long address) {
            long first = Math.max(0, Long.divideUnsigned(address, pageBytes()) - PAGES + 1);
            byte[] bytes = new byte[PAGES * ENTRY_BYTES];
            try {
                if (file == null) {
                    file = proc.openAt(folder + "/pagemap");
                }
                file.seek(first * ENTRY_BYTES);
                int length = file.read(bytes);
                if (length < ENTRY_BYTES) {
                    return null;
                }
                long[] entries = new long[length / ENTRY_BYTES];
                ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).asLongBuffer().get(entries);
                return entries;
            } catch (IOException e) {
                return null;
            }
        }

        @Override
        public void close() {
            RandomAccessFile open = file;
            file = null;
            try {
                if (open != null) {
                    open.close();
                }
            } catch (IOException e) {
                return; // it was only read
            }
        }
    }

    /**
     * Returns the frame of the last of some pages that only one address space maps. Two processes
     * share an address space if they have the same such frame at the same time.
     *
     * @param entries may be {@code null}
     * @return 0 if there is no such page, or frames are hidden
     */
    public static long exclusiveFrame(long[] entries) {
        return last(entries, PRESENT | EXCLUSIVE, 0);
    }

    /**
     * Returns the place in swap of the last of some private pages that are swapped out. Forks may
     * share it, see {@link #sharing}.
     *
     * @param entries may be {@code null}
     * @return 0 if there is no such page, or places are hidden
     */
    public static long swapped(long[] entries) {
        return last(entries, SWAPPED, PRESENT | SHAREABLE);
    }

    private static long last(long[] entries, long set, long unset) {
        for (int i = entries == null ? -1 : entries.length - 1; i >= 0; i--) {
            if ((entries[i] & (set | unset)) == set && (entries[i] & FRAME) != 0) {
                return entries[i] & FRAME;
            }
        }
        return 0;
    }

    /**
     * Compares the pages of two processes from an address downwards. One address space has the same
     * entries for both at any time. Forks have the same entries too until one of them writes, but
     * no frame that only one address space maps, and no place in swap that only one mapping uses.
     *
     * @param process the first process
     * @param entries its entries, read just before; it is unknown what they share if its frame is
     *     gone, since it has called exec(2) or exited then
     * @param isSmapsRead whether to read smaps of the first process; without that, a place in swap
     *     proves nothing
     */
    public Sharing sharing(
            Pages process, long[] entries, Pages other, long address, boolean isSmapsRead) {
        long[] before = entries;
        for (int i = 0; i < MAX_COMPARISONS && before != null; i++) {
            long[] others = other.entries(address);
            boolean areEqual = Arrays.equals(before, others);
            boolean isSwapped =
                    isSmapsRead
                            && areEqual
                            && exclusiveFrame(before) == 0
                            && swapped(before) != 0
                            && hasOwnSwap(process.folder, address)
                            && Arrays.equals(before, other.entries(address));
            long[] after = process.entries(address);
            boolean isGone = exclusiveFrame(before) != 0 && exclusiveFrame(after) == 0;
            if (others == null || isGone) {
                return Sharing.UNKNOWN;
            }
            if (Arrays.equals(before, after)) {
                boolean isProved = exclusiveFrame(before) != 0 || isSwapped;
                return !areEqual ? Sharing.TWO : isProved ? Sharing.ONE : Sharing.UNKNOWN;
            }
            before = after;
        }
        return Sharing.UNKNOWN;
    }

    /**
     * Returns whether no other process uses the places in swap of the mapping with an address: then
     * SwapPss is all of Swap. It reads smaps up to that mapping.
     */
    private boolean hasOwnSwap(String folder, long address) {
        try (InputStream smaps = new BufferedInputStream(proc.open(folder + "/smaps"))) {
            boolean isHere = false;
            String swap = null;
            for (String line = line(smaps); !line.isEmpty(); line = line(smaps)) {
                if (line.startsWith(SWAP_PSS)) {
                    if (isHere) {
                        return line.substring(SWAP_PSS.length()).strip().equals(swap);
                    }
                } else if (line.startsWith(SWAP)) {
                    swap = line.substring(SWAP.length()).strip();
                } else if (!Character.isUpperCase(line.charAt(0))) {
                    isHere = isIn(line, address);
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    /** Reads a line, which may contain any character but the newline; empty at the end. */
    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    /** Returns whether an address is in the mapping that a line of smaps begins. */
    private static boolean isIn(String header, long address) {
        int dash = header.indexOf('-');
        int blank = header.indexOf(' ', dash);
        try {
            return dash > 0
                    && blank > 0
                    && Long.compareUnsigned(address(header, 0, dash), address) <= 0
                    && Long.compareUnsigned(address(header, dash + 1, blank), address) > 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static long address(String header, int from, int to) {
        return Long.parseUnsignedLong(header.substring(from, to), 16);
    }

    /** Returns the size of a page. */
    static long pageBytes() {
        if (pageBytes == 0) {
            pageBytes = readPageBytes();
        }
        return pageBytes;
    }

    /** Reads the size from the auxiliary vector, which the kernel passes to each program. */
    private static long readPageBytes() {
        byte[] vector = new byte[1024];
        try {
            int length = new ProcFs(ProcFs.DEFAULT_ROOT).read("self/auxv", vector);
            boolean wide = length >= 16 && System.getProperty("sun.arch.data.model").equals("64");
            ByteBuffer words = ByteBuffer.wrap(vector, 0, length).order(ByteOrder.nativeOrder());
            int wordBytes = wide ? 8 : 4;
            while (words.remaining() >= 2 * wordBytes) {
                long key = wide ? words.getLong() : words.getInt();
                long value = wide ? words.getLong() : words.getInt();
                if (key == PAGE_SIZE_KEY && value > 0) {
                    return value;
                }
            }
        } catch (IOException e) {
            return 4096;
        }
        return 4096;
    }
}
