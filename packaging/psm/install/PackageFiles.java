package psm.install;

import psm.text.Version;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Writes the files of the packages that are made of psm's classes: the jars, the launchers, the man
 * page and the completions. {@code ./release} starts it. What it writes depends only on its
 * arguments and on the files that they name: entries of jars are sorted, and have one time.
 */
final class PackageFiles {
    private static final String SERVICES = "META-INF/services/";
    private static final String VERSIONS = "META-INF/versions/";

    /** The paths of the texts of licences in jars. */
    private static final Pattern LEGAL = Pattern.compile("META-INF/[^/]*(LICENSE|NOTICE)[^/]*");

    /** The main class of all jars. */
    private static final String MAIN = "psm.Main";

    private final Path folder;
    private final LocalDateTime time;

    private PackageFiles(Path folder, LocalDateTime time) {
        this.folder = folder;
        this.time = time;
    }

    /**
     * Writes all files.
     *
     * @param args the folder to write into, the time of the commit in seconds, the Java that
     *     converts classes, the folder of psm's classes, and the jars of the libraries
     */
    public static void main(String[] args) throws Exception {
        Instant commit = Instant.ofEpochSecond(Long.parseLong(args[1]));
        PackageFiles files =
                new PackageFiles(Path.of(args[0]), LocalDateTime.ofInstant(commit, ZoneOffset.UTC));
        List<Path> libraries = new ArrayList<>();
        for (String library : List.of(args).subList(4, args.length)) {
            libraries.add(files.library(JavaHome.in(args[2], false), Path.of(library)));
        }
        files.writeJars(Path.of(args[3]), libraries);
        files.writeTexts();
    }

    /** Copies a library; picocli's classes are converted for archives, see {@link Modernizer}. */
    private Path library(JavaHome java, Path jar) throws IOException {
        Path copy = folder.resolve("lib").resolve(jar.getFileName());
        Files.copy(jar, copy);
        Path modern = Modernizer.modernize(java, copy);
        if (modern.equals(copy)) {
            return copy;
        }
        Files.delete(copy);
        Map<String, byte[]> entries = new TreeMap<>();
        addAll(modern, entries);
        Manifest manifest = manifestOf(entries);
        Files.delete(modern);
        write(modern, manifest, entries);
        return modern;
    }

    /** Writes the jar of the packages, which names its libraries, and the one with all of them. */
    private void writeJars(Path classes, List<Path> libraries) throws IOException {
        Map<String, byte[]> entries = new TreeMap<>();
        try (Stream<Path> all = Files.walk(classes)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                entries.put(classes.relativize(file).toString(), Files.readAllBytes(file));
            }
        }
        entries.put("META-INF/LICENSE", Files.readAllBytes(Path.of("LICENSE"))); // of psm itself
        Manifest manifest = manifest();
        StringBuilder names = new StringBuilder();
        for (Path library : libraries) {
            names.append(names.length() == 0 ? "" : " ").append(library.getFileName());
        }
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, names.toString());
        write(folder.resolve("lib/" + Jars.OWN), manifest, entries);
        boolean hasVersions = false;
        for (Path library : libraries) {
            writeLegal(library);
            hasVersions |= merge(library, entries);
        }
        manifest = manifest();
        if (hasVersions) {
            manifest.getMainAttributes().put(Attributes.Name.MULTI_RELEASE, "true");
        }
        write(folder.resolve(Jars.OWN), manifest, entries);
    }

    private static Manifest manifest() {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, MAIN);
        attributes.put(Attributes.Name.IMPLEMENTATION_VERSION, Version.CURRENT);
        return manifest;
    }

    /**
     * Adds the entries of a library to those of psm. Licences go to a folder for each library, and
     * lists of services are appended to each other.
     *
     * @return whether it has classes for several versions of Java
     */
    private static boolean merge(Path library, Map<String, byte[]> entries) throws IOException {
        Map<String, byte[]> added = new TreeMap<>();
        addAll(library, added);
        Manifest manifest = manifestOf(added);
        for (Map.Entry<String, byte[]> entry : added.entrySet()) {
            String path = entry.getKey();
            String file = path.substring(path.lastIndexOf('/') + 1);
            if (file.equals("module-info.class") || path.startsWith("META-INF/maven/")) {
                continue; // psm.jar is no module
            }
            if (path.startsWith(SERVICES)) {
                entries.merge(path, entry.getValue(), PackageFiles::lines);
            } else if (LEGAL.matcher(path).matches()) {
                entries.put("META-INF/licenses/" + stem(library) + '/' + file, entry.getValue());
            } else if (entries.putIfAbsent(path, entry.getValue()) != null) {
                throw new IOException(library + " has " + path + ", as another jar has");
            }
        }
        String multi = manifest.getMainAttributes().getValue(Attributes.Name.MULTI_RELEASE);
        return Boolean.parseBoolean(multi)
                && added.keySet().stream().anyMatch(PackageFiles::isVersioned);
    }

    /** Writes the licences in a library to a folder, where people find them. */
    private void writeLegal(Path library) throws IOException {
        Map<String, byte[]> entries = new TreeMap<>();
        addAll(library, entries);
        Path legal = folder.resolve("lib/legal").resolve(stem(library));
        for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
            if (LEGAL.matcher(entry.getKey()).matches()) {
                Files.createDirectories(legal);
                Files.write(legal.resolve(Path.of(entry.getKey()).getFileName()), entry.getValue());
            }
        }
    }

    private static String stem(Path jar) {
        return jar.getFileName().toString().replaceFirst("\\.jar$", "");
    }

    private static boolean isVersioned(String path) {
        return path.startsWith(VERSIONS);
    }

    private static byte[] lines(byte[] first, byte[] second) {
        String all = text(first).stripTrailing() + '\n' + text(second).stripTrailing() + '\n';
        return all.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void addAll(Path jar, Map<String, byte[]> entries) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                if (!entry.isDirectory()) {
                    try (InputStream in = zip.getInputStream(entry)) {
                        entries.put(entry.getName(), in.readAllBytes());
                    }
                }
            }
        }
    }

    /** Removes the manifest from the entries, and returns it. */
    private static Manifest manifestOf(Map<String, byte[]> entries) throws IOException {
        byte[] bytes = entries.remove(JarFile.MANIFEST_NAME);
        return bytes == null ? manifest() : new Manifest(new ByteArrayInputStream(bytes));
    }

    private void write(Path jar, Manifest manifest, Map<String, byte[]> entries)
            throws IOException {
        ByteArrayOutputStream first = new ByteArrayOutputStream();
        manifest.write(first);
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            write(out, JarFile.MANIFEST_NAME, first.toByteArray());
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                write(out, entry.getKey(), entry.getValue());
            }
        }
        Jars.makeReadable(jar);
    }

    private void write(ZipOutputStream out, String name, byte[] bytes) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(time); // whatever the time zone of this machine is
        out.putNextEntry(entry);
        out.write(bytes);
    }

    private void writeTexts() throws IOException {
        text("psm.1", Manual.page(PackagedPsm.OF_HOST));
        text("psm.bash", Completions.bash());
        text("psm.zsh", Completions.zsh());
        text("psm.fish", Completions.fish());
        text("psm.fixed", LauncherScript.packaged(false));
        text("psm.movable", LauncherScript.packaged(true));
    }

    private void text(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
