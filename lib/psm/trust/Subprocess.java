package psm.trust;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * The result of a program that was run and has ended. The program gets nothing of psm's environment
 * but the locale, and {@code /} as its current folder, so that no variable and no file that another
 * user has laid changes what it does.
 *
 * @param exitCode its exit code
 * @param output what it wrote to standard output
 * @param errors the end of what it wrote to standard error
 */
public record Subprocess(int exitCode, String output, String errors) {
    private static final long MAX_MINUTES = 5;

    /** How much of standard error is kept: some ten lines of Java. */
    private static final int MAX_ERROR_CHARS = 8192;

    /** The environment variables by which Java decodes the names of files. */
    private static final Set<String> LOCALE = Set.of("LANG", "LC_ALL", "LC_CTYPE");

    /**
     * Runs a command and waits for its end.
     *
     * @param words the absolute path of a program, and its arguments
     * @throws IOException if it cannot be started, or does not end
     */
    public static Subprocess run(List<String> words) throws IOException {
        if (!words.get(0).startsWith("/")) {
            throw new IOException(words.get(0) + " is not an absolute path");
        }
        ProcessBuilder builder = new ProcessBuilder(words).directory(new File("/"));
        builder.environment().keySet().retainAll(LOCALE);
        Process process = builder.start();
        process.getOutputStream().close();
        CompletableFuture<Process> end = process.onExit().orTimeout(MAX_MINUTES, TimeUnit.MINUTES);
        end.exceptionally(late -> kill(process) /* which ends its output */);
        CompletableFuture<String> errors =
                CompletableFuture.supplyAsync(() -> endOf(process.getErrorStream()));
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Subprocess(end.join().exitValue(), output, errors.join());
        } catch (CompletionException e) {
            throw new IOException(words.get(0) + " did not end in " + MAX_MINUTES + " minutes", e);
        }
    }

    /** Kills a process, and those that it has started, which have its output too. */
    private static Process kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        return process.destroyForcibly();
    }

    /** Reads a stream to its end, and returns its last characters. */
    private static String endOf(InputStream stream) {
        StringBuilder last = new StringBuilder();
        try (Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
            char[] chars = new char[MAX_ERROR_CHARS];
            for (int read = reader.read(chars); read >= 0; read = reader.read(chars)) {
                last.append(chars, 0, read);
                last.delete(0, Math.max(0, last.length() - MAX_ERROR_CHARS));
            }
        } catch (IOException e) {
            last.append('\n').append(e);
        }
        return last.toString();
    }

    /**
     * Finds a program in the system's folders, whatever the PATH is.
     *
     * @return its absolute path; where it is missing, the path in {@code /usr/bin}
     */
    public static String find(String program) {
        for (String folder : List.of("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/")) {
            if (Files.isExecutable(Path.of(folder + program))) {
                return folder + program;
            }
        }
        return "/usr/bin/" + program;
    }
}
