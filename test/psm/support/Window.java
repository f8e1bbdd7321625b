package psm.support;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import psm.proc.KeyedLines;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command in a window of a terminal, which script(1) makes. */
public final class Window implements AutoCloseable {
    public static final String CTRL_C = "\u0003";
    public static final String CTRL_Z = "\u001a";

    private static final int TIMEOUT_SECONDS = 60;

    private final Process script;
    private final Path name;
    private final StringBuilder seen = new StringBuilder();
    private final Thread reader = new Thread(this::read);

    /**
     * Opens a window.
     *
     * @param command the command for sh(1)
     * @param environment variables to set besides those of a usual terminal
     */
    public Window(int columns, int rows, Map<String, String> environment, String command)
            throws IOException {
        assumeTrue(Command.exists("script"), "there is no script(1) to make a terminal with");
        name = Files.createTempFile("psm-test", ".tty");
        String size = "stty cols " + columns + " rows " + rows + "; tty > " + name + "; ";
        String lives =
                "trap : INT; "; // else a shell that does not exec its last command dies of it
        ProcessBuilder builder =
                new ProcessBuilder("script", "-qec", size + lives + command, "/dev/null")
                        .redirectErrorStream(true);
        builder.environment().put("TERM", "xterm");
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("NO_COLOR", "1");
        builder.environment().putAll(environment);
        script = builder.start();
        reader.start();
    }

    /** Skips a test where Ctrl-C would be ignored, as in a shell's background. */
    public static void assumeInterruptsArrive() throws IOException {
        String status = Files.readString(Path.of("/proc/self/status"));
        long ignored = Long.parseUnsignedLong(new KeyedLines(status).value("SigIgn"), 16);
        assumeTrue((ignored >> 1 & 1) == 0, "what runs the tests ignores Ctrl-C");
    }

    /** Returns words as a command for sh(1). */
    public static String quoted(List<String> words) {
        StringBuilder command = new StringBuilder();
        for (String word : words) {
            command.append(" '").append(word.replace("'", "'\\''")).append('\'');
        }
        return command.toString();
    }

    private void read() {
        byte[] bytes = new byte[8192];
        try {
            InputStream in = script.getInputStream();
            for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                synchronized (seen) {
                    seen.append(new String(bytes, 0, n, StandardCharsets.UTF_8));
                    seen.notifyAll();
                }
            }
        } catch (IOException e) {
            // The window is closed.
        }
    }

    /** Returns what the command has written so far. */
    public String seen() {
        synchronized (seen) {
            return seen.toString();
        }
    }

    /** Forgets what the command has written so far. */
    public void forget() {
        synchronized (seen) {
            seen.setLength(0);
        }
    }

    /** Waits until the command has written a text that many times. */
    public void await(String text, int times) throws InterruptedException {
        long due = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        synchronized (seen) {
            while (seen.toString().split(java.util.regex.Pattern.quote(text), -1).length <= times) {
                long left = TimeUnit.NANOSECONDS.toMillis(due - System.nanoTime());
                assertTrue(left > 0, "no '" + text + "' in: " + seen);
                seen.wait(left);
            }
        }
    }

    /** Types keys. */
    public void type(String keys) throws IOException {
        script.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
        script.getOutputStream().flush();
    }

    /** Changes the size. */
    public void resize(int columns, int rows) throws IOException {
        stty("cols", Integer.toString(columns), "rows", Integer.toString(rows));
    }

    /** Returns whether the terminal collects keys to lines and shows them, as a shell expects. */
    public boolean isSane() throws IOException {
        return (' ' + stty("-a")).matches("(?s).* icanon .* echo .*");
    }

    private String stty(String... arguments) throws IOException {
        Command stty = Command.of("stty", "-F", Files.readString(name).strip());
        return stty.append(List.of(arguments)).run().out().replace(';', ' ');
    }

    /** Waits for the end of the command and returns its exit code. */
    public int exitCode() throws InterruptedException {
        assertTrue(script.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS), "goes on: " + seen());
        reader.join();
        return script.exitValue();
    }

    @Override
    public void close() throws IOException {
        script.destroyForcibly();
        Files.delete(name);
    }
}
