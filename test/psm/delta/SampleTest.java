package psm.delta;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

import psm.proc.ProcFs;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.snapshot.SnapshotFormatException;
import psm.snapshot.SnapshotReader;
import psm.snapshot.SnapshotWriter;
import psm.support.MadeUpFleet;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** Writes samples one after the other, and reads them back. */
class SampleTest {
    private static final int MACHINES = 40;
    private static final int PROCESSES = 60;

    /** Writes a sample and reads it; returns whether it was written as a whole. */
    private static boolean pass(SampleWriter writer, SampleReader reader, Snapshot sample)
            throws IOException {
        boolean isKey = writer.write(sample);
        assertTrue(reader.apply(isKey, writer.content(), 0, writer.contentLength()));
        return isKey;
    }

    /** Returns a machine that a scan could have seen, with a number of processes at least. */
    private static Snapshot machine(int seed, int least) {
        for (int i = seed; ; i += MACHINES) {
            Snapshot machine = MadeUpFleet.machine("m" + seed % 2, i, PROCESSES);
            byte[] file = SnapshotWriter.write(machine);
            try {
                SnapshotReader.read(file, file.length);
                if (machine.processes().size() >= least) {
                    return machine;
                }
            } catch (SnapshotFormatException e) {
                // Processes share their memory in a circle.
            }
        }
    }

    private static void assertSame(Snapshot expected, Snapshot read) throws IOException {
        byte[] file = SnapshotWriter.write(expected);
        byte[] plain = SnapshotWriter.write(SnapshotReader.read(file, file.length));
        assertArrayEquals(plain, SnapshotWriter.write(read));
    }

    /** Each machine has other processes, users and cgroups than the one before. */
    @Test
    void anySampleIsReadAfterAnyOther() throws IOException {
        SampleWriter writer = new SampleWriter();
        SampleReader reader = new SampleReader();
        for (int seed = 0; seed < MACHINES; seed++) {
            Snapshot sample = machine(seed, 0);
            assertEquals(seed == 0, pass(writer, reader, sample));
            assertSame(sample, reader.snapshot());
        }
    }

    @Test
    void samplesInBetweenNeedNotBeMade() throws IOException {
        SampleWriter writer = new SampleWriter();
        SampleReader reader = new SampleReader();
        for (int seed = 0; seed < MACHINES; seed++) {
            pass(writer, reader, machine(seed, 0));
        }
        assertSame(machine(MACHINES - 1, 0), reader.snapshot());
    }

    @Test
    void writerGoesOnAfterWhatWasRead() throws IOException {
        SampleWriter writer = new SampleWriter();
        SampleReader reader = new SampleReader();
        Snapshot first = machine(1, 12);
        pass(writer, reader, first);
        pass(writer, reader, machine(2, 12));
        SampleWriter other = new SampleWriter();
        other.continueAfter(reader.tables(), first.run().takenAt().toEpochMilli(), 2);
        Snapshot next = machine(3, 12);
        assertFalse(pass(other, reader, next));
        assertSame(next, reader.snapshot());
    }

    @Test
    void differenceNeedsTheSampleBefore() throws IOException {
        SampleWriter writer = new SampleWriter();
        writer.write(machine(1, 12));
        assertFalse(writer.write(machine(2, 12)));
        SampleReader reader = new SampleReader();
        assertFalse(reader.apply(false, writer.content(), 0, writer.contentLength()));
    }

    private static Snapshot changed(Snapshot sample, int row) {
        List<ProcessMemory> processes = new ArrayList<>(sample.processes());
        processes.set(row, processes.get(row).doubted());
        return sample.with(processes, sample.host().memory());
    }

    /** Also if the next one is a whole sample. */
    @Test
    void unchangedProcessesAreTheSameObjects() throws IOException {
        Snapshot first = machine(5, 12);
        Snapshot next = changed(first, 3);
        for (boolean isKey : new boolean[] {false, true}) {
            SampleWriter writer = new SampleWriter();
            SampleReader reader = new SampleReader();
            pass(writer, reader, first);
            List<ProcessMemory> before = reader.snapshot().processes();
            if (isKey) {
                writer.forget();
            }
            assertEquals(isKey, pass(writer, reader, next));
            List<ProcessMemory> after = reader.snapshot().processes();
            for (int i = 0; i < after.size(); i++) {
                if (i == 3) {
                    assertNotSame(before.get(i), after.get(i));
                    assertSame(before.get(i).usage(), after.get(i).usage());
                    assertSame(before.get(i).program(), after.get(i).program());
                } else {
                    assertSame(before.get(i), after.get(i));
                }
            }
        }
    }

    private static void assertSame(Object expected, Object actual) {
        org.junit.jupiter.api.Assertions.assertSame(expected, actual);
    }

    @Test
    void samplesOfThisHostAreReadBack() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/smaps")), "there is no /proc here");
        ScanRequest request = ScanRequest.of(Source.AUTO).withHeap(true);
        Scanner scanner =
                new Scanner(new ProcFs("/proc"), request.with(EnumSet.allOf(Detail.class)));
        SampleWriter writer = new SampleWriter();
        SampleReader reader = new SampleReader();
        for (int i = 0; i < 5; i++) {
            Snapshot sample = scanner.scan(1);
            assertEquals(i == 0, pass(writer, reader, sample));
            assertSame(sample, reader.snapshot());
        }
    }
}
