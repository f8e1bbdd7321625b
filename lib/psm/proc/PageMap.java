package psm.proc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads {@code /proc/PID/pagemap}, which tells for each page of a process in which page frame it
 * is. Frames are told to holders of CAP_SYS_ADMIN alone; others read 0 (4.2). May be shared between
 * threads.
 */
public final class PageMap {
    private static final int ENTRY_BYTES = 8;

    /**
     * How far to look. Too low, and a stack whose first pages are swapped out tells nothing; too
     * high, and each look costs more than the kernel's own work for it.
     */
    private static final int PAGES = 64;

    // Documentation/admin-guide/mm/pagemap.rst
    private static final long FRAME = (1L << 55) - 1;

    /** Bits 63 (present) and 56 (exclusively mapped), in the byte that has both. */
    private static final int PRESENT_AND_EXCLUSIVE = 0x81;

    /** Where in an entry that byte is. */
    private static final int HIGH_BYTE =
            ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? ENTRY_BYTES - 1 : 0;

    private final ProcFs proc;

    /** Read when it is first needed; 0 until then. */
    private volatile long pageBytes;

    public PageMap(ProcFs proc) {
        this.proc = proc;
    }

    /**
     * The frame of the first page, from an address downwards, that one address space alone maps
     * (since 4.2). So two processes with the same such frame at one moment have one address space,
     * and others do not.
     *
     * @param folder the process's
     * @return 0 where that cannot be told
     */
    public long exclusiveFrame(String folder, long address) {
        long first = Math.max(0, Long.divideUnsigned(address, pageBytes()) - PAGES + 1);
        byte[] entries = new byte[PAGES * ENTRY_BYTES];
        try {
            int length = proc.readAt(folder + "/pagemap", first * ENTRY_BYTES, entries);
            return lastExclusiveFrame(entries, length);
        } catch (IOException e) {
            return 0; // not permitted, gone, or not in a copy of /proc
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

    public long pageBytes() {
        if (pageBytes == 0) {
            pageBytes = readPageBytes();
        }
        return pageBytes;
    }

    /** The size of a page, from the auxiliary vector that the kernel hands to each program. */
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
                if (key == 6 && value > 0) { // AT_PAGESZ, getauxval(3)
                    return value;
                }
            }
        } catch (IOException e) {
            return 4096;
        }
        return 4096;
    }
}
