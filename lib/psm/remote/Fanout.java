package psm.remote;

import psm.text.Failure;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Asks machines, a number of them at the same time, and hands over their answers one after the
 * other, in the order in which they come. Each is asked by a program of its own, in a thread that
 * does little but read a pipe. Used once.
 */
public final class Fanout {
    /** The time from one look at the clock to the next while nothing comes. */
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** Receives what the machines answer, in the thread that has called {@link #run}. */
    public interface Receiver {
        /**
         * Receives an answer, which can be read until this method returns.
         *
         * @param lacksRoot why the answer was not read as root there; {@code null} if it was, or if
         *     that is not known
         * @return why the machine is missing, in one line without its name; {@code null} if its
         *     answer was read
         */
        String receive(Answer answer, String lacksRoot) throws Failure;

        /** Receives why a machine is missing, in one line without its name. */
        void miss(String host, String reason) throws Failure;

        /** Is called now and then, with the machines that are asked at this time. */
        void await(int done, List<String> asked);
    }

    private final List<String> hosts;
    private final Transport transport;
    private final int slots;
    private final long timeoutNanos;
    private final Question question;
    private final BlockingQueue<Call> ended = new LinkedBlockingQueue<>();

    // Guarded by this.
    /** The calls that have not been handed over. */
    private final Set<Call> running = new LinkedHashSet<>();

    /** The calls whose programs may still run. */
    private final Set<Call> open = new LinkedHashSet<>();

    private int next;
    private boolean isStopped;

    /** Whether the thread of the receiver was interrupted. */
    private boolean isInterrupted;

    /**
     * Creates a fan-out.
     *
     * @param slots the number of machines that are asked at the same time
     * @param timeoutNanos the time for each machine
     * @param question what they are asked
     */
    public Fanout(
            List<String> hosts,
            Transport transport,
            int slots,
            long timeoutNanos,
            Question question) {
        this.hosts = hosts;
        this.transport = transport;
        this.slots = slots;
        this.timeoutNanos = timeoutNanos;
        this.question = question;
    }

    /**
     * Asks all machines, and returns when each has answered or is missing. No program that was
     * started still runs then, also if Java exits meanwhile.
     */
    public void run(Receiver receiver) throws Failure {
        Thread hook = new Thread(this::killAll, "psm-hosts-end");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            startWorkers();
            for (int done = 0; done < hosts.size(); ) {
                Call call = poll();
                if (call == null) {
                    endLate();
                    receiver.await(done, asked());
                } else {
                    done++;
                    handle(call, receiver);
                    receiver.await(done, asked());
                }
            }
        } finally {
            stop();
            awaitEnds();
            removeHook(hook);
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Ends all programs, and asks no more machines: those that have not answered are missing. Safe
     * to call from any thread.
     */
    public void stop() {
        List<Call> calls;
        synchronized (this) {
            isStopped = true;
            calls = List.copyOf(running);
        }
        calls.forEach(call -> call.end(MissingReason.STOPPED));
    }

    // In the thread of the receiver

    private void handle(Call call, Receiver receiver) throws Failure {
        Answer answer = call.answer();
        try {
            String problem = MissingReason.of(call, isStopped());
            if (problem == null) {
                problem = receiver.receive(answer, MissingReason.ofRoot(call));
            }
            if (problem != null) {
                receiver.miss(call.host(), problem);
            }
        } finally {
            answer.release();
        }
    }

    private Call poll() {
        long left = TICK_NANOS;
        long now = System.nanoTime();
        for (Call call : running()) {
            left = Math.min(left, Math.max(0, call.nanosLeft(now)));
        }
        try {
            return ended.poll(left, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            isInterrupted = true;
            stop();
            return null;
        }
    }

    /** Ends the calls whose time is over, and goes on without those that do not end. */
    private void endLate() {
        long now = System.nanoTime();
        for (Call call : running()) {
            if (call.endIfLate(now, MissingReason.late(timeoutNanos))) {
                handOver(call);
                startWorker(); // in the place of the one that still reads
            }
        }
    }

    /** Waits until no program runs; those that do not end are killed. */
    private synchronized void awaitEnds() {
        long due = System.nanoTime() + 3 * Call.GRACE_NANOS;
        try {
            for (long left; !open.isEmpty() && (left = due - System.nanoTime()) > 0; ) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            isInterrupted = true;
        }
        open.forEach(call -> call.kill(true));
    }

    /** Ends all programs, since Java exits. */
    private void killAll() {
        stop();
        awaitEnds();
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // Java exits, and the hook runs.
        }
    }

    private List<String> asked() {
        List<String> asked = new ArrayList<>();
        running().forEach(call -> asked.add(call.host()));
        return asked;
    }

    private synchronized boolean isStopped() {
        return isStopped;
    }

    private synchronized List<Call> running() {
        return List.copyOf(running);
    }

    // Workers

    private void startWorkers() {
        for (int i = 0; i < Math.min(slots, hosts.size()); i++) {
            try {
                startWorker();
            } catch (OutOfMemoryError e) {
                if (i == 0) {
                    throw e;
                }
                return; // no more threads are allowed: fewer machines are asked at a time
            }
        }
    }

    private void startWorker() {
        Thread thread = new Thread(null, this::work, "psm-host", Call.STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
    }

    private void work() {
        for (Call call = next(); call != null; call = next()) {
            call.run();
            boolean isFirst = handOver(call);
            call.close();
            closed(call);
            if (!isFirst) {
                return; // another worker has its place
            }
        }
    }

    /** Returns the next machine to ask, or {@code null}. */
    private synchronized Call next() {
        if (next == hosts.size()) {
            return null;
        }
        Call call = new Call(transport, question, hosts.get(next++), timeoutNanos);
        if (isStopped) {
            call.end(MissingReason.STOPPED);
        }
        running.add(call);
        open.add(call);
        return call;
    }

    private synchronized void closed(Call call) {
        open.remove(call);
        notifyAll();
    }

    /** Hands a call over to the receiver; returns whether it was not yet. */
    private boolean handOver(Call call) {
        if (!call.handOver()) {
            return false;
        }
        synchronized (this) {
            running.remove(call);
        }
        call.answer().end();
        ended.add(call);
        return true;
    }
}
