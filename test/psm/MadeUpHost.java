package psm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A made-up {@code /proc} and {@code /sys} of processes in cgroups, for the OOM killer. */
final class MadeUpHost {
    private final Path root;

    /** Of 1,000 MB, without swap. */
    MadeUpHost(Path root) throws IOException {
        this.root = root;
        write("proc/meminfo", "MemTotal: 1024000 kB\nMemAvailable: 10240 kB\n");
    }

    /** A process of private memory, in MB. */
    MadeUpHost process(int pid, int mb, int adj, int score, String cgroup) throws IOException {
        return process(pid, mb, 0, adj, score, cgroup);
    }

    MadeUpHost process(int pid, int mb, int swapMb, int adj, int score, String cgroup)
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

    /** One file of a cgroup, v2: what it says. */
    MadeUpHost v2(String cgroup, String file, String content) throws IOException {
        write("sys/fs/cgroup/cgroup.controllers", "memory\n");
        return write("sys/fs/cgroup" + cgroup + '/' + file, content + '\n');
    }

    MadeUpHost v1(String cgroup, String file, String content) throws IOException {
        return write("sys/fs/cgroup/memory" + cgroup + '/' + file, content + '\n');
    }

    MadeUpHost write(String file, String content) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
        return this;
    }

    Snapshot scan() throws IOException {
        ScanRequest request = ScanRequest.of(Source.AUTO).with(OomReport.DETAILS);
        return new Scanner(new ProcFs(root.resolve("proc").toString()), request).scan(1);
    }

    Psm.Report report() throws IOException {
        return OomReport.of(scan(), "1", 0);
    }
}
