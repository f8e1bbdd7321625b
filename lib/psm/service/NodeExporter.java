package psm.service;

import psm.name.UserNames;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A node_exporter that runs on this host, with its options.
 *
 * @param pid its process
 * @param user the user id; -1 if the user may also be another one
 * @param folder the folder of its textfile collector; empty for none
 * @param address where it listens, as HOST:PORT
 * @param page the path of its metrics
 */
record NodeExporter(String pid, long user, String folder, String address, String page) {
    private static final Path PROC = Path.of("/proc");

    /** The start of the names of its program; the kernel cuts them after 15 bytes. */
    private static final String NAMES = "(prometheus-node|node_exporter|node-exporter).*";

    /** The limit for a command line: a user may run a program of that name with a longer one. */
    private static final int MAX_BYTES = 1 << 16;

    private static final String OCTET = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";

    private static final String FOLDER = "--collector.textfile.directory";
    private static final String ADDRESS = "--web.listen-address";
    private static final String PAGE = "--web.telemetry-path";

    /** The program of Debian, which reads a folder without an option too. */
    private static final String OF_DEBIAN = "prometheus-node-exporter";

    /** The first user that a person may have. */
    private static final int FIRST_PERSON = 1000;

    /** Those that systemd makes for services, and nobody; above are those of other machines. */
    private static final int FIRST_OF_SYSTEMD = 61_184;

    private static final int NOBODY = 65_534;

    /** Finds those that run here: first those of services, and of these, that read a folder. */
    static List<NodeExporter> find(Path folder) throws IOException {
        List<NodeExporter> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(PROC, "[1-9]*")) {
            for (Path process : all) {
                NodeExporter exporter = read(process);
                if (exporter != null) {
                    found.add(exporter);
                }
            }
        }
        Map<NodeExporter, Integer> places = new HashMap<>();
        for (NodeExporter exporter : found) {
            int place = (exporter.isOfService() ? 0 : 2) + (exporter.reads(folder) ? 0 : 1);
            places.put(exporter, place);
        }
        found.sort(
                Comparator.<NodeExporter>comparingInt(places::get)
                        .thenComparingInt(exporter -> Integer.parseInt(exporter.pid)));
        return found;
    }

    private static NodeExporter read(Path process) {
        try {
            // Unlike that of the command line, a read of the name never blocks.
            boolean isNamedSo = firstBytes(process.resolve("comm")).strip().matches(NAMES);
            String line = isNamedSo ? firstBytes(process.resolve("cmdline")) : "";
            return line.isEmpty()
                    ? null
                    : of(process.getFileName().toString(), user(process), line.split("\0"));
        } catch (IOException e) {
            return null; // it exited, or is hidden
        }
    }

    /**
     * Returns the user; -1 if it is not the same one in all respects, or another program than its
     * name says: a user who runs sudo may choose the name and the options. The owner of the folder
     * is no answer, since a process can make that root.
     */
    private static long user(Path process) throws IOException {
        String ids = UnitFile.value(firstBytes(process.resolve("status")), "Uid:\t");
        String[] each = ids == null ? new String[] {"-1"} : ids.split("\t");
        for (String id : each) {
            if (!id.equals(each[0])) {
                return -1;
            }
        }
        return isProgram(process) ? Long.parseLong(each[0]) : -1;
    }

    private static boolean isProgram(Path process) {
        try {
            Path program = Files.readSymbolicLink(process.resolve("exe")).getFileName();
            return program != null && program.toString().matches(NAMES);
        } catch (IOException e) {
            return true; // only root can see that
        }
    }

    private static String firstBytes(Path file) throws IOException {
        try (var stream = Files.newInputStream(file)) {
            return new String(stream.readNBytes(MAX_BYTES), StandardCharsets.ISO_8859_1);
        }
    }

    /** Returns the exporter with a command line, in which the options have their defaults. */
    static NodeExporter of(String pid, long user, String... words) {
        boolean isOfDebian = words[0].substring(words[0].lastIndexOf('/') + 1).equals(OF_DEBIAN);
        return new NodeExporter(
                pid,
                user,
                value(FOLDER, isOfDebian ? TextfileFolder.USUAL : "", words),
                value(ADDRESS, ":9100", words),
                value(PAGE, "/metrics", words));
    }

    /** Returns the value of an option that is {@code --name=value} or {@code --name value}. */
    private static String value(String name, String byDefault, String... words) {
        String value = byDefault;
        for (int i = 1; i < words.length; i++) {
            if (words[i].startsWith(name + "=")) {
                value = words[i].substring(name.length() + 1);
            } else if (words[i].equals(name) && i + 1 < words.length) {
                value = words[i + 1];
            }
        }
        return value;
    }

    /** Returns whether it reads a folder, also by a link, or by a path from its own folder. */
    boolean reads(Path wanted) {
        try {
            Path own = PROC.resolve(pid).resolve("cwd");
            return !folder.isEmpty() && Files.isSameFile(own.resolve(folder), wanted);
        } catch (IOException | InvalidPathException e) {
            return false; // it is not there, or only root can see it
        }
    }

    /** Returns whether root or a service runs it; a person's can serve anything. */
    boolean isOfService() {
        return user >= 0 && (user < FIRST_PERSON || (user >= FIRST_OF_SYSTEMD && user <= NOBODY));
    }

    /** Returns whether it has the network of this process; a container has another. */
    boolean isInThisNetwork() {
        Path network = Path.of("ns", "net");
        try {
            return Files.readSymbolicLink(PROC.resolve(pid).resolve(network))
                    .equals(Files.readSymbolicLink(PROC.resolve("self").resolve(network)));
        } catch (IOException e) {
            return true; // only root can see that
        }
    }

    /**
     * Returns where it can be asked without leaving this host, or {@code null}: its options are
     * what a user has typed, so that no name in them is looked up.
     */
    InetSocketAddress local() throws IOException {
        int colon = address.lastIndexOf(':');
        String host = address.substring(0, Math.max(0, colon));
        String port = address.substring(colon + 1);
        if (colon < 0 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 0xffff) {
            return null;
        }
        if (host.isEmpty() || host.equals("localhost")) {
            host = "127.0.0.1";
        }
        if (!host.matches(OCTET + "([.]" + OCTET + "){3}|\\[[0-9a-fA-F:.]+\\]")) {
            return null;
        }
        InetAddress named;
        try {
            named = InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            return null; // it is no address of IPv6
        }
        InetAddress asked = named.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : named;
        boolean isHere =
                asked.isLoopbackAddress() || NetworkInterface.getByInetAddress(asked) != null;
        return isHere ? new InetSocketAddress(asked, Integer.parseInt(port)) : null;
    }

    @Override
    public String toString() {
        String of = user < 0 ? "" : ", user " + UserNames.ofThisHost().user(user);
        return "node_exporter (pid " + pid + of + ")";
    }
}
