package psm.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.support.GroupInstallation;
import psm.text.Problem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Changes the owners and permissions of files in a folder that only root can write. */
class RootOwnedTest {
    private Path folder;

    @BeforeEach
    void makeFolder() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root has files that root alone can change");
        assumeTrue(RootOwned.problem(Path.of("/opt")) == null, "/opt is not root's alone");
        folder = Files.createTempDirectory(Path.of("/opt"), "psm-test-owned");
        sh("mkdir -p a/b && : >a/b/file && ln -s b/file a/link && ln -s ../a a/up");
    }

    @AfterEach
    void deleteFolder() {
        if (folder != null) {
            GroupInstallation.delete(folder);
        }
    }

    private void sh(String script) {
        Command.Result result = Command.of("sh", "-c", script).in(folder).run();
        assertEquals(0, result.exitCode(), result.err());
    }

    @Test
    void filesOfRootHaveNoProblem() throws IOException {
        assertNull(RootOwned.problem(folder.resolve("a/b/file")));
        assertNull(RootOwned.problem(folder.resolve("a/up/up/link")));
        assertNull(RootOwned.problem(folder.resolve("a/not/yet/there")));
        assertNull(RootOwned.problemBelow(folder));
    }

    @ParameterizedTest
    @CsvSource({
        "chmod o+w a/b/file,            a/b/file, is writable by every user",
        "chmod g+w a/b/file,            a/b/file, is writable by its group",
        "chown 65534 a/b/file,          a/b/file, belongs to user 65534",
        "chmod g+w a,                   a,        is writable by its group",
        "chown 65534 a/b,               a/b,      belongs to user 65534",
        "chown -h 65534 a/link,         a/link,   belongs to user 65534",
        "mkdir o && chmod 777 o && ln -sf ../o/x a/link, o, is writable by every user",
        "ln -sf link a/link,            a/link,   contains too many links"
    })
    void theWritableFileIsNamed(String change, String culprit, String what) throws IOException {
        sh(change);
        String expected = folder.resolve(culprit) + " " + what;
        for (String path : new String[] {"a/link", "a/up/link"}) {
            boolean isOfFile = culprit.endsWith("b/file") && change.startsWith("ln");
            if (!isOfFile) {
                Problem problem = RootOwned.problem(folder.resolve(path));
                assertTrue(
                        problem != null && problem.what().startsWith(expected),
                        path + ": " + problem);
            }
        }
        Problem problem = RootOwned.problemBelow(folder);
        assertTrue(problem != null && problem.what().startsWith(expected), "" + problem);
    }

    @Test
    void whatIsOfRootIsSafeInAStickyFolder() throws IOException {
        sh("chmod 1777 a");
        assertNull(RootOwned.problem(folder.resolve("a/b/file")));
        assertNull(RootOwned.problem(folder.resolve("a/not/yet/there")));
        sh("chown -h 65534 a/link");
        String expected = folder.resolve("a/link") + " belongs to user 65534, not to root";
        assertEquals(expected, RootOwned.problem(folder.resolve("a/link")).what());
    }

    @Test
    void othersCanAddFilesToAStickyFolder() throws IOException {
        sh("chmod 1777 a");
        String expected = folder.resolve("a") + " is writable by every user";
        assertEquals(expected, RootOwned.problem(folder.resolve("a")).what());
        assertEquals(expected, RootOwned.problemBelow(folder).what());
    }

    @Test
    void filesBehindLinksToFoldersAreChecked() throws IOException {
        sh("mkdir tree && ln -s ../a/b tree/link && chown 65534 a/b/file");
        String expected = folder.resolve("a/b/file") + " belongs to user 65534, not to root";
        Problem problem = RootOwned.problemBelow(folder.resolve("tree"));
        assertTrue(problem != null && problem.what().equals(expected), "" + problem);
    }
}
