package psm;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Runs real commands for the tests: psm on the tests' own class path, and anything else. */
final class Command {
    /** How a command ended and what it wrote. */
    record Result(int exitCode, String out, String err) {}

    /** Longer than any command takes on a busy machine; only ends one that hangs. */
    private static final int TIMEOUT_MINUTES = 5;

    private final List<String> words;
    private final Map<String, String> environment = new TreeMap<>(System.getenv());
    private Path folder = root();
    private Path input;

    private Command(List<String> words) {
        this.words = words;
    }

    static Command of(String... words) {
        return new Command(List.of(words));
    }

    /** psm as the tests compiled it, in a JVM of its own with the options of Main's directives. */
    static Command psm(String... args) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(runtimeOptions());
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), "psm.Main"));
        words.addAll(List.of(args));
        return new Command(words);
    }

    /** The checkout: the nearest folder with psm's sources, from the current one upwards. */
    static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (folder != null && !Files.exists(folder.resolve("lib/psm/Main.java"))) {
            folder = folder.getParent();
        }
        if (folder == null) {
            throw new IllegalStateException("run the tests in psm's checkout");
        }
        return folder;
    }

    /** Runs in that folder instead of the checkout's root. */
    Command in(Path other) {
        folder = other;
        return this;
    }

    /** Reads that file instead of nothing. */
    Command from(Path file) {
        input = file;
        return this;
    }

    /** Sets a variable of the environment; {@code null} takes it away. */
    Command with(String variable, String value) {
        if (value == null) {
            environment.remove(variable);
        } else {
            environment.put(variable, value);
        }
        return this;
    }

    /** Runs the command to its end. */
    Result run() {
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

    private Process start(Path out, Path err) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.directory(folder.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.redirectInput(input == null ? Path.of("/dev/null").toFile() : input.toFile());
        builder.redirectOutput(out.toFile());
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

    /** Whether a command of that name is on the PATH. */
    static boolean exists(String name) {
        return of("sh", "-c", "command -v " + name).run().exitCode() == 0;
    }

    /** All that a stream has, as UTF-8. */
    static String text(InputStream in) throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
}
