package psm.compatibility;

import psm.record.MadeUpRecording;
import psm.scan.Snapshot;
import psm.support.Command;
import psm.support.Fixtures;
import psm.support.MadeUpHost;
import psm.support.MadeUpProbe;
import psm.text.Failure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files that a version of psm wrote: in {@code test/fixtures/compatibility/VERSION} as text,
 * and unpacked in a folder in which psm runs.
 */
final class OldFiles {
    /** Where each version has a folder. */
    static final Path FIXTURES = Command.root().resolve("test/fixtures/compatibility");

    /** The files that are not text, and where they are unpacked to. */
    private static final String[][] PACKED = {
        {"machine.base64", "machine.psm"},
        {"other-machine.base64", "machines/other.psm"},
        {"full-machine.base64", "full.psm"},
        {"probe.base64", "probe.psm"},
        {"hostile.base64", "hostile.psm"},
        {"recording.base64", "recording/000001.psmrec"},
    };

    private final Path version;
    private final Path folder;

    /**
     * Unpacks the files of a version.
     *
     * @param version its folder
     * @param folder an empty folder
     */
    OldFiles(Path version, Path folder) throws IOException {
        this.version = version;
        this.folder = folder;
        Files.createDirectories(folder.resolve("machines"));
        Files.createDirectories(folder.resolve("recording"));
        for (String[] packed : PACKED) {
            String text = Files.readString(version.resolve(packed[0]));
            Files.write(folder.resolve(packed[1]), Base64.getMimeDecoder().decode(text));
        }
        Path machine = folder.resolve("machine.psm");
        Files.copy(machine, folder.resolve("machines/machine.psm"));
        byte[] whole = Files.readAllBytes(machine);
        Path broken = Files.createDirectory(folder.resolve("broken"));
        Files.copy(machine, broken.resolve("machine.psm"));
        Path half = broken.resolve("half.psm");
        Files.write(half, Arrays.copyOf(whole, whole.length / 2));
        Files.copy(half, folder.resolve("broken.psm"));
        Files.createSymbolicLink(folder.resolve("host"), Fixtures.HOST);
    }

    /** Returns the folders of all versions, the newest one last. */
    static List<Path> versions() {
        try (Stream<Path> folders = Files.list(FIXTURES)) {
            return folders.sorted(Comparator.comparing(OldFiles::number)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ModuleDescriptor.Version number(Path version) {
        return ModuleDescriptor.Version.parse(version.getFileName().toString());
    }

    String name() {
        return version.getFileName().toString();
    }

    /** Returns the path of a file of the version. */
    Path file(String name) {
        return version.resolve(name);
    }

    /** Makes a command of the present psm in the folder with the unpacked files. */
    Command psm(String arguments) {
        return Command.psm(arguments.split(" ", -1)).in(folder);
    }

    /** Returns the lines of a list, without comments: a word, and the rest. */
    List<String[]> list(String name) throws IOException {
        List<String[]> list = new ArrayList<>();
        for (String line : Files.readAllLines(file(name))) {
            if (!line.startsWith("#")) {
                list.add(line.split(" +", 2));
            }
        }
        return list;
    }

    /** Writes what is unpacked: as this psm writes it, for the tests of later ones. */
    static void write(Path version) throws IOException, Failure {
        Path temp = Files.createTempDirectory("psm-compatibility");
        Path snapshot = temp.resolve("snapshot");
        Path full = temp.resolve("full");
        makeFullMachine(full);
        String[] machines = {
            Fixtures.CONTAINERS.toString(),
            Fixtures.HOST.toString(),
            full.resolve("proc").toString()
        };
        for (int i = 0; i < machines.length; i++) {
            Command psm = Command.psm("--proc", machines[i], "-o", "snapshot");
            Command.Result result = psm.append(List.of("--to", snapshot.toString())).run();
            if (result.exitCode() != 0) {
                throw new IOException(machines[i] + ": " + result.err());
            }
            pack(Files.readAllBytes(snapshot), version.resolve(PACKED[i][0]));
        }
        pack(MadeUpProbe.of(Fixtures.HOST).bytes(), version.resolve("probe.base64"));
        pack(hostile().bytes(), version.resolve("hostile.base64"));
        Path recording = temp.resolve("recording");
        MadeUpRecording.write(recording, samples());
        Path segment = recording.resolve("000001.psmrec");
        pack(Files.readAllBytes(segment), version.resolve("recording.base64"));
        Files.copy(Command.root().resolve("lib/psm/Psm.java"), version.resolve("Psm.txt"));
        Command.of("rm", "-r", temp.toString()).run();
    }

    /** Makes a machine with control groups near their limits, and pressure. */
    private static void makeFullMachine(Path root) throws IOException {
        String pressure = "avg10=1.50 avg60=2.00 avg300=0.10 total=1\n";
        new MadeUpHost(root)
                .process(5, 10, 0, 670, "0::/a/b")
                .process(6, 20, 0, 680, "0::/a/c")
                .process(7, 40, 0, 500, "0::/s")
                .v2("/a", "memory.max", "41943040")
                .v2("/a", "memory.current", "41000000")
                .v2("/a", "memory.stat", "anon 31457280\ninactive_file 4096")
                .v2("/a", "memory.events", "max 9\noom_kill 3")
                .v2("/s", "memory.high", "41943040")
                .v2("/s", "memory.current", "42000000")
                .v2("/s", "memory.stat", "inactive_file 4096")
                .write("proc/sys/kernel/hostname", "full1\n")
                .write("proc/sys/kernel/osrelease", "6.18.1\n")
                .write("proc/pressure/memory", "some " + pressure + "full " + pressure);
    }

    /** Prints a machine whose names contain bytes that are not UTF-8, and harmful characters. */
    private static MadeUpProbe hostile() {
        String bad = "\u00ff\u00fe\\\"<b>,;=\t\u001b[31m\u00e2\u0080\u00ae";
        String name = bad.substring(0, 9);
        MadeUpProbe probe = new MadeUpProbe();
        probe.add("host", "sys/kernel/hostname:h" + bad + "\n")
                .add("host", "sys/kernel/osrelease:k" + bad + "\n")
                .add("host", "meminfo:MemTotal: 1024000 kB\nmeminfo:MemAvailable: 10240 kB\n")
                .add("users", "../etc/passwd:user" + name + ":x:1000:1000::/:/bin/sh\n")
                .add("users", "../etc/group:group" + name + ":x:1000:\n");
        String[] groups = {"/system.slice/a" + name + ".service", "/lxc.payload.b" + name};
        for (int i = 0; i < groups.length; i++) {
            int pid = 5 + i;
            probe.process(pid, "p" + name, 10_240L * pid)
                    .arguments(pid, "p" + bad, "--" + bad)
                    .add("stat", pid + "/cgroup:0::" + groups[i] + '\n')
                    .add("stat", pid + "/oom_score:67" + i + '\n')
                    .add("stat", pid + "/oom_score_adj:0\n")
                    .add("status", pid + "/status:Uid:\t1000\t1000\t1000\t1000\n")
                    .add("status", pid + "/status:Gid:\t1000\t1000\t1000\t1000\n");
            String folder = "../sys/fs/cgroup" + groups[i];
            probe.add("cgroups", folder + "/memory.max:83886080\n")
                    .add("cgroups", folder + "/memory.current:80000000\n");
        }
        return probe;
    }

    /** Returns half an hour in which one of three programs grows, and another one ends. */
    private static List<Snapshot> samples() {
        List<Snapshot> samples = new ArrayList<>();
        for (int minute = 0; minute <= 30; minute++) {
            long grown = (100L << 20) + minute * (20L << 20);
            long availableKb = 8_000_000 - (grown >> 10);
            long[] rams = {grown, 50 << 20, 7 << 20};
            samples.add(
                    MadeUpRecording.using(
                            60L * minute, availableKb, Arrays.copyOf(rams, minute < 20 ? 3 : 2)));
        }
        return samples;
    }

    private static void pack(byte[] bytes, Path file) throws IOException {
        Base64.Encoder encoder = Base64.getMimeEncoder(76, new byte[] {'\n'});
        Files.writeString(file, encoder.encodeToString(bytes) + '\n');
    }
}
