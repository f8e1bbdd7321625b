package psm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.report.Grouping;
import psm.text.Failure;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

class GrowthArgumentsTest {
    private static Options parse(String... args) throws Failure {
        return Arguments.parse(args);
    }

    @Test
    void samplesAreASixtiethOfTheTimeApart() throws Failure {
        Options options = parse("growth", "--for", "5m");
        assertEquals(TimeUnit.MINUTES.toNanos(5), options.window().nanos());
        assertEquals(TimeUnit.SECONDS.toNanos(5), options.window().intervalNanos());
        assertNull(options.window().within());
        assertTrue(options.isOfProc());
        assertEquals(
                TimeUnit.SECONDS.toNanos(1),
                parse("growth", "--for", "30s").window().intervalNanos());
        assertEquals(
                TimeUnit.MILLISECONDS.toNanos(200),
                parse("growth", "--for", "30s", "-i", "0.2").window().intervalNanos());
    }

    @Test
    void titlesDoNotNameItsPrograms() throws Failure {
        Options options = parse("growth", "--for", "5m");
        assertTrue(options.what().byExecutable());
        assertTrue(options.what().scripts());
        assertEquals(List.of(Grouping.PROGRAM), options.what().view().by());
        assertEquals(
                List.of(Grouping.PID), parse("growth", "--for", "1m", "-d").what().view().by());
    }

    @Test
    void theUsualRecordingIsRead() throws Failure {
        assertEquals(List.of(Options.RECORDINGS), parse("growth").where().from());
        assertEquals(List.of(Options.RECORDINGS), parse("growth", "--since", "6h").where().from());
        assertEquals(List.of("x"), parse("growth", "--from", "x").where().from());
    }

    @Test
    void ofOtherMachinesNoneHereIsRead() throws Failure {
        Options options = parse("growth", "--hosts", "a[1-3]", "--since", "6h", "--until", "2h");
        assertEquals(List.of(), options.where().from());
        assertEquals(3, options.hosts().names().size());
        assertTrue(options.where().period().since().time().isBefore(Instant.now()));
    }

    @Test
    void soonIsADayUnlessItIsNamed() throws Failure {
        assertEquals(Duration.ofDays(1), parse("growth", "--strict").window().within());
        assertEquals(
                Duration.ofHours(3),
                parse("growth", "--strict", "--within", "3h").window().within());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "growth --for | --for needs a value: TIME",
                "growth --for 5 | --for 5: takes a time of at most 30 days, such as 30s, 5m, 2h or"
                        + " 3d",
                "growth --for 0s | --for 0s: takes a time of at most 30 days, such as 30s, 5m, 2h"
                        + " or 3d",
                "growth --for 31d | --for 31d: takes a time of at most 30 days, such as 30s, 5m, 2h"
                        + " or 3d",
                "growth -i 1 | -i 1: has no effect alone; add --for TIME, such as --for 5m",
                "growth --for 5s -i 10 | --for 5s: is shorter than the time from one sample to the"
                        + " next, 10 s; use a longer time, or a shorter -i",
                "growth --for 5s -i 0.01 | -i 0.01: takes a number of seconds, such as 0.5; from"
                        + " 0.1 seconds to a day",
                "growth --within 3h | --within 3h: has no effect alone; add --strict",
                "growth --for 5s --since 3h | --for: is about reading /proc; leave it out, or leave"
                        + " out --since",
                "growth --for 5s --from x | --for: is about reading /proc; leave it out, or leave"
                        + " out --from",
                "growth --hosts a --for 5m | --for: measures here, and --hosts asks for recordings;"
                        + " leave it out, or measure there: ssh HOST psm growth --for 5m",
                "growth --hosts a,b[1-3] --for 2h -i 9 | --for: measures here, and --hosts asks for"
                        + " recordings; leave it out, or measure there: ssh HOST psm growth --for"
                        + " 5m",
                "growth --hosts a --from x | --from: reads files, and --hosts asks machines; leave"
                        + " out one of them",
                "growth --fanout 3 | --fanout: is about other machines; add --hosts LIST, or leave"
                        + " it out",
                "diff --hosts a --since 3h | --hosts: psm diff has no such option; psm diff --help"
                        + " lists the options",
                "growth --for 5s --by tree | --by tree: psm growth has no tree; use --by parent or"
                        + " pid",
                "growth --for 5s -o snapshot | growth: -o snapshot works without a command only;"
                        + " leave out one of them",
                "growth -w 3 | -w: psm growth has no such option; psm growth --help lists the"
                        + " options",
                "--for 5m | --for: belongs to psm growth: psm growth --for TIME",
                "growht | 'growht': psm takes only options; did you mean psm growth? to choose"
                        + " programs, use -f growht",
                "-n 5 growth | growth: comes first, before the options: psm growth"
            })
    void wrongInputGetsOneLine(String commandLine, String line) {
        Failure e = assertThrows(Failure.class, () -> Arguments.parse(commandLine.split(" ", -1)));
        assertEquals(line, e.getMessage());
        assertEquals(Failure.Exit.USAGE, e.exit);
    }
}
