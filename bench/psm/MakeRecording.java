///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Writes a recording of a made-up machine, days in seconds
//JAVA 17+
//SOURCES ../../lib/psm/Main.java

package psm;

import psm.cgroup.CgroupMemory;
import psm.name.Program;
import psm.proc.Host;
import psm.proc.HostMemory;
import psm.proc.Pressure;
import psm.proc.UnlistedMemory;
import psm.record.RecordingFolder;
import psm.record.RecordingWriter;
import psm.scan.Detail;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Snapshot;
import psm.smaps.Usage;
import psm.text.Failure;
import psm.text.Missing;
import psm.text.Version;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Writes a recording of a machine that is made up from a seed: {@code MakeRecording DIR DAYS
 * PROCESSES}. It has a sample a minute up to now. Each minute an eighth of the processes work,
 * which changes their memory, some of them grow, some are replaced by new ones, and the host's own
 * figures change.
 */
final class MakeRecording {
    private static final long KB = 1024;
    private static final long PAGE = 4096;
    private static final int MINUTES_PER_DAY = 1440;
    private static final String BOOT = "4f3a1c1e-8d0e-4f60-9c0f-0d6a6f0e2b11";

    /** One of so many processes works in a minute; one of so many is replaced. */
    private static final int WORKING = 8;

    private static final int REPLACED = 250;
    private static final int GROUPS = 40;

    private static final String[] LINES = {
        "MemTotal",
        "MemFree",
        "MemAvailable",
        "Buffers",
        "Cached",
        "SwapCached",
        "Active",
        "Inactive",
        "Active(anon)",
        "Inactive(anon)",
        "Active(file)",
        "Inactive(file)",
        "Unevictable",
        "Mlocked",
        "SwapTotal",
        "SwapFree",
        "Zswap",
        "Zswapped",
        "Dirty",
        "Writeback",
        "AnonPages",
        "Mapped",
        "Shmem",
        "KReclaimable",
        "Slab",
        "SReclaimable",
        "SUnreclaim",
        "KernelStack",
        "PageTables",
        "SecPageTables",
        "NFS_Unstable",
        "Bounce",
        "WritebackTmp",
        "CommitLimit",
        "Committed_AS",
        "VmallocTotal",
        "VmallocUsed",
        "VmallocChunk",
        "Percpu",
        "HardwareCorrupted",
        "AnonHugePages",
        "ShmemHugePages",
        "ShmemPmdMapped",
        "FileHugePages",
        "FilePmdMapped",
        "Unaccepted",
        "HugePages_Total",
        "HugePages_Free",
        "HugePages_Rsvd",
        "HugePages_Surp",
        "Hugepagesize",
        "Hugetlb",
        "DirectMap4k",
        "DirectMap2M",
        "DirectMap1G"
    };

    private final SplittableRandom random = new SplittableRandom(19);
    private final long[] meminfo = new long[LINES.length];
    private final long[] groups = new long[GROUPS];
    private final List<ProcessMemory> processes = new ArrayList<>();
    private long stalled;
    private int nextPid = 1;
    private long ticks;

    private MakeRecording() {}

    public static void main(String[] args) throws IOException, Failure {
        new MakeRecording()
                .write(Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    }

    private void write(Path folder, int days, int count) throws IOException, Failure {
        for (int i = 0; i < meminfo.length; i++) {
            meminfo[i] = random.nextInt(1, 1 << 24);
        }
        for (int i = 0; i < count; i++) {
            processes.add(newProcess());
        }
        int minutes = days * MINUTES_PER_DAY;
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        try (RecordingWriter writer = RecordingWriter.open(RecordingFolder.of("DIR", folder), 0)) {
            for (int minute = minutes; minute > 0; minute--) {
                pass();
                ticks += 6_000;
                Instant time = now.minusSeconds(60L * minute).plusMillis(random.nextInt(9));
                writer.append(sample(time));
            }
        }
    }

    private void pass() {
        for (int i = 0; i < meminfo.length; i++) {
            if (i % 5 < 3 && i > 0) {
                meminfo[i] = Math.max(1, meminfo[i] + 4L * random.nextInt(-500, 501));
            }
        }
        for (int i = 0; i < GROUPS; i++) {
            groups[i] += random.nextInt(3) == 0 ? PAGE * random.nextInt(200) : 0;
        }
        stalled += random.nextInt(3000);
        for (int i = 0; i < processes.size(); i++) {
            if (random.nextInt(REPLACED) == 0) {
                processes.remove(i);
                processes.add(newProcess());
            } else if (random.nextInt(WORKING) == 0) {
                processes.set(i, worked(processes.get(i)));
            }
        }
    }

    private ProcessMemory newProcess() {
        int pid = nextPid += random.nextInt(1, 20);
        int kind = random.nextInt(60);
        Program.Names names =
                new Program.Names("program" + kind, "program" + kind, kind < 9 ? "run.py" : null);
        return process(
                pid,
                ticks,
                new Program("program" + kind, Program.File.CURRENT, names),
                usage(PAGE * random.nextInt(500, 50_000), PAGE * random.nextInt(100, 4_000), 0),
                details(pid, kind));
    }

    private static ProcessMemory process(
            int pid, long start, Program program, Usage usage, ProcessDetails details) {
        return new ProcessMemory(pid, start, program, true, usage, details);
    }

    private ProcessDetails details(int pid, int kind) {
        return new ProcessDetails(
                1,
                random.nextInt(1, 30),
                new ProcessDetails.Status(kind % 4 * 1000L, kind % 4, PAGE * pid, 90 * PAGE, 0, 0),
                random.nextInt(667),
                0,
                random.nextInt(40, 900),
                "0::/system.slice/program" + kind % GROUPS + ".service",
                "/usr/bin/program" + kind + " --port " + (8000 + pid % 90) + " --id " + pid,
                ProcessDetails.Devices.UNKNOWN);
    }

    private static Usage usage(long anonymous, long files, long shared) {
        long[] sums = new long[Usage.Field.values().length];
        for (Usage.Field field : Usage.Field.values()) {
            sums[field.ordinal()] =
                    switch (field) {
                        case RSS -> anonymous + files + shared;
                        case PSS -> anonymous + files / 7 / KB * KB;
                        case PSS_ANON, ANONYMOUS, PRIVATE_DIRTY -> anonymous;
                        case PSS_FILE -> files / 7 / KB * KB;
                        case SHARED_CLEAN -> files;
                        default -> 0;
                    };
        }
        return new Usage(sums, anonymous / 3, 1, 0, 0);
    }

    private ProcessMemory worked(ProcessMemory process) {
        Usage before = process.usage();
        long more = PAGE * random.nextInt(-120, 128);
        long anonymous = Math.max(PAGE, before.bytes(Usage.Field.ANONYMOUS) + more);
        long files = before.bytes(Usage.Field.SHARED_CLEAN);
        boolean isMapping = random.nextInt(4) == 0;
        ProcessDetails details = process.details();
        ProcessDetails.Status status = details.status();
        long peak = Math.max(status.peak(), anonymous + files);
        ProcessDetails other =
                new ProcessDetails(
                        details.parent(),
                        details.threads(),
                        new ProcessDetails.Status(
                                status.user(),
                                status.group(),
                                peak,
                                status.pageTables() + (isMapping ? PAGE : 0),
                                0,
                                status.reclaimable()),
                        details.oomScore() + (isMapping ? 1 : 0),
                        0,
                        details.mappings(),
                        details.cgroup(),
                        details.command(),
                        details.devices());
        return process(
                process.pid(),
                process.startTime(),
                process.program(),
                usage(anonymous, files + (isMapping ? PAGE : 0), 0),
                other);
    }

    private Snapshot sample(Instant time) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < LINES.length; i++) {
            text.append(String.format("%-16s%8d kB%n", LINES[i] + ':', meminfo[i]));
        }
        String averages = " avg10=0." + random.nextInt(10, 99) + " avg60=0.00 avg300=0.00 total=";
        String pressure = "some" + averages + stalled + "\nfull" + averages + stalled / 2 + "\n";
        Map<String, CgroupMemory> cgroups = new TreeMap<>();
        for (int i = 0; i < GROUPS; i++) {
            cgroups.put("/system.slice/program" + i + ".service", group(i));
        }
        HostMemory memory = new HostMemory(text.toString(), UnlistedMemory.UNKNOWN);
        List<Snapshot.Slow> slowest = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ProcessMemory slow = processes.get(random.nextInt(10));
            slowest.add(
                    new Snapshot.Slow(slow.pid(), slow.program().name(), random.nextInt(1 << 22)));
        }
        return new Snapshot(
                new Snapshot.Scope(
                        false,
                        true,
                        EnumSet.allOf(Detail.class),
                        ScanRequest.DEFAULT_TIMEOUT_NANOS),
                new Snapshot.Run(
                        time,
                        random.nextInt(20_000_000, 40_000_000),
                        processes.size() + 90,
                        false,
                        random.nextInt(300_000, 400_000),
                        2,
                        slowest,
                        Version.CURRENT,
                        null),
                new Host("web1", "6.1.0", BOOT, 10 * ticks, memory, new Pressure(pressure)),
                List.copyOf(processes),
                List.of(),
                Map.of(0L, "root", 1000L, "ann", 2000L, "bob", 3000L, "cy"),
                Map.of(0L, "root", 1L, "a", 2L, "b", 3L, "c"),
                cgroups,
                null);
    }

    private CgroupMemory group(int i) {
        CgroupMemory.Limits limits =
                new CgroupMemory.Limits(
                        Long.MAX_VALUE, Missing.VALUE, Long.MAX_VALUE, 0, 60, true, true);
        return new CgroupMemory(
                limits,
                new CgroupMemory.InUse(groups[i], groups[i] / 3, 0, groups[i] / 2),
                0,
                false);
    }
}
