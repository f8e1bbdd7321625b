package psm.proc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;
import psm.text.Text;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

class ProcFsTest {
    @TempDir Path root;

    private ProcFs proc;

    @BeforeEach
    void makeTree() throws IOException {
        proc = new ProcFs(root.toString());
        for (String name :
                new String[] {"12", "7", "9876868", "self", "12a", "1234567890", "0", "-1"}) {
            Files.createDirectory(root.resolve(name));
        }
    }

    @Test
    void pidsAreNumericFolders() throws IOException {
        assertArrayEquals(new int[] {7, 12, 9876868}, proc.pids());
    }

    @Test
    void missingFolderHasNoPids() {
        assertThrows(
                NoSuchFileException.class, new ProcFs(root.resolve("nothing").toString())::pids);
    }

    @Test
    void longFilesAreCut() throws IOException {
        Files.writeString(root.resolve("7/stat"), "x".repeat(20_000));
        assertEquals(20_000, proc.read("7/stat", new byte[30_000]));
        assertEquals(100, proc.read("7/stat", new byte[100]));
    }

    /** They could lead to what only the caller may open. */
    @Test
    void linksOfOtherUsersAreNotFollowed() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can make links of other users");
        Path secret = Files.writeString(root.resolve("secret"), "of another user");
        Path link = Files.createSymbolicLink(root.resolve("7/cmdline"), secret);
        Path process = Files.createSymbolicLink(root.resolve("8"), Path.of("/proc/self"));
        byte[] buffer = new byte[100];
        assertEquals(15, proc.read("7/cmdline", buffer));
        assertEquals(100, proc.read("8/status", buffer));
        Files.setAttribute(link, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(process, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);
        assertThrows(NoSuchFileException.class, () -> proc.read("7/cmdline", buffer));
        assertThrows(NoSuchFileException.class, () -> proc.openAt("7/cmdline"));
        assertThrows(NoSuchFileException.class, () -> proc.read("8/status", buffer));
    }

    @Test
    void exceptionTypeIsTheReason() {
        assertThrows(NoSuchFileException.class, () -> proc.read("7/stat", new byte[10]));
        assertThrows(NoSuchFileException.class, () -> proc.open("8/stat"));
        assertThrows(NoSuchFileException.class, () -> proc.link("8/exe"));
    }

    @Test
    void unreadableFileIsDenied() throws IOException {
        assumeFalse(new OwnProcess().isRoot(), "root may read everything");
        Path file = Files.writeString(root.resolve("7/stat"), "x");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        assertThrows(AccessDeniedException.class, () -> proc.open("7/stat"));
    }

    @Test
    void processExistsOrNot() {
        assertTrue(proc.exists("7"));
        assertFalse(proc.exists("8"));
    }

    @Test
    void firstLineOfFileIsRead() throws IOException {
        Files.createDirectories(root.resolve("sys/kernel"));
        Files.writeString(root.resolve("sys/kernel/hostname"), "host1\nhost2\n");
        assertEquals("host1", proc.firstLine("sys/kernel/hostname"));
        assertNull(proc.firstLine("sys/kernel/osrelease"));
    }

    @Tag("endtoend")
    @Tag("jdk")
    @Test
    void linksAreReadInEveryLocale() throws IOException {
        String[] names = {
            "plain", "what?", "caf\u00c3\u00a9", "bad\u00ff", "100%", "a b (deleted)", "n\nl"
        };
        for (int i = 0; i < names.length; i++) {
            Files.createDirectory(root.resolve("" + (100 + i)));
            // Only a shell can be given a name of any bytes.
            byte[] script = ("ln -s '/opt/" + names[i] + "' exe").getBytes(ISO_8859_1);
            Files.write(root.resolve("script"), script);
            Command.of("sh", root.resolve("script").toString())
                    .in(root.resolve("" + (100 + i)))
                    .run();
        }
        for (String locale : new String[] {"C", "POSIX", "C.UTF-8"}) {
            for (int i = 0; i < names.length; i++) {
                byte[] bytes = ("/opt/" + names[i]).getBytes(ISO_8859_1);
                String expected = Text.decode(bytes, 0, bytes.length);
                assertEquals(expected, linkInLocale(locale, 100 + i), locale);
            }
        }
    }

    private String linkInLocale(String locale, int pid) {
        Command.Result result =
                Command.java(PrintLink.class.getName(), root.toString(), "" + pid)
                        .with("LC_ALL", locale)
                        .run();
        assertEquals("", result.err());
        byte[] hex = result.out().strip().getBytes(UTF_8);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < hex.length; i += 4) {
            text.append((char) Integer.parseInt(new String(hex, i, 4, UTF_8), 16));
        }
        return text.toString();
    }

    /** Prints the target of a process's exe link, four hexadecimal digits for each char. */
    static final class PrintLink {
        private PrintLink() {}

        public static void main(String[] args) throws IOException {
            String link = new ProcFs(args[0]).link(args[1] + "/exe");
            StringBuilder hex = new StringBuilder();
            for (int i = 0; i < link.length(); i++) {
                hex.append(String.format("%04x", (int) link.charAt(i)));
            }
            System.out.println(hex);
        }
    }
}
