package psm.remote;

/** What machines are asked, and how their answers are kept. */
public interface Question extends AutoCloseable {
    /** Returns what {@code sh} runs there; it fits into a pipe. */
    byte[] script();

    /** Returns the command that ssh starts there, which runs the script on its standard input. */
    String command();

    /** Makes the answer of a machine, which is empty. */
    Answer answer(String host);

    /** Returns what an answer is, in words. */
    String what();

    /** Removes what was kept of answers. */
    @Override
    void close();
}
