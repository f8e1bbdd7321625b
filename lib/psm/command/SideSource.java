package psm.command;

import psm.Psm;
import psm.cli.Options;
import psm.diff.Side;
import psm.fleet.MachineFiles;
import psm.probe.Recorded;
import psm.proc.FileName;
import psm.record.Lookup;
import psm.record.Recording;
import psm.record.Sample;
import psm.report.ReportHead;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFile;
import psm.snapshot.SnapshotFormatException;
import psm.terminal.StandardOutput;
import psm.text.Failure;
import psm.text.Filter;
import psm.text.Moment;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the two snapshots that {@code psm diff} compares, one after the other. */
final class SideSource {
    private final Options options;

    /** The chosen names that neither of the snapshots has so far. */
    private final ChosenNames names;

    /** The names of the snapshots by what there is to say about them. */
    private final Map<String, List<String>> remarks = new LinkedHashMap<>();

    SideSource(Options options) {
        this.options = options;
        this.names = new ChosenNames(options.which().selection());
    }

    /** Returns a line for each thing that the user should know about the snapshots so far. */
    List<String> remarks() {
        List<String> lines = new ArrayList<>();
        remarks.forEach((line, sides) -> lines.add(String.join(", ", sides) + ": " + line));
        return lines;
    }

    /** Adds what there is to say about a snapshot. */
    private void add(String name, List<String> lines) {
        for (String line : lines) {
            remarks.computeIfAbsent(line, unused -> new ArrayList<>()).add(name);
        }
    }

    ChosenNames names() {
        return names;
    }

    /**
     * Reads a snapshot, the output of a probe, or the last sample of a recording.
     *
     * @param name what the user named; a folder that contains one of these counts as it
     */
    Side file(String name) throws Failure {
        String asked = "diff " + name;
        if (name.equals(SnapshotFile.STANDARD_INPUT)) {
            if (StandardOutput.isTerminal(StandardOutput.target(0))) {
                throw Failure.usage(
                        asked
                                + ": reads standard input, which is a terminal; pipe a snapshot"
                                + " into it: sudo psm -o snapshot | psm diff before.psm -",
                        null);
            }
            return side(name, Recorded.read(asked, null));
        }
        Path path = path(asked, name);
        if (Recording.isRecording(path)) {
            Lookup recording = new Lookup("diff", name, path);
            Side side = side(name, new Recorded(recording.last().snapshot(), null));
            add(name, recording.remarks());
            return side;
        }
        return side(name, Recorded.read(asked, Files.isDirectory(path) ? onlyFile(name) : path));
    }

    private static Path path(String asked, String name) throws Failure {
        try {
            return FileName.path(name);
        } catch (InvalidPathException e) {
            throw Failure.usage(asked + ": is not a valid path in this locale", e);
        }
    }

    private static Path onlyFile(String folder) throws Failure {
        List<MachineFiles.Entry> files = MachineFiles.of("diff", List.of(folder)).files();
        if (files.size() > 1) {
            throw Failure.usage(
                    "diff "
                            + folder
                            + ": this folder contains "
                            + files.size()
                            + " files, and one machine is compared; name one of them, such as "
                            + files.get(0).name(),
                    null);
        }
        return files.get(0).path();
    }

    /**
     * Returns a sample of a recording.
     *
     * @param time {@code null} for the last sample
     */
    Side sample(Lookup recording, Moment time) throws Failure {
        Sample found = time == null ? recording.last() : recording.at(time);
        String name = time == null ? "the last sample" : time.asked();
        return side(name, new Recorded(found.snapshot(), null));
    }

    /** Returns the processes to compare. */
    private Side side(String name, Recorded recorded) throws Failure {
        for (Filter filter : options.filters()) {
            filter.begin();
        }
        if (!options.which().selection().isAll()) {
            names.meet(recorded);
        }
        SnapshotSource source = SnapshotSource.ofSeveral(options);
        Snapshot asked;
        try {
            asked = source.of(recorded);
        } catch (SnapshotFormatException e) {
            throw Failure.usage("diff " + name + ": " + e.getMessage(), e);
        }
        for (Filter filter : options.filters()) {
            filter.requireFast();
        }
        String called = name.equals(SnapshotFile.STANDARD_INPUT) ? "standard input" : name;
        if (!options.about().quiet()) {
            Psm.Processes processes =
                    new ReportHead("", asked).processes(options.what().view());
            add(called, new Remarks(options, asked, source).ofSide(processes));
        }
        return new Side(called, asked);
    }
}
