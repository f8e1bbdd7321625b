package psm.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Command;
import psm.support.GroupInstallation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Breaks an installation in many ways, and repairs it as doctor says. */
@Order(1)
@Tag("endtoend")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ResourceLock("sudoers")
class DoctorTest {
    private GroupInstallation installation;

    @BeforeAll
    void install() throws IOException {
        installation = new GroupInstallation("d");
    }

    @AfterAll
    void uninstall() {
        if (installation != null) {
            installation.close();
        }
    }

    private Command.Result doctor() {
        return Command.of(installation.launcher(), "doctor").run();
    }

    private void assertIsWell() {
        Command.Result result = doctor();
        assertEquals(0, result.exitCode(), result.out() + result.err());
        assertFalse(result.out().contains("wrong"), result.out());
        assertTrue(result.out().contains("ok     the collector writes a snapshot\n"), result.out());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "chmod o+w lib/psm/members, lib/psm/members is writable by every user",
                "chmod o+w lib/psm/*/psm.jar, psm.jar is writable by every user",
                "chmod 755 lib/psm/collect, \"lib/psm/collect is rwxr-xr-x root:root, not"
                        + " rwx------\"",
                "chmod 644 lib/psm/access, \"lib/psm/access is rw-r--r-- root:root, not"
                        + " rw-------\"",
                "chgrp root lib/psm/members, \"lib/psm/members is rw-r----- root:root, not\"",
                "rm lib/psm/collect, lib/psm/collect is missing",
                "echo >>lib/psm/collect, lib/psm/collect was changed after the installation",
                "rm RULE, RULE is missing",
                "chmod 444 RULE, \"RULE is r--r--r-- root:root, not r--r-----\"",
                "sed -i s/NOPASSWD/PASSWD/ RULE, RULE was changed after the installation",
                "rm lib/psm/*/plain.*, archives are missing in",
                "rm lib/psm/*/collector.*, archives are missing in",
                "rm share/man/man1/psm.1, share/man/man1/psm.1 is missing"
            })
    void eachProblemIsReportedWithItsRemedy(String change, String expected) {
        String rule = SudoRule.file(new Prefix(installation.prefix)).toString();
        Command.Result changed =
                Command.of("sh", "-c", "umask 077; " + change.replace("RULE", rule))
                        .in(installation.prefix)
                        .run();
        assertEquals(0, changed.exitCode(), changed.err());
        Command.Result result = doctor();
        assertEquals(1, result.exitCode(), result.out());
        assertTrue(result.err().matches("psm: doctor: \\d+ problems? found\n"), result.err());
        String line =
                result.out()
                        .lines()
                        .filter(each -> each.contains(expected.replace("RULE", rule)))
                        .findFirst()
                        .orElse(result.out());
        assertTrue(line.startsWith("wrong  ") && line.contains("; run '"), line);
        String remedy = line.substring(line.lastIndexOf(" '") + 2, line.lastIndexOf('\''));
        if (remedy.startsWith("psm ")) {
            installation.install("--group", installation.group);
        } else {
            assertEquals(0, Command.of("sh", "-c", remedy).run().exitCode(), remedy);
        }
        assertIsWell();
    }

    /** To make such a folder root's would be wrong: others may have written into it. */
    @ParameterizedTest
    @CsvSource({
        "chmod g+w lib/psm, chmod g-w lib/psm, lib/psm is writable by its group",
        "chown 65534 bin, chown root bin, 'bin belongs to user 65534, not to root'"
    })
    void foldersOfOthersAreNotMadeRoots(String change, String back, String expected) {
        Command.of("sh", "-c", change).in(installation.prefix).run();
        String out = doctor().out();
        Command.of("sh", "-c", back).in(installation.prefix).run();
        String line = "wrong  " + installation.prefix + "/" + expected + "; install psm where only";
        assertTrue(out.contains(line), out);
        assertFalse(out.contains("run 'ch"), out);
        assertIsWell();
    }

    @Test
    void anotherFileIsNoLauncher() throws IOException {
        Path launcher = installation.prefix.resolve("bin/psm");
        byte[] script = Files.readAllBytes(launcher);
        Files.writeString(launcher, "#!/bin/sh\n");
        String[] words = {"doctor", "--prefix", installation.prefix.toString()};
        Command.Result result = Command.psmAlone(words).run();
        Files.write(launcher, script);
        assertEquals(1, result.exitCode(), result.err());
        String line =
                "wrong  " + launcher + " is not the launcher of psm; run 'psm install --prefix";
        assertTrue(result.out().contains(line), result.out());
        assertIsWell();
    }

    /** Java trusts an archive as it trusts its own files. */
    @ParameterizedTest
    @ValueSource(strings = {"plain.*", "psm.jar"})
    void rootRunsNoFileOfAnotherUser(String file) {
        String[] change = {"sh", "-c", "chown 65534 lib/psm/*/" + file};
        Command.of(change).in(installation.prefix).run();
        String out = doctor().out();
        change[2] = change[2].replace("65534", "root");
        Command.of(change).in(installation.prefix).run();
        assertTrue(out.contains(" belongs to user 65534, not to root; run '"), out);
        assertFalse(out.contains("Java can use "), out);
        assertFalse(out.contains("Java cannot use "), out);
        assertFalse(out.contains("the collector "), out);
        assertIsWell();
    }

    @Test
    void takenSlotsAreNoProblem() {
        assertIsWell(); // which makes the slots
        String slots = CollectorScript.slots(new Prefix(installation.prefix)).toString();
        String[] words = {
            "flock", slots + "/0.1", "flock", slots + "/0.2", installation.launcher(), "doctor"
        };
        Command.Result result = Command.of(words).run();
        assertEquals(0, result.exitCode(), result.out());
        String expected = "note   the collector was not tried, since it is busy; run this again\n";
        assertTrue(result.out().contains(expected), result.out());
    }

    @Test
    void aMissingJavaIsReported() throws IOException {
        Path launcher = Path.of(installation.launcher());
        String script = Files.readString(launcher);
        Files.writeString(launcher, script.replaceFirst("(?m)^java=.*", "java=/nowhere/bin/java"));
        Command.Result result =
                Command.psmAlone("doctor", "--prefix", "" + installation.prefix).run();
        Files.writeString(launcher, script);
        assertEquals(1, result.exitCode());
        assertTrue(
                result.out().contains("its Java, /nowhere/bin/java, is missing; "), result.out());
    }

    @Test
    void usersSeeWhichChecksNeedRoot() {
        Command.Result result = installation.psm(installation.other, "doctor").run();
        assertEquals(0, result.exitCode(), result.out() + result.err()); // nothing is wrong
        String note =
                "note   the group's access was not checked, since only root can read it; run 'sudo"
                        + " ";
        assertTrue(result.out().contains("\n" + note), result.out());
    }

    @Test
    void bySudoItChecksItsOwnInstallation() {
        Command psm = Command.of(installation.launcher(), "doctor").with("SUDO_UID", "65534");
        assertEquals(0, psm.run().exitCode());
        Command.Result result = psm.append(List.of("--prefix", "/tmp")).run();
        assertEquals(2, result.exitCode());
        assertTrue(result.err().startsWith("psm: doctor: run with sudo"), result.err());
    }

    @Test
    void aPrefixWithoutPsmIsAnError() {
        Command.Result result = Command.psmAlone("doctor", "--prefix", "/nowhere").run();
        assertEquals(2, result.exitCode());
        assertEquals(
                "psm: doctor: psm is not installed in /nowhere; name another folder with --prefix"
                        + " DIR\n",
                result.err());
    }
}
