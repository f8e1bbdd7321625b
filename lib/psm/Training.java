package psm;

import psm.collect.Collector;
import psm.collect.CollectorClient;
import psm.install.Archives;
import psm.install.Installer;

import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Runs what users run, for Java to keep what it had to load for it; {@link Installer} starts it.
 *
 * <p>Java takes all of an archive in at each start. So there is one for each of what users do most,
 * and none has a library that is not used then.
 */
final class Training {
    /** By archive: the command lines. */
    private static final Map<String, String[][]> RUNS =
            Map.of(
                    Archives.PLAIN,
                    new String[][] {{}},
                    Archives.OPTIONS,
                    new String[][] {
                        {"-f", "psm: [a-z]+|^java.*|\\."},
                        {"--heap", "--host", "--stats"},
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
                    Archives.FORMATS,
                    new String[][] {
                        {"-o", "json", "--heap", "--host"},
                        {"-o", "csv"},
                        {"-o", "csv", "-f", "psm: [a-z]+|^java.*|\\."},
                        {"-o", "table", "--stats"},
                        {"-o", "markdown", "--by", "pid"},
                        {"-o", "ndjson"},
                        {"-o", "tsv"},
                        {"-o", "snapshot"}
                    });

    private Training() {}

    /**
     * Does the runs for an archive.
     *
     * @param args the archive's name; then, for an installation that has a collector, a file for
     *     its snapshot, and {@code socket} where it is behind one: the runs are done by its way too
     */
    public static void main(String[] args) throws IOException {
        if (args[0].equals(Archives.COLLECTOR)) {
            Collector.collect(OutputStream.nullOutputStream());
            return;
        }
        run(args[0]);
        if (args.length > 1) {
            Path file = Path.of(args[1]);
            if (args[2].equals("socket")) {
                runBySocket(args[0], file);
            } else {
                try (OutputStream out = Files.newOutputStream(file)) {
                    Collector.collect(out);
                }
                System.setProperty(CollectorClient.FILE, file.toString());
                System.setProperty(CollectorClient.COMMAND, file.toString());
                run(args[0]);
            }
        }
    }

    private static void run(String archive) {
        for (String[] run : RUNS.get(archive)) {
            Main.run(run);
        }
    }

    private static void runBySocket(String archive, Path file) throws IOException {
        Files.deleteIfExists(file);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(file));
            Thread thread = new Thread(() -> serve(server));
            thread.setDaemon(true);
            thread.start();
            System.setProperty(CollectorClient.SOCKET, file.toString());
            run(archive);
        }
    }

    private static void serve(ServerSocketChannel server) {
        while (server.isOpen()) {
            try (SocketChannel client = server.accept()) {
                Collector.collect(Channels.newOutputStream(client));
            } catch (IOException e) {
                return; // closed: the runs are done
            }
        }
    }
}
