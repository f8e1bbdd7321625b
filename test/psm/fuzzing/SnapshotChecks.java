package psm.fuzzing;

import psm.Psm;
import psm.format.Formats;
import psm.report.Figure;
import psm.report.Grouping;
import psm.scan.Selection;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFormat;
import psm.snapshot.SnapshotFormatException;
import psm.snapshot.SnapshotReader;
import psm.snapshot.SnapshotWriter;
import psm.support.Views;
import psm.text.Filter;
import psm.text.Missing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * Checks that any bytes are either refused, or are a snapshot that each format can write, and that
 * stays the same when it is written and read again. The checks add the right checksum, since any
 * other is refused at once.
 */
final class SnapshotChecks {
    private SnapshotChecks() {}

    static void check(byte[] input) throws IOException {
        read(input);
        Snapshot snapshot = read(ended(input));
        if (snapshot == null) {
            return;
        }
        byte[] written = SnapshotWriter.write(snapshot);
        Snapshot again = SnapshotReader.read(written, written.length);
        FuzzTarget.require(Arrays.equals(written, SnapshotWriter.write(again)), "another snapshot");
        requireReports(snapshot);
    }

    /** Checks all kinds of reports of a snapshot. */
    static void requireReports(Snapshot snapshot) throws IOException {
        requireFormats(snapshot);
        requireFormats(
                snapshot.named(false, true)
                        .filtered(new Filter("--filter", Pattern.compile("n|j"))));
        requireViews(snapshot);
    }

    /**
     * Checks that each way to group contains all processes once, and that each selection and its
     * opposite contain all.
     */
    private static void requireViews(Snapshot snapshot) throws IOException {
        int count = snapshot.processes().size();
        for (Grouping grouping : Grouping.values()) {
            Psm.Report report =
                    Views.report(snapshot, Views.of(List.of(grouping), Figure.PSS, Figure.COUNT));
            FuzzTarget.require(report.processes().measured() == count, "processes of a view");
            FormatChecks.json(report);
            narrow(report);
        }
        for (Selection.By by : Selection.By.values()) {
            Set<String> wanted = Set.of("1", "root", "/", "nginx", "docker", "87eb");
            int chosen = 0;
            for (boolean isNot : new boolean[] {false, true}) {
                Selection.Rule rule = new Selection.Rule(by, wanted, isNot);
                Selection selection = new Selection(List.of(rule));
                chosen += snapshot.chosen(selection, snapshot.userNames()).processes().size();
            }
            FuzzTarget.require(chosen == count, "a choice and its opposite");
        }
    }

    /** Checks a table for a window. */
    private static void narrow(Psm.Report report) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Psm.Layout layout = Psm.Layout.DEFAULT.on(40, false);
        new Formats.Table().export(report, new Psm.Output(bytes, true, true, false, layout));
        for (String line : bytes.toString(StandardCharsets.UTF_8).split("\n", -1)) {
            FuzzTarget.require(line.indexOf('\t') < 0, "a tab in a window: " + line);
            FuzzTarget.require(line.codePointCount(0, line.length()) <= 40, "too wide: " + line);
        }
    }

    /** Reads a snapshot; returns {@code null} if it is refused. */
    private static Snapshot read(byte[] bytes) {
        try {
            return SnapshotReader.read(bytes, bytes.length);
        } catch (SnapshotFormatException e) {
            FuzzTarget.require(e.getMessage().length() < 500, "more than a line");
            return null;
        }
    }

    private static void requireFormats(Snapshot snapshot) throws IOException {
        boolean host = snapshot.host().memory().bytes("MemTotal") != Missing.VALUE;
        Psm.Report report = Views.report(snapshot, host ? Views.withHost(Views.ALL) : Views.ALL);
        FormatChecks.json(report);
        FormatChecks.csv(report);
        FormatChecks.table(report);
    }

    private static byte[] ended(byte[] body) {
        CRC32 sum = new CRC32();
        sum.update(body);
        return ByteBuffer.allocate(body.length + SnapshotFormat.END_BYTES)
                .put(body)
                .putInt(SnapshotFormat.END)
                .putInt(Integer.BYTES)
                .putInt((int) sum.getValue())
                .array();
    }
}
