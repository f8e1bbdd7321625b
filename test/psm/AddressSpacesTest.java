package psm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** In a made-up tree; real pairs are in KnownProcessesTest. */
class AddressSpacesTest {
    private static final long STACK = 0x7ffd_1234_5678L;
    private static final int PAGE_BYTES = 4096;

    private static final long PRESENT = 1L << 63;
    private static final long SWAPPED = 1L << 62;
    private static final long EXCLUSIVE = 1L << 56;

    @TempDir Path root;

    private AddressSpaces spaces;

    @BeforeEach
    void forget() {
        spaces = new AddressSpaces(new PageMap(new ProcFs(root.toString())));
    }

    /** Writes the entries of a process's stack, from its start downwards. */
    private void pages(int pid, long... entries) throws IOException {
        Path folder = Files.createDirectories(root.resolve("" + pid));
        try (RandomAccessFile file = new RandomAccessFile(folder + "/pagemap", "rw")) {
            for (int i = 0; i < entries.length; i++) {
                file.seek((STACK / PAGE_BYTES - i) * 8);
                ByteBuffer entry = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
                file.write(entry.putLong(entries[i]).array());
            }
        }
    }

    private int execed(int pid, long addresses) {
        return firstPid(pid, addresses, 0x400000);
    }

    private int forked(int pid, long addresses) {
        return firstPid(pid, addresses, 0x400040);
    }

    private int firstPid(int pid, long addresses, long flags) {
        return spaces.firstPid(
                pid, "" + pid, new ProcStat("x", 'S', flags, 1, 1, STACK, addresses));
    }

    @Test
    void oneExclusiveFrameIsOneAddressSpaceInAnyOrder() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 77);
        pages(7, PRESENT | EXCLUSIVE | 77);
        assertEquals(5, execed(5, 1));
        assertEquals(5, forked(6, 1));
        assertEquals(5, forked(7, 1));
        forget();
        assertEquals(7, forked(7, 1));
        assertEquals(7, forked(6, 1));
        assertEquals(7, execed(5, 1));
    }

    @Test
    void otherFramesAreOtherAddressSpaces() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 78);
        assertEquals(5, execed(5, 1));
        assertEquals(6, forked(6, 1));
    }

    @Test
    void aFrameThatOthersMapTooProvesNothing() throws IOException {
        pages(5, PRESENT | 77, SWAPPED | 3, 0, PRESENT | EXCLUSIVE | 78);
        pages(6, PRESENT | 77, SWAPPED | 3, 0, PRESENT | EXCLUSIVE | 79);
        pages(7, PRESENT | 77, SWAPPED | 3, 0, PRESENT | EXCLUSIVE | 79);
        assertEquals(5, execed(5, 1));
        assertEquals(6, forked(6, 1));
        assertEquals(6, forked(7, 1));
    }

    @Test
    void whereFramesAreNotToldEachIsCounted() throws IOException {
        pages(5, PRESENT | EXCLUSIVE);
        pages(6, PRESENT | EXCLUSIVE);
        assertEquals(5, execed(5, 1));
        assertEquals(6, forked(6, 1));
        assertEquals(7, forked(7, 1)); // it has no pagemap
    }

    /** With the same frame: it can be given to another process between two looks. */
    @Test
    void otherAddressesAreOtherAddressSpaces() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 77);
        assertEquals(5, execed(5, 1));
        assertEquals(6, forked(6, 2));
        assertEquals(6, forked(6, 0)); // they may not be seen
    }

    /** Without randomized addresses, two runs of one program have the same. */
    @Test
    void theOneThatCalledExecIsFoundAmongSeveral() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 78);
        pages(7, PRESENT | EXCLUSIVE | 78);
        assertEquals(5, execed(5, 1));
        assertEquals(6, execed(6, 1));
        assertEquals(6, forked(7, 1));
        assertEquals(5, execed(5, 1));
    }
}
