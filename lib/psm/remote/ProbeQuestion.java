package psm.remote;

/** Asks for the output of a probe, or the snapshot of a psm there. */
public final class ProbeQuestion implements Question {
    private final byte[] script;
    private final AnswerMemory memory = new AnswerMemory(AnswerMemory.MAX_BYTES);

    /** Takes the probe. */
    public ProbeQuestion(byte[] script) {
        this.script = script.clone();
    }

    @Override
    public byte[] script() {
        return script.clone();
    }

    @Override
    public String command() {
        return RemoteShell.COMMAND;
    }

    @Override
    public Answer answer(String host) {
        return new Answer(host, memory, AnswerScanner.ofProbe());
    }

    @Override
    public String what() {
        return "a probe";
    }

    @Override
    public void close() {
        // All is in memory.
    }
}
