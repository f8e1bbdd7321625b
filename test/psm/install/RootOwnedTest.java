package psm.install;

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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** In a folder of root's: temporary folders are everybody's. */
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
    void whatRootAloneCanChangeHasNoProblem() throws IOException {
        assertNull(RootOwned.problem(folder.resolve("a/b/file")));
        assertNull(RootOwned.problem(folder.resolve("a/up/up/link")));
        assertNull(RootOwned.problem(folder.resolve("a/not/yet/there")));
        assertNull(RootOwned.problemBelow(folder));
    }

    @ParameterizedTest
    @CsvSource({
        "chmod o+w a/b/file,            a/b/file, may be written by everybody",
        "chmod g+w a/b/file,            a/b/file, may be written by its group",
        "chown 65534 a/b/file,          a/b/file, belongs to user 65534",
        "chmod g+w a,                   a,        may be written by its group",
        "chmod 1777 a,                  a,        may be written by everybody",
        "chown 65534 a/b,               a/b,      belongs to user 65534",
        "chown -h 65534 a/link,         a/link,   belongs to user 65534",
        "mkdir o && chmod 777 o && ln -sf ../o/x a/link, o, may be written by everybody",
        "ln -sf link a/link,            a/link,   leads nowhere"
    })
    void theCulpritIsNamed(String change, String culprit, String what) throws IOException {
        sh(change);
        String expected = folder.resolve(culprit) + " " + what;
        for (String path : new String[] {"a/link", "a/up/link"}) {
            boolean isOfFile = culprit.endsWith("b/file") && change.startsWith("ln");
            if (!isOfFile) {
                String problem = RootOwned.problem(folder.resolve(path));
                assertTrue(problem != null && problem.startsWith(expected), path + ": " + problem);
            }
        }
        String problem = RootOwned.problemBelow(folder);
        assertTrue(problem != null && problem.startsWith(expected), problem);
    }

    @Test
    void aTemporaryFolderIsEverybodysForAllItsStickiness() throws IOException {
        String problem = RootOwned.problem(Path.of("/tmp/x/y"));
        assertEquals("/tmp may be written by everybody; 'chmod o-w /tmp'", problem);
    }
}
