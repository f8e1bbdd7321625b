package psm.install;

import psm.trust.Subprocess;

import java.io.IOException;
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

    /** The end of the name of a converted jar. */
    private static final String MODERN = "-modern.jar";

    private Modernizer() {}

    /**
     * Converts picocli's jar, if Java is a JDK of version 24 or later, and the jar is picocli's. If
     * not, runs with options take longer to start.
     *
     * @return the converted jar, or the original
     */
    static Path modernize(JavaHome java, Path jar) throws IOException {
        String name = jar.getFileName().toString();
        if (java.version() < JavaHome.FIRST_WITH_AOT_CACHE || !name.startsWith("picocli-")) {
            return jar;
        }
        Path work = Files.createDirectory(jar.resolveSibling("work"));
        Path modern = jar.resolveSibling(name.replace(".jar", MODERN));
        try {
            Path source = Files.writeString(work.resolve("Modernize.java"), SOURCE);
            List<String> words = new ArrayList<>(List.of(java.launcher().toString()));
            // Without a class path, Java would also look for classes in the current folder.
            words.addAll(List.of("-XX:-UsePerfData", "-cp", work.toString(), source.toString()));
            words.addAll(List.of(jar.toString(), modern.toString()));
            if (Subprocess.run(words).exitCode() == 0 && Files.exists(modern)) {
                Jars.makeReadable(modern);
                return modern;
            }
            Files.deleteIfExists(modern);
            return jar;
        } finally {
            Uninstaller.deleteTree(work);
        }
    }

    /** Returns the jar that a jar was converted from; other jars are their own originals. */
    static Path original(Path jar) {
        return jar.resolveSibling(jar.getFileName().toString().replace(MODERN, ".jar"));
    }
}
