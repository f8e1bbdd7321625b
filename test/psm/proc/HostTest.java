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

    @Test
    void uptimeThatIsNoneIsMissing() throws IOException {
        assertEquals(Missing.VALUE, Host.uptimeMillis(new ProcFs(root.toString())));
        for (String content :
                new String[] {"", "\n", "12", " 1", "x 1", "-1.0 1", "NaN 1", "1e300 1"}) {
            assertEquals(Missing.VALUE, uptime(content), content);
        }
    }
}
