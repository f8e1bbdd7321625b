package psm.install;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** Lets Java write archives. */
@Tag("endtoend")
@Tag("jdk")
public class ArchiveWriterTest {
    /** The classes to load; their archive has 20 to 40 MB. */
    private static final int MANY = 5000;

    @TempDir Path folder;

    /** Loads many classes of Java's own in the place of psm's training. */
    static final class ManyClasses {
        private ManyClasses() {}

        public static void main(String[] args) throws IOException, ClassNotFoundException {
            FileSystem java = FileSystems.getFileSystem(URI.create("jrt:/"));
            Path base = java.getPath("/modules/java.base");
            try (Stream<Path> all = Files.walk(base)) {
                for (Path file : all.sorted().limit(MANY).toList()) {
                    String name = base.relativize(file).toString();
                    if (name.endsWith(".class") && name.contains("/")) {
                        String dotted = name.substring(0, name.length() - 6).replace('/', '.');
                        Class.forName(dotted, false, null);
                    }
                }
            }
        }
    }

    /** Writes the class into a jar, since Java archives no class of a folder. */
    private String jar() throws IOException {
        String name = ManyClasses.class.getName().replace('.', '/') + ".class";
        Path jar = folder.resolve("many.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                InputStream in = ManyClasses.class.getResourceAsStream("/" + name)) {
            out.putNextEntry(new JarEntry(name));
            in.transferTo(out);
        }
        return jar.toString();
    }

    /** Names of processes decide which classes psm loads, so no limit may be near. */
    @Test
    void anArchiveMayBeLarge() throws IOException {
        Path home = Path.of(System.getProperty("java.home"));
        JavaHome java = new JavaHome(home, Runtime.version().feature());
        List<String> details = new ArrayList<>();
        ArchiveWriter writer = new ArchiveWriter(java, folder, ManyClasses.class, details::add);
        String problem = writer.writeAll(java.command(List.of(), List.of(jar())), null);
        assertNull(problem, details.toString());
        long bytes = Files.size(folder.resolve(java.archiveName(Archive.PLAIN.stem())));
        assertTrue(bytes > 18_000_000, bytes + " bytes");
    }
}
