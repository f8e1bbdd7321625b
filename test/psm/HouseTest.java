package psm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Holds psm's own sources to the sizes and the words that CONTRIBUTING.md describes. */
class HouseTest {
    private static final int MAX_METHOD_LINES = 40;
    private static final int MAX_COMPONENTS = 9;
    private static final int MAX_FILES = 20;

    /** Words for which plain English has another one, and the usual words for what they mean. */
    private static final Map<String, String> OTHER_WORDS =
            Map.of(
                    "told|tells", "reported, shows, prints",
                    "box|boxes", "machine, host",
                    "mend|mends|mended", "fix",
                    "whoever|somebody", "the user, the caller",
                    "likewise", "a whole sentence",
                    "gives? no answer|given up", "blocks, is skipped",
                    "takes? away|taken away", "remove");

    @TempDir Path folder;

    private static List<Path> sources(String... folders) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String name : folders) {
            try (Stream<Path> files = Files.walk(Command.root().resolve(name))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .sorted()
                        .forEach(sources::add);
            }
        }
        return sources;
    }

    /** Returns a line for each method and record that is too large. */
    private static List<String> tooLarge(List<Path> sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> found = new ArrayList<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task =
                    (JavacTask)
                            compiler.getTask(
                                    null,
                                    files,
                                    null,
                                    List.of("-proc:none"),
                                    null,
                                    files.getJavaFileObjectsFromPaths(sources));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new LargeParts(unit, positions, found).scan(unit, null);
            }
        }
        return found;
    }

    private static final class LargeParts extends TreeScanner<Void, Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<String> found;

        LargeParts(CompilationUnitTree unit, SourcePositions positions, List<String> found) {
            this.unit = unit;
            this.positions = positions;
            this.found = found;
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            LineMap lines = unit.getLineMap();
            long first = lines.getLineNumber(positions.getStartPosition(unit, method));
            long last = lines.getLineNumber(positions.getEndPosition(unit, method));
            if (last - first + 1 > MAX_METHOD_LINES) {
                found.add(method.getName() + " has " + (last - first + 1) + " lines");
            }
            return super.visitMethod(method, null);
        }

        @Override
        public Void visitClass(ClassTree type, Void nothing) {
            int components = 0;
            for (Tree member : type.getMembers()) {
                components +=
                        member instanceof VariableTree field
                                        && !field.getModifiers()
                                                .getFlags()
                                                .contains(Modifier.STATIC)
                                ? 1
                                : 0;
            }
            if (type.getKind() == Tree.Kind.RECORD && components > MAX_COMPONENTS) {
                found.add(type.getSimpleName() + " has " + components + " components");
            }
            return super.visitClass(type, null);
        }
    }

    @Test
    void methodsAndRecordsAreSmall() throws IOException {
        assertEquals(List.of(), tooLarge(sources("lib", "exporters")));
    }

    @Test
    void aLargeMethodAndRecordAreFound() throws IOException {
        Path source = folder.resolve("Large.java");
        String body = "int i;\n".repeat(MAX_METHOD_LINES).replaceAll("i(?=;)", "_");
        String components = "int a, int b, int c, int d, int e, int f, int g, int h, int i, int j";
        Files.writeString(
                source,
                "class Large {\n    void run() {\n"
                        + body
                        + "}\n    record R("
                        + components
                        + ") {}\n}\n");
        assertEquals(List.of("run has 42 lines", "R has 10 components"), tooLarge(List.of(source)));
    }

    @Test
    void noFolderHasManyFiles() throws IOException {
        Map<Path, Integer> files = new TreeMap<>();
        for (Path source : sources("lib", "exporters", "test/psm", "bench")) {
            files.merge(source.getParent(), 1, Integer::sum);
        }
        files.values().removeIf(count -> count <= MAX_FILES);
        assertEquals(Map.of(), files);
    }

    @Test
    void wordsArePlainEnglish() throws IOException {
        List<Path> texts = sources("lib", "exporters");
        texts.add(Command.root().resolve("README.md"));
        texts.add(Command.root().resolve("CONTRIBUTING.md"));
        try (Stream<Path> docs = Files.list(Command.root().resolve("docs"))) {
            docs.filter(file -> file.toString().endsWith(".md")).forEach(texts::add);
        }
        List<String> found = new ArrayList<>();
        for (Path text : texts) {
            for (Map.Entry<String, String> word : OTHER_WORDS.entrySet()) {
                Matcher match =
                        Pattern.compile("\\b(" + word.getKey() + ")\\b", Pattern.CASE_INSENSITIVE)
                                .matcher(Files.readString(text));
                while (match.find()) {
                    found.add(
                            Command.root().relativize(text)
                                    + ": '"
                                    + match.group()
                                    + "'; write "
                                    + word.getValue());
                }
            }
        }
        assertEquals(List.of(), found);
    }
}
