package psm.remote;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One machine that is asked: the program that reaches it, and what it answers. One thread runs it;
 * others may end it.
 */
final class Call {
    /** The time for a program to end by itself after its answer, or after a signal. */
    static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /**
     * The time for a program without an answer to end, and for its reason to be read. If it is
     * short, a busy machine loses the reason; if it is long, psm waits for a program that goes on
     * in the background with the same standard error.
     */
    private static final long LAST_WORDS_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** The size of the stack of a thread that reads a pipe: it calls little. */
    static final long STACK_BYTES = 128 * 1024;

    private final Transport transport;
    private final Question question;
    private final Answer answer;
    private final Complaints complaints = new Complaints();
    private final AtomicBoolean isHandedOver = new AtomicBoolean();
    private final long timeoutNanos;
    private Thread runner;
    private Thread errorReader;

    // Guarded by this.
    private Process process;
    private List<ProcessHandle> tree = List.of();
    private String ended;
    private long due;
    private int signals;
    private int exitCode = -1;
    private long waitedNanos;
    private long waitingSince;

    /** Why the program could not be started; {@code null} if it was. */
    private IOException failure;

    Call(Transport transport, Question question, String host, long timeoutNanos) {
        this.transport = transport;
        this.question = question;
        this.answer = question.answer(host);
        this.timeoutNanos = timeoutNanos;
    }

    Answer answer() {
        return answer;
    }

    String host() {
        return answer.host();
    }

    Question question() {
        return question;
    }

    Transport transport() {
        return transport;
    }

    Complaints complaints() {
        return complaints;
    }

    IOException failure() {
        return failure;
    }

    /** Returns why psm has ended the call before its answer; {@code null} if it has not. */
    synchronized String ended() {
        return ended;
    }

    /** Returns the exit code of the program, or -1 if it has not ended by itself. */
    synchronized int exitCode() {
        return exitCode;
    }

    /** Returns whether this is the first time that it is asked: a call is handed over once. */
    boolean handOver() {
        return isHandedOver.compareAndSet(false, true);
    }

    // In the thread that runs the call

    /** Starts the program, and reads its answer to the end. */
    void run() {
        try {
            if (start()) {
                readErrors();
                writeScript();
                readAnswer();
                answer.finish();
                if (!answer.scanner().isEnded()) {
                    awaitLastWords();
                }
            }
        } catch (IOException e) {
            failure = e;
        } catch (InterruptedException e) {
            // It was ended while it waited.
        } catch (OutOfMemoryError e) {
            answer.forget();
            end("psm has no memory left for its answer");
        } finally {
            answer.endDeflater();
        }
    }

    private synchronized boolean start() throws IOException {
        runner = Thread.currentThread();
        if (ended != null) {
            return false;
        }
        ProcessBuilder builder = new ProcessBuilder(transport.command(host(), question.command()));
        builder.redirectInput(Redirect.PIPE);
        // No window may ask for a password.
        builder.environment().remove("SSH_ASKPASS");
        builder.environment().put("SSH_ASKPASS_REQUIRE", "never");
        process = builder.start();
        due = System.nanoTime() + timeoutNanos;
        return true;
    }

    private void readErrors() {
        InputStream errors = process.getErrorStream();
        Thread thread = new Thread(null, () -> complaints.read(errors), "psm-errors", STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        errorReader = thread;
    }

    /** Writes the script, which fits into a pipe. */
    private void writeScript() {
        try (OutputStream in = process.getOutputStream()) {
            in.write(question.script());
        } catch (IOException e) {
            // The program has ended; what it wrote says why.
        }
    }

    private void readAnswer() throws InterruptedException {
        byte[] part = new byte[16 * 1024];
        try {
            InputStream in = process.getInputStream();
            for (int read; (read = in.read(part)) >= 0; ) {
                setWaiting(true);
                answer.add(part, read);
                setWaiting(false);
                if (answer.scanner().isEnded() || answer.isTooLarge() || ended() != null) {
                    return;
                }
            }
        } catch (IOException e) {
            // The program was ended.
        }
    }

    /** Stops the clock while the answer waits for memory. */
    private synchronized void setWaiting(boolean isWaiting) {
        if (isWaiting) {
            waitingSince = System.nanoTime();
        } else {
            waitedNanos += System.nanoTime() - waitingSince;
            waitingSince = 0;
        }
    }

    /** Waits for the end of the program, which may say at last why there is no answer. */
    private void awaitLastWords() throws InterruptedException {
        long last = System.nanoTime() + LAST_WORDS_NANOS;
        if (process.waitFor(LAST_WORDS_NANOS, TimeUnit.NANOSECONDS)) {
            synchronized (this) {
                exitCode = process.exitValue();
            }
            do {
                errorReader.join(TimeUnit.NANOSECONDS.toMillis(GRACE_NANOS));
            } while (errorReader.isAlive() && complaints.isEmpty() && System.nanoTime() < last);
        }
    }

    /** Waits for the end of the program, and ends it if it does not. */
    void close() {
        try {
            if (process != null && !process.waitFor(GRACE_NANOS, TimeUnit.NANOSECONDS)) {
                kill(false);
                process.waitFor(GRACE_NANOS, TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            // Then it is ended at once.
        }
        kill(true);
    }

    // From other threads

    /**
     * Returns the time left until {@link #endIfLate} has something to do.
     *
     * @return a number that is not positive if it has now
     */
    synchronized long nanosLeft(long now) {
        if (process == null) {
            return timeoutNanos;
        }
        long waiting = waitedNanos + (waitingSince == 0 ? 0 : now - waitingSince);
        return due + (ended == null ? waiting : 0) - now;
    }

    /**
     * Ends the program if its time is over: first politely.
     *
     * @return whether it does not end at all, so that nothing more is to be expected of it
     */
    synchronized boolean endIfLate(long now, String reason) {
        if (process == null || nanosLeft(now) > 0) {
            return false;
        }
        boolean isHopeless = signals > 1;
        end(reason);
        return isHopeless;
    }

    /** Ends the program, and remembers why. */
    synchronized void end(String reason) {
        ended = ended == null ? reason : ended;
        if (process != null) {
            kill(signals > 0);
            due = System.nanoTime() + GRACE_NANOS;
        }
        if (runner != null && waitingSince != 0) {
            runner.interrupt();
        }
    }

    /** Ends the program and those that it has started. */
    synchronized void kill(boolean isForced) {
        if (process == null) {
            return;
        }
        if (process.isAlive() && tree.isEmpty()) {
            // The program first: when its child ends, it could go on with something else.
            tree = new ArrayList<>(List.of(process.toHandle()));
            tree.addAll(process.descendants().toList());
        }
        for (ProcessHandle each : tree) {
            if (isForced) {
                each.destroyForcibly();
            } else {
                each.destroy();
            }
        }
        signals++;
    }
}
