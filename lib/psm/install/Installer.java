package psm.install;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import psm.cli.Arguments;
import psm.proc.OwnProcess;
import psm.text.Failure;
import psm.text.Text;
import psm.text.Version;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Installs psm below a prefix such as {@code /usr/local}: a launcher, the jars, an archive of
 * loaded classes that makes Java start fast, a man page and completions; and takes all of it away
 * again.
 *
 * <p>Each installation has a folder of its own in {@code lib/psm}. The launcher is replaced last,
 * at once, and only after the new psm has run; so there is a working one at any time.
 */
public final class Installer {
    /** What {@code bin/psm} starts Java with; the directives of Main say why of most. */
    static final List<String> JAVA_OPTIONS =
            List.of(
                    "-Xmx64m",
                    // Of a scan, little outlives its process. Too low, and there is a collection
                    // after every other process; too high, and psm takes memory where there is
                    // none, for what nobody needs any more.
                    "-Xmn3m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:-UsePerfData",
                    "-XX:+UnlockDiagnosticVMOptions",
                    // At its own address an archive needs no relocation, and its pages no copies.
                    "-XX:ArchiveRelocationMode=0",
                    // Most runs are over before compiled code has paid for its compilation. Too
                    // low, and a small box pays for the compiler; too high, and a large one for
                    // code that is not compiled.
                    "-XX:CompileThresholdScaling=2",
                    // Nor is what another run has compiled worth it.
                    "-XX:-AOTReplayTraining",
                    // An archive that does not fit is no news for whoever runs psm.
                    "-Xlog:disable",
                    "-XX:+DisplayVMOutputToStderr",
                    "-XX:+IgnoreUnrecognizedVMOptions");

    /** Libraries that only the compiler needs. */
    private static final String NOT_FOR_RUNS = "metainf-services-";

    /** What psm's own directives bring, by the start of its file's name; else it is a plugin's. */
    private static final List<String> LIBRARIES =
            List.of("picocli-", "jackson-core-", "commons-csv-", "commons-io-", "commons-codec-");

    /** What was installed, a path a line, so that no more than that is taken away. */
    static final String RECORD = "installed";

    private static final long MAX_MINUTES = 5;

    /** The first Java with AOT caches; older ones have archives for class data sharing. */
    private static final int AOT_CACHE = 24;

    /**
     * The classes that Java starts.
     *
     * @param main the class that runs psm
     * @param training the class that runs what archives are made of
     */
    public record Doors(String main, String training) {}

    private final Doors doors;
    private final Path prefix;
    private final Path home;
    private final Path launcher;

    /** The home of the Java to use, or {@code null} for the newest. */
    private final String javaHome;

    /** The group that shall see all processes, or {@code null}. */
    private final String group;

    /** Whether by a socket. */
    private final boolean bySocket;

    /** The folders that were made, relative to the prefix. */
    private final Set<String> made = new TreeSet<>();

    /**
     * Prepares an installation.
     *
     * @param doors the classes that Java starts
     * @param prefix below which to install
     * @param javaHome the home of the Java to use, or {@code null} for the newest
     * @param group who shall see all processes, see {@link GroupAccess}; {@code null} for nobody
     * @param bySocket whether by a socket of systemd's, else by sudo
     */
    public Installer(Doors doors, Path prefix, String javaHome, String group, boolean bySocket) {
        this.doors = doors;
        this.prefix = prefix;
        this.javaHome = javaHome;
        this.group = group;
        this.bySocket = bySocket;
        this.home = prefix.resolve("lib/psm");
        this.launcher = prefix.resolve("bin/psm");
    }

    public Path prefix() {
        return prefix;
    }

    /**
     * {@code /usr/local} for root, {@code ~/.local} for others; for doctor, that of the psm which
     * runs, if it is an installed one.
     */
    public static Path defaultPrefix(String command) throws Failure {
        Path home = own().getParent() == null ? null : own().getParent().getParent();
        if (command.equals(Arguments.DOCTOR)
                && home != null
                && home.endsWith("lib/psm")
                && Files.exists(home.resolve(RECORD))) {
            return home.getParent().getParent();
        }
        return new OwnProcess().isRoot()
                ? Path.of("/usr/local")
                : JavaHome.ofUser().resolve(".local");
    }

    /** What would be done, for people. */
    public String plan() throws Failure {
        StringBuilder plan = new StringBuilder();
        JavaHome java = java();
        GroupAccess access = access(java, home.resolve("..."));
        plan.append("Java ").append(java.version()).append(" in ").append(java.folder());
        plan.append("\nwould write\n    ").append(launcher).append('\n');
        for (Path jar : jars()) {
            plan.append("    ").append(home).append("/.../").append(nameOf(jar)).append('\n');
        }
        for (String archive : Archives.ALL) {
            plan.append("    ").append(home).append("/.../");
            plan.append(archiveName(archive, java)).append('\n');
        }
        for (Path page : pages().keySet()) {
            plan.append("    ").append(page).append('\n');
        }
        if (access != null) {
            for (Path file : access.files()) {
                plan.append("    ").append(file).append('\n');
            }
        }
        return plan.toString();
    }

    /**
     * Installs psm, in place of what is there.
     *
     * @return what was done, for people
     * @throws Failure where it cannot; what is there is left as it is
     */
    public String install() throws Failure {
        JavaHome java = java();
        Path folder = home.resolve(Version.CURRENT + "-" + Long.toHexString(System.nanoTime()));
        GroupAccess access = access(java, folder);
        try {
            makeFolders(home);
            // Until all is in it, nobody else can open any of it.
            Files.createDirectory(folder, mode("rwx------"));
            List<String> classPath = writeJars(folder);
            modernize(java, folder);
            List<String> command = command(java, classPath);
            boolean isArchived = writeArchives(java, folder, command, access);
            prove(with(use(java, folder, Archives.FORMATS), command));
            List<Path> written = new ArrayList<>();
            for (Map.Entry<Path, String> page : pages().entrySet()) {
                makeFolders(page.getKey().getParent());
                replace(page.getKey(), page.getValue(), "rw-r--r--");
                written.add(page.getKey());
            }
            makeFolders(launcher.getParent());
            written.add(launcher);
            record(written);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            if (access != null) {
                access.open();
            }
            String script = script(use(java, folder, "$archive"), command, access);
            replace(launcher, script, "rwxr-xr-x");
            boolean wasOpen = access == null && GroupAccess.close(prefix);
            deleteOthers(folder);
            return "psm "
                    + Version.CURRENT
                    + " is installed as "
                    + launcher
                    + ", on Java "
                    + java.version()
                    + " in "
                    + java.folder()
                    + '\n'
                    + (access == null ? "" : access.told())
                    + (wasOpen ? "no group may see all processes any more (--group)\n" : "")
                    + (isArchived ? "" : "Java could make no archive of it: it starts slower\n")
                    + (isOnPath() ? "" : launcher.getParent() + " is not on your PATH\n");
        } catch (IOException | UncheckedIOException e) {
            deleteTree(folder);
            throw Failure.of("install: " + told(e) + "; nothing was changed", e);
        } catch (Failure e) {
            deleteTree(folder);
            throw e;
        }
    }

    /**
     * Takes away what {@link #install} wrote.
     *
     * @return what was done, for people
     * @throws Failure where there is no installation, or some of it cannot be deleted
     */
    public String uninstall() throws Failure {
        List<String> files;
        try {
            checkOwner();
            files = new ArrayList<>(Files.readAllLines(home.resolve(RECORD)));
            files.removeIf(file -> !isBelowPrefix(file));
        } catch (IOException e) {
            throw Failure.usage(
                    "uninstall: no psm was installed in " + prefix + "; --prefix DIR names another",
                    e);
        }
        try {
            GroupAccess.close(prefix);
            for (String file : files) {
                if (!file.endsWith("/")) {
                    Files.deleteIfExists(prefix.resolve(file));
                }
            }
        } catch (IOException e) {
            throw Failure.of("uninstall: " + told(e), e);
        }
        deleteTree(home);
        if (Files.exists(home)) {
            throw Failure.of("uninstall: " + home + " could not be deleted", null);
        }
        Collections.reverse(files); // it is sorted, so that a folder comes before what is in it
        for (String folder : files) {
            if (folder.endsWith("/")) {
                prefix.resolve(folder).toFile().delete(); // unless something else is in it now
            }
        }
        return "psm is no longer installed in " + prefix + '\n';
    }

    /**
     * What was installed is told by a file; root does not delete what somebody else may have put
     * into it.
     */
    private void checkOwner() throws IOException, Failure {
        for (Path path : List.of(home, home.resolve(RECORD))) {
            Object owner = Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
            if (new OwnProcess().isRoot() && !owner.equals(0)) {
                throw Failure.usage(
                        "uninstall: "
                                + path
                                + " belongs to user "
                                + owner
                                + ", who can uninstall it",
                        null);
            }
        }
    }

    private boolean isBelowPrefix(String file) {
        Path path = prefix.resolve(file);
        return path.startsWith(prefix) && path.normalize().equals(path);
    }

    /** What is asked for, and can be; {@code null} for nothing. */
    private GroupAccess access(JavaHome java, Path folder) throws Failure {
        if (group == null) {
            return null;
        }
        GroupAccess access = new GroupAccess(prefix, group, bySocket, folder, java);
        access.check();
        return access;
    }

    private JavaHome java() throws Failure {
        if (javaHome != null) {
            return JavaHome.in(javaHome);
        }
        JavaHome java = JavaHome.newest(new OwnProcess().isRoot());
        if (java == null) {
            throw Failure.of("install: found no Java 17 or later with a file 'release'", null);
        }
        return java;
    }

    /** Of this run: its own jar or folder first. */
    private static List<Path> jars() throws Failure {
        List<Path> jars = new ArrayList<>();
        jars.add(own());
        if (Files.isRegularFile(own())) {
            addNamedIn(own(), jars);
        }
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            Path jar = Path.of(entry).toAbsolutePath();
            if (!entry.isEmpty() && !jars.contains(jar) && Files.isRegularFile(jar)) {
                jars.add(jar);
            }
        }
        jars.removeIf(jar -> nameOf(jar).startsWith(NOT_FOR_RUNS));
        return jars;
    }

    private static Path own() throws Failure {
        try {
            return Path.of(
                    Installer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw Failure.of("install: cannot tell where psm's own classes are", e);
        }
    }

    /** Those that a jar's manifest names: an installed psm's libraries. */
    private static void addNamedIn(Path jar, List<Path> jars) throws Failure {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry = zip.getEntry("META-INF/MANIFEST.MF");
            if (entry == null) {
                return;
            }
            try (InputStream in = zip.getInputStream(entry)) {
                String names =
                        new Manifest(in).getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
                for (String name : names == null ? new String[0] : names.split(" ", -1)) {
                    Path named = jar.resolveSibling(name);
                    if (Files.isRegularFile(named) && !jars.contains(named)) {
                        jars.add(named);
                    }
                }
            }
        } catch (IOException e) {
            throw Failure.of("install: " + jar + ": " + told(e), e);
        }
    }

    /** Writes all jars; returns those for the class path: psm's, and plugins. */
    private List<String> writeJars(Path folder) throws IOException, Failure {
        List<Path> jars = jars();
        List<String> libraries = new ArrayList<>();
        List<String> classPath = new ArrayList<>();
        classPath.add(folder.resolve("psm.jar").toString());
        for (Path jar : jars.subList(1, jars.size())) {
            String name = nameOf(jar);
            Path copy = folder.resolve(name);
            if (Files.exists(copy)) {
                continue; // the first of a name is the one that Java would take
            }
            Files.copy(jar, copy);
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
            boolean isLibrary = LIBRARIES.stream().anyMatch(name::startsWith);
            (isLibrary ? libraries : classPath).add(isLibrary ? name : copy.toString());
        }
        writeOwnJar(jars.get(0), folder.resolve("psm.jar"), String.join(" ", libraries));
        return classPath;
    }

    /** Where it cannot be done, runs with options take longer to start. */
    private static void modernize(JavaHome java, Path folder) throws IOException {
        if (java.version() < AOT_CACHE) {
            return;
        }
        Path work = Files.createTempDirectory("psm");
        try (DirectoryStream<Path> old = Files.newDirectoryStream(folder, "picocli-*.jar")) {
            for (Path jar : old) {
                Path modern = work.resolve("modern.jar");
                int exitCode = run(Modernizer.command(java.launcher(), work, jar, modern)).exitCode;
                if (exitCode == 0 && Files.exists(modern)) {
                    Files.copy(modern, jar, REPLACE_EXISTING);
                    Files.setPosixFilePermissions(
                            jar, PosixFilePermissions.fromString("rw-r--r--"));
                }
            }
        } finally {
            deleteTree(work);
        }
    }

    /** The same classes, with a manifest that names the libraries: one jar on the class path. */
    private void writeOwnJar(Path own, Path jar, String libraries) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, doors.main());
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, Version.CURRENT);
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, libraries);
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            if (Files.isDirectory(own)) {
                addFolder(own, out);
            } else {
                addJar(own, out);
            }
        }
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
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

    /** The start of each command line, up to the main class, without an archive. */
    private static List<String> command(JavaHome java, List<String> classPath) {
        List<String> command = new ArrayList<>();
        command.add(java.launcher().toString());
        command.addAll(JAVA_OPTIONS);
        command.add("-cp");
        command.add(String.join(":", classPath));
        return command;
    }

    private static List<String> with(String option, List<String> command) {
        List<String> words = new ArrayList<>(command);
        words.add(1, option);
        return words;
    }

    /** The option to start with an archive. */
    static String use(JavaHome java, Path folder, String archive) {
        return (java.version() >= AOT_CACHE ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=")
                + folder.resolve(archiveName(archive, java));
    }

    static String archiveName(String archive, JavaHome java) {
        return archive + (java.version() >= AOT_CACHE ? ".aot" : ".jsa");
    }

    /** Returns whether all of them are there. */
    private boolean writeArchives(
            JavaHome java, Path folder, List<String> command, GroupAccess access)
            throws IOException {
        boolean isArchived = true;
        List<String> more = new ArrayList<>();
        Path training = folder.resolve("training");
        if (access != null) {
            List<String> collector = access.javaCommand();
            isArchived = writeArchive(java, folder, Archives.COLLECTOR, collector, more);
            more.addAll(List.of(training.toString(), access.bySocket() ? "socket" : "file"));
        }
        try {
            for (String archive : Archives.ALL) {
                isArchived &= writeArchive(java, folder, archive, command, more);
            }
        } finally {
            Files.deleteIfExists(training);
        }
        return isArchived;
    }

    /** Has Java archive what it loads for some runs; returns whether it did. */
    private boolean writeArchive(
            JavaHome java, Path folder, String name, List<String> command, List<String> more)
            throws IOException {
        Path archive = folder.resolve(archiveName(name, java));
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of(doors.training(), name));
        words.addAll(more);
        if (java.version() > AOT_CACHE) {
            run(with("-XX:AOTCacheOutput=" + archive, words));
        } else if (java.version() == AOT_CACHE) {
            Path loaded = Path.of(archive + ".loaded");
            words = with("-XX:AOTConfiguration=" + loaded, words);
            run(with("-XX:AOTMode=record", words));
            run(with("-XX:AOTMode=create", with("-XX:AOTCache=" + archive, words)));
            Files.deleteIfExists(loaded);
        } else {
            run(with("-XX:ArchiveClassesAtExit=" + archive, words));
        }
        if (Files.exists(archive)) {
            Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("r--r--r--"));
            return true;
        }
        return false;
    }

    private void prove(List<String> command) throws IOException, Failure {
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of(doors.main(), "-o", "json"));
        Ran psm = run(words);
        if (psm.exitCode != 0 || !psm.out.startsWith("{\"schema\":")) {
            throw Failure.of(
                    "install: the new psm does not run: it says '" + Text.cut(psm.out, 80) + "'",
                    null);
        }
    }

    /** How a command ended, and what it wrote. */
    record Ran(int exitCode, String out) {}

    /** Runs a command; its complaints are thrown away. */
    static Ran run(List<String> words) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment()
                .keySet()
                .removeAll(
                        List.of(
                                "CLASSPATH",
                                "JAVA_TOOL_OPTIONS",
                                "JDK_JAVA_OPTIONS",
                                "_JAVA_OPTIONS"));
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(MAX_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IOException("the new psm does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return new Ran(process.exitValue(), out);
    }

    /** {@code bin/psm}: a shell that becomes Java, and asks for the size of a terminal before. */
    private String script(String archive, List<String> command, GroupAccess access) {
        List<String> words = new ArrayList<>();
        for (String word : command.subList(1, command.size())) {
            words.add(quoted(word));
        }
        int name = archive.lastIndexOf("$archive");
        String use = quoted(archive.substring(0, name)) + archive.substring(name);
        return """
        #!/bin/sh
        # psm %s, made by 'psm install', which also mends it; 'psm uninstall' takes it away.
        java=%s
        [ -x "$java" ] || java=$(command -v java) || {
            echo "psm: the Java that it was installed with is gone, and there is no other; 'psm install' finds one" >&2
            exit 1
        }
        unset CLASSPATH JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
        case " $* " in
        '  ') archive=%s ;;
        *' -o'* | *' --o'*) archive=%s ;;
        *) archive=%s ;;
        esac
        set -- %s "$@"
        [ ! -t 1 ] || set -- "-Dpsm.window=$(stty size 2>/dev/null <&1)" "$@"
        %sexec "$java" %s %s "$@"
        """
                .formatted(
                        Version.CURRENT,
                        quoted(command.get(0)),
                        Archives.PLAIN,
                        Archives.FORMATS,
                        Archives.OPTIONS,
                        doors.main(),
                        access == null ? "" : access.launcherPart(),
                        use,
                        String.join(" ", words));
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_/.:=+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /** The files for the man command and for shells, by path. */
    private Map<Path, String> pages() {
        Map<Path, String> pages = new LinkedHashMap<>();
        Path share = prefix.resolve("share");
        pages.put(share.resolve("man/man1/psm.1"), Manual.page());
        pages.put(share.resolve("bash-completion/completions/psm"), Manual.bashCompletion());
        pages.put(share.resolve("zsh/site-functions/_psm"), Manual.zshCompletion());
        pages.put(share.resolve("fish/vendor_completions.d/psm.fish"), Manual.fishCompletion());
        return pages;
    }

    /** Files, and the folders that were made for them, now or before. */
    private void record(List<Path> written) throws IOException {
        Set<String> files = new TreeSet<>(made);
        for (Path file : written) {
            files.add(prefix.relativize(file).toString());
        }
        if (Files.exists(home.resolve(RECORD))) {
            files.addAll(Files.readAllLines(home.resolve(RECORD)));
        }
        replace(home.resolve(RECORD), String.join("\n", files) + "\n", "rw-r--r--");
    }

    /** The old file or the new one is there, whole, at any time. */
    static void replace(Path file, String content, String permissions) throws IOException {
        Path part = Files.createTempFile(file.getParent(), ".psm", ".part");
        try {
            Files.writeString(part, content);
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString(permissions));
            Files.move(part, file, ATOMIC_MOVE, REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Makes those that are missing, open to all to read, whatever the umask is. */
    private void makeFolders(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            makeFolders(folder.getParent());
            Files.createDirectory(folder, mode("rwxr-xr-x"));
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            if (folder.startsWith(prefix) && !folder.startsWith(home)) {
                made.add(prefix.relativize(folder) + "/");
            }
        }
    }

    /** Of what is made: less than that at most, for the umask. */
    private static FileAttribute<Set<PosixFilePermission>> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    private void deleteOthers(Path folder) throws IOException {
        List<Path> others;
        try (Stream<Path> all = Files.list(home)) {
            others =
                    all.filter(other -> Files.isDirectory(other) && !other.equals(folder)).toList();
        }
        others.forEach(Installer::deleteTree);
    }

    /** As much of it as can be deleted. */
    private static void deleteTree(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            return; // what could not be deleted shows
        }
    }

    private boolean isOnPath() {
        String path = System.getenv("PATH");
        return path != null
                && List.of(path.split(":", -1)).contains(launcher.getParent().toString());
    }

    private static String nameOf(Path jar) {
        return Files.isDirectory(jar) ? "psm.jar" : jar.getFileName().toString();
    }

    private static String told(Exception e) {
        String what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return e instanceof NoSuchFileException ? what + " is not there" : what;
    }
}
