package psm.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.format.PluginJar;
import psm.support.Command;
import psm.support.Fixtures;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Plugins that were compiled against the interface of an earlier psm work as before. */
@Tag("endtoend")
@Tag("jdk")
class PluginInterfaceTest {
    private static final String NOTHING = "package com.example; public class Plugin {}";

    /** The interface before there were notes. */
    private static final Path WITHOUT_NOTES =
            Command.root().resolve("test/fixtures/plugins/Psm-without-notes.txt");

    /** Uses all that a report had before there were notes, and makes one. */
    private static final String MAKES_A_REPORT =
            """
            package com.example;

            import psm.Psm;
            import java.io.IOException;
            import java.io.PrintStream;

            public class Plugin implements Psm.Exporter {
                @Override
                public String name() {
                    return "example";
                }

                @Override
                public void export(Psm.Report report, Psm.Output output) throws IOException {
                    Psm.Report same =
                            new Psm.Report(
                                    report.origin(),
                                    report.processes(),
                                    report.columns(),
                                    report.rows(),
                                    report.totals(),
                                    report.accounts(),
                                    report.more(),
                                    report.ranking());
                    PrintStream out = new PrintStream(output.stream(), true, "UTF-8");
                    out.println(same.rows().size() == report.rows().size());
                    out.println(same.accounts().get(0).entries().get(0).key());
                    out.flush();
                }
            }
            """;

    @TempDir Path temp;

    private static Command.Result shown(Path jar, Command psm) {
        return psm.append(List.of("-o", "example")).after(List.of(jar)).run();
    }

    @Test
    void pluginOfAnEarlierReleasePrintsTheSame() throws IOException {
        for (Path version : OldFiles.versions()) {
            Path folder = temp.resolve(version.getFileName());
            OldFiles files = new OldFiles(version, folder);
            String source = Files.readString(version.resolve("Plugin.txt"));
            Path jar = PluginJar.jar(folder, "plugin", source, version.resolve("Psm.txt"));
            Command.Result result = shown(jar, files.psm("--from machine.psm --system -n 3"));
            assertEquals("", result.err());
            Path expected = version.resolve("plugin-output.txt");
            if (System.getenv("PSM_TEST_REWRITE") != null && !Files.exists(expected)) {
                Files.writeString(expected, result.out());
            }
            assertEquals(Files.readString(expected), result.out(), files.name());
        }
    }

    @Test
    void pluginWithoutNotesWorks() throws IOException {
        Path jar = PluginJar.jar(temp, "older", MAKES_A_REPORT, WITHOUT_NOTES);
        Command psm = Command.psm("--proc", Fixtures.CONTAINERS.toString());
        assertEquals(new Command.Result(0, "true\nused_bytes\n", ""), shown(jar, psm));
    }

    @Test
    void noMemberOfTheInterfaceIsRemoved() throws IOException, ClassNotFoundException {
        Path api = Command.root().resolve("lib/psm/Psm.java");
        Set<String> now = members(PluginJar.compiled(temp.resolve("now"), NOTHING, api));
        List<Path> earlier = new ArrayList<>(List.of(WITHOUT_NOTES));
        for (Path version : OldFiles.versions()) {
            earlier.add(version.resolve("Psm.txt"));
        }
        for (int i = 0; i < earlier.size(); i++) {
            Path folder = temp.resolve("earlier" + i);
            Set<String> members = members(PluginJar.compiled(folder, NOTHING, earlier.get(i)));
            assertTrue(members.size() > 150, members.toString());
            Set<String> demands = demands(now);
            demands.removeAll(members);
            assertEquals(Set.of(), demands, "demanded of plugins since " + earlier.get(i));
            members.removeAll(now);
            assertEquals(Set.of(), members, "removed since " + earlier.get(i));
        }
    }

    private static Set<String> members(Path folder) throws IOException, ClassNotFoundException {
        Set<String> members = new TreeSet<>();
        ClassLoader platform = ClassLoader.getPlatformClassLoader();
        try (URLClassLoader loader =
                        new URLClassLoader(new URL[] {folder.toUri().toURL()}, platform);
                Stream<Path> files = Files.list(folder.resolve("psm"))) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(".class")) {
                    String simple = name.substring(0, name.length() - ".class".length());
                    add(loader.loadClass("psm." + simple), members);
                }
            }
        }
        return members;
    }

    /** Returns the methods that each plugin must have. */
    private static Set<String> demands(Set<String> members) {
        Set<String> demands = new TreeSet<>(members);
        demands.removeIf(member -> !member.matches("public abstract .* psm\\.Psm\\$Exporter\\..*"));
        assertTrue(demands.size() > 1, demands.toString());
        return demands;
    }

    private static void add(Class<?> type, Set<String> members) {
        members.add(type.toString());
        for (Class<?> parent : type.getInterfaces()) {
            members.add(type + " is " + parent);
        }
        for (Method method : type.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers())) {
                members.add(method.toString());
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (Modifier.isPublic(constructor.getModifiers())) {
                members.add(constructor.toString());
            }
        }
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isPublic(field.getModifiers())) {
                members.add(field.toString());
            }
        }
    }
}
