package psm.install;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The result of a program that was run and has ended.
 *
 * @param exitCode its exit code
 * @param output what it wrote to standard output
 */
record Subprocess(int exitCode, String output) {
    private static final long MAX_MINUTES = 5;

    /** The environment variables that change how Java runs. */
    static final List<String> JAVA_VARIABLES =
            List.of("CLASSPATH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

    /** Runs a command and waits for its end; discards what it writes to standard error. */
    static Subprocess run(List<String> words) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().keySet().removeAll(JAVA_VARIABLES);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(MAX_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IOException(words.get(0) + " did not end in " + MAX_MINUTES + " minutes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return new Subprocess(process.exitValue(), output);
    }

    /**
     * Finds a program in the system's folders, whatever the PATH is.
     *
     * @return its absolute path; where it is missing, the path in {@code /usr/bin}
     */
    static String find(String program) {
        for (String folder : List.of("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/")) {
            if (Files.isExecutable(Path.of(folder + program))) {
                return folder + program;
            }
        }
        return "/usr/bin/" + program;
    }
}
