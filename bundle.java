///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Assembles psm.java from lib/psm and exporters/psm
//JAVA 17+

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Assembles {@code psm.java}, the one file that people run and pipe, from {@code lib/psm/Main.java}
 * and the files that the globs of its {@code //SOURCES} match. Main's other directives come first,
 * then the imports of what is not psm's own, then the types as they are in their files, all in the
 * package {@code psm} and none of them public: javac allows a public type only in a file of its own
 * name. So no two types may have one simple name.
 *
 * <p>{@code java bundle.java} writes the file; {@code java bundle.java --check} writes nothing, and
 * fails where the file is not what would be written. Both run in the checkout's root, with the JDK
 * alone.
 */
class bundle {
    private static final Path MAIN = Path.of("lib/psm/Main.java");
    private static final List<Path> FOLDERS = List.of(Path.of("lib/psm"), Path.of("exporters/psm"));
    private static final String OWN_PACKAGES = "psm.";
    private static final Path BUNDLE = Path.of("psm.java");
    private static final String SOURCES = "//SOURCES ";

    /**
     * Limits the heap of javac for psm.java: with more, a first run takes more memory; with less,
     * javac takes longer or fails. The tests compile with Main's directives, and need more.
     */
    private static final String COMPILER_HEAP = "//COMPILE_OPTIONS -J-Xmx76m";

    private static final Pattern TOP_LEVEL_PUBLIC =
            Pattern.compile("^public (?=([a-z-]+ )*(class|record|enum|interface) )");

    private final List<String> directives = new ArrayList<>();
    private final TreeSet<String> imports = new TreeSet<>();
    private final StringBuilder types = new StringBuilder();

    public static void main(String[] args) throws IOException {
        boolean check = args.length == 1 && args[0].equals("--check");
        if (args.length > 0 && !check) {
            fail("'" + String.join(" ", args) + "': takes --check or nothing", 2);
        }
        if (!Files.exists(MAIN)) {
            fail(
                    "there is no " + MAIN + " here; run it in the folder that contains bundle.java",
                    2);
        }
        String text = new bundle().assemble();
        if (!check) {
            Files.writeString(BUNDLE, text);
        } else if (!Files.exists(BUNDLE) || !Files.readString(BUNDLE).equals(text)) {
            fail(BUNDLE + " is stale; java bundle.java assembles it anew", 1);
        }
    }

    private static void fail(String problem, int exitCode) {
        System.err.println("bundle.java: " + problem);
        System.exit(exitCode);
    }

    private String assemble() throws IOException {
        List<Path> files = listedFiles();
        mustHoldAll(files);
        mustHaveUniqueNames(files);
        for (Path file : files) {
            add(file);
        }
        return String.join("\n", directives)
                + "\n\n"
                + "// Assembled by bundle.java from lib/psm and exporters/psm: change those, not"
                + " this.\n\n"
                + "package psm;\n\n"
                + String.join("\n", imports)
                + "\n"
                + types;
    }

    private static List<Path> listedFiles() throws IOException {
        List<Path> files = new ArrayList<>();
        files.add(MAIN);
        for (String line : Files.readAllLines(MAIN)) {
            if (line.startsWith(SOURCES)) {
                String glob = line.substring(SOURCES.length());
                Path folder = MAIN.resolveSibling(glob).normalize().getParent();
                try (DirectoryStream<Path> matches =
                        Files.newDirectoryStream(folder, Path.of(glob).getFileName().toString())) {
                    List<Path> found = new ArrayList<>();
                    matches.forEach(found::add);
                    found.sort(null);
                    files.addAll(found);
                }
            }
        }
        return files;
    }

    private static void mustHoldAll(List<Path> files) throws IOException {
        for (Path folder : FOLDERS) {
            try (Stream<Path> tree = Files.walk(folder)) {
                for (Path file : tree.filter(Files::isRegularFile).sorted().toList()) {
                    if (!files.contains(file)) {
                        fail(file + " is missing in the " + SOURCES.trim() + " of " + MAIN, 1);
                    }
                }
            }
        }
    }

    private static void mustHaveUniqueNames(List<Path> files) {
        Map<Path, Path> byName = new HashMap<>();
        for (Path file : files) {
            Path other = byName.put(file.getFileName(), file);
            if (other != null) {
                fail(file + " has the same name as " + other + "; psm.java has one package", 1);
            }
        }
    }

    /**
     * Refuses what is not ASCII: psm.java is compiled in the locale of another machine, and without
     * a locale javac takes ASCII alone.
     */
    private static void mustBeAscii(Path file, String line) {
        if (!line.chars().allMatch(c -> c < 0x80)) {
            fail(file + " has a character that is not ASCII: " + line.strip(), 1);
        }
    }

    private void add(Path file) throws IOException {
        types.append("\n// ").append(file).append("\n\n");
        boolean inHead = true;
        for (String line : Files.readAllLines(file)) {
            mustBeAscii(file, line);
            inHead = inHead && isHead(line);
            if (!inHead) {
                types.append(TOP_LEVEL_PUBLIC.matcher(line).replaceFirst("")).append('\n');
            } else if (line.startsWith("import ")) {
                addImport(file, line);
            } else if (file.equals(MAIN) && line.startsWith("//") && !line.startsWith(SOURCES)) {
                directives.add(line);
                if (line.startsWith("//COMPILE_OPTIONS -J")) {
                    directives.add(COMPILER_HEAP);
                }
            }
        }
    }

    /** Adds an import of what is not psm's own; the types of psm are in one package here. */
    private void addImport(Path file, String line) {
        if (line.startsWith("import static " + OWN_PACKAGES)) {
            fail(file + " has a static import of psm's own: " + line + " import the type", 1);
        }
        if (!line.startsWith("import " + OWN_PACKAGES)) {
            imports.add(line);
        }
    }

    /**
     * Returns whether a line stands before the type: a directive, package, import or blank line.
     */
    private static boolean isHead(String line) {
        return line.isEmpty()
                || line.startsWith("//")
                || line.startsWith("package ")
                || line.startsWith("import ");
    }
}
