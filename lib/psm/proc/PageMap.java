package psm.proc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads {@code /proc/PID/pagemap}, which contains the page frame of each page of a process. Only
 * holders of CAP_SYS_ADMIN see frames; others read 0 (4.2). May be shared between threads.
 */
public final class PageMap {
    private static final int ENTRY_BYTES = 8;

    /**
     * The number of pages to search. If it is too low, no frame is found for a stack whose first
     * pages are swapped out; if it is too high, each search costs more than the system call.
     */
    private static final int PAGES = 64;

    /** The bits of an entry that contain the frame (Documentation/admin-guide/mm/pagemap.rst). */
    private static final long FRAME = (1L << 55) - 1;

    /** Bits 63 (present) and 56 (exclusively mapped), in the byte that contains both. */
    private static final int PRESENT_AND_EXCLUSIVE = 0x81;

    /** The index in an entry of the byte for {@link #PRESENT_AND_EXCLUSIVE}. */
    private static final int HIGH_BYTE =
            ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? ENTRY_BYTES - 1 : 0;

    /** The key in the auxiliary vector for the size of a page, AT_PAGESZ, see getauxval(3). */
    private static final int PAGE_SIZE_KEY = 6;

    private final ProcFs proc;

    /** The size of a page; 0 until it is first needed. */
    private static volatile long pageBytes;

    public PageMap(ProcFs proc) {
        this.proc = proc;
    }

    /**
     * Searches from an address downwards for the first page that only one address space maps (4.2),
     * and returns its frame. Two processes share an address space if and only if they have the same
     * such frame at the same time.
     *
     * @param folder the folder of the process
     * @return 0 if there is no such page, or the frame is hidden
     */
    public long exclusiveFrame(String folder, long address) {
        long first = Math.max(0, Long.divideUnsigned(address, pageBytes()) - PAGES + 1);
        byte[] entries = new byte[PAGES * ENTRY_BYTES];
        try {
            int length = proc.readAt(folder + "/pagemap", first * ENTRY_BYTES, entries);
            return lastExclusiveFrame(entries, length);
        } catch (IOException e) {
            return 0; // permission denied, the process exited, or a copy of /proc has no pagemap
        }
    }

    private static long lastExclusiveFrame(byte[] entries, int length) {
        for (int i = length / ENTRY_BYTES - 1; i >= 0; i--) {
            int high = entries[i * ENTRY_BYTES + HIGH_BYTE];
            if ((high & PRESENT_AND_EXCLUSIVE) == PRESENT_AND_EXCLUSIVE) {
                long frame = entry(entries, i) & FRAME;
                if (frame != 0) {
                    return frame;
                }
            }
        }
        return 0;
    }

    private static long entry(byte[] entries, int i) {
        return ByteBuffer.wrap(entries).order(ByteOrder.nativeOrder()).getLong(i * ENTRY_BYTES);
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
