package psm.remote;

/**
 * The memory for the answers that come in at the same time. If it is full, one answer goes on, and
 * the others wait until it is read; the programs that bring them wait too, since their pipes are
 * full. Safe for use by several threads.
 */
final class AnswerMemory {
    /**
     * The usual size of all answers, deflated, beyond which only one goes on. Answers of 32
     * machines with 1,000 processes each take 5 MB; half of the heap is for the one that is read
     * meanwhile.
     */
    static final int MAX_BYTES = 6 << 20;

    /**
     * The limit of one answer, deflated: beside the others, it must fit into the heap. The answer
     * of a machine with 32,768 processes takes 5 MB.
     */
    static final int MAX_ANSWER_BYTES = 8 << 20;

    private final long max;
    private long bytes;

    /** The number of answers that are complete, so that reading them gives memory back. */
    private int unread;

    /** The answer that goes on although the memory is full; {@code null} if there is none. */
    private Answer first;

    /**
     * Makes the memory.
     *
     * @param max the size of all answers beyond which only one goes on
     */
    AnswerMemory(long max) {
        this.max = max;
    }

    /** Takes memory for a part of an answer; waits until it may have it. */
    synchronized void take(Answer answer, int more) throws InterruptedException {
        while (bytes + more > max && first != answer) {
            if (first == null && unread == 0) {
                first = answer;
            } else {
                wait();
            }
        }
        bytes += more;
    }

    /** Notes that an answer takes no more memory, but keeps what it has until it is read. */
    synchronized void end(Answer answer) {
        unread++;
        first = first == answer ? null : first;
        notifyAll();
    }

    /** Gives back the memory of an answer that was read. */
    synchronized void release(long less) {
        unread--;
        bytes -= less;
        notifyAll();
    }
}
