package psm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Holds psm's sources to their order: a room uses the rooms before it in {@link #ROOMS} and no
 * other. So no arrow points up, and there is no circle.
 */
class ArrowsTest {
    /** The rooms from the bottom up: each is a package and a folder. */
    private static final List<String> ROOMS =
            List.of(
                    "psm.text", // strings, sizes, failures and what is missing
                    "psm.trust", // what root may run, copy and write
                    "psm.smaps", // bytes of smaps to sums and mappings
                    "psm.proc", // the files of /proc and of the host
                    "psm.cgroup", // control groups, systemd units, containers
                    "psm.name", // what a process is called
                    "psm.scan", // all processes at one time
                    "psm.snapshot", // the file that contains a scan
                    "psm.probe", // what other machines print
                    "psm.delta", // a sample as the difference to another
                    "psm.record", // samples over time, in files
                    "psm.system", // where all of the host's memory is
                    "psm.report", // tables of what was scanned
                    "psm.oom", // who dies next
                    "psm.trend", // how sizes change over time
                    "psm.growth", // what grows, how fast, and when it is full
                    "psm.diff", // what changed between two snapshots
                    "psm.picture", // what is drawn of a report, and how its figures are made
                    "psm.fleet", // reports of several machines
                    "psm.collect", // a scan for users without the right to one
                    "psm.cell", // figures, times and names as people read them
                    "psm.metrics", // a report as metrics of Prometheus
                    "psm.svg", // pictures of a report
                    "psm.html", // a report as a page
                    "psm.format", // one exporter a file
                    "psm.terminal", // windows, keys and standard output
                    "psm.remote", // other machines, asked by ssh
                    "psm.cli", // the command line
                    "psm.command", // what the command line asks for, and remarks
                    "psm.service", // what systemd runs
                    "psm.install"); // what psm install writes and psm doctor checks

    /** The package of the doors, which use every room; no room uses them. */
    private static final String DOORS = "psm";

    /** What plugins see, in the package of the doors; every room uses it. */
    private static final String PLUGINS = "psm.Psm";

    private static final Pattern IMPORT =
            Pattern.compile(
                    "^import (?:static )?((psm(?:[.][a-z]+)*)[.][A-Z]\\w*)", Pattern.MULTILINE);

    private static final Pattern PACKAGE =
            Pattern.compile("^package ([\\w.]+);", Pattern.MULTILINE);

    /** Returns one line for each import that points up or to a door. */
    private static List<String> arrowsUp(String source) {
        List<String> arrows = new ArrayList<>();
        String room = packageOf(source);
        Matcher imported = IMPORT.matcher(source);
        while (imported.find()) {
            String target = imported.group(2);
            boolean isUp =
                    target.equals(DOORS)
                            ? !imported.group(1).equals(PLUGINS)
                            : ROOMS.indexOf(target) >= ROOMS.indexOf(room);
            if (isUp && !room.equals(DOORS)) {
                arrows.add(room + " uses " + imported.group(1));
            }
        }
        return arrows;
    }

    private static String packageOf(String source) {
        Matcher found = PACKAGE.matcher(source);
        assertTrue(found.find(), "each source has a package");
        return found.group(1);
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String folder : new String[] {"lib", "exporters"}) {
            try (Stream<Path> files = Files.walk(Command.root().resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        return sources;
    }

    @Test
    void noArrowPointsUp() throws IOException {
        List<String> arrows = new ArrayList<>();
        for (Path source : sources()) {
            arrows.addAll(arrowsUp(Files.readString(source)));
        }
        assertEquals(List.of(), arrows);
    }

    @Test
    void roomsAreListedAndNotEmpty() throws IOException {
        Set<String> packages = new TreeSet<>();
        for (Path source : sources()) {
            packages.add(packageOf(Files.readString(source)));
        }
        Set<String> listed = new TreeSet<>(ROOMS);
        listed.add(DOORS);
        assertEquals(listed, packages);
    }

    @Test
    void documentsNameEachRoom() throws IOException {
        List<String> rooms = ROOMS.stream().map(room -> room.substring("psm.".length())).toList();
        assertEquals(rooms, named("CONTRIBUTING.md", "^[|] `([a-z]+)` [|]"));
        List<String> ofReadme = new ArrayList<>(rooms);
        ofReadme.removeAll(
                List.of(
                        "cell", "metrics", "svg", "html",
                        "format")); // in a row of their own, not in lib
        assertEquals(ofReadme, named("README.md", "`([a-z]+)`(?=[^|]*; `Main` connects)"));
    }

    private static List<String> named(String file, String pattern) throws IOException {
        String text = Files.readString(Command.root().resolve(file));
        return Pattern.compile(pattern, Pattern.MULTILINE)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    @Test
    void theInterfaceOfPluginsUsesNothing() throws IOException {
        String source = Files.readString(Command.root().resolve("lib/psm/Psm.java"));
        assertTrue(!IMPORT.matcher(source).find(), source);
    }

    @Test
    void anArrowUpIsFound() {
        String source = "package psm.scan;\n\nimport psm.Psm;\nimport psm.proc.ProcFs;\n";
        assertEquals(List.of(), arrowsUp(source));
        assertEquals(
                List.of("psm.scan uses psm.report.View", "psm.scan uses psm.Main"),
                arrowsUp(source + "import psm.report.View;\nimport psm.Main;\n"));
    }

    @Test
    void noRoomNamesAnothersTypeInFull() throws IOException {
        Pattern qualified = Pattern.compile("[^.\\w\"]psm[.][a-z]+[.][A-Z]");
        for (Path source : sources()) {
            for (String line : Files.readAllLines(source)) {
                boolean isHead = line.startsWith("import ") || line.startsWith("//");
                assertTrue(isHead || !qualified.matcher(line).find(), source + ": " + line);
            }
        }
    }
}
