package psm.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Takes back what a test has changed on this machine, the last change first, even when the tests
 * are interrupted.
 */
public final class Undo implements AutoCloseable {
    private final Deque<Runnable> steps = new ArrayDeque<>();
    private final Thread atExit = new Thread(this::undo);

    public Undo() {
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Adds what takes back the next change. */
    public synchronized void push(Runnable step) {
        steps.push(step);
    }

    /** Runs a command that changes something, or takes it back; it must succeed. */
    public static void run(String... words) {
        Command.Result result = Command.of(words).run();
        assertEquals(0, result.exitCode(), result.err());
    }

    private synchronized void undo() {
        while (!steps.isEmpty()) {
            steps.pop().run();
        }
    }

    @Override
    public void close() {
        undo();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }
}
