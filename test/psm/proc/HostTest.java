package psm.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.text.Missing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

final class HostTest {
    @TempDir Path root;

    private long uptime(String content) throws IOException {
        Files.writeString(root.resolve("uptime"), content);
        return Host.uptimeMillis(new ProcFs(root.toString()));
    }

    @Test
    void uptimeIsReadInMilliseconds() throws IOException {
        assertEquals(12_345_670, uptime("12345.67 54321.00\n"));
        assertEquals(0, uptime("0.00 0.00\n"));
    }

    private long bootSeconds(String stat) throws IOException {
        Files.writeString(root.resolve("stat"), stat);
        return Host.read(new ProcFs(root.toString()), true, false, false).bootSeconds();
    }

    @Test
    void startOfTheHostIsReadBehindManyInterrupts() throws IOException {
        String intr = "intr 7" + " 0".repeat(100_000) + "\nctxt 5\n";
        for (String before : new String[] {"", "cpu  1 2 3\n", "cpu  1 2 3\n" + intr}) {
            assertEquals(1_795_945_955L, bootSeconds(before + "btime 1795945955\nprocesses 7\n"));
        }
        assertEquals(Missing.VALUE, bootSeconds("cpu 1\nbtime x\n"));
        assertEquals(Missing.VALUE, bootSeconds("cpu 1\nbtime 0\n"));
        assertEquals(Missing.VALUE, bootSeconds("cpu 1\nxbtime 7\n"));
        assertEquals(
                Missing.VALUE,
                Host.read(new ProcFs(root.toString()), false, false, false).bootSeconds());
    }

    /** A number that the end of the buffer cuts is another one. */
    @Test
    void startOfTheHostIsNotCut() throws IOException {
        for (int length = (1 << 14) - 20; length < (1 << 14) + 2; length++) {
            String before = "x".repeat(length) + "\n";
            assertEquals(1_795_945_955L, bootSeconds(before + "btime 1795945955\nprocesses 7\n"));
        }
    }

    @Test
    void uptimeThatIsNoneIsMissing() throws IOException {
        assertEquals(Missing.VALUE, Host.uptimeMillis(new ProcFs(root.toString())));
        for (String content :
                new String[] {"", "\n", "12", " 1", "x 1", "-1.0 1", "NaN 1", "1e300 1"}) {
            assertEquals(Missing.VALUE, uptime(content), content);
        }
    }
}
