package psm;

import psm.cli.Options;
import psm.collect.Collector;
import psm.command.ReportCommand;
import psm.command.ReportWriter;
import psm.install.Archive;
import psm.proc.HidePid;
import psm.proc.ProcFs;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.snapshot.SnapshotBudget;
import psm.snapshot.SnapshotWriter;
import psm.terminal.ReportOutput;
import psm.terminal.StandardOutput;
import psm.text.Failure;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Does the runs of {@link Training} on a made-up host, so that they load the same classes on each
 * machine that builds a package. {@code ./release} starts it, and adds the classes of {@code
 * packaging/classes}, which only a real machine needs.
 */
final class PackageTraining implements Consumer<String> {
    private PackageTraining() {}

    /**
     * Runs the command lines for an archive.
     *
     * @param args the archive's name, and the folder that looks like {@code /proc}
     */
    public static void main(String[] args) throws IOException, Failure {
        Archive archive = Archive.valueOf(args[0]);
        if (archive == Archive.PLAIN) {
            report(args[1]);
        } else if (archive == Archive.COLLECTOR) {
            collect(new ProcFs(args[1]));
        } else {
            for (String[] run : Training.RUNS.get(archive)) {
                List<String> words = new ArrayList<>(List.of(run));
                if (!run[run.length - 1].startsWith("--")
                        || run.length > 1) { // not --help, --version
                    words.add("--proc=" + args[1]);
                }
                Main.run(words.toArray(String[]::new));
            }
        }
    }

    /** Does a run without options, for which psm does not load the parser of options. */
    private static void report(String proc) throws Failure {
        Options defaults = Options.defaults();
        Options.Where where = defaults.where();
        Options options =
                new Options(
                        null,
                        defaults.what(),
                        defaults.which(),
                        defaults.looks(),
                        new Options.Where(
                                where.source(),
                                proc,
                                where.from(),
                                where.period(),
                                where.workers(),
                                where.timeoutNanos(),
                                where.estimateAboveNanos()),
                        null,
                        null,
                        null,
                        defaults.about());
        ReportOutput output = ReportWriter.output(options.looks(), new StandardOutput());
        try {
            new ReportCommand(options, output, new PackageTraining()).run();
        } finally {
            output.discard();
        }
    }

    private static void collect(ProcFs proc) throws IOException {
        ScanRequest request =
                ScanRequest.of(Source.AUTO)
                        .with(Collector.DETAILS)
                        .within(TimeUnit.SECONDS.toNanos(1000));
        ScanRequest chosen = HidePid.isOn(proc) ? request.withoutCommands() : request;
        Snapshot snapshot = new Scanner(proc, chosen).scan(0);
        System.out.write(SnapshotWriter.write(SnapshotBudget.fit(snapshot)));
    }

    @Override
    public void accept(String remark) {
        System.err.println(remark);
    }
}
