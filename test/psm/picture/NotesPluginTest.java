package psm.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.format.PluginJar;
import psm.support.Command;
import psm.support.Fixtures;
import psm.support.MadeUpHost;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Plugins that show notes get them with each report. */
@Tag("endtoend")
@Tag("jdk")
class NotesPluginTest {
    private static final String PROC = Fixtures.CONTAINERS.toString();

    private static final String HEAD =
            """
            package com.example;

            import psm.Psm;
            import java.io.IOException;
            import java.io.PrintStream;

            public class Plugin implements Psm.Exporter {
                @Override
                public String name() {
                    return "plugin";
                }

            """;

    private static final String NOTES =
            HEAD
                    + """
                        @Override
                        public boolean showsNotes() {
                            return true;
                        }

                        @Override
                        public void export(Psm.Report report, Psm.Output output) throws IOException {
                            PrintStream out = new PrintStream(output.stream(), true, "UTF-8");
                            out.println("title " + report.notes().title());
                            for (String remark : report.notes().remarks()) {
                                out.println("remark " + remark);
                            }
                            out.println("explained " + report.notes().explanations().keySet());
                            for (Psm.Picture picture : report.notes().pictures()) {
                                out.println(picture.getClass().getSimpleName() + ' ' + picture.title());
                                if (picture instanceof Psm.Treemap treemap) {
                                    print(treemap.host() + " ", treemap.whole(), out);
                                } else if (!(picture instanceof Psm.Curves)) {
                                    out.println(picture);
                                }
                            }
                            out.flush();
                        }

                        private static void print(String indent, Psm.Area area, PrintStream out) {
                            out.println(indent + area.kind() + ": " + area.name());
                            for (Psm.Area part : area.parts()) {
                                print(indent + "  ", part, out);
                            }
                        }
                    }
                    """;

    @TempDir static Path temp;

    private static Path notes;

    @BeforeAll
    static void compile() throws IOException {
        notes = jar("notes", NOTES, Command.root().resolve("lib/psm/Psm.java"));
    }

    private static Path jar(String name, String source, Path api) throws IOException {
        return PluginJar.jar(temp, name, source, api);
    }

    private static Command.Result run(Path jar, String... args) {
        Command psm = Command.psm(args).append(List.of("-o", "plugin"));
        return psm.after(List.of(jar)).run();
    }

    private static String shown(String... args) {
        Command.Result result = run(notes, args);
        assertEquals(0, result.exitCode(), result.err());
        Set<String> printed = new TreeSet<>();
        result.err().lines().forEach(line -> printed.add(line.replaceFirst("psm: ", "remark ")));
        Set<String> remarks = new TreeSet<>();
        result.out().lines().filter(line -> line.startsWith("remark ")).forEach(remarks::add);
        assertEquals(printed, remarks, "standard error has the same remarks");
        return result.out();
    }

    private static void assertShows(String shown, String... lines) {
        for (String line : lines) {
            assertTrue(("\n" + shown).contains("\n" + line), line + " is not in\n" + shown);
        }
    }

    @Test
    void processesHaveATitleAndNoPicture() {
        String shown = shown("--proc", PROC, "--by", "user,program");
        assertShows(shown, "title Memory by user and program on ");
        assertTrue(shown.contains("pss_bytes"), shown);
        assertFalse(shown.contains("Treemap"), shown);
    }

    /** Who gets the page does not know what was asked for. */
    @Test
    void titleSaysWhatIsChosen() {
        String host = Fixtures.HOST.toString();
        assertShows(
                shown("--proc", host, "--user", "!root,1", "-f", "py|x"),
                "title Memory by program on box1, not user root or 1, only names with py|x\n");
        assertShows(
                shown("--proc", host, "-p", "1,2,3,4,5", "-q"),
                "title Memory by program on box1, only process 1 or 2 or 3 or 2 others\n");
        assertShows(
                shown("maps", "--proc", host, "-f", "lib"),
                "title Memory by mapping on box1, only names with lib\n");
        String oom = shown("oom", "--proc", host, "-f", "py");
        assertTrue(oom.contains(" on box1, only names with py\n"), oom);
    }

    @Test
    void remarksAreOnThePageToo() {
        String shown = shown("--proc", PROC, "-f", "no-such-program");
        assertShows(shown, "remark no program matches -f no-such-program");
        assertFalse(shown("--proc", PROC, "-q", "-f", "no-such").contains("remark"));
    }

    @Test
    void memoryOfTheSystemIsATreemap() {
        for (String by : List.of("program", "user", "pid")) {
            assertShows(
                    shown("--proc", PROC, "--system", "--by", by, "-n", "1"),
                    "title Where the memory is on ",
                    "Treemap Where the RAM is",
                    "null memory: MemTotal",
                    "null   memory: processes",
                    "null     unit: ",
                    "null       program: ",
                    "null         process: pid ");
        }
    }

    @Test
    void eachMachineHasATreemap() throws IOException {
        Path folder = Files.createDirectories(temp.resolve("machines"));
        for (String name : List.of("a", "b")) {
            Command.psm("--proc", PROC, "-o", "snapshot", "--to", folder.resolve(name).toString())
                    .run();
        }
        String shown =
                shown(
                        "--from",
                        folder + "/a",
                        "--from",
                        folder + "/b",
                        "--system",
                        "--sort",
                        "name");
        assertEquals(2, shown.split("Treemap Where the RAM is", -1).length - 1, shown);
        assertTrue(shown.contains("box2     unit: "), shown);
    }

    @Test
    void mappingsAreATreemap() {
        for (String by : List.of("name", "kind")) {
            String host = Fixtures.HOST.toString();
            assertShows(
                    by.equals("kind")
                            ? shown("maps", "--proc", host, "--by", by)
                            : shown("maps", "--proc", host),
                    "Treemap What the RAM of these processes is",
                    "null   kind: heap",
                    "null     mapping: /usr/lib/");
        }
    }

    @Test
    void deathsArePoints() throws IOException {
        new MadeUpHost(temp.resolve("oom")).process(5, 10, 0, 700, "0::/");
        String shown = shown("oom", "--proc", temp.resolve("oom/proc").toString());
        assertShows(
                shown,
                "title What the OOM killer would end first",
                "Points What an end would free",
                "Points[title=What an end would free, name=0, across=2, up=6]");
    }

    @Test
    void changesAreBars() {
        Path snapshot = temp.resolve("before.psm");
        Command.psm("--proc", PROC, "-o", "snapshot", "--to", snapshot.toString()).run();
        Path other = temp.resolve("after.psm");
        Command.psm("--proc", PROC, "-o", "snapshot", "--to", other.toString()).run();
        String shown = shown("diff", snapshot.toString(), other.toString(), "--by", "unit,program");
        assertShows(
                shown,
                "title What changed on ",
                "Bars[title=What grew and what shrank, name=0, before=6, after=7, change=8,"
                        + " countBefore=2, countAfter=3]");
    }

    @Test
    void twoMachinesAreNamedInTheTitle() {
        Path snapshot = temp.resolve("host.psm");
        Command.psm("--proc", PROC, "-o", "snapshot", "--to", snapshot.toString()).run();
        Path other = temp.resolve("other.psm");
        String host = Fixtures.HOST.toString();
        Command.psm("--proc", host, "-o", "snapshot", "--to", other.toString()).run();
        String shown = shown("diff", snapshot.toString(), other.toString());
        assertShows(shown, "title What changed from box2 to box1");
    }

    /** Without scores nothing can be drawn against them. */
    @Test
    void unscoredProcessesAreNoPoints() {
        assertFalse(shown("oom", "--proc", Fixtures.HOST.toString()).contains("Points"));
    }

    /** A folder may contain files that are no snapshots. */
    @Test
    void remarksAboutFilesAreOnThePageToo() throws IOException {
        Path folder = Files.createDirectories(temp.resolve("mixed"));
        for (String name : List.of("a.psm", "b.psm")) {
            Command.psm("--proc", PROC, "-o", "snapshot", "--to", folder.resolve(name).toString())
                    .run();
        }
        Files.writeString(folder.resolve("notes.txt"), "hello");
        assertTrue(shown("--from", folder.toString()).contains("remark "));
    }

    @Test
    void failureBeforeTheReportIsReported() throws IOException {
        String broken = NOTES.replace("return true;", "throw new AssertionError(\"no idea\");");
        Path jar = jar("broken", broken, Command.root().resolve("lib/psm/Psm.java"));
        Command.Result result = run(jar, "--proc", PROC);
        assertEquals(1, result.exitCode());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().contains("com.example.Plugin in broken.jar"), result.err());
        assertTrue(result.err().contains("no idea"), result.err());
    }

    // The page, of which a file contains one

    @Test
    void eachRoundReplacesThePage() {
        Path page = temp.resolve("memory.html");
        Command.Result result =
                Command.psm("--proc", PROC, "-o", "html", "-w", "0.1", "--count", "2")
                        .append(List.of("--to", page.toString()))
                        .run();
        assertEquals(new Command.Result(0, "", ""), result);
        String written = read(page);
        assertEquals(1, written.split("<!DOCTYPE html>", -1).length - 1, written);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void severalPagesInOneOutputAreRefused() {
        Command.Result result = Command.psm("--proc", PROC, "-o", "html", "-w", "1").run();
        String problem =
                "psm: -w: each report is a page of its own; add --to memory.html, which each of"
                        + " them replaces\n";
        assertEquals(new Command.Result(2, "", problem), result);
    }

    @Test
    void aTerminalShowsNoPage() {
        assumeTrue(Command.exists("script"), "there is no script(1) to make a terminal");
        StringBuilder line = new StringBuilder();
        for (String word : Command.psm("--proc", PROC, "-o", "html").words()) {
            line.append('\'').append(word).append("' ");
        }
        Command.Result result = Command.of("script", "-qec", line.toString(), "/dev/null").run();
        assertEquals(2, result.exitCode(), result.out());
        assertEquals(
                "psm: -o html: is a page, which no terminal shows; write it to a file: psm -o html"
                        + " > memory.html, or add --to memory.html\r\n",
                result.out());
    }
}
