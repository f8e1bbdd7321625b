package psm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.report.Figure;
import psm.report.View;
import psm.text.Failure;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

class HintsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "-u www-data | 'www-data': -u takes no value; did you mean --user www-data?",
                "-s rss | 'rss': -s takes no value; did you mean --sort rss?",
                "-s RAM | 'RAM': -s takes no value; did you mean --sort RAM?",
                "-s app | 'app': -s takes no value; to choose programs, use -f app",
                "-d 42 | '42': -d takes no value; did you mean --pid 42?",
                "-d 4,2 -r | '4,2': -d takes no value; did you mean --pid 4,2?",
                "-e nginx | 'nginx': -e takes no value; to choose programs, use -f nginx",
                "oom -e java | 'java': -e takes no value; to choose programs, use -f java",
                "-t csv | 'csv': -t takes no value; did you mean -o csv?",
                "json | 'json': psm takes only options; did you mean -o json?",
                "-f nginx apache | \"'apache': psm takes only options; to choose several programs,"
                        + " use -f 'nginx|apache'\"",
                "-k | '-k': no such option; did you mean --units k?",
                "--human | '--human': no such option; did you mean --units auto?",
                "nginx | 'nginx': psm takes only options; to choose programs, use -f nginx",
                "aux | 'aux': psm takes only options; to choose programs, use -f aux",
                "maps nginx | 'nginx': psm maps takes only options; to choose programs, use -f"
                        + " nginx",
                "maps help | 'help': did you mean psm maps --help?",
                "-u help | 'help': did you mean psm --help?",
                "version | 'version': did you mean psm --version?",
                "instal | 'instal': psm takes only options; did you mean psm install? to choose"
                        + " programs, use -f instal",
                "unistall | 'unistall': psm takes only options; did you mean psm uninstall? to"
                        + " choose programs, use -f unistall",
                "map -r | 'map': psm takes only options; did you mean psm maps? to choose"
                        + " programs, use -f map",
                "docter | 'docter': psm takes only options; did you mean psm doctor? to choose"
                        + " programs, use -f docter",
                "hlep | 'hlep': psm takes only options; did you mean psm help? to choose"
                        + " programs, use -f hlep",
                "-r maps | maps: comes first, before the options: psm maps",
                "-5 | '-5': no such option; did you mean -n 5?",
                "\u2014help | '\u2014help': begins with a long dash; type -- or -",
                "\u2013f x | '\u2013f': begins with a long dash; type -- or -",
                "-c pss, uss | 'uss': a list has commas and no blanks: -c pss,uss",
                "-c pss ,uss | ',uss': a list has commas and no blanks: -c pss,uss",
                "--columns=pss, uss, swap | 'uss,': a list has commas and no blanks: --columns"
                        + " pss,uss,swap",
                "--by user, program | 'program': a list has commas and no blanks: --by"
                        + " user,program",
                "--hosts web1 web2 | 'web2': a list has commas and no blanks: --hosts web1,web2",
                "-p 1 2 3 | '2': a list has commas and no blanks: -p 1,2,3",
                "--children-of 1 2 | '2': a list has commas and no blanks: --children-of 1,2",
                "--json | '--json': no such option; did you mean -o json?",
                "--csv | '--csv': no such option; did you mean -o csv?",
                "--swap | '--swap': no such option; did you mean --sort swap, or -c +swap?",
                "--group | '--group': no such option; did you mean --by group?",
                "--unit-x | '--unit-x': no such option; did you mean --unit?",
                "--limit 5 | '--limit': no such option; did you mean -n 5?",
                "--top=3 | '--top=3': no such option; did you mean -n 3?",
                "--top | '--top': no such option; did you mean -n 10?",
                "--delay=2 | '--delay=2': no such option; did you mean -w 2?",
                "--interval 2 | '--interval': no such option; did you mean -w 2?",
                "--no-color | '--no-color': no such option; did you mean NO_COLOR=1 psm?",
                "--sort=-rss | --sort -rss: takes no value that begins with a dash; to reverse the"
                        + " order, use -r",
                "--sort -rss | --sort -rss: takes no value that begins with a dash; to reverse the"
                        + " order, use -r",
                "--min -5m | --min -5m: takes a size, such as 10M or 1.5G",
                "--sort | --sort needs a value: COLUMN",
                "--sort -r | --sort needs a value: COLUMN",
                "-n | -n needs a value: N",
                "-n -5 | -n -5: takes a number of rows from 1 to 1000000",
                "-w 5s | -w 5s: takes a number of seconds, such as 0.5; from 0.1 seconds to a day",
                "--count 3 | --count 3: counts the reports of -w; add -w SECONDS",
                "-w 1 --count 0 | --count 0: takes a number of reports from 1 to 1000000",
                "-w 1 --count x | --count x: takes a number of reports from 1 to 1000000",
                "--total=5 | --total: takes no value",
                "-p bash | -p bash: takes pids, such as 42,4711, or self"
            })
    void wrongInputGetsOneLine(String commandLine, String line) {
        Failure e = assertThrows(Failure.class, () -> Arguments.parse(commandLine.split(" ", -1)));
        assertEquals(line, e.getMessage());
        assertEquals(Failure.Exit.USAGE, e.exit);
    }

    @Test
    void columnsHaveTheNamesOfTheirTitlesToo() throws Failure {
        List<Figure> figures = new ArrayList<>();
        Options options = Arguments.parse("-c", "ram,Private,SWAPPED,ram+swap,priv%,swap");
        for (View.Shown shown : options.what().view().columns()) {
            figures.add(shown.figure());
        }
        assertEquals(
                List.of(
                        Figure.PSS,
                        Figure.USS,
                        Figure.RAM_AND_SWAP,
                        Figure.USS_PERCENT,
                        Figure.SWAP),
                figures);
        assertEquals(Figure.USS, Arguments.parse("--sort", "private").what().view().sort());
    }

    @Test
    void pidsMayBeAsPgrepPrintsThem() throws Failure {
        Options options = Arguments.parse("-p", "1\n22 , 3\n");
        assertEquals(Set.of("1", "22", "3"), options.which().selection().rules().get(0).wanted());
    }
}
