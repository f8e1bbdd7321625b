package psm.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

import javax.tools.ToolProvider;

/** Compiles plugins as others do: against an interface that their jar does not contain. */
public final class PluginJar {
    private PluginJar() {}

    /**
     * Makes a jar with the plugin {@code com.example.Plugin}.
     *
     * @param folder where to make it, and folders for classes
     * @param api the source of the interface
     */
    public static Path jar(Path folder, String name, String source, Path api) throws IOException {
        Path classes = compiled(folder.resolve(name), source, api);
        Path jar = folder.resolve(name + ".jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            out.putNextEntry(new JarEntry("META-INF/services/psm.Psm$Exporter"));
            out.write("com.example.Plugin\n".getBytes(StandardCharsets.UTF_8));
            out.putNextEntry(new JarEntry("com/example/Plugin.class"));
            out.write(Files.readAllBytes(classes.resolve("com/example/Plugin.class")));
        }
        return jar;
    }

    /** Compiles an interface and a plugin into a folder, and returns it. */
    public static Path compiled(Path folder, String source, Path api) throws IOException {
        Path psm = Files.createDirectories(folder.resolve("psm")).resolve("Psm.java");
        Files.copy(api, psm);
        Path plugin = Files.writeString(folder.resolve("Plugin.java"), source);
        compile(folder, List.of(psm, plugin));
        return folder;
    }

    /** Compiles sources into a folder, as Java 17 understands them. */
    public static void compile(Path folder, List<Path> sources) {
        List<String> words = new ArrayList<>(List.of("-proc:none", "--release", "17"));
        words.addAll(List.of("-d", folder.toString()));
        sources.forEach(source -> words.add(source.toString()));
        int failed =
                ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, words.toArray(new String[0]));
        assertEquals(0, failed, "javac");
    }
}
