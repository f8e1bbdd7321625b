package psm.support;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Machines with real sshd, in namespaces of their own, and a desk: a network that reaches them,
 * where {@code ssh NAME} logs in. {@code test/programs/machines} makes them, and says which words
 * can follow the name of a machine. They end when this is closed, or else with the tests' JVM.
 */
public final class Machines implements AutoCloseable {
    private final Process process;
    private final Map<String, Long> pids = new TreeMap<>();

    private Machines(Process process) {
        this.process = process;
    }

    /** Starts machines; skips the test where they cannot be made. */
    public static Machines start(Path folder, List<String> specs) throws IOException {
        List<String> words = new ArrayList<>();
        words.add(Command.root().resolve("test/programs/machines").toString());
        words.add(folder.toRealPath().toString());
        words.addAll(specs);
        Process process =
                new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Machines machines = new Machines(process);
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        while (!machines.pids.containsKey("ready")) {
            String line = String.valueOf(out.readLine());
            String[] parts = line.split(" ", 2);
            assumeFalse(parts[0].equals("unavailable"), line);
            machines.pids.put(parts[0], Long.parseLong(parts[1]));
        }
        return machines;
    }

    /** Returns the process 1 of a machine, as this machine numbers it. */
    public long pid(String name) {
        return pids.get(name);
    }

    /** Makes a command that runs another one on a machine, as root and without ssh. */
    public Command on(String name, Command command) {
        return command.behind("nsenter", "--target", String.valueOf(pid(name)), "--all");
    }

    /** Makes a command that runs another one where the machines can be reached. */
    public Command desk(Command command) {
        return command.behind(
                "nsenter", "--target", String.valueOf(pid("ready")), "--net", "--mount");
    }

    /**
     * Starts processes of known memory on a machine; their pids are those that it has there.
     *
     * @param command the compiled program and its shape, maybe behind another program
     */
    public Shapes start(String name, String... command) throws IOException, InterruptedException {
        return Shapes.start(on(name, Command.of(command)).words());
    }

    @Override
    public void close() throws IOException {
        process.outputWriter().close();
        process.onExit().join();
    }
}
