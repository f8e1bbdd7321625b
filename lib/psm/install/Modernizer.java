package psm.install;

import psm.trust.Subprocess;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Converts picocli's classes to the class-file version of Java 17. Their version is older than Java
 * 6 (remkop/picocli#1623), so Java does not archive them, but loads and verifies them at each
 * start.
 *
 * <p>Newer versions need stack maps, which java.lang.classfile computes on Java 24 and later. psm
 * is compiled for Java 17, so this class contains a source file that the newer Java runs.
 */
final class Modernizer {
    private static final String SOURCE =
            """
            import java.io.IOException;
            import java.io.InputStream;
            import java.io.UncheckedIOException;
            import java.lang.classfile.ClassFile;
            import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
            import java.lang.classfile.ClassFile.StackMapsOption;
            import java.lang.classfile.ClassFileVersion;
            import java.lang.classfile.ClassHierarchyResolver;
            import java.lang.classfile.ClassModel;
            import java.lang.classfile.MethodModel;
            import java.lang.classfile.MethodTransform;
            import java.lang.constant.ClassDesc;
            import java.nio.file.Files;
            import java.nio.file.Path;
            import java.util.Collections;
            import java.util.jar.JarEntry;
            import java.util.jar.JarFile;
            import java.util.jar.JarOutputStream;

            class Modernize {
                public static void main(String[] args) throws IOException {
                    try (JarFile in = new JarFile(args[0]);
                            var out = new JarOutputStream(Files.newOutputStream(Path.of(args[1])))) {
                        var known =
                                ClassHierarchyResolver.ofResourceParsing(name -> open(name, in))
                                        .orElse(ClassHierarchyResolver.defaultResolver());
                        ClassFile api =
                                ClassFile.of(
                                        StackMapsOption.GENERATE_STACK_MAPS,
                                        ClassHierarchyResolverOption.of(known));
                        for (JarEntry entry : Collections.list(in.entries())) {
                            byte[] bytes = in.getInputStream(entry).readAllBytes();
                            out.putNextEntry(new JarEntry(entry.getName()));
                            out.write(entry.getName().endsWith(".class") ? modern(bytes, api) : bytes);
                        }
                    }
                }

                static byte[] modern(byte[] bytes, ClassFile api) {
                    ClassModel old = api.parse(bytes);
                    if (old.majorVersion() >= ClassFile.JAVA_6_VERSION) {
                        return bytes;
                    }
                    return api.transformClass(
                            old,
                            (to, element) -> {
                                if (element instanceof ClassFileVersion) {
                                    to.withVersion(ClassFile.JAVA_17_VERSION, 0);
                                } else if (element instanceof MethodModel method) {
                                    to.transformMethod(
                                            method,
                                            MethodTransform.transformingCode((code, e) -> code.with(e)));
                                } else {
                                    to.with(element);
                                }
                            });
                }

                static InputStream open(ClassDesc name, JarFile in) {
                    String descriptor = name.descriptorString();
                    String path = descriptor.substring(1, descriptor.length() - 1) + ".class";
                    try {
                        JarEntry entry = in.getJarEntry(path);
                        return entry == null ? null : in.getInputStream(entry);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
            """;

    private Modernizer() {}

    /**
     * Converts picocli's jar in the folder of an installation. If the Java is older than 24 or is
     * not a JDK, the jar stays unchanged, and runs with options take longer to start.
     */
    static void modernize(JavaHome java, Path folder) throws IOException {
        if (java.version() < JavaHome.FIRST_WITH_AOT_CACHE) {
            return;
        }
        Path work = Files.createTempDirectory("psm");
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "picocli-*.jar")) {
            Path source = work.resolve("Modernize.java");
            Files.writeString(source, SOURCE);
            for (Path jar : jars) {
                Path modern = work.resolve("modern.jar");
                List<String> words = new ArrayList<>();
                for (Path word : List.of(java.launcher(), source, jar, modern)) {
                    words.add(word.toString());
                }
                if (Subprocess.run(words).exitCode() == 0 && Files.exists(modern)) {
                    Files.copy(modern, jar, REPLACE_EXISTING);
                    Jars.makeReadable(jar);
                }
            }
        } finally {
            Uninstaller.deleteTree(work);
        }
    }
}
