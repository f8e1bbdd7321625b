package psm.fuzzing;

import psm.name.UserNames;
import psm.probe.ProbeFiles;
import psm.probe.Recorded;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.smaps.Usage;
import psm.snapshot.SnapshotBudget;
import psm.snapshot.SnapshotFormatException;
import psm.snapshot.SnapshotReader;
import psm.snapshot.SnapshotWriter;
import psm.support.MadeUpProbe;
import psm.text.Missing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;

/**
 * Checks that any bytes are either refused, or are a machine of which each report can be made, and
 * a snapshot that can be read.
 */
final class ProbeChecks {
    /** A byte between two sections of an input that is made into a whole probe. */
    static final String SEPARATOR = "\u00FE";

    private ProbeChecks() {}

    static void check(byte[] input) throws IOException {
        checkAnswer(input);
        checkAnswer(assembled(input));
    }

    /** Makes a probe of sections, since most changes of a whole one are refused at once. */
    private static byte[] assembled(byte[] input) {
        String[] parts = new String(input, StandardCharsets.ISO_8859_1).split(SEPARATOR, -1);
        MadeUpProbe probe = new MadeUpProbe();
        for (int i = 0; i < Math.min(parts.length, MadeUpProbe.SECTIONS.size()); i++) {
            probe.add(MadeUpProbe.SECTIONS.get(i), parts[i]);
        }
        return probe.counting().bytes();
    }

    private static void checkAnswer(byte[] bytes) throws IOException {
        Recorded read = read(bytes);
        if (read == null || read.probe() == null) {
            return;
        }
        for (Source source : new Source[] {Source.AUTO, Source.SMAPS}) {
            Snapshot snapshot = scan(read.probe(), source);
            for (ProcessMemory process : snapshot.processes()) {
                for (Usage.Field field : Usage.Field.values()) {
                    long size = process.usage().bytes(field);
                    FuzzTarget.require(Missing.is(size) || size >= 0, "a negative size");
                }
            }
            SnapshotChecks.requireReports(snapshot);
            byte[] written = SnapshotWriter.write(SnapshotBudget.fit(snapshot));
            Snapshot again = SnapshotReader.read(written, written.length);
            FuzzTarget.require(
                    again.processes().size() == snapshot.processes().size(), "another snapshot");
        }
    }

    private static Snapshot scan(ProbeFiles probe, Source source) throws IOException {
        ScanRequest request = ScanRequest.of(source).with(EnumSet.allOf(Detail.class));
        return new Scanner(probe, request).scan(1).withNames(UserNames.of(probe));
    }

    /** Reads an answer; returns {@code null} if it is refused. */
    private static Recorded read(byte[] bytes) throws IOException {
        try {
            return Recorded.read(new ByteArrayInputStream(bytes));
        } catch (SnapshotFormatException e) {
            FuzzTarget.require(e.getMessage().length() < 500, "more than a line");
            return null;
        }
    }
}
