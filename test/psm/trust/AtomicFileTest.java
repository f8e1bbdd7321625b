package psm.trust;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicBoolean;

/** Replaces files in a folder where another user can write, too. */
class AtomicFileTest {
    @TempDir Path folder;

    private Path victim;
    private Path file;

    @BeforeEach
    void makeVictim(@TempDir Path others) throws IOException {
        victim = Files.writeString(others.resolve("victim"), "unchanged");
        Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("rw-------"));
        file = folder.resolve("file");
    }

    @Test
    void theNewFileReplacesTheOldOne() throws IOException {
        Files.writeString(file, "old");
        try (AtomicFile atomic = AtomicFile.inFolder(file)) {
            for (String text : new String[] {"new", "newer"}) {
                try (OutputStream out = atomic.open("rw-r--r--")) {
                    out.write(text.getBytes(StandardCharsets.UTF_8));
                    assertNotEquals(text, Files.readString(file));
                }
                atomic.replace();
                assertEquals(text, Files.readString(file));
            }
        }
        assertArrayEquals(new String[] {"file"}, folder.toFile().list());
    }

    private static final String REMOVED = "another program has removed the new file meanwhile";

    private void removeParts() {
        for (File each : folder.toFile().listFiles()) {
            each.delete();
        }
    }

    @Test
    void aNewFileThatIsRemovedIsReported() throws IOException {
        AtomicFile atomic = AtomicFile.inFolder(file);
        atomic.open(null).write(1);
        removeParts();
        assertEquals(REMOVED, assertThrows(IOException.class, () -> atomic.replace()).getMessage());
    }

    /** Who removes it at once wins now and then, and most of the time does not. */
    @Test
    @Timeout(60)
    void aNewFileThatIsRemovedAtOnceIsReported() throws Exception {
        AtomicBoolean isEnough = new AtomicBoolean();
        Thread remover =
                new Thread(
                        () -> {
                            while (!isEnough.get()) {
                                removeParts();
                            }
                        });
        remover.start();
        try {
            while (true) {
                try (AtomicFile atomic = AtomicFile.inFolder(file)) {
                    atomic.open("rw-rw-rw-");
                }
            }
        } catch (IOException e) {
            assertEquals(REMOVED, e.getMessage());
        } finally {
            isEnough.set(true);
            remover.join();
        }
    }

    @Test
    void aNewFileThatIsNotWantedIsDeleted() throws IOException {
        Files.writeString(file, "old");
        AtomicFile atomic = AtomicFile.inFolder(file);
        atomic.open(null).write(1);
        assertEquals(2, folder.toFile().list().length);
        atomic.close();
        assertEquals("old", Files.readString(file));
        assertArrayEquals(new String[] {"file"}, folder.toFile().list());
    }

    /** Another user puts a link in the place of the new file while it is written. */
    @Test
    void aLinkInItsPlaceIsNotWritten() throws IOException {
        try (AtomicFile atomic = AtomicFile.inFolder(file)) {
            try (OutputStream out = atomic.open("rw-rw-rw-")) {
                Files.delete(atomic.part());
                Files.createSymbolicLink(atomic.part(), victim);
                out.write(1);
            }
            atomic.replace();
        }
        assertEquals("unchanged", Files.readString(victim));
        assertEquals(
                PosixFilePermissions.fromString("rw-------"),
                Files.getPosixFilePermissions(victim));
    }

    /** The name of a second new file is known from the first. */
    @Test
    void aNameThatIsTakenIsNotUsed() throws IOException {
        try (AtomicFile atomic = AtomicFile.inFolder(file)) {
            atomic.open(null).close();
            Path known = atomic.part();
            atomic.replace();
            Files.createSymbolicLink(known, victim);
            try (OutputStream out = atomic.open(null)) {
                out.write(1);
            }
            assertNotEquals(known, atomic.part());
            atomic.replace();
        }
        assertEquals("unchanged", Files.readString(victim));
        assertFalse(Files.isSymbolicLink(file));
        assertEquals(1, Files.size(file));
    }

    @Test
    void aFolderIsNotReplaced() throws IOException {
        Files.createDirectory(file);
        AtomicFile atomic = AtomicFile.inFolder(file);
        assertThrows(IOException.class, () -> atomic.open(null));
        assertEquals(true, Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS));
    }
}
