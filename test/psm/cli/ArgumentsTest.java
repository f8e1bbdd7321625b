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

import psm.probe.ProbeScript;
import psm.report.Figure;
import psm.scan.Source;
import psm.text.Failure;

import java.time.Instant;
import java.util.List;

class ArgumentsTest {
    private static Options parse(String commandLine) throws Failure {
        return Arguments.parse(commandLine.isEmpty() ? new String[0] : commandLine.split(" ", -1));
    }

    @Test
    void noArgumentsGiveATableOfEverything() throws Failure {
        Options options = parse("");
        assertEquals(Options.defaults(), options);
        assertNull(options.which().filter());
        assertFalse(options.what().view().uses(Figure.HEAP));
        assertEquals("table", options.looks().format());
        assertEquals(Source.AUTO, options.where().source());
        assertEquals("/proc", options.where().proc());
        assertEquals(0, options.where().workers());
        assertFalse(options.about().timing() || options.about().debug() || options.text() != null);
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
    void filterAcceptsGoSpelling(String commandLine) throws Failure {
        assertEquals("celery", parse(commandLine).which().filter().toString());
    }

    @Test
    void mapFilterAppliesToMappings() throws Failure {
        Options options = parse("maps -f java --map libc");
        assertEquals("java", options.which().filter().toString());
        assertEquals("libc", options.what().view().filter().toString());
        assertNull(parse("maps -f java").what().view().filter());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--heap", "-heap"})
    void heapAcceptsGoSpelling(String commandLine) throws Failure {
        assertTrue(parse(commandLine).what().view().uses(Figure.HEAP));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-cpuprofile=c -memprofile=m", "--cpuprofile=c --memprofile m"})
    void profilesAcceptGoSpelling(String commandLine) throws Failure {
        assertEquals("c", parse(commandLine).about().cpuProfile());
        assertEquals("m", parse(commandLine).about().memProfile());
    }

    @Test
    void atSignDoesNotReadFiles() throws Failure {
        assertEquals("@/etc/passwd", parse("-f @/etc/passwd").which().filter().toString());
        Failure e = assertThrows(Failure.class, () -> parse("@/etc/passwd"));
        assertTrue(
                e.getMessage().startsWith("'@/etc/passwd': psm takes only options"),
                e.getMessage());
    }

    @Test
    void lastOccurrenceOfOptionWins() throws Failure {
        assertEquals("csv", parse("-o json -o csv").looks().format());
        assertEquals("b", parse("-filter=a -f b").which().filter().toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--hosts a --system -o csv",
                "--hosts a --system --by host --sort swap -r -n 3",
                "--from a --from b --system --sort name -t"
            })
    void systemOfSeveralMachinesIsParsed(String commandLine) throws Failure {
        assertTrue(parse(commandLine).what().view().system());
    }

    @Test
    void usersOfOtherMachinesAreNotLookedUpHere() throws Failure {
        assertFalse(parse("--hosts a --user no-such-user").which().selection().isAll());
    }

    @Test
    void probePrintsItsScriptOrItsHelp() throws Failure {
        assertEquals(ProbeScript.TEXT, Arguments.probe("probe"));
        String help = Arguments.probe(Arguments.withHelpAsOption("help", "probe"));
        assertEquals(help, Arguments.probe("probe", "-h"));
        assertTrue(help.contains("psm probe | ssh HOST sudo sh > HOST.psm"), help);
        assertNull(Arguments.probe("oom"));
        Failure e = assertThrows(Failure.class, () -> Arguments.probe("probe", "-x"));
        assertEquals("'-x': no such option; psm probe --help lists the options", e.getMessage());
    }

    @Test
    void otherOptionsAreParsed() throws Failure {
        Options options = parse("-o json --source rollup --proc / -j 3 --timing --debug");
        assertEquals("json", options.looks().format());
        assertEquals(Source.ROLLUP, options.where().source());
        assertEquals("/", options.where().proc());
        assertEquals(3, options.where().workers());
        assertTrue(options.about().timing() && options.about().debug());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "-f ( | -f '(': not a regular expression: Unclosed group",
                "maps --map ( | --map '(': not a regular expression: Unclosed group",
                "-f \\ | -f '\\': not a regular expression: Unescaped trailing backslash",
                "--map x | --map: chooses mappings: psm maps --map REGEX",
                "oom --map=x | --map: chooses mappings: psm maps --map REGEX",
                "--fitler x | '--fitler': no such option; did you mean --filter?",
                "--FILTER=x | '--FILTER=x': no such option; did you mean --filter?",
                "--by-us | '--by-us': no such option; did you mean --by-user?",
                "-help | '-help': no such option; did you mean --help?",
                "-x | '-x': no such option; psm --help lists the options",
                "-tx | '-x': no such option; psm --help lists the options",
                "maps --max-cost=3 | --max-cost=3: psm maps has no such option; psm maps --help",
                "oom -x | '-x': no such option; psm oom --help lists the options",
                "oom --sort=pss | --sort=pss: psm oom has no such option; psm oom --help",
                "maps --from x | --from: psm maps has no such option; psm maps --help",
                "-n 1 probe | probe: comes first, and without psm's other options: psm probe",
                "probes | 'probes': psm takes only options; did you mean psm probe?",
                "-p 1 oom | oom: comes first, before the options: psm oom",
                "-p self --from x | -p self: self is this psm; give the pid of the one that"
                        + " wrote the snapshot",
                "-d -o snapshot | -d: chooses what a report shows, and a snapshot contains all of"
                        + " it",
                "-o snapshot --units k | --units: chooses what a report shows",
                "-o snapshot --si | --si: chooses what a report shows",
                "-o snapshot --bars | --bars: chooses what a report shows",
                "-o snapshot --no-header | --no-header: chooses what a report shows",
                "-o snapshot --csv-raw | --csv-raw: chooses what a report shows",
                "-o snapshot -u | -u: chooses what a report shows",
                "--no-commands -s | -s: shows command lines, which --no-commands leaves out; leave"
                        + " out one of them",
                "--no-commands --by user,command | --by command: shows command lines, which",
                "--no-commands --scripts | --scripts: takes names from command lines, which",
                "--no-commands --from x | --no-commands: is about reading /proc",
                "-o snapshot --by user | --by: chooses what a report shows",
                "-o snapshot --sort rss | --sort: chooses what a report shows",
                "-o snapshot -n 1 | -n: chooses what a report shows",
                "nginx | 'nginx': psm takes only options; to choose programs, use -f nginx",
                "--source proc | --source proc: no such source; there are auto, rollup, smaps",
                "-j 0 | -j 0: takes a number of threads from 1 to 256",
                "-j 257 | -j 257: takes a number",
                "-j -1 | -j -1: takes a number",
                "-j two | -j two: takes a number",
                "-j= | -j '': takes a number",
                "--timeout= | --timeout '': takes a number of seconds",
                "--source= | --source '': no such source; there are auto",
                "--proc /nowhere | --proc /nowhere: no such folder",
                "--heap --source rollup | --heap: smaps_rollup does not contain [heap]; leave out"
                        + " --source rollup",
                "-f | -f needs a value: REGEX",
                "-o | -o needs a value: FORMAT",
                "--from= | --from needs a value: FILE",
                "--from - --from - | --from -: standard input can be read once; name it once",
                "--host a | '--host': no such option; did you mean --hosts?",
                "--hosts= | --hosts '': has an empty name",
                "--hosts a,,b | --hosts a,,b: has an empty name; it takes names with commas",
                "--hosts a, b | 'b': a list has commas and no blanks",
                "--hosts -oProxyCommand=x | --hosts -oProxyCommand=x: takes no value that begins",
                "--hosts a --proc /proc | --proc: is about reading /proc of this machine; leave it"
                        + " out, or leave out --hosts",
                "--hosts a --system --by user | --system: has a row for each of several machines;"
                        + " leave out --by",
                "--from a --from b --system -u | --system: has a row for each of several machines",
                "--hosts a --system -c +rss | --system: of several machines has their parts as",
                "--hosts a --system --sort count | --system: of several machines is sorted by what",
                "--hosts a --system -f x | --system: accounts for the memory of all processes",
                "--hosts a -t -o csv | -t: csv contains only rows",
                "--system -o csv | --system: csv contains only rows",
                "--hosts a -p self | -p self: self is this psm; give the pid of a process there",
                "--hosts a -j 2 | -j: is about reading /proc of this machine",
                "--hosts a --source smaps | --source: is about reading /proc of this machine",
                "--hosts a --timeout 3 | --timeout: is about reading /proc of this machine",
                "--hosts a --mine | --mine: is about this machine's users; use --user NAME",
                "--hosts a --heap | --heap: a probe does not read it; leave it"
                        + " out, or run psm on that machine",
                "--hosts a -c +gpu | column gpu: a probe does not read it",
                "--hosts a -c +mappings | column mappings: a probe does not read it",
                "--hosts a --from x | --from: reads files, and --hosts asks machines; leave out"
                        + " one",
                "--hosts a --ssh s --via {} | --ssh: is not run with --via; leave out one of them",
                "--hosts a,b --via sh | --via sh: would ask the same machine for each name; write"
                        + " {} where the name belongs",
                "--hosts a --via {} | --via {}: begins with a program, and {} is an argument",
                "--hosts a --via= | --via '': names no program",
                "--hosts a --fanout 0 | --fanout 0: takes a number of machines from 1 to 256",
                "--hosts a --host-timeout x | --host-timeout x: takes a number of seconds",
                "--fanout 3 | --fanout: is about other machines; add --hosts LIST, or leave it out",
                "--host-timeout 3 | --host-timeout: is about other machines; add --hosts LIST",
                "--ssh ssh | --ssh: is about other machines; add --hosts LIST",
                "--via {} | --via: is about other machines; add --hosts LIST",
                "--to rec/000001.psmrec | --to rec/000001.psmrec: is a name of files of recordings,"
                        + " which this would replace; name another",
                "--to x.psmrec -o json | --to x.psmrec: is a name of files of recordings, which"
                        + " this would replace; name another",
                "--to rec/.lock | --to rec/.lock: is a name of files of recordings, which this"
                        + " would replace; name another",
                "--to - | --to -: is no file; leave it out to write to standard output, or name"
                        + " ./-",
                "--hosts a -o snapshot | -o snapshot: with --hosts, each machine has a file of its"
                        + " own; add --to DIR",
                "maps --hosts a | --hosts: psm maps reads mappings of this machine only; run it"
                        + " there: ssh HOST psm maps",
                "oom --to= | --to needs a value: FILE",
                "--at 26:00 | --at 26:00: is no time; it takes 10:05, '2h ago', 'yesterday 10:05'",
                "--at= | --at '': is no time",
                "-w 1 --since soon | --since soon: is no time",
                "--at 10:05 --since 9:00 | --at 10:05: is one moment; leave out --since",
                "--at 10:05 --until=now | --at 10:05: is one moment; leave out --until",
                "--at 10:05 -w 1 | --at 10:05: is one moment; leave out -w, or replay a recording"
                        + " with --since",
                "--at 10:05 --proc /proc | --proc: is about reading /proc; leave it out, or leave"
                        + " out --at",
                "--hosts a --at 10:05 | --at 10:05: is about a recording, and --hosts asks"
                        + " machines",
                "--hosts a -w 1 --since 1h | --since 1h: is about a recording, and --hosts asks",
                "--since 1h | --since 1h: a report is of one moment; use --at, add -w SECONDS to"
                        + " replay a recording, or use psm growth, psm diff or psm -o openmetrics",
                "oom --until 1h | --until 1h: a report is of one moment",
                "--since 1h -o snapshot | --since 1h: a snapshot is of one moment; use --at",
                "-w 1 --since 1h --until 2h | --until 2h: ",
                "-w 1 --from x | -w: files do not change; leave out --from, or replay a recording"
                        + " with --since TIME",
                "-w 0 | -w 0: takes a number of seconds",
                "maps --at 10:05 | --at: psm maps has no such option",
                "--memprofile= | --memprofile needs a value: FILE",
                "--proc= | --proc needs a value: DIR",
                "--heap=1 | --heap: takes no value",
                "-t=1 | -t: takes no value"
            })
    void errorsAreOneLineWithRemedy(String commandLine, String problem) {
        Failure e = assertThrows(Failure.class, () -> parse(commandLine));
        assertEquals(Failure.Exit.USAGE, e.exit);
        assertTrue(e.getMessage().startsWith(problem), e.getMessage());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "--by-title=off, '--by-title: this option is now --by exe, or -e'",
        "--by-title off, '--by-title: this option is now --by exe, or -e'",
        "--by-title on, '--by-title: this option is now --by exe, or -e'",
        "-o json --by-title off -d, '--by-title: this option is now --by exe, or -e'",
        "maps --by-title off, '--by-title: this option is now -e'",
        "oom --by-title=off, '--by-title: this option is now -e'",
        "--stats, --stats: this option is now --timing",
        "oom --stats, --stats: this option is now --timing",
        "--max-cost 10, --max-cost: this option is now --estimate-above MS",
        "--max-cost=10, --max-cost: this option is now --estimate-above MS",
        "maps --by-t off, --by-t: this option is now -e",
        "--Stat, --Stat: this option is now --timing",
        "--max=10, --max: this option is now --estimate-above MS"
    })
    void formerOptionsNameTheirReplacement(String commandLine, String problem) {
        Failure e = assertThrows(Failure.class, () -> parse(commandLine));
        assertEquals(Failure.Exit.USAGE, e.exit);
        assertEquals(problem, e.getMessage());
    }

    @Test
    void timesAreOfTheUsualRecordingUnlessAnotherIsNamed() throws Failure {
        Options.Where usual = parse("--at 2h").where();
        assertEquals(List.of("/var/log/psm"), usual.from());
        assertEquals("--at 2h", usual.period().at().asked());
        assertNull(usual.period().since());
        assertNull(usual.proc());
        Options replay = parse("-w 0 --from a --from b --since=2025-11-29T10:05Z --until now");
        assertEquals(List.of("a", "b"), replay.where().from());
        assertEquals(Instant.parse("2025-11-29T10:05:00Z"), replay.where().period().since().time());
        assertEquals(1, replay.looks().watchNanos());
        assertNull(parse("--from a").where().period());
    }

    @Test
    void helpFits80ColumnsAndEndsWithExamples() throws Failure {
        String help = parse("--help").text();
        String[] lines = help.split("\n", -1);
        for (String line : lines) {
            assertTrue(line.length() <= 80, line);
        }
        int examples = java.util.Arrays.asList(lines).indexOf("Examples:");
        assertEquals(lines.length - 8, examples); // six lines, and what follows the last newline
        assertFalse(help.contains("-filter,"), "Go's spellings are not advertised");
    }

    @Test
    void helpNamesEveryOption() throws Failure {
        for (String option :
                new String[] {
                    "-f, --filter",
                    "--heap",
                    "-o, --output",
                    "--source",
                    "--proc",
                    "-j, --workers",
                    "--timing",
                    "--cpuprofile",
                    "--memprofile",
                    "--debug",
                    "-h, --help",
                    "-V, --version"
                }) {
            assertTrue(parse("--help").text().contains(" " + option), option);
        }
    }
}
