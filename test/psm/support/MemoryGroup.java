package psm.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A control group of the tests' own whose memory is limited, and the processes in it, which {@code
 * test/programs/holds.c} starts. Both end when this is closed.
 */
public final class MemoryGroup implements AutoCloseable {
    public static final int MB = 1 << 20;

    private static final Path V1 = Path.of("/sys/fs/cgroup/memory");

    /** How long a group may take to become empty after its processes were killed. */
    private static final int TIMEOUT_SECONDS = 30;

    private final boolean isV1 = Files.exists(V1.resolve("memory.limit_in_bytes"));
    private final List<Holder> holders = new ArrayList<>();
    private final List<Process> others = new ArrayList<>();
    private final List<Path> below = new ArrayList<>();
    private final String path;
    private final Path folder;

    /** Makes a group with a limit; skips the test where that is impossible. */
    public MemoryGroup(int limitMb) {
        path = "/psm-test-" + ProcessHandle.current().pid();
        folder = (isV1 ? V1 : Path.of("/sys/fs/cgroup")).resolve(path.substring(1));
        try {
            Files.createDirectory(folder);
            write(isV1 ? "memory.limit_in_bytes" : "memory.max", "" + (long) limitMb * MB);
        } catch (IOException e) {
            assumeTrue(false, "the memory of a cgroup cannot be limited here: " + e);
        }
    }

    /** Limits its swap. With none, reclaim writes none of its memory there. */
    public MemoryGroup swap(int limitMb, int swapMb) throws IOException {
        try {
            write(
                    isV1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max",
                    "" + (long) (isV1 ? limitMb + swapMb : swapMb) * MB);
        } catch (IOException e) {
            String swaps = Files.readString(Path.of("/proc/swaps"));
            assumeTrue(swaps.indexOf('\n') == swaps.length() - 1, "it may swap: " + e);
        }
        return this;
    }

    public boolean isV1() {
        return isV1;
    }

    /** Returns the path in {@code /proc/PID/cgroup}. */
    public String path() {
        return path;
    }

    public Path folder() {
        return folder;
    }

    /** Makes a group below; the kernel has enabled the controller there. */
    public Path below(String name) throws IOException {
        if (!isV1) {
            write("cgroup.subtree_control", "+memory");
        }
        Path child = folder.resolve(name);
        below.add(Files.createDirectory(child));
        return child;
    }

    /** Writes a file that the kernel has made. */
    public void write(String file, String content) throws IOException {
        try (OutputStream out = Files.newOutputStream(folder.resolve(file))) { // creates none
            out.write(content.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** A process in the group. */
    public static final class Holder {
        public final Process process;
        private final BufferedReader answers;

        private Holder(Process process) {
            this.process = process;
            this.answers = process.inputReader(StandardCharsets.US_ASCII);
        }

        /** Has a command done, see {@code holds.c}. */
        public void hold(String command) throws IOException {
            ask(command);
            assertEquals("ok", answers.readLine(), command);
        }

        /** Sends a command; the kernel may end a process instead of doing it. */
        public void ask(String command) throws IOException {
            process.outputWriter().write(command + "\n");
            process.outputWriter().flush();
        }

        /** Returns whether the last command is done. */
        public boolean isDone() throws IOException {
            if (!answers.ready()) {
                return false;
            }
            return answers.readLine() != null;
        }

        public int pid() {
            return (int) process.pid();
        }
    }

    /** Starts a process in a group: this one, or one below. */
    public Holder start(Path program, Path group, int adj) throws IOException {
        Process process =
                new ProcessBuilder(program.toString(), group.toString(), "" + adj)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        Holder holder = new Holder(process);
        holders.add(holder);
        holder.hold("anon 0");
        return holder;
    }

    /** Starts any program in this group; it has to end with its parent. */
    public Process run(String... words) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("sh", "-c", "echo $$ > \"$0\" && exec \"$@\""));
        command.add(folder.resolve("cgroup.procs").toString());
        command.addAll(List.of(words));
        Process process =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        others.add(process);
        return process;
    }

    /** Returns the processes that were started, dead or alive. */
    public List<Holder> holders() {
        return holders;
    }

    @Override
    public void close() {
        try {
            for (Holder holder : holders) {
                holder.process.destroyForcibly().waitFor();
            }
            for (Process process : others) {
                process.destroyForcibly().waitFor();
            }
            below.add(folder);
            for (Path group : below) {
                delete(group);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void delete(Path group) throws InterruptedException {
        long due = System.nanoTime() + TimeUnit.SECONDS.toNanos(TIMEOUT_SECONDS);
        while (Files.exists(group)) {
            assertTrue(System.nanoTime() < due, group + " is not empty");
            try {
                Files.delete(group);
            } catch (IOException e) {
                Thread.sleep(20); // the kernel has not freed the processes
            }
        }
    }
}
