package psm.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

class AnswerFolderTest {
    @TempDir private Path folder;

    @Test
    void whatLinksNameStays() throws IOException {
        Path kept = Files.createDirectory(folder.resolve("kept"));
        Path file = Files.createFile(kept.resolve("file"));
        Path removed = Files.createDirectories(folder.resolve("removed/1"));
        Files.createFile(removed.resolve("000001.psmrec"));
        Files.createSymbolicLink(removed.resolve("link"), kept);
        AnswerFolder.remove(removed.getParent());
        assertTrue(Files.exists(file));
        assertFalse(Files.exists(removed.getParent(), LinkOption.NOFOLLOW_LINKS));
    }

    /** Where /tmp is RAM, answers would take it from the programs of this machine. */
    @Test
    void answersAreKeptOnDisk() {
        String chosen = System.getenv("TMPDIR");
        assertEquals(chosen == null ? "/var/tmp" : chosen, AnswerFolder.parent());
    }
}
