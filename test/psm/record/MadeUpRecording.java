package psm.record;

import psm.name.Program;
import psm.proc.Host;
import psm.proc.HostMemory;
import psm.proc.Pressure;
import psm.proc.UnlistedMemory;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/**
 * Samples of a made-up machine, for recordings: each has a time, an uptime, a boot and the RAM of a
 * few programs.
 */
public final class MadeUpRecording {
    public static final Instant START = Instant.parse("2026-11-23T08:00:00Z");
    public static final String BOOT = "4f3a1c1e-8d0e-4f60-9c0f-0d6a6f0e2b11";
    private static final long UPTIME_MILLIS = 3_600_000;
    private static final int FIRST_PID = 100;

    private MadeUpRecording() {}

    /** Returns a sample so many seconds after {@link #START}, an hour after the boot. */
    public static Snapshot sample(long second, long... rams) {
        return sample(BOOT, START.plusSeconds(second), UPTIME_MILLIS + 1000 * second, rams);
    }

    /** Returns a sample of processes with pids from 100 on. */
    public static Snapshot sample(String boot, Instant time, long uptimeMillis, long... rams) {
        return sample(boot, time, uptimeMillis, 8_000_000, rams);
    }

    /** Returns a sample of a machine with so much available memory. */
    public static Snapshot using(long second, long availableKb, long... rams) {
        return sample(
                BOOT, START.plusSeconds(second), UPTIME_MILLIS + 1000 * second, availableKb, rams);
    }

    private static Snapshot sample(
            String boot, Instant time, long uptimeMillis, long availableKb, long... rams) {
        List<ProcessMemory> processes = new ArrayList<>();
        for (int i = 0; i < rams.length; i++) {
            processes.add(process(FIRST_PID + i, rams[i]));
        }
        String meminfo = "MemTotal: 16000000 kB\nMemAvailable: " + availableKb + " kB\n";
        HostMemory memory = new HostMemory(meminfo, UnlistedMemory.UNKNOWN);
        return new Snapshot(
                new Snapshot.Scope(
                        false, false, EnumSet.of(Detail.BOOT), ScanRequest.DEFAULT_TIMEOUT_NANOS),
                new Snapshot.Run(
                        time, 1, rams.length, false, 1, 1, List.of(), Version.CURRENT, null),
                new Host("web1", "6.1", boot, uptimeMillis, memory, new Pressure(null)),
                processes,
                List.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                null);
    }

    /** Records samples, an interval of a minute, and the end of the recorder. */
    public static void write(Path folder, List<Snapshot> samples) throws Failure, IOException {
        try (RecordingWriter writer =
                RecordingWriter.open(RecordingFolder.of("--dir " + folder, folder), 0)) {
            writer.interval(60_000);
            for (Snapshot sample : samples) {
                writer.append(sample);
            }
            writer.mark(Mark.STOPPED);
        }
    }

    /**
     * Records a machine that does not change, at the same intervals until an interval from now.
     *
     * @param like the machine
     */
    public static void write(Path folder, Snapshot like, int samples, Duration interval)
            throws Failure, IOException {
        Instant now = Instant.now();
        try (RecordingWriter writer =
                RecordingWriter.open(RecordingFolder.of("--dir " + folder, folder), 0)) {
            writer.interval(interval.toMillis());
            for (int i = 1; i <= samples; i++) {
                Duration untilNow = interval.multipliedBy(samples - 1L - i);
                long uptime = UPTIME_MILLIS + i * interval.toMillis();
                writer.append(shifted(like, now.minus(untilNow), uptime));
            }
        }
    }

    private static Snapshot shifted(Snapshot like, Instant time, long uptimeMillis) {
        Snapshot.Run run = like.run();
        Host host = like.host();
        return new Snapshot(
                like.scope(),
                new Snapshot.Run(
                        time,
                        run.nanos(),
                        run.listed(),
                        run.hidden(),
                        run.bytesRead(),
                        run.workers(),
                        run.slowest(),
                        run.psmVersion(),
                        run.own()),
                new Host(
                        host.name(),
                        host.kernel(),
                        BOOT,
                        uptimeMillis,
                        host.memory(),
                        host.pressure()),
                like.processes(),
                like.unmeasured(),
                like.users(),
                like.groups(),
                like.cgroups(),
                like.mappings());
    }

    /** Returns a process whose private memory is all of its RAM. */
    public static ProcessMemory process(int pid, long ram) {
        long[] sums = new long[Usage.Field.values().length];
        for (Usage.Field field : Usage.Field.values()) {
            sums[field.ordinal()] =
                    switch (field) {
                        case RSS, PSS, PRIVATE_DIRTY, ANONYMOUS, PSS_ANON -> ram;
                        default -> 0;
                    };
        }
        return new ProcessMemory(
                pid,
                pid,
                new Program("p" + pid, Program.File.CURRENT),
                true,
                new Usage(sums, Missing.VALUE, 1, 0, 0),
                ProcessDetails.NONE);
    }
}
