package psm.proc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

class PageMapTest {
    private static final String PAGEMAP = "5/pagemap";

    @TempDir Path root;

    /** The files that were opened. */
    private final List<String> opened = new ArrayList<>();

    private PageMap pages;

    @BeforeEach
    void count() throws IOException {
        Files.createDirectory(root.resolve("5"));
        pages =
                new PageMap(
                        new ProcFs(root.toString()) {
                            @Override
                            protected RandomAccessFile openAt(String file) throws IOException {
                                opened.add(file);
                                return super.openAt(file);
                            }
                        });
    }

    private void write(long... entries) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 * entries.length).order(ByteOrder.nativeOrder());
        for (long entry : entries) {
            bytes.putLong(entry);
        }
        Files.write(root.resolve(PAGEMAP), bytes.array());
    }

    @Test
    void keptFileIsOpenedOnceForEachProcess() throws IOException {
        write(7);
        Object process = new Object();
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(new long[] {7}, pages.keep(process, "5").entries(0));
        }
        assertEquals(List.of(PAGEMAP), opened);
        pages.keep(new Object(), "5").entries(0); // another process has got the pid
        assertEquals(List.of(PAGEMAP, PAGEMAP), opened);
        pages.close();
        pages.keep(process, "5").entries(0);
        assertEquals(3, opened.size());
        pages.close();
    }

    /**
     * A file in /proc is empty once the memory is freed that the process had when it was opened.
     */
    @Test
    void pagesOfFreedMemoryAreReadAnew() throws IOException {
        write(7);
        try (PageMap.Pages own = pages.of("5")) {
            own.entries(0);
            Files.move(root.resolve(PAGEMAP), root.resolve("5/old"));
            write(8);
            assertArrayEquals(new long[] {7}, own.entries(0));
            Files.write(root.resolve("5/old"), new byte[0]);
            assertArrayEquals(new long[] {8}, own.entries(0));
            Files.delete(root.resolve(PAGEMAP));
            assertArrayEquals(new long[] {8}, own.entries(0));
        }
        try (PageMap.Pages none = pages.of("6")) {
            assertNull(none.entries(0));
        }
    }
}
