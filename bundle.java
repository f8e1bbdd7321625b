///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Assembles psm.java from lib/psm and exporters/psm
//JAVA 17+

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Assembles {@code psm.java}, the one file that people run and pipe, from {@code lib/psm/Main.java}
 * and the files that its {@code //SOURCES} list. Main's other directives come first, then all
 * imports, then the types as they are in their files, but not public: javac allows a public one
 * only in a file of its own name.
 *
 * <p>{@code java bundle.java} writes the file; {@code java bundle.java --check} writes nothing, and
 * fails where the file is not what would be written. Both run in the checkout's root, with the JDK
 * alone.
 */
class bundle {
    private static final Path MAIN = Path.of("lib/psm/Main.java");
    private static final List<Path> FOLDERS = List.of(Path.of("lib/psm"), Path.of("exporters/psm"));
    private static final Path BUNDLE = Path.of("psm.java");
    private static final String SOURCES = "//SOURCES ";

    private final List<String> directives = new ArrayList<>();
    private final TreeSet<String> imports = new TreeSet<>();
    private final StringBuilder types = new StringBuilder();

    public static void main(String[] args) throws IOException {
        boolean check = args.length == 1 && args[0].equals("--check");
        if (args.length > 0 && !check) {
            fail("'" + String.join(" ", args) + "': takes --check or nothing", 2);
        }
        if (!Files.exists(MAIN)) {
            fail("there is no " + MAIN + " here; run it in the folder that bundle.java lies in", 2);
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
                files.add(MAIN.resolveSibling(line.substring(SOURCES.length())).normalize());
            }
        }
        return files;
    }

    private static void mustHoldAll(List<Path> files) throws IOException {
        for (Path folder : FOLDERS) {
            try (Stream<Path> list = Files.list(folder)) {
                for (Path file : list.sorted().toList()) {
                    if (!files.contains(file)) {
                        fail(file + " is missing in the " + SOURCES.trim() + " of " + MAIN, 1);
                    }
                }
            }
        }
    }

    /**
     * psm.java is compiled in whatever locale the other box has: without one, javac takes ASCII
     * alone.
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
                types.append(line.replaceFirst("^public (?=.*\\{)", "")).append('\n');
            } else if (line.startsWith("import ")) {
                imports.add(line);
            } else if (file.equals(MAIN) && line.startsWith("//") && !line.startsWith(SOURCES)) {
                directives.add(line);
            }
        }
    }

    /** Before a file's type there are directives, its package, imports and blank lines. */
    private static boolean isHead(String line) {
        return line.isEmpty()
                || line.startsWith("//")
                || line.startsWith("package ")
                || line.startsWith("import ");
    }
}
