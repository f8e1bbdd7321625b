package psm.command;

import psm.Psm;
import psm.cli.Option;
import psm.cli.Options;
import psm.format.Exporters;
import psm.proc.InvokingUser;
import psm.terminal.ReportFile;
import psm.terminal.ReportOutput;
import psm.terminal.StandardOutput;
import psm.terminal.Terminal;
import psm.terminal.TerminalText;
import psm.text.Failure;
import psm.text.Nearest;

import java.io.File;
import java.util.function.Consumer;

/** Writes reports to where the user wants them, in the format that the user chose. */
public final class ReportWriter {
    private final Options.Looks looks;
    private final ReportOutput output;
    private final Consumer<String> remarks;

    /**
     * Creates the writer.
     *
     * @param remarks receives a line for each thing that the user should know
     */
    public ReportWriter(Options.Looks looks, ReportOutput output, Consumer<String> remarks) {
        this.looks = looks;
        this.output = output;
        this.remarks = remarks;
    }

    /**
     * Returns where to write reports.
     *
     * @throws Failure if that is a file that cannot be written
     */
    public static ReportOutput output(Options.Looks looks, StandardOutput standard) throws Failure {
        if (!looks.isToFile()) {
            return standard;
        }
        String permissions = looks.isOfMetrics() ? "rw-r--r--" : null;
        return ReportFile.of(Option.TO.toString(), looks.to(), permissions);
    }

    /** Writes one report, as wide as the window. */
    public void write(Psm.Report report, Psm.Exporter exporter) throws Failure {
        export(report, exporter, layout(window(true), 0));
        output.end();
    }

    /** Returns whether a report leaves nothing out, and all that it could read is exact. */
    static boolean isExact(Psm.Processes processes) {
        return processes.complete() && processes.estimates().unread() == 0;
    }

    /** Fails if a report is not complete and exact, and the user wants that to be a failure. */
    void requireStrict(Psm.Processes processes) throws Failure {
        requireStrict(!processes.complete(), "is incomplete");
        requireStrict(processes.estimates().unread() > 0, "contains estimates");
    }

    /** Fails if a report has a problem, and the user wants that to be a failure. */
    void requireStrict(boolean isProblem, String problem) throws Failure {
        if (looks.strict() && isProblem) {
            throw Failure.incomplete(Option.STRICT + ": the report " + problem);
        }
    }

    /** Returns the size that a table must fit into; 0 rows where it is not shown on a terminal. */
    Terminal window(boolean mayHaveChanged) {
        if (!output.isTerminal() || !looks.isTable()) {
            return new Terminal(0, 0);
        }
        return mayHaveChanged ? Terminal.now() : Terminal.atStart();
    }

    /**
     * Returns what writes the format.
     *
     * @param isFirst whether to print remarks about plugins
     */
    public Psm.Exporter exporter(boolean isFirst) throws Failure {
        Exporters exporters = Exporters.find(looks.format(), !InvokingUser.hasFewerRights());
        if (isFirst) {
            for (String problem : exporters.problems()) {
                remarks.accept(problem);
            }
        }
        Psm.Exporter exporter = exporters.named(looks.format());
        if (exporter == null) {
            throw noSuchFormat(exporters);
        }
        if (looks.isPage() && output.isTerminal()) {
            throw Failure.usage(
                    asked()
                            + ": is a page, which no terminal shows; write it to a file: psm "
                            + asked()
                            + " > memory.html, or add "
                            + Option.TO
                            + " memory.html",
                    null);
        }
        if (exporters.isBinary(looks.format()) && output.isTerminal()) {
            throw Failure.usage(
                    asked()
                            + ": is binary, which no terminal shows; write it to a file: psm "
                            + asked()
                            + " > FILE",
                    null);
        }
        return exporter;
    }

    /** Returns whether a format shows notes; a plugin's code may throw anything. */
    boolean showsNotes(Psm.Exporter exporter) throws Failure {
        try {
            return exporter.showsNotes();
        } catch (Throwable e) {
            throw failed(exporter, e);
        }
    }

    private Failure failed(Psm.Exporter exporter, Throwable reason) {
        return Failure.of(
                asked()
                        + ": failed in "
                        + Exporters.describe(exporter)
                        + ": "
                        + Exporters.reason(reason),
                reason);
    }

    private Failure noSuchFormat(Exporters exporters) {
        String typed = looks.format();
        String format = typed.equals("yml") ? "yaml" : typed;
        String library = Exporters.library(format);
        if (library == null) {
            String known = Nearest.first(format, exporters.names());
            return Failure.usage(asked() + ": no such format; there are " + known, null);
        }
        String jbang = new File("jbangw").exists() ? "./jbangw" : "jbang";
        return Failure.usage(
                asked()
                        + ": needs a library; run '"
                        + jbang
                        + " --deps "
                        + library
                        + " psm.java "
                        + (Exporters.isOneJar()
                                ? "install' to add it"
                                : Option.OUTPUT.brief() + ' ' + format + "'"),
                null);
    }

    /** Returns the option for the format as on a command line. */
    private String asked() {
        return Option.OUTPUT.brief() + ' ' + looks.format();
    }

    /** Writes a report. */
    void export(Psm.Report report, Psm.Exporter exporter, Psm.Layout layout) throws Failure {
        try {
            boolean isPlain = output.isTerminal() && !looks.isTable(); // which escapes itself
            TerminalText text = new TerminalText(output);
            exporter.export(
                    report,
                    new Psm.Output(
                            isPlain ? text : output,
                            output.isTerminal(),
                            StandardOutput.isUnicode(),
                            looks.csvRaw(),
                            layout));
            text.finish();
        } catch (Throwable e) {
            if (e instanceof OutOfMemoryError full && Exporters.isOurs(exporter)) {
                throw full; // the report is too large, which is no defect of the format
            }
            if (output.failure() != null) {
                output.failed(output.failure());
            } else {
                throw failed(exporter, e);
            }
        }
    }

    /**
     * Returns the layout for a window.
     *
     * @param height the number of lines that a table may have; 0 for any
     */
    Psm.Layout layout(Terminal window, int height) {
        Psm.Layout layout = looks.layout();
        return output.isTerminal()
                ? layout.on(window.columns(), looks.isTable() && Terminal.isColoured())
                        .within(height)
                : layout;
    }
}
