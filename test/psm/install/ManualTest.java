package psm.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.Psm;
import psm.cli.Option;
import psm.cli.OptionSpecs;
import psm.format.Exporters;
import psm.format.Formats;
import psm.report.Figure;
import psm.support.Command;
import psm.text.Failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks that the man page explains what psm has. */
class ManualTest {
    /** A page without the places at which troff can break a path. */
    private static final String PAGE =
            Manual.page(new Prefix(Path.of("/opt/a-b"))).replace("\\:", "");

    private static void assertExplains(String name) {
        String item = ".TP\n\\fB" + name.replace("-", "\\-") + "\\fR";
        assertTrue(PAGE.contains(item), name);
    }

    @Test
    void mandocFindsNothingToSay(@TempDir Path folder) throws IOException {
        assumeTrue(Command.exists("mandoc"), "there is no mandoc");
        for (String prefix :
                List.of("/usr/local", "/home/a.b/.local", "/opt/" + "x-y/".repeat(20))) {
            String page = Manual.page(new Prefix(Path.of(prefix)));
            Path file = Files.writeString(folder.resolve("psm.1"), page);
            Command.Result lint = Command.of("mandoc", "-T", "lint", file.toString()).run();
            assertEquals(new Command.Result(0, "", ""), lint);
        }
    }

    @Test
    void eachColumnIsExplained() {
        for (Figure figure : Figure.values()) {
            boolean isMark = figure.fold == Figure.Fold.MARK;
            assertExplains(isMark ? "[" + figure.option + "]" : figure.option);
        }
    }

    @Test
    void eachFormatIsExplained() {
        Set<String> formats = new TreeSet<>(Set.of(Exporters.SNAPSHOT));
        for (Psm.Exporter exporter : Formats.all()) {
            formats.add(exporter.name());
        }
        assertEquals(formats, new TreeSet<>(Formats.descriptions().keySet()));
        formats.forEach(ManualTest::assertExplains);
    }

    @Test
    void eachSignAndExitCodeIsExplained() {
        for (String sign : new String[] {"#", "#>=", "#<=", "#~"}) {
            assertExplains(sign);
        }
        for (Failure.Exit exit : Failure.Exit.values()) {
            assertExplains(Integer.toString(exit.code));
        }
    }

    @Test
    void filesAreThoseOfThePrefix() {
        assertExplains("/opt/a-b/bin/psm");
        assertTrue(PAGE.contains("/etc/sudoers.d/psm_opt_a_b"), PAGE);
    }

    @Test
    void eachCommandIsInTheSynopsis() {
        String synopsis = PAGE.substring(PAGE.indexOf(".SH SYNOPSIS"), PAGE.indexOf(".SH DESCR"));
        for (String command : OptionSpecs.forHelp().subcommands().keySet()) {
            assertTrue(synopsis.contains("\n.B psm " + command + "\n"), command);
            assertExplains(command);
        }
    }

    @Test
    void allThatPsmWritesIsNamed() {
        for (String option : List.of("--dir", "--to", "--cpuprofile", "--memprofile")) {
            String files = PAGE.substring(PAGE.indexOf(".SH FILES"));
            assertTrue(files.contains(option.replace("-", "\\-")), option);
        }
    }

    @Test
    void optionsOfCommandsAreExplained() {
        assertExplains("--dry-run");
        assertExplains("--map");
    }

    @Test
    void namedOptionsExist() {
        Set<String> options = new TreeSet<>();
        for (Option option : Option.values()) {
            options.addAll(List.of(option.names(false)));
        }
        Matcher named = Pattern.compile("(?<![\\w-])--[a-z-]+").matcher(PAGE.replace("\\-", "-"));
        while (named.find()) {
            assertTrue(options.contains(named.group()), named.group());
        }
    }

    @Test
    void namedHeadingExists() {
        assertTrue(PAGE.contains("\n.SS Where from\n"), PAGE);
        assertTrue(PAGE.contains("the options under 'Where from'"), PAGE);
    }
}
