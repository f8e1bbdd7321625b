package psm.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Command;
import psm.support.GroupInstallation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Breaks an installation in one way after the other. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
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
                "chmod o+w lib/psm/members, lib/psm/members may be written by everybody",
                "chmod g+w lib/psm, lib/psm may be written by its group",
                "chown 65534 bin, bin belongs to user 65534",
                "chmod o+w lib/psm/*/psm.jar, psm.jar may be written by everybody",
                "chmod 755 lib/psm/collect, \"lib/psm/collect is rwxr-xr-x root:root, not"
                        + " rwx------\"",
                "chmod 644 lib/psm/access, \"lib/psm/access is rw-r--r-- root:root, not"
                        + " rw-------\"",
                "chgrp root lib/psm/members, \"lib/psm/members is rw-r----- root:root, not\"",
                "rm lib/psm/collect, lib/psm/collect is gone",
                "echo >>lib/psm/collect, lib/psm/collect is not as it was written",
                "rm RULE, RULE is gone",
                "chmod 444 RULE, \"RULE is r--r--r-- root:root, not r--r-----\"",
                "sed -i s/NOPASSWD/PASSWD/ RULE, RULE is not as it was written",
                "rm lib/psm/*/plain.*, there are archives missing",
                "rm lib/psm/*/collector.*, there are archives missing",
                "rm share/man/man1/psm.1, share/man/man1/psm.1 is gone"
            })
    void whatIsWrongIsToldWithWhatMendsIt(String change, String told) {
        String rule = SudoRule.file(installation.prefix).toString();
        Command.Result changed =
                Command.of("sh", "-c", "umask 077; " + change.replace("RULE", rule))
                        .in(installation.prefix)
                        .run();
        assertEquals(0, changed.exitCode(), changed.err());
        Command.Result result = doctor();
        assertEquals(1, result.exitCode(), result.out());
        assertTrue(
                result.err().matches("psm: doctor: \\d+ things? (is|are) wrong\n"), result.err());
        String line =
                result.out()
                        .lines()
                        .filter(each -> each.contains(told.replace("RULE", rule)))
                        .findFirst()
                        .orElse(result.out());
        assertTrue(line.startsWith("wrong  ") && line.contains("; mend it by '"), line);
        String remedy = line.substring(line.lastIndexOf(" '") + 2, line.lastIndexOf('\''));
        if (remedy.startsWith("psm ")) {
            installation.install("--group", installation.group);
        } else {
            assertEquals(0, Command.of("sh", "-c", remedy).run().exitCode(), remedy);
        }
        assertIsWell();
    }

    /** Java trusts an archive as it trusts itself. */
    @ParameterizedTest
    @ValueSource(strings = {"plain.*", "psm.jar"})
    void rootRunsNothingThatSomebodyElseMayChange(String file) {
        String[] change = {"sh", "-c", "chown 65534 lib/psm/*/" + file};
        Command.of(change).in(installation.prefix).run();
        String out = doctor().out();
        change[2] = change[2].replace("65534", "root");
        Command.of(change).in(installation.prefix).run();
        assertTrue(out.contains(" belongs to user 65534, not to root; mend it by "), out);
        assertFalse(out.contains("Java takes "), out);
        assertFalse(out.contains("Java does not take "), out);
        assertFalse(out.contains("the collector "), out);
        assertIsWell();
    }

    @Test
    void aJavaThatIsGoneIsTold() throws IOException {
        Path launcher = Path.of(installation.launcher());
        String script = Files.readString(launcher);
        Files.writeString(launcher, script.replaceFirst("(?m)^java=.*", "java=/nowhere/bin/java"));
        Command.Result result =
                InstallerTest.psmAlone("doctor", "--prefix", "" + installation.prefix).run();
        Files.writeString(launcher, script);
        assertEquals(1, result.exitCode());
        assertTrue(result.out().contains("its Java, /nowhere/bin/java, is gone; "), result.out());
    }

    @Test
    void whoeverIsNotRootIsToldWhatRootAloneCanCheck() {
        Command.Result result = installation.psm(installation.other, "doctor").run();
        assertEquals(0, result.exitCode(), result.out() + result.err()); // nothing is wrong
        String unseen = "unseen what the group may do here, which root alone can check; 'sudo ";
        assertTrue(result.out().contains("\n" + unseen), result.out());
    }

    @Test
    void bySudoItLooksAtItsOwnInstallationAlone() {
        Command psm = Command.of(installation.launcher(), "doctor").with("SUDO_UID", "65534");
        assertEquals(0, psm.run().exitCode());
        Command.Result result = psm.append(List.of("--prefix", "/tmp")).run();
        assertEquals(2, result.exitCode());
        assertTrue(result.err().startsWith("psm: doctor: run by sudo"), result.err());
    }

    @Test
    void whereNothingWasInstalledItSaysSo() {
        Command.Result result = InstallerTest.psmAlone("doctor", "--prefix", "/nowhere").run();
        assertEquals(2, result.exitCode());
        assertEquals(
                "psm: doctor: no psm was installed in /nowhere; --prefix DIR names another\n",
                result.err());
    }
}
