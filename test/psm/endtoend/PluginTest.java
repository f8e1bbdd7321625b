package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.Psm;
import psm.format.Formats;
import psm.format.FormatsTest;
import psm.format.PluginJar;
import psm.support.Command;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * Plugins as others make them: compiled against {@code lib/psm/Psm.java} alone, in jars of their
 * own. Valid ones work in each form of psm; broken ones are reported and do no harm.
 */
@Order(1)
@Tag("endtoend")
@Tag("jdk")
class PluginTest {
    private static final String SERVICE_FILE = "META-INF/services/psm.Psm$Exporter";

    /** The simple names of plugins and the body of their {@code export} method. */
    private static final String[][] EXPORTERS = {
        {"Boom", "throw new IllegalStateException(\"it is\\nbroken\");"},
        {"BoomLate", "output.stream().write('x'); throw new IllegalStateException(\"late\");"},
        {"BoomError", "throw new AssertionError(\"it is wrong\");"},
        {"Deep", "export(report, output);"},
        {"Hog", "java.util.Arrays.fill(new byte[1 << 30], (byte) 1);"},
        {"NeedsGone", "new Gone();"},
        // As from Kotlin or Scala, which do not know of checked exceptions.
        {
            "Unchecked",
            "@SuppressWarnings(\"unchecked\") class Thrower<E extends Exception> {"
                    + " void run() throws E { throw (E) new Exception(\"not declared\"); } }"
                    + " new Thrower<RuntimeException>().run();"
        },
        {"Offline", "throw new IOException(\"no route to the database\");"},
        {"Closer", "output.stream().write('a'); output.stream().close();"},
        {"LateCloser", "output.stream().close(); output.stream().write('a');"},
        {"Twin", ""},
        {"TwinToo", ""},
        {"Printer", "new java.io.PrintStream(output.stream(), true).print(\"x\".repeat(200_000));"},
        {
            "Wrapper",
            "try { output.stream().write(new byte[200_000]); }"
                    + " catch (IOException e) { throw new java.io.UncheckedIOException(e); }"
        },
        {"ShortPrinter", "new java.io.PrintStream(output.stream(), true).print(\"x\");"},
        {"Json", "throw new IllegalStateException(\"not asked for\");"},
    };

    /** The simple names of plugins that differ in more than that, and their members. */
    private static final String[][] OTHERS = {
        {"NameThrows", "public String name() { throw new IllegalStateException(\"no idea\"); }"},
        {"NameErrs", "public String name() { throw new AssertionError(\"no idea\"); }"},
        {"NameNeedsGone", "public String name() { return new Gone().toString(); }"},
        {"NameIsNull", "public String name() { return null; }"},
        {"NameIsEmpty", "public String name() { return \"\"; }"},
        {"NameIsBlank", "public String name() { return \" \"; }"},
        {"Unmade", "public Unmade() { throw new IllegalStateException(\"no licence\"); }"},
        {"UnmadeStatic", "static final int X = Integer.parseInt(\"many\");"},
        {"Demanding", "public Demanding(String what) {}"},
        {"Garbage", ""},
        {"Tomorrow", ""},
    };

    private static final String LINES =
            """
            package com.example;

            import psm.Psm;
            import java.io.IOException;
            import java.io.OutputStreamWriter;
            import java.io.Writer;
            import java.nio.charset.StandardCharsets;

            /** Columns and rows as Java prints them. */
            public class Lines implements Psm.Exporter {
                @Override
                public String name() {
                    return "lines";
                }

                @Override
                public void export(Psm.Report report, Psm.Output output) throws IOException {
                    Writer out = new OutputStreamWriter(output.stream(), StandardCharsets.UTF_8);
                    for (Psm.Column column : report.columns()) {
                        out.write(column.key() + " " + column.kind() + ", ");
                    }
                    for (Psm.Row row : report.rows()) {
                        out.write("\\n" + row.values());
                    }
                    out.write("\\n" + report.totals().values() + "\\n");
                    out.flush();
                }
            }
            """;

    private static final String LINES_OF_MADE_UP_PROC =
            "program TEXT, count COUNT, pids PIDS,"
                    + " pss_bytes BYTES, shared_bytes BYTES, swap_bytes BYTES,"
                    + " swap_with_shared_bytes BYTES, shared_hugetlb_bytes BYTES,"
                    + " deleted COUNT, updated COUNT, estimated COUNT, \n"
                    + ("[" + WaysToRunTest.NAME + ", 2, [41, 42], 1572864, 524288, 307200,")
                    + " 409600, null, null, null, 0]\n"
                    + "[null, null, null, 1572864, null, 307200, null, null, null, null, null]\n";

    /** The classes of all plugins, and of psm's API, which no jar contains. */
    @TempDir static Path classes;

    /** The home of all tests that run JBang, since they need the same dependencies. */
    @TempDir static Path home;

    @TempDir Path temp;

    @BeforeAll
    static void compilePlugins(@TempDir Path sources) throws IOException {
        List<Path> files = new ArrayList<>();
        files.add(Command.root().resolve("lib/psm/Psm.java"));
        files.add(source(sources, "Lines", LINES));
        String name = "public String name() { return \"%s\"; }";
        String export =
                "public void export(Psm.Report report, Psm.Output output) throws IOException {%s}";
        for (String[] it : EXPORTERS) {
            String members = name.formatted(nameOf(it[0])) + export.formatted(it[1]);
            files.add(plugin(sources, it[0], members));
        }
        for (String[] it : OTHERS) {
            String itsName = it[1].contains(" name()") ? "" : name.formatted(nameOf(it[0]));
            files.add(plugin(sources, it[0], it[1] + itsName + export.formatted("")));
        }
        String orphan = name.formatted("orphan") + export.formatted("");
        files.add(source(sources, "Gone", "package com.example; public class Gone {}"));
        files.add(source(sources, "Stranger", "package com.example; public class Stranger {}"));
        files.add(
                source(
                        sources,
                        "Orphan",
                        header()
                                + "public class Orphan extends Gone implements Psm.Exporter {"
                                + orphan
                                + "}"));
        files.add(
                source(
                        sources,
                        "Hidden",
                        header() + "class Hidden implements Psm.Exporter {" + orphan + "}"));
        PluginJar.compile(classes, files);
        byte[] tomorrow = Files.readAllBytes(classFile("Tomorrow"));
        tomorrow[7] = 99; // the class file's version: Java 55
        Files.write(classFile("Tomorrow"), tomorrow);
        Files.writeString(classFile("Garbage"), "garbage");
    }

    private static String header() {
        return "package com.example; import psm.Psm; import java.io.IOException; ";
    }

    private static Path plugin(Path sources, String type, String members) throws IOException {
        return source(
                sources,
                type,
                header() + "public class " + type + " implements Psm.Exporter {" + members + "}");
    }

    private static Path source(Path sources, String type, String text) throws IOException {
        return Files.writeString(sources.resolve(type + ".java"), text);
    }

    /** Returns the format of a class; the two twins have the same. */
    private static String nameOf(String type) {
        return type.startsWith("Twin") ? "twin" : type.toLowerCase(Locale.ROOT);
    }

    private static Path classFile(String type) {
        return classes.resolve("com/example/" + type + ".class");
    }

    /** Makes a jar that contains and registers these plugins; the class of one may be missing. */
    private Path jar(String name, String... types) throws IOException {
        StringBuilder services = new StringBuilder();
        for (String type : types) {
            services.append("com.example.").append(type).append('\n');
        }
        return jar(name, services.toString(), types);
    }

    private Path jar(String name, String services, String[] types) throws IOException {
        Path jar = temp.resolve(name);
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            out.putNextEntry(new JarEntry(SERVICE_FILE));
            out.write(services.getBytes(StandardCharsets.UTF_8));
            for (String type : types) {
                if (Files.exists(classFile(type))) {
                    out.putNextEntry(new JarEntry("com/example/" + type + ".class"));
                    out.write(Files.readAllBytes(classFile(type)));
                }
            }
        }
        return jar;
    }

    private String proc() throws IOException {
        return WaysToRunTest.madeUpProc(temp.resolve("a  made-up proc")).toString();
    }

    /** Returns psm in that format with those plugins on its class path. */
    private Command psm(String format, Path... jars) throws IOException {
        return Command.psm("--proc", proc(), "-o", format).after(List.of(jars));
    }

    // In each form of psm

    private void assertPluginRuns(Command lines, Command table) {
        Command.Result result = lines.run();
        assertEquals(LINES_OF_MADE_UP_PROC, result.out(), result.err());
        assertEquals(0, result.exitCode());
        assertTrue(
                result.err()
                        .contains(
                                "psm: plugin com.example.Json in my plugins.jar is left out:"
                                        + " its name 'json' is taken by psm.Formats$Json\n"),
                result.err());
        assertEquals(WaysToRunTest.TABLE, FormatsTest.stable(table.run().out()));
    }

    @Test
    void pluginRunsWithTheAssembledFile() throws IOException {
        String jar = jar("my plugins.jar", "Lines", "Json").toString();
        assertPluginRuns(
                Command.jbangw(home, "--cp", jar, "psm.java", "-o", "lines", "--proc", proc()),
                Command.jbangw(home, "--cp", jar, "psm.java", "--proc", proc()));
    }

    @Test
    void pluginRunsWithStandardInput() throws IOException {
        String jar = jar("my plugins.jar", "Lines", "Json").toString();
        assertPluginRuns(
                Command.jbangw(home, "--cp", jar, "-", "-o", "lines", "--proc", proc())
                        .from(Command.root().resolve("psm.java")),
                Command.jbangw(home, "--cp", jar, "-", "--proc", proc())
                        .from(Command.root().resolve("psm.java")));
    }

    @Test
    void pluginRunsWithACatalogAlias() throws IOException {
        String jar = jar("my plugins.jar", "Lines", "Json").toString();
        try (WaysToRunTest.Web web = new WaysToRunTest.Web("127.0.0.1")) {
            String psm = "psm@" + web.url("/jbang-catalog.json");
            assertPluginRuns(
                    Command.jbangw(home, "--cp", jar, psm, "-o", "lines", "--proc", proc()),
                    Command.jbangw(home, "--cp", jar, psm, "--proc", proc()));
        }
    }

    /** The local repository takes the place of Maven Central. */
    @Test
    void pluginRunsByMavenCoordinates() throws IOException {
        Path artifact = home.resolve(".m2/repository/com/example/psm-lines/1.0");
        Files.createDirectories(artifact);
        Files.copy(jar("lines.jar", "Lines"), artifact.resolve("psm-lines-1.0.jar"));
        Files.writeString(
                artifact.resolve("psm-lines-1.0.pom"),
                "<project><modelVersion>4.0.0</modelVersion><groupId>com.example</groupId>"
                        + "<artifactId>psm-lines</artifactId><version>1.0</version></project>");
        String plugin = "com.example:psm-lines:1.0";
        Command.Result result =
                Command.jbangw(home, "--deps", plugin, "psm.java", "-o", "lines", "--proc", proc())
                        .run();
        assertEquals(LINES_OF_MADE_UP_PROC, result.out(), result.err());
        assertEquals(0, result.exitCode());
    }

    // Plugins that work

    @Test
    void pluginRunsWithoutRemarks() throws IOException {
        Command.Result result = psm("lines", jar("lines.jar", "Lines")).run();
        assertEquals(new Command.Result(0, LINES_OF_MADE_UP_PROC, ""), result);
    }

    @Test
    void ownFormatsAreListed() throws IOException {
        Command.Result result = psm("nosuch").run();
        String problem =
                "psm: -o nosuch: no such format; there are csv, html, json, markdown, ndjson,"
                        + " openmetrics, prometheus, snapshot, table, tsv\n";
        assertEquals(new Command.Result(2, "", problem), result);
    }

    /** An installed psm does not search its jar for its own formats. */
    @Test
    void ownFormatsAreRegistered() {
        Set<String> registered = new HashSet<>();
        for (Psm.Exporter exporter : ServiceLoader.load(Psm.Exporter.class)) {
            registered.add(exporter.getClass().getName());
        }
        Set<String> own = new HashSet<>();
        for (Psm.Exporter exporter : Formats.all()) {
            own.add(exporter.getClass().getName());
        }
        assertEquals(registered, own);
    }

    @Test
    void pluginsAreListedWithOwnFormats() throws IOException {
        Command.Result result = psm("nosuch", jar("lines.jar", "Lines", "Closer")).run();
        String problem =
                "psm: -o nosuch: no such format; there are closer, csv, html, json, lines,"
                        + " markdown, ndjson, openmetrics, prometheus, snapshot, table, tsv\n";
        assertEquals(new Command.Result(2, "", problem), result);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Closer", "LateCloser"})
    void pluginMayCloseTheStream(String type) throws IOException {
        Command.Result result = psm(nameOf(type), jar("my.jar", type)).run();
        assertEquals(new Command.Result(0, "a", ""), result);
        Path file = temp.resolve("report");
        Command toFile = psm(nameOf(type), jar("my.jar", type));
        result = toFile.append(List.of("--to", file.toString())).run();
        assertEquals(new Command.Result(0, "", ""), result);
        assertEquals("a", Files.readString(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Printer", "ShortPrinter", "Wrapper", "Lines"})
    void ignoredFullDiskIsReported(String type) throws IOException {
        Command.Result result =
                psm(nameOf(type), jar("my.jar", type)).to(Path.of("/dev/full")).run();
        assertEquals(1, result.exitCode());
        assertOneLine(result.err(), "cannot write to standard output");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Printer", "Wrapper"})
    void closedPipeDoesNotBlameThePlugin(String type) throws IOException {
        Command.Result result = piped(psm(nameOf(type), jar("my.jar", type)), "true");
        assertEquals("exit code 0\n", result.err());
    }

    /** Runs a pipe and prints the exit code at the end of standard error. */
    private static Command.Result piped(Command psm, String reader) {
        String script = "{ \"$@\"; echo \"exit code $?\" >&2; } | " + reader;
        return Command.of("sh", "-c", script, "sh").append(psm.words()).run();
    }

    // Plugins that cannot be loaded: psm reports them and makes the report

    /** Checks that the table is there, and one line on standard error with all those words. */
    private void assertLeftOut(Command.Result result, String... words) {
        assertEquals(WaysToRunTest.TABLE, FormatsTest.stable(result.out()), result.err());
        assertEquals(0, result.exitCode(), result.err());
        assertOneLine(result.err(), words);
    }

    private static void assertOneLine(String err, String... words) {
        String line = err.lines().findFirst().orElse("");
        assertTrue(line.startsWith("psm: "), line);
        assertEquals(1, err.lines().count(), line);
        for (String word : words) {
            // The JVM itself writes com/example/Plugin.
            boolean found = line.contains(word) || line.contains(word.replace('.', '/'));
            assertTrue(found, "'" + word + "' should be in: " + line);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Missing",
                "Unmade",
                "UnmadeStatic",
                "Demanding",
                "Hidden",
                "Stranger",
                "Garbage",
                "Tomorrow",
                "Orphan"
            })
    void pluginThatCannotBeLoadedIsReported(String type) throws IOException {
        Command.Result result = psm("table", jar("its.jar", type)).run();
        assertLeftOut(result, "com.example." + type, "its.jar");
    }

    @Test
    void reasonOfFailedLoadingIsReported() throws IOException {
        assertLeftOut(psm("table", jar("a.jar", "Unmade")).run(), "no licence");
        assertLeftOut(psm("table", jar("b.jar", "UnmadeStatic")).run(), "\"many\"");
        assertLeftOut(psm("table", jar("c.jar", "Orphan")).run(), "Gone");
        assertLeftOut(psm("table", jar("d.jar", "Tomorrow")).run(), "99.0");
        assertLeftOut(psm("table", jar("e.jar", "Stranger")).run(), "not a subtype");
    }

    @Test
    void invalidServiceFileIsReported() throws IOException {
        Path jar = jar("its.jar", "this is no class\n", new String[0]);
        assertLeftOut(psm("table", jar).run(), "its.jar", "syntax");
    }

    @Test
    void jarWithSimilarNameIsNotBlamed() throws IOException {
        Path good = jar("good.jar", "Lines");
        Path bad = jar("bad.jar", "LinesOfTomorrow");
        for (List<Path> jars : List.of(List.of(good, bad), List.of(bad, good))) {
            Command.Result result = Command.psm("--proc", proc()).after(jars).run();
            assertLeftOut(result, "com.example.LinesOfTomorrow", "bad.jar");
            assertFalse(result.err().contains("good.jar"), result.err());
        }
    }

    // Plugins with invalid names

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NameThrows",
                "NameErrs",
                "NameNeedsGone",
                "NameIsNull",
                "NameIsEmpty",
                "NameIsBlank"
            })
    void pluginWithoutNameIsReported(String type) throws IOException {
        Command.Result result = psm("table", jar("its.jar", type)).run();
        assertLeftOut(result, "com.example." + type, "its.jar");
    }

    @Test
    void pluginCannotReplaceOwnFormat() throws IOException {
        Path jar = jar("its.jar", "Json");
        assertLeftOut(
                psm("table", jar).run(),
                "com.example.Json in its.jar",
                "'json' is taken by psm.format.Formats$Json");
        Command.Result json = psm("json", jar).run();
        assertEquals(0, json.exitCode(), json.err());
        assertTrue(json.out().startsWith("{\"schema\":\"psm/1\""), json.out());
    }

    @Test
    void secondPluginWithSameNameIsIgnored() throws IOException {
        Path first = jar("first.jar", "TwinToo");
        Path second = jar("second.jar", "Twin");
        assertLeftOut(
                psm("table", first, second).run(),
                "plugin com.example.Twin in second.jar is left out",
                "'twin' is taken by com.example.TwinToo in first.jar");
        assertEquals(0, psm("twin", first, second).run().exitCode());
    }

    @Test
    void jarGivenTwiceIsOnePlugin() throws IOException {
        Path jar = jar("lines.jar", "Lines");
        Path copy = Files.copy(jar, temp.resolve("copy.jar"));
        Command.Result result = psm("lines", jar, copy).run();
        assertEquals(new Command.Result(0, LINES_OF_MADE_UP_PROC, ""), result);
    }

    // Plugins that fail while they write

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Boom",
                "BoomLate",
                "BoomError",
                "Deep",
                "Hog",
                "NeedsGone",
                "Unchecked",
                "Offline"
            })
    void pluginThatFailsIsReported(String type) throws IOException {
        Path jar = jar("its.jar", type);
        Command.Result result = psm(nameOf(type), jar).run();
        assertEquals(1, result.exitCode());
        assertOneLine(result.err(), "-o " + nameOf(type), "com.example." + type, "its.jar");
        Command.Result table = psm("table", jar).run();
        assertEquals(0, table.exitCode(), table.err());
        assertEquals(WaysToRunTest.TABLE, FormatsTest.stable(table.out()));
        assertEquals("", table.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Boom", "BoomLate", "Deep", "Hog"})
    void pluginThatFailsLeavesTheOldFile(String type) throws IOException {
        Path folder = Files.createDirectory(temp.resolve("reports"));
        Path file = Files.writeString(folder.resolve("report"), "old");
        Command psm = psm(nameOf(type), jar("its.jar", type));
        Command.Result result = psm.append(List.of("--to", file.toString())).run();
        assertEquals(1, result.exitCode());
        assertOneLine(result.err(), "-o " + nameOf(type), "com.example." + type, "its.jar");
        assertEquals("old", Files.readString(file));
        assertArrayEquals(new String[] {"report"}, folder.toFile().list());
    }

    /** Only a pipe that is closed by its reader is no failure. */
    @Test
    void pluginFailureInAPipeIsReported() throws IOException {
        Command.Result result = piped(psm("offline", jar("its.jar", "Offline")), "cat");
        assertTrue(result.err().contains("no route to the database"), result.err());
        assertTrue(result.err().contains("its.jar"), result.err());
        assertTrue(result.err().endsWith("exit code 1\n"), result.err());
    }

    @Test
    void brokenPluginDoesNotBreakOthers() throws IOException {
        Path broken = jar("broken.jar", "Missing", "Garbage", "Unmade", "NameThrows", "Json");
        Path good = jar("good.jar", "Orphan", "Lines", "Hidden");
        Command.Result result = psm("lines", broken, good).run();
        assertEquals(LINES_OF_MADE_UP_PROC, result.out(), result.err());
        assertEquals(0, result.exitCode());
        assertEquals(7, result.err().lines().count(), result.err());
    }
}
