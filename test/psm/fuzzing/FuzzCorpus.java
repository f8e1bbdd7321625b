package psm.fuzzing;

import psm.name.Program;
import psm.proc.ProcFs;
import psm.scan.Detail;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.scan.Unmeasured;
import psm.smaps.Usage;
import psm.snapshot.SnapshotFormat;
import psm.snapshot.SnapshotWriter;
import psm.support.Command;
import psm.support.Fixtures;
import psm.support.MadeUpProbe;
import psm.support.MadeUpProcess;
import psm.text.Filter;
import psm.text.Text;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The known inputs by name: those that the fixtures contain for a target, and those that once broke
 * it, each a file in {@code test/fixtures/fuzz/TARGET}.
 */
final class FuzzCorpus {
    private static final Path FOUND = Command.root().resolve("test/fixtures/fuzz");
    private static final int LONGEST_CAPTURE = 256 << 10;
    private static final int MADE_UP_PROCESSES = 40;

    private final Map<String, byte[]> inputs = new LinkedHashMap<>();

    private FuzzCorpus() {}

    static Map<String, byte[]> of(FuzzTarget target) throws IOException {
        FuzzCorpus corpus = new FuzzCorpus();
        switch (target) {
            case SMAPS -> corpus.addSmaps();
            case STAT -> corpus.addFiles("stat");
            case NAMES -> corpus.addNames();
            case MEMINFO -> corpus.addFiles("meminfo");
            case JSON, CSV, TABLE, MARKDOWN, HTML, TSV, NDJSON, PROMETHEUS -> corpus.addReports();
            case SNAPSHOT -> corpus.addSnapshots();
            case PROBE -> corpus.addProbes();
            case SAMPLE -> corpus.addSamples();
        }
        for (Path file : files(FOUND.resolve(target.lowerCase()))) {
            corpus.inputs.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
        return corpus.inputs;
    }

    /** Writes the inputs of a target into a folder, for Jazzer to start from. */
    public static void main(String... targetAndFolder) throws IOException {
        Path folder = Files.createDirectories(Path.of(targetAndFolder[1]));
        int number = 0;
        for (FuzzTarget target : FuzzTarget.values()) {
            if (target.lowerCase().equals(targetAndFolder[0])) {
                for (byte[] input : of(target).values()) {
                    Files.write(folder.resolve("seed" + number++), input);
                }
            }
        }
        System.out.println(number + " inputs to start from");
    }

    private void addSmaps() throws IOException {
        for (String name : List.of("smaps", "smaps_rollup")) {
            for (Path file : fixtures(name)) {
                addSmaps(nameOf(file), Files.readAllBytes(file), name.length() > 5);
            }
        }
        for (int seed = 0; seed < MADE_UP_PROCESSES; seed++) {
            MadeUpProcess process = new MadeUpProcess(seed);
            addSmaps("smaps made up of " + seed, process.smaps(), false);
            addSmaps("smaps_rollup made up of " + seed, process.rollup(), true);
        }
    }

    /** Long files would take too long in pieces of a byte, so only their start is used. */
    private void addSmaps(String name, byte[] file, boolean rollup) {
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        input.writeBytes(new byte[] {(byte) (rollup ? 1 : 0), 7, 64, -1});
        input.write(file, 0, Math.min(LONGEST_CAPTURE, file.length));
        inputs.put(name, input.toByteArray());
    }

    private void addFiles(String name) throws IOException {
        for (Path file : fixtures(name)) {
            inputs.put(nameOf(file), Files.readAllBytes(file));
        }
    }

    private void addNames() throws IOException {
        for (Path file : fixtures("cmdline")) {
            byte[] arguments = Files.readAllBytes(file);
            int end = 0;
            while (end < arguments.length && arguments[end] != 0) {
                end++;
            }
            String first = new String(arguments, 0, end, StandardCharsets.ISO_8859_1);
            for (String start : List.of("\0" + first, "\1", "\4/usr/bin/python3.11")) {
                ByteArrayOutputStream input = new ByteArrayOutputStream();
                input.writeBytes((start + "\0comm\0").getBytes(StandardCharsets.ISO_8859_1));
                input.writeBytes(arguments);
                inputs.put(nameOf(file) + " after " + Text.printable(start), input.toByteArray());
            }
        }
        for (String arguments :
                List.of(
                        "java\0-cp\0a:b\0-Xmx1g\0-m\0module/class",
                        "python3\0-W\0ignore\0-m\0http.server",
                        "node\0--require\0x\0-e\0code",
                        "perl\0-Ilib\0script.pl",
                        "-bash\0-euxo\0pipefail\0-c\0code",
                        "busybox\0sh\0script.sh",
                        "fish\0--init-command=x\0-c\0code",
                        "[caf\u00c3\u00a9] \u00ff\u001b[31m\u00e2\u0080\u00ae")) {
            String program = arguments.split("\0", -1)[0];
            String input = "\0/usr/bin/" + program + "\0comm\0" + arguments + "\0";
            inputs.put(program, input.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    /** A report may be made of any bytes; these contain names and figures. */
    private void addReports() throws IOException {
        addNames();
        addFiles("smaps_rollup");
    }

    /**
     * Snapshots of whole hosts and of a few processes, without their ends, which {@link
     * SnapshotChecks} makes.
     */
    private void addSnapshots() throws IOException {
        for (Source source : List.of(Source.AUTO, Source.SMAPS)) {
            ScanRequest request =
                    ScanRequest.of(source).withHeap(true).with(EnumSet.allOf(Detail.class));
            Snapshot host = new Scanner(new ProcFs(Fixtures.HOST.toString()), request).scan(1);
            add(host, "host from " + source);
            for (String regex : List.of("nginx", "bash", "red", "nobody")) {
                add(
                        host.filtered(new Filter("--filter", Pattern.compile(regex))),
                        regex + " from " + source);
            }
            List<Unmeasured> unmeasured = new ArrayList<>();
            for (Unmeasured.Reason reason : Unmeasured.Reason.values()) {
                Program.Names names = new Program.Names("java", "java", "java app.jar");
                unmeasured.add(new Unmeasured(7, "java", reason, "x", names));
                List<ProcessMemory> processes = host.processes().subList(0, 2);
                ProcessMemory second = processes.get(1).countedUnder(processes.get(0).pid());
                add(
                        host.withProcesses(List.of(processes.get(0), second), unmeasured, false),
                        reason + " from " + source);
                add(
                        host.withProcesses(List.of(estimated(reason)), List.of(), false),
                        "estimate, " + reason + " from " + source);
                unmeasured.clear();
            }
        }
    }

    private void addSamples() throws IOException {
        for (byte[] difference : SampleChecks.known()) {
            inputs.put("difference " + inputs.size(), difference);
        }
    }

    /** Probes of whole hosts, and their sections as {@link ProbeChecks} takes them apart. */
    private void addProbes() throws IOException {
        for (Path host : List.of(Fixtures.HOST, Fixtures.CONTAINERS)) {
            String probe = MadeUpProbe.of(host).text();
            String sections = probe.substring(probe.indexOf("#section"));
            String parts =
                    sections.replaceAll("(?s)#section [a-z-]+\n", ProbeChecks.SEPARATOR)
                            .replaceAll("\n#end.*\n", "");
            inputs.put(nameOf(host), probe.getBytes(StandardCharsets.ISO_8859_1));
            inputs.put(
                    "sections of " + nameOf(host),
                    parts.substring(1).getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    private static ProcessMemory estimated(Unmeasured.Reason reason) {
        return ProcessMemory.estimated(
                8,
                1,
                new Program("java", Program.File.UNKNOWN),
                Usage.estimated(1 << 20, 1 << 19, 4096, 0),
                ProcessDetails.NONE,
                new ProcessMemory.Estimate(reason, "x"));
    }

    private void add(Snapshot snapshot, String name) {
        byte[] file = SnapshotWriter.write(snapshot);
        inputs.put(name, Arrays.copyOf(file, file.length - SnapshotFormat.END_BYTES));
    }

    /** Returns the files with a name in the made-up host and in the captures. */
    private static List<Path> fixtures(String name) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path root : List.of(Fixtures.HOST, Fixtures.CAPTURES)) {
            for (Path file : files(root)) {
                if (file.getFileName().toString().equals(name)) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    private static String nameOf(Path file) {
        return Command.root().relativize(file).toString();
    }

    private static List<Path> files(Path root) throws IOException {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
