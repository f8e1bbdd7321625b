package psm.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

class HidePidTest {
    private static final String MOUNT =
            "36 35 0:42 / /home/user/mounts/mount rw,nosuid shared:1 - fuse.sshfs host rw\n";

    @TempDir Path root;

    private boolean isOn(String mounts) throws IOException {
        Files.createDirectories(root.resolve("self"));
        Files.writeString(root.resolve("self/mountinfo"), mounts);
        return HidePid.isOn(new ProcFs(root.toString()));
    }

    /** Every user may be able to mount a thousand file systems, with fusermount. */
    @ParameterizedTest
    @CsvSource({"'rw,hidepid=invisible', true", "'rw,hidepid=1', true", "rw, false"})
    void theOptionIsFoundBehindManyMounts(String options, boolean isOn) throws IOException {
        String proc = "22 28 0:21 / /proc rw,relatime shared:13 - proc proc " + options + "\n";
        assertEquals(isOn, isOn(proc));
        assertEquals(isOn, isOn(MOUNT.repeat(2000) + proc + MOUNT));
    }

    @Test
    void anUnknownOptionCountsAsSet() throws IOException {
        assertTrue(HidePid.isOn(new ProcFs(root.toString())), "no mountinfo");
        assertTrue(isOn(MOUNT), "no line of /proc");
    }
}
