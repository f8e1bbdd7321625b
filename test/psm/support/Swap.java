package psm.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Switches on a swap file of the tests' own, if the host has no swap and allows it. */
public final class Swap implements AutoCloseable {
    private static final String ON =
            "dd if=/dev/zero of=\"$0\" bs=1M count=128 status=none && chmod 600 \"$0\""
                    + " && mkswap -q \"$0\" && swapon \"$0\"";

    private static final Path LOCK =
            Path.of(
                    System.getProperty("java.io.tmpdir"),
                    "psm-swap-of-" + System.getProperty("user.name"));

    private final FileChannel lock;
    private final String file;
    private final boolean isOurs;

    public Swap(Path folder) throws IOException {
        // Two runs of the tests must not switch off each other's swap.
        lock = FileChannel.open(LOCK, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        lock.lock();
        file = folder.resolve("swap").toString();
        isOurs = !isOn() && Command.of("sh", "-c", ON, file).run().exitCode() == 0;
    }

    public boolean isOn() throws IOException {
        return Files.readAllLines(Path.of("/proc/swaps")).size() > 1;
    }

    @Override
    public void close() throws IOException {
        if (isOurs) {
            assertEquals(0, Command.of("swapoff", file).run().exitCode());
        }
        lock.close();
    }
}
