package psm.support;

import psm.cgroup.CgroupMemory;
import psm.name.Program;
import psm.proc.Host;
import psm.proc.HostMemory;
import psm.proc.UnlistedMemory;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.smaps.Usage;
import psm.text.Missing;
import psm.text.Version;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Machines made up from a seed, with few programs, users and cgroups, so that many of their
 * processes are in the same row: exact ones, estimates, some with shared memory, and figures that
 * are missing.
 */
public final class MadeUpFleet {
    private static final Instant TAKEN_AT = Instant.parse("2026-11-23T06:20:11Z");
    private static final String[] UNITS = {"a.service", "b.service", "user.slice/x.scope"};

    private final SplittableRandom random;

    private MadeUpFleet(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** Returns a machine with up to a number of processes. */
    public static Snapshot machine(String name, long seed, int maxProcesses) {
        MadeUpFleet fleet = new MadeUpFleet(seed);
        return fleet.machine(name, fleet.random.nextInt(maxProcesses + 1));
    }

    private Snapshot machine(String name, int count) {
        boolean isOld = random.nextInt(4) == 0;
        List<ProcessMemory> processes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            processes.add(process(i + 1, isOld));
        }
        Unmeasured denied = new Unmeasured(count + 1, "x", Unmeasured.Reason.DENIED, null);
        long uptime = random.nextInt(4) == 0 ? Missing.VALUE : 30_000 + size(10_000_000);
        Host host = new Host(name, "6." + random.nextInt(3), null, uptime, memory(), null);
        return new Snapshot(
                new Snapshot.Scope(false, true, Set.of(), ScanRequest.DEFAULT_TIMEOUT_NANOS),
                new Snapshot.Run(TAKEN_AT, 1, count, false, 1, 1, List.of(), Version.CURRENT, null),
                host,
                processes,
                random.nextBoolean() ? List.of() : List.of(denied),
                new HashMap<>(Map.of(0L, "root", 1000L, random.nextBoolean() ? "ann" : "bob")),
                Map.of(0L, "root"),
                cgroups(),
                null);
    }

    private HostMemory memory() {
        int swap = random.nextInt(3) * 1000;
        return new HostMemory(
                "MemTotal: 100000 kB\nMemFree: 30000 kB\nSwapTotal: "
                        + (swap + "000 kB\nSwapFree: " + swap / 2 + "000 kB\nSwapCached: 5 kB\n"),
                UnlistedMemory.UNKNOWN);
    }

    private Map<String, CgroupMemory> cgroups() {
        Map<String, CgroupMemory> cgroups = new HashMap<>();
        for (String unit : UNITS) {
            long max = (1L << 20) << random.nextInt(2);
            CgroupMemory.Limits limits =
                    new CgroupMemory.Limits(max, Missing.VALUE, max, max, 60, true, true);
            CgroupMemory.InUse inUse = new CgroupMemory.InUse(max / 2, 0, 0, max / 4);
            cgroups.put("/" + unit, new CgroupMemory(limits, inUse, 0, false));
        }
        return cgroups;
    }

    private ProcessMemory process(int pid, boolean isOld) {
        Program.File[] files = Program.File.values();
        Program program = new Program("p" + random.nextInt(4), files[random.nextInt(files.length)]);
        ProcessDetails details = details(pid);
        if (random.nextInt(6) == 0) {
            Usage usage = Usage.estimated(size(1 << 24), size(1 << 22), size(1 << 20), size(9));
            ProcessMemory.Estimate denied =
                    new ProcessMemory.Estimate(Unmeasured.Reason.DENIED, null);
            return ProcessMemory.estimated(pid, pid, program, usage, details, denied);
        }
        long[] sums = new long[Usage.Field.values().length];
        for (int i = 0; i < sums.length; i++) {
            boolean isMissing = isOld && i >= Usage.Field.PSS_ANON.ordinal();
            sums[i] = isMissing ? Missing.VALUE : size(1 << 20);
        }
        Usage usage = new Usage(sums, size(1 << 20), 1, 0, 0);
        ProcessMemory process = new ProcessMemory(pid, pid, program, !isOld, usage, details);
        return switch (random.nextInt(8)) {
            case 0 -> pid > 1 ? process.countedUnder(pid - 1) : process;
            case 1 -> process.doubted();
            default -> process;
        };
    }

    private ProcessDetails details(int pid) {
        long user = random.nextBoolean() ? 0 : 1000;
        ProcessDetails.Status status =
                new ProcessDetails.Status(
                        user, random.nextInt(2), size(1 << 20), size(1 << 16), 0, 0);
        boolean isGpu = random.nextInt(4) == 0;
        return new ProcessDetails(
                random.nextInt(pid),
                random.nextInt(1, 9),
                status,
                random.nextInt(1000),
                random.nextInt(-1000, 1000),
                random.nextInt(100),
                "0::/" + UNITS[random.nextInt(UNITS.length)],
                "command " + random.nextInt(3),
                new ProcessDetails.Devices(isGpu ? null : "", Missing.VALUE));
    }

    private long size(int max) {
        return random.nextInt(max);
    }
}
