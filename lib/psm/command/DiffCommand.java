package psm.command;

import psm.cli.Options;
import psm.terminal.StandardOutput;
import psm.text.Failure;

import java.util.function.Consumer;

/** Reports what changed between two snapshots. */
public final class DiffCommand {
    private final Options options;
    private final StandardOutput output;
    private final Consumer<String> remarks;

    /**
     * Creates the command.
     *
     * @param remarks receives a line for each thing that the user should know about the report
     */
    public DiffCommand(Options options, StandardOutput output, Consumer<String> remarks) {
        this.options = options;
        this.output = output;
        this.remarks = remarks;
    }

    /** Makes the report and writes it. */
    public void run() throws Failure {
        throw Failure.of("diff: is not ready yet", null);
    }
}
