package psm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.report.Figure;
import psm.scan.Source;
import psm.text.Failure;

class ArgumentsTest {
    private static Options parse(String commandLine) throws Failure {
        return Arguments.parse(commandLine.isEmpty() ? new String[0] : commandLine.split(" ", -1));
    }

    @Test
    void nothingAskedForIsATableOfEverything() throws Failure {
        Options options = parse("");
        assertEquals(Options.defaults(), options);
        assertNull(options.filter());
        assertFalse(options.view().uses(Figure.HEAP));
        assertEquals("table", options.format());
        assertEquals(Source.AUTO, options.source());
        assertEquals("/proc", options.proc());
        assertEquals(0, options.workers());
        assertFalse(options.stats() || options.debug() || options.text() != null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-f celery",
                "-fcelery",
                "--filter celery",
                "--filter=celery",
                "-filter=celery",
                "-filter celery"
            })
    void theFilterHasGosSpellingToo(String commandLine) throws Failure {
        assertEquals("celery", parse(commandLine).filter().toString());
    }

    @Test
    void mapsAreChosenBesideProcesses() throws Failure {
        Options options = parse("maps -f java --map libc");
        assertEquals("java", options.filter().toString());
        assertEquals("libc", options.view().filter().toString());
        assertNull(parse("maps -f java").view().filter());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--heap", "-heap"})
    void theHeapHasGosSpellingToo(String commandLine) throws Failure {
        assertTrue(parse(commandLine).view().uses(Figure.HEAP));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-cpuprofile=c -memprofile=m", "--cpuprofile=c --memprofile m"})
    void theProfilesHaveGosSpellingToo(String commandLine) throws Failure {
        assertEquals("c", parse(commandLine).cpuProfile());
        assertEquals("m", parse(commandLine).memProfile());
    }

    @Test
    void anAtSignIsNoFileOfOptions() throws Failure {
        assertEquals("@/etc/passwd", parse("-f @/etc/passwd").filter().toString());
        Failure e = assertThrows(Failure.class, () -> parse("@/etc/passwd"));
        assertTrue(
                e.getMessage().startsWith("'@/etc/passwd': psm takes options alone"),
                e.getMessage());
    }

    @Test
    void theLastOfTwoWins() throws Failure {
        assertEquals("csv", parse("-o json -o csv").format());
        assertEquals("b", parse("-filter=a -f b").filter().toString());
    }

    @Test
    void theOtherOptionsAreRead() throws Failure {
        Options options = parse("-o json --source rollup --proc / -j 3 --stats --debug");
        assertEquals("json", options.format());
        assertEquals(Source.ROLLUP, options.source());
        assertEquals("/", options.proc());
        assertEquals(3, options.workers());
        assertTrue(options.stats() && options.debug());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "-f ( | --filter '(': not a regular expression: Unclosed group",
                "maps --map ( | --map '(': not a regular expression: Unclosed group",
                "--map x | --map: chooses rows of maps: psm maps --map REGEX",
                "oom --map=x | --map: chooses rows of maps: psm maps --map REGEX",
                "--fitler x | '--fitler': no such option; did you mean --filter?",
                "-x | '-x': no such option; psm --help lists the options",
                "oom -x | '-x': no such option; psm oom --help lists the options",
                "oom --sort=pss | --sort=pss: psm oom has no such option; psm oom --help",
                "maps --from x | --from: psm maps has no such option; psm maps --help",
                "-p 1 oom | oom: comes first, before the options: psm oom",
                "-p self --from x | --pid self: is this psm, which no snapshot has",
                "-d -o snapshot | --by-pid: chooses what a report shows, and a snapshot has all of"
                        + " it",
                "-o snapshot --units k | --units: chooses what a report shows",
                "-o snapshot --si | --si: chooses what a report shows",
                "-o snapshot --bars | --bars: chooses what a report shows",
                "-o snapshot --no-header | --no-header: chooses what a report shows",
                "-o snapshot --csv-raw | --csv-raw: chooses what a report shows",
                "-o snapshot -u | --by-user: chooses what a report shows",
                "-o snapshot --by user | --by: chooses what a report shows",
                "-o snapshot --sort rss | --sort: chooses what a report shows",
                "-o snapshot -n 1 | --rows: chooses what a report shows",
                "nginx | 'nginx': psm takes options alone; to choose programs, use -f nginx",
                "--source proc | --source proc: no such source; there are auto, rollup, smaps",
                "-j 0 | -j 0: takes a number of threads from 1 to 256",
                "-j 257 | -j 257: takes a number",
                "-j -1 | -j -1: takes a number",
                "-j two | -j two: takes a number",
                "--proc /nowhere | --proc /nowhere: no such folder",
                "--heap --source rollup | --heap: smaps_rollup has no [heap]; leave out --source"
                        + " rollup",
                "-f | --filter needs a value: REGEX",
                "-o | --output needs a value: FORMAT"
            })
    void whatIsWrongIsToldInOneLineWithWhatWouldWork(String commandLine, String problem) {
        Failure e = assertThrows(Failure.class, () -> parse(commandLine));
        assertEquals(Failure.Exit.USAGE, e.exit);
        assertTrue(e.getMessage().startsWith(problem), e.getMessage());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
    }

    @Test
    void helpFits80ColumnsAndEndsWithFiveExamples() {
        String[] lines = Arguments.helpText().split("\n", -1);
        for (String line : lines) {
            assertTrue(line.length() <= 80, line);
        }
        int examples = java.util.Arrays.asList(lines).indexOf("Examples:");
        assertEquals(lines.length - 7, examples); // five lines, and what follows the last newline
        assertFalse(Arguments.helpText().contains("-filter,"), "Go's spellings are not advertised");
    }

    @Test
    void helpNamesEveryOption() {
        for (String option :
                new String[] {
                    "-f, --filter",
                    "--heap",
                    "-o, --output",
                    "--source",
                    "--proc",
                    "-j, --workers",
                    "--stats",
                    "--cpuprofile",
                    "--memprofile",
                    "--debug",
                    "-h, --help",
                    "-V, --version"
                }) {
            assertTrue(Arguments.helpText().contains(" " + option), option);
        }
    }
}
