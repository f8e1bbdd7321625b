package psm.install;

import psm.proc.OwnProcess;
import psm.text.Failure;
import psm.text.Problem;
import psm.text.Version;
import psm.trust.Libraries;
import psm.trust.RootOwned;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The jars on the class path of the running psm, which an installation copies. */
final class Jars {
    /** The name of the jar with psm's own classes. */
    static final String OWN = "psm.jar";

    /** The start of the file name of a library that only the compiler needs. */
    private static final String FOR_COMPILER = "metainf-services-";

    private Jars() {}

    /**
     * Lists the jars of the running psm, its own jar or folder of classes first.
     *
     * @throws Failure if psm runs as root, and another user can change one of them
     */
    static List<Path> all() throws IOException, Failure {
        List<Path> jars = new ArrayList<>();
        jars.add(own());
        if (Files.isRegularFile(own())) {
            addLibraries(own(), jars);
        }
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            Path jar = Path.of(entry).toAbsolutePath();
            if (!entry.isEmpty() && !jars.contains(jar) && Files.isRegularFile(jar)) {
                jars.add(jar);
            }
        }
        jars.removeIf(jar -> installedName(jar).startsWith(FOR_COMPILER));
        if (new OwnProcess().isRoot()) {
            for (Path jar : jars) {
                requireOfRoot(jar);
            }
        }
        return jars;
    }

    private static void requireOfRoot(Path jar) throws IOException, Failure {
        Problem problem = RootOwned.problemBelow(jar);
        if (problem != null) {
            throw Failure.usage(
                    "install: root installs no jar that others can write: "
                            + problem.what()
                            + "; run it with root's own home, such as by 'sudo -H'",
                    null);
        }
    }

    /** Returns the jar or the folder that psm's own classes were loaded from. */
    static Path own() throws Failure {
        try {
            return Path.of(Jars.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw Failure.of("install: cannot find out where psm's own classes are", e);
        }
    }

    static String installedName(Path jar) {
        return Files.isDirectory(jar) ? OWN : jar.getFileName().toString();
    }

    /** Adds the jars in the manifest of a jar, which are the libraries of an installed psm. */
    private static void addLibraries(Path jar, List<Path> jars) throws Failure {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry = zip.getEntry("META-INF/MANIFEST.MF");
            if (entry == null) {
                return;
            }
            try (InputStream in = zip.getInputStream(entry)) {
                String names =
                        new Manifest(in).getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
                for (String name : names == null ? new String[0] : names.split(" ", -1)) {
                    Path library = Modernizer.original(jar.resolveSibling(name));
                    if (Files.isRegularFile(library) && !jars.contains(library)) {
                        jars.add(library);
                    }
                }
            }
        } catch (IOException e) {
            throw Failure.of("install: " + jar + ": " + InstallCommand.reason(e), e);
        }
    }

    /**
     * Writes all jars into the folder of an installation.
     *
     * @param java the Java that will read them
     * @param main the class that the jar starts
     * @return the class path: psm's own jar, whose manifest names the libraries, and the plugins
     */
    static List<String> writeAll(JavaHome java, Path folder, Class<?> main)
            throws IOException, Failure {
        List<Path> jars = all();
        List<String> libraries = new ArrayList<>();
        List<String> classPath = new ArrayList<>();
        classPath.add(folder.resolve(OWN).toString());
        for (Path jar : jars.subList(1, jars.size())) {
            String name = installedName(jar);
            Path copy = folder.resolve(name);
            if (Files.exists(copy)) {
                continue; // Java would also use the first jar with a name
            }
            Files.copy(jar, copy);
            makeReadable(copy);
            Libraries.verify(copy, jar);
            if (Libraries.contain(name)) {
                libraries.add(Modernizer.modernize(java, copy).getFileName().toString());
            } else {
                classPath.add(copy.toString());
            }
        }
        writeOwn(jars.get(0), folder.resolve(OWN), main, String.join(" ", libraries));
        return classPath;
    }

    /** Makes a jar readable for every user, whatever the umask is. */
    static void makeReadable(Path jar) throws IOException {
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static void writeOwn(Path own, Path jar, Class<?> main, String libraries)
            throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, main.getName());
        attributes.put(Attributes.Name.IMPLEMENTATION_VERSION, Version.CURRENT);
        attributes.put(Attributes.Name.CLASS_PATH, libraries);
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            if (Files.isDirectory(own)) {
                addFolder(own, out);
            } else {
                addJar(own, out);
            }
        }
        makeReadable(jar);
    }

    private static void addFolder(Path folder, JarOutputStream out) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            out.putNextEntry(new JarEntry(folder.relativize(file).toString()));
            Files.copy(file, out);
        }
    }

    private static void addJar(Path jar, JarOutputStream out) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                if (!entry.isDirectory() && !entry.getName().equals("META-INF/MANIFEST.MF")) {
                    out.putNextEntry(new JarEntry(entry.getName()));
                    try (InputStream in = zip.getInputStream(entry)) {
                        in.transferTo(out);
                    }
                }
            }
        }
    }
}
