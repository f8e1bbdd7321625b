package psm.fuzzing;

import psm.delta.SampleReader;
import psm.delta.SampleWriter;
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
import psm.support.Fixtures;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * Checks that any difference to a sample is either refused, or makes another snapshot, which each
 * format can write. The checks compress the bytes, since any others are refused at once.
 */
final class SampleChecks {
    private SampleChecks() {}

    /** Returns the sample that the difference is to. */
    private static Snapshot base() throws IOException {
        ScanRequest request =
                ScanRequest.of(Source.AUTO).withHeap(true).with(EnumSet.allOf(Detail.class));
        return new Scanner(new ProcFs(Fixtures.HOST.toString()), request).scan(1);
    }

    static void check(byte[] input) throws IOException {
        SampleWriter writer = new SampleWriter();
        writer.write(base());
        SampleReader reader = new SampleReader();
        reader.apply(true, writer.content(), 0, writer.contentLength());
        Snapshot before = reader.snapshot();
        byte[] file = SnapshotWriter.write(before);
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(deflated, new Deflater(1, true))) {
            out.write(input);
        }
        try {
            reader.apply(false, deflated.toByteArray(), 0, deflated.size());
            Snapshot snapshot = reader.snapshot();
            byte[] written = SnapshotWriter.write(snapshot);
            Snapshot again = SnapshotReader.read(written, written.length);
            FuzzTarget.require(Arrays.equals(written, SnapshotWriter.write(again)), "another one");
            SnapshotChecks.requireReports(snapshot);
        } catch (SnapshotFormatException e) {
            FuzzTarget.require(e.getMessage().length() < 500, "more than a line");
        }
        FuzzTarget.require(Arrays.equals(file, SnapshotWriter.write(before)), "an object changed");
    }

    /**
     * Returns differences to the sample: of fewer processes, of other ones, and of none; and those
     * with texts that are like others.
     */
    static List<byte[]> known() throws IOException {
        Snapshot base = base();
        List<ProcessMemory> all = base.processes();
        return List.of(
                difference(base, base),
                difference(base, base.with(all.subList(3, 9), base.host().memory())),
                difference(base, base.named(false, true)),
                difference(base, base.with(List.of(), base.host().memory())),
                difference(base, base.with(List.of(all.get(2).doubted()), base.host().memory())),
                likeAnother(base, "  1", 122),
                likeAnother(base, "1234567890123456789", 1),
                likeAnother(base, "none", 1));
    }

    /** Returns a difference with a text, and another one that is like it but for one number. */
    private static byte[] likeAnother(Snapshot base, String text, int more) throws IOException {
        SampleWriter writer = new SampleWriter();
        writer.write(base);
        SampleReader reader = new SampleReader();
        reader.apply(true, writer.content(), 0, writer.contentLength());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(2); // texts
        out.write(0); // it is like no other
        out.write(text.length());
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
        number(out, reader.tables().textCount() + 1);
        number(out, 2 * more); // it may be negative
        return out.toByteArray();
    }

    /** Writes a number in two bytes of seven bits. */
    private static void number(ByteArrayOutputStream out, int number) {
        out.write((number & 0x7F) | 0x80);
        out.write(number >>> 7);
    }

    private static byte[] difference(Snapshot before, Snapshot now) throws IOException {
        SampleWriter writer = new SampleWriter();
        writer.write(before);
        writer.write(now);
        try (InflaterInputStream in =
                new InflaterInputStream(
                        new ByteArrayInputStream(writer.content(), 0, writer.contentLength()),
                        new Inflater(true))) {
            return in.readAllBytes();
        }
    }
}
