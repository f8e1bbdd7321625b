package psm.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import psm.proc.OwnProcess;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs commands for the tests: psm on the tests' class path, and other programs. */
public final class Command {
    /** The exit code and the output of a command. */
    public record Result(int exitCode, String out, String err) {}

    /** The time after which a command is killed; no command takes as long on a busy machine. */
    private static final int TIMEOUT_MINUTES = 5;

    /** The program that the tests take for psm, such as that of a package; or {@code null}. */
    private static final String INSTEAD = System.getenv("PSM_TEST_PROGRAM");

    private final List<String> words;
    private final Map<String, String> environment = new TreeMap<>(System.getenv());
    private Path folder = root();
    private Path input;
    private Path output;

    private Command(List<String> words) {
        this.words = words;
    }

    public static Command of(String... words) {
        return new Command(new ArrayList<>(List.of(words)));
    }

    /**
     * Makes a command that runs psm in a JVM of its own, with the options of Main's directives; or
     * the psm that {@link #INSTEAD} names.
     */
    public static Command psm(String... args) {
        if (INSTEAD != null) {
            List<String> words = new ArrayList<>(List.of(INSTEAD));
            words.addAll(List.of(args));
            return new Command(words);
        }
        List<String> words = new ArrayList<>(List.of("psm.Main"));
        words.addAll(List.of(args));
        return java(words.toArray(new String[0]));
    }

    /**
     * Makes a command that runs psm without the tests' own libraries, which it would install as
     * plugins.
     */
    public static Command psmAlone(String... args) {
        List<String> classPath = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            String name = Path.of(entry).getFileName().toString();
            boolean isOwn = Files.isDirectory(Path.of(entry)) || name.startsWith("tests");
            if (isOwn || name.matches("(picocli|jackson-core|commons-(csv|io|codec))-.*")) {
                classPath.add(entry);
            }
        }
        List<String> all = new ArrayList<>(List.of("psm.Main"));
        all.addAll(List.of(args));
        List<String> words = java(all.toArray(new String[0])).words();
        words.set(words.indexOf("-cp") + 1, String.join(":", classPath));
        return of(words.toArray(new String[0]));
    }

    /** Makes a command that runs a class of the tests' class path in the same way. */
    public static Command java(String... classAndArgs) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(runtimeOptions());
        words.addAll(List.of("-cp", System.getProperty("java.class.path")));
        words.addAll(List.of(classAndArgs));
        return new Command(words);
    }

    /**
     * Makes a command that runs the checkout's jbangw with another home, on the tests' Java, and
     * without the user's settings for JBang. JBang's jar is that of the user's jbangw.
     */
    public static Command jbangw(Path home, String... args) {
        List<String> words = new ArrayList<>();
        words.add(root().resolve("jbangw").toString());
        words.addAll(List.of(args));
        return new Command(words).forJbang(home);
    }

    /** Returns the checkout: the nearest folder upwards that contains psm's sources. */
    public static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("lib/psm/Main.java"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException("run the tests in psm's checkout");
        }
        return folder;
    }

    public List<String> words() {
        return words;
    }

    /** Puts words before the command: those of a program that runs it. */
    public Command behind(String... first) {
        words.addAll(0, List.of(first));
        return this;
    }

    /** Adds words at the end. */
    public Command append(List<String> more) {
        words.addAll(more);
        return this;
    }

    /** Sets the working directory, which else is the root of the checkout. */
    public Command in(Path other) {
        folder = other;
        return this;
    }

    /** Sets the standard input, which else is empty. */
    public Command from(Path file) {
        input = file;
        return this;
    }

    /** Writes standard output to a file; it is not part of the result. */
    public Command to(Path file) {
        output = file;
        return this;
    }

    /** Puts jars before psm on the class path. */
    public Command after(List<Path> jars) {
        assumeTrue(INSTEAD == null, "the program that PSM_TEST_PROGRAM names takes no plugins");
        StringBuilder classPath = new StringBuilder();
        for (Path jar : jars) {
            classPath.append(jar).append(File.pathSeparator);
        }
        int index = words.indexOf("-cp") + 1;
        words.set(index, classPath.append(words.get(index)).toString());
        return this;
    }

    /** Sets the environment as {@link #jbangw} does. */
    public Command forJbang(Path home) {
        environment.keySet().removeIf(name -> name.startsWith("JBANG"));
        return with("HOME", home.toString())
                .with("XDG_CACHE_HOME", userCache().toString())
                .with("JAVA_HOME", System.getProperty("java.home"));
    }

    /** Returns the folder for caches of the user's programs. */
    public static Path userCache() {
        String cache = System.getenv("XDG_CACHE_HOME");
        if (cache != null && cache.startsWith("/")) {
            return Path.of(cache);
        }
        String home = System.getenv("HOME");
        return Path.of(home == null ? System.getProperty("user.home") : home, ".cache");
    }

    /** Sets a variable of the environment; {@code null} removes it. */
    public Command with(String variable, String value) {
        if (value == null) {
            environment.remove(variable);
        } else {
            environment.put(variable, value);
        }
        return this;
    }

    /** Runs the command and waits for its end. */
    public Result run() {
        try {
            Path out = Files.createTempFile("psm-test", ".out");
            Path err = Files.createTempFile("psm-test", ".err");
            Process process = start(out, err);
            if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IllegalStateException(words + " hangs");
            }
            Result result =
                    new Result(process.exitValue(), Files.readString(out), Files.readString(err));
            Files.delete(out);
            Files.delete(err);
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Starts the command, and does not wait for its end. */
    public Process start(Path out, Path err) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.directory(folder.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.redirectInput(input == null ? Path.of("/dev/null").toFile() : input.toFile());
        builder.redirectOutput(output == null ? out.toFile() : output.toFile());
        builder.redirectError(err.toFile());
        return builder.start();
    }

    private static List<String> runtimeOptions() {
        List<String> options = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(root().resolve("lib/psm/Main.java"))) {
                if (line.startsWith("//RUNTIME_OPTIONS ")) {
                    options.addAll(
                            List.of(line.substring("//RUNTIME_OPTIONS ".length()).split(" ", -1)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return options;
    }

    /** Returns whether a command is on the PATH. */
    public static boolean exists(String name) {
        return of("sh", "-c", "command -v " + name).run().exitCode() == 0;
    }

    /** Reads a stream to its end, as UTF-8. */
    static String text(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /**
     * Makes a command that runs psm as an ordinary user: the one who runs the tests, or for root
     * another one. Then the class path is copied, since it may be in a home that other users cannot
     * read.
     */
    public static Command psmAsNobody(Path folder, String... args) throws IOException {
        if (!new OwnProcess().isRoot()) {
            return psm(args).in(folder);
        }
        assumeTrue(exists("setpriv"), "there is no setpriv to become another user with");
        assumeTrue(INSTEAD == null, "the program that PSM_TEST_PROGRAM names is root's");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        List<String> words = new ArrayList<>();
        words.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        String classPath = System.getProperty("java.class.path");
        for (String word : psm(args).words()) {
            words.add(word.equals(classPath) ? copied(classPath, folder) : word);
        }
        return of(words.toArray(new String[0])).in(folder);
    }

    private static String copied(String classPath, Path folder) throws IOException {
        StringBuilder copies = new StringBuilder();
        for (String entry : classPath.split(":", -1)) {
            Path from = Path.of(entry);
            Path to = folder.resolve(copies.length() + "-" + from.getFileName());
            try (Stream<Path> files = Files.walk(from)) {
                for (Path file : files.toList()) {
                    Files.copy(file, to.resolve(from.relativize(file).toString()));
                }
            }
            copies.append(to).append(':');
        }
        return copies.toString();
    }
}
