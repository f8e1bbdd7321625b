package psm;

import psm.collect.Collector;
import psm.collect.CollectorClient;
import psm.install.Archive;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Runs the most common command lines for one {@link Archive}, so that Java archives the classes
 * that they load. {@code psm install} starts it.
 */
final class Training {
    /** The command lines that are run for each archive. */
    static final Map<Archive, String[][]> RUNS =
            Map.of(
                    Archive.PLAIN,
                    new String[][] {{}},
                    Archive.OPTIONS,
                    new String[][] {
                        {"-f", "psm: [a-z]+|^java.*|\\."},
                        {"--heap", "--system", "--timing"},
                        {"--scripts", "-j", "1"},
                        {"--by", "user,program", "-c", "+peak,+threads", "-n", "9", "--bars"},
                        {"--by", "unit,container", "--user", "0", "--min", "1M"},
                        {"--by", "tree", "--units", "auto"},
                        {"--spread", "-t"},
                        {"-d", "-s", "--sort", "rss", "-r", "--spread"},
                        {"maps"},
                        {"maps", "--by", "kind", "-n", "9"},
                        {"oom"},
                        {"--version"},
                        {"--help"}
                    },
                    Archive.FORMATS,
                    new String[][] {
                        {"-o", "json", "--heap", "--system"},
                        {"-o", "csv"},
                        {"-o", "csv", "-f", "psm: [a-z]+|^java.*|\\."},
                        {"-o", "table", "--timing"},
                        {"-o", "markdown", "--by", "pid"},
                        {"-o", "html", "--system"},
                        {"-o", "ndjson"},
                        {"-o", "tsv"},
                        {"-o", "snapshot"}
                    });

    private Training() {}

    /**
     * Runs the command lines for an archive.
     *
     * @param args the archive's name. An installation with a collector adds a path for a temporary
     *     file; then each command line is run with and without a snapshot of the collector
     */
    public static void main(String[] args) throws IOException {
        Archive archive = Archive.valueOf(args[0]);
        // A ConcurrentHashMap needs it when two threads meet there, which chance may spare this
        // run.
        ThreadLocalRandom.current();
        if (archive == Archive.COLLECTOR) {
            Collector.collect(false, OutputStream.nullOutputStream());
            return;
        }
        run(archive);
        if (args.length > 1) {
            Path file = Path.of(args[1]);
            try (OutputStream out = Files.newOutputStream(file)) {
                Collector.collect(false, out);
            }
            System.setProperty(CollectorClient.FILE, file.toString());
            System.setProperty(CollectorClient.COMMAND, file.toString());
            run(archive);
        }
    }

    private static void run(Archive archive) {
        for (String[] run : RUNS.get(archive)) {
            Main.run(run);
        }
    }
}
