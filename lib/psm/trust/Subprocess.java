package psm.trust;

import java.io.File;
import java.io.IOException;
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
 */
public record Subprocess(int exitCode, String output) {
    private static final long MAX_MINUTES = 5;

    /** The environment variables by which Java decodes the names of files. */
    private static final Set<String> LOCALE = Set.of("LANG", "LC_ALL", "LC_CTYPE");

    /**
     * Runs a command and waits for its end; discards what it writes to standard error.
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
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        process.getOutputStream().close();
        CompletableFuture<Process> end = process.onExit().orTimeout(MAX_MINUTES, TimeUnit.MINUTES);
        end.exceptionally(late -> process.destroyForcibly() /* which ends its output */);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Subprocess(end.join().exitValue(), output);
        } catch (CompletionException e) {
            throw new IOException(words.get(0) + " did not end in " + MAX_MINUTES + " minutes", e);
        }
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
