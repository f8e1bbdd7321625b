package psm.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Real processes whose memory is known, started by {@code test/programs/shapes.c}. They exit when
 * this is closed, or else with the tests' JVM.
 */
public final class Shapes implements AutoCloseable {
    /** The exit code of the program where the machine cannot make the shape. */
    private static final int UNAVAILABLE = 77;

    private final Process process;
    private final Map<String, String> facts = new HashMap<>();

    private Shapes(Process process) {
        this.process = process;
    }

    /** Compiles the program under a name, which becomes that of its processes. */
    public static Path compile(Path folder, String name) {
        return compile("shapes.c", folder, name);
    }

    /**
     * Compiles the program linked statically, so that no other program shares a page of libc with
     * its processes and changes their memory.
     *
     * @param macros defines these: with {@code WITHOUT_VDSO}, its processes do not share the page
     *     of the kernel's vdso either; then shapes that read the clock crash (twins, tmpfs,
     *     shared-libs)
     */
    public static Path compileStatic(Path folder, String name, String... macros) {
        assumeTrue(Command.exists("cc"), "there is no C compiler to make the processes with");
        String program = folder.resolve(name).toString();
        Command cc = Command.of("cc", "-O1", "-std=c11", "-static", "-pthread", "-o", program);
        for (String macro : macros) {
            cc.append(List.of("-D" + macro));
        }
        String source = Command.root().resolve("test/programs/shapes.c").toString();
        assumeTrue(cc.append(List.of(source)).run().exitCode() == 0, "there is no static libc");
        return folder.resolve(name);
    }

    /** Compiles any program of {@code test/programs}. */
    public static Path compile(String source, Path folder, String name) {
        assumeTrue(Command.exists("cc"), "there is no C compiler to make the processes with");
        Path program = folder.resolve(name);
        Command.Result result =
                Command.of("cc", "-O1", "-Wall", "-Wextra", "-Werror", "-std=c11", "-pthread", "-o")
                        .append(List.of(program.toString()))
                        .append(
                                List.of(
                                        Command.root()
                                                .resolve("test/programs/" + source)
                                                .toString()))
                        .run();
        assertEquals(0, result.exitCode(), result.err());
        return program;
    }

    /** Starts a shape and waits until it is ready; skips the test where it cannot be made. */
    public static Shapes start(Path program, String... shape)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(program.toString()));
        words.addAll(List.of(shape));
        return start(words);
    }

    /** Starts a shape by a command, which may run it elsewhere. */
    static Shapes start(List<String> words) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Shapes shapes = new Shapes(process);
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = String.valueOf(out.readLine());
        if (!line.startsWith("ready")) {
            int exitCode = process.waitFor();
            assumeTrue(exitCode != UNAVAILABLE, line);
        }
        assertTrue(line.startsWith("ready "), line);
        for (String fact : line.substring("ready ".length()).split(" ", -1)) {
            shapes.facts.put(
                    fact.substring(0, fact.indexOf('=')), fact.substring(fact.indexOf('=') + 1));
        }
        return shapes;
    }

    /** Returns a number that the program has printed, a size in bytes or a pid. */
    public long fact(String key) {
        return Long.parseLong(facts.get(key));
    }

    /** Returns a text that the program has printed. */
    public String text(String key) {
        return facts.get(key);
    }

    /** Returns the ids of all processes of the shape, including the parent of all. */
    public List<Long> pids() {
        List<Long> pids = new ArrayList<>(List.of(process.pid()));
        process.descendants().forEach(child -> pids.add(child.pid()));
        return pids;
    }

    /** Reads a file of {@code /proc}, a char for each byte. */
    public static String read(long pid, String file) throws IOException {
        return Files.readString(Path.of("/proc/" + pid, file), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        process.outputWriter().close();
        assertEquals(0, process.onExit().join().exitValue());
    }
}
