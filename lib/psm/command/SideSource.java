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
import psm.scan.Detail;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.snapshot.SnapshotFile;
import psm.snapshot.SnapshotFormatException;
import psm.terminal.StandardOutput;
import psm.text.Failure;
import psm.text.Moment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the two snapshots that {@code psm diff} compares, one after the other. */
final class SideSource {
    /**
     * What was read.
     *
     * @param name what the user calls it
     */
    record Read(String name, Recorded recorded) {
        /** Returns whether it was written without command lines and titles. */
        boolean isWithoutCommands() {
            return recorded.snapshot() != null
                    && !recorded.snapshot().scope().details().contains(Detail.COMMAND);
        }
    }

    /** The chosen names that neither of the snapshots has so far. */
    private final ChosenNames names;

    /** The names of the snapshots by what there is to say about them. */
    private final Map<String, List<String>> remarks = new LinkedHashMap<>();

    SideSource(Options options) {
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
    Read file(String name) throws Failure {
        String asked = "diff " + name;
        if (name.equals(SnapshotFile.STANDARD_INPUT)) {
            if (StandardOutput.isTerminal(StandardOutput.target(0))) {
                throw Failure.usage(
                        asked
                                + ": reads standard input, which is a terminal; pipe a snapshot"
                                + " into it: sudo psm -o snapshot | psm diff before.psm -",
                        null);
            }
            return new Read(name, Recorded.read(asked, null));
        }
        Path path = path(asked, name);
        if (Recording.isRecording(path)) {
            Lookup recording = new Lookup("diff", name, path);
            Read read = new Read(name, new Recorded(recording.last().snapshot(), null));
            add(name, recording.remarks());
            return read;
        }
        return new Read(
                name, Recorded.read(asked, Files.isDirectory(path) ? onlyFile(name) : path));
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
    Read sample(Lookup recording, Moment time) throws Failure {
        Sample found = time == null ? recording.last() : recording.at(time);
        String name = time == null ? "the last sample" : time.asked();
        return new Read(name, new Recorded(found.snapshot(), null));
    }

    /**
     * Returns the processes to compare.
     *
     * @param asked the options, which may differ from those of the user in how processes are named
     */
    Side side(Read read, Options asked) throws Failure {
        Recorded recorded = read.recorded();
        asked.beginFilters();
        if (!asked.which().selection().isAll()) {
            names.meet(recorded);
        }
        SnapshotSource source = SnapshotSource.ofSeveral(asked);
        Snapshot snapshot;
        try {
            snapshot = source.of(recorded);
        } catch (SnapshotFormatException e) {
            throw Failure.usage("diff " + read.name() + ": " + e.getMessage(), e);
        }
        asked.requireFastFilters();
        boolean isInput = read.name().equals(SnapshotFile.STANDARD_INPUT);
        String called = isInput ? "standard input" : read.name();
        if (!asked.about().quiet()) {
            Psm.Processes processes = new ReportHead("", snapshot).processes(asked.what().view());
            add(called, new Remarks(asked, snapshot, source).ofSide(processes));
        }
        boolean isPartial = recorded.snapshot() != null && recorded.snapshot().scope().filtered();
        if (isPartial) {
            add(called, List.of("contains only some processes, which its writer chose"));
        }
        Set<Integer> pids = pids(recorded);
        for (Unmeasured process : snapshot.unmeasured()) {
            pids.remove(process.pid());
        }
        return new Side(called, snapshot, pids, isPartial);
    }

    /** Returns the pids of all processes that were read. */
    private static Set<Integer> pids(Recorded recorded) throws Failure {
        if (recorded.snapshot() != null) {
            return Side.pids(recorded.snapshot());
        }
        try {
            Set<Integer> pids = new HashSet<>();
            for (int pid : recorded.files().pids()) {
                pids.add(pid);
            }
            return pids;
        } catch (IOException e) {
            throw new IllegalStateException(e); // it is in memory
        }
    }
}
