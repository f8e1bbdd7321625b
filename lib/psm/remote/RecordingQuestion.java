package psm.remote;

import psm.text.Text;

import java.time.Instant;

/** Asks for the recordings that machines have, as far as they are of a certain time. */
public final class RecordingQuestion implements Question {
    /**
     * How large all answers may be that are kept at the same time, in files; beyond that, only one
     * goes on. A day has some 4 MB.
     */
    private static final long MAX_BYTES = 256 << 20;

    private final byte[] script;
    private final AnswerMemory memory = new AnswerMemory(MAX_BYTES);
    private final AnswerFolder folder = new AnswerFolder();

    /**
     * Asks for a time.
     *
     * @param since the begin; {@code null} for a day before the end
     * @param until the end; {@code null} for the last sample
     */
    public RecordingQuestion(Instant since, Instant until) {
        script = Text.encode(RecordingScript.of(since, until));
    }

    @Override
    public byte[] script() {
        return script.clone();
    }

    @Override
    public String command() {
        return RemoteShell.RECORDING;
    }

    @Override
    public Answer answer(String host) {
        return new RecordingAnswer(host, memory, folder);
    }

    @Override
    public String what() {
        return "a recording";
    }

    @Override
    public void close() {
        folder.close();
    }
}
