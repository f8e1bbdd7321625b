package psm.support;

import psm.Psm;
import psm.format.Formats;
import psm.oom.OomReport;
import psm.proc.ProcFs;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A made-up {@code /proc} and {@code /sys} with processes in cgroups. */
public final class MadeUpHost {
    private final Path root;

    /** Makes a host of 1,000 MB, without swap and processes. */
    public MadeUpHost(Path root) throws IOException {
        this.root = root;
        write("proc/meminfo", "MemTotal: 1024000 kB\nMemAvailable: 10240 kB\n");
    }

    /** Adds a process of some MB of private memory. */
    public MadeUpHost process(int pid, int mb, int adj, int score, String cgroup)
            throws IOException {
        return process(pid, mb, 0, adj, score, cgroup);
    }

    public MadeUpHost process(int pid, int mb, int swapMb, int adj, int score, String cgroup)
            throws IOException {
        String folder = "proc/" + pid + '/';
        int kb = mb << 10;
        write(
                folder + "smaps_rollup",
                "1000-2000 ---p 00000000 00:00 0    [rollup]\n"
                        + ("Rss: " + kb + " kB\nPss: " + kb + " kB\nPrivate_Dirty: " + kb + " kB\n")
                        + ("Swap: " + (swapMb << 10) + " kB\n"));
        write(folder + "cmdline", "program" + pid + '\0');
        write(folder + "oom_score", score + "\n");
        write(folder + "oom_score_adj", adj + "\n");
        write(folder + "cgroup", cgroup + '\n');
        return this;
    }

    /** Writes a file of a cgroup of v2. */
    public MadeUpHost v2(String cgroup, String file, String content) throws IOException {
        write("sys/fs/cgroup/cgroup.controllers", "memory\n");
        return write("sys/fs/cgroup" + cgroup + '/' + file, content + '\n');
    }

    /** Writes a file of a cgroup of v1. */
    public MadeUpHost v1(String cgroup, String file, String content) throws IOException {
        return write("sys/fs/cgroup/memory" + cgroup + '/' + file, content + '\n');
    }

    /** Writes any file below the root. */
    public MadeUpHost write(String file, String content) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
        return this;
    }

    /** Scans the host for a report of the OOM killer. */
    public Snapshot scan() throws IOException {
        ScanRequest request = ScanRequest.of(Source.AUTO).with(OomReport.DETAILS);
        return new Scanner(new ProcFs(root.resolve("proc").toString()), request).scan(1);
    }

    public Psm.Report report() throws IOException {
        return report(scan(), 0);
    }

    /** Writes a report in one of psm's formats; a table fits into lines of 100 characters. */
    public static String written(Psm.Report report, String format) throws IOException {
        return written(report, format, Psm.Layout.DEFAULT.on(100, false));
    }

    /** Writes a report in one of psm's formats. */
    public static String written(Psm.Report report, String format, Psm.Layout layout)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Psm.Exporter exporter : Formats.all()) {
            if (exporter.name().equals(format)) {
                exporter.export(report, new Psm.Output(out, false, true, false, layout));
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    /** Makes the report of a snapshot, with all of its processes or those that die first. */
    public static Psm.Report report(Snapshot snapshot, int maxRows) {
        return OomReport.of(snapshot, snapshot, "1", maxRows);
    }
}
