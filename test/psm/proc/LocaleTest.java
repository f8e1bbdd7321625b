package psm.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Command;
import psm.support.Fixtures;
import psm.support.Window;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Gives psm arguments in UTF-8, whatever the locale is: cron has none. */
@Tag("endtoend")
@Tag("jdk")
class LocaleTest {
    private static final String WORD = "gr\u00f6\u00dfe";

    @TempDir Path folder;
    private Process sleep;

    /** The tests may run in a locale in which Java cannot name the file; a shell can. */
    @BeforeEach
    void start() throws IOException {
        String script =
                "cd \"$1\" && w=$(printf 'gr\\303\\266\\303\\237e') && cp /bin/sleep \"$w\" &&"
                    + " mkdir \"d$w\" && ln -s \"$2\" \"d$w/proc\" && echo done && exec \"./$w\""
                    + " 600";
        ProcessBuilder builder =
                new ProcessBuilder(
                        "sh", "-c", script, "sh", folder.toString(), Fixtures.HOST.toString());
        sleep = builder.start();
        assertEquals("done", sleep.inputReader().readLine());
    }

    @AfterEach
    void stop() throws InterruptedException {
        sleep.destroy();
        sleep.waitFor();
    }

    /** Runs psm with arguments of a shell, in which # stands for the word. */
    private Command.Result psm(String locale, String args) {
        String script =
                "w=$(printf 'gr\\303\\266\\303\\237e');"
                        + Window.quoted(Command.psm().words())
                        + ' '
                        + args.replace("#", "\"$w\"");
        return Command.of("sh", "-c", script)
                .in(folder)
                .with("LC_ALL", locale)
                .with("LANG", null)
                .run();
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "POSIX", "C.UTF-8"})
    void argumentsAreUtf8InEachLocale(String locale) {
        Command.Result found = psm(locale, "-f ^# -o csv --no-header");
        assertTrue(found.out().startsWith('"' + WORD + "\",1,"), found.toString());
        assertEquals("psm: no program matches -f " + WORD + "x\n", psm(locale, "-f #x").err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8"})
    void filesAreFoundInEachLocale(String locale) {
        assertEquals(0, psm(locale, "-o snapshot > d#/#.psm").exitCode());
        Command.Result later = psm(locale, "--from d#/#.psm -f # -t --units b");
        assertTrue(later.out().matches("[1-9][0-9]+\n"), later.toString());
        Command.Result copy = psm(locale, "--proc d#/proc -o json");
        assertTrue(copy.out().contains("\"complete\":true"), copy.toString());
        assertEquals(later, psm(locale, "--from d# -f # -t --units b"));
        assertEquals(0, psm(locale, "-o snapshot > d#/2#.psm").exitCode());
        assertEquals("", psm(locale, "--from d# --by host -q").err());
        assertTrue(psm(locale, "--proc #x").err().startsWith("psm: --proc " + WORD + "x: no such"));
    }

    @Test
    void bytesThatAreNotUtf8AreKept() {
        for (String locale : List.of("C", "C.UTF-8")) {
            Command.Result result = psm(locale, "-f \"$(printf 'x\\366')\"");
            assertEquals("psm: no program matches -f x\\xf6\n", result.err());
        }
    }
}
