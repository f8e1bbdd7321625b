package psm.support;

import psm.proc.Host;
import psm.proc.HostMemory;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.text.Missing;
import psm.text.Version;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes up snapshots of scans that read memory alone, by this psm. */
public final class MadeUpSnapshot {
    private static final Instant TAKEN_AT = Instant.parse("2026-11-23T06:20:11.987Z");
    private static final long NANOS = 1_500_000;

    private MadeUpSnapshot() {}

    /** Returns a snapshot of a host about which only processes are known. */
    public static Snapshot of(List<ProcessMemory> processes, List<Unmeasured> unmeasured) {
        return of(Host.UNKNOWN, processes, unmeasured);
    }

    /** Returns a snapshot of a host with that memory. */
    public static Snapshot of(
            HostMemory memory, List<ProcessMemory> processes, List<Unmeasured> unmeasured) {
        return of(
                new Host("box1", "6.1", null, Missing.VALUE, memory, null), processes, unmeasured);
    }

    public static Snapshot of(
            Host host, List<ProcessMemory> processes, List<Unmeasured> unmeasured) {
        int listed = processes.size();
        return new Snapshot(
                new Snapshot.Scope(false, false, Set.of(), ScanRequest.DEFAULT_TIMEOUT_NANOS),
                new Snapshot.Run(
                        TAKEN_AT, NANOS, listed, false, 1, 1, List.of(), Version.CURRENT, null),
                host,
                processes,
                unmeasured,
                Map.of(),
                Map.of(),
                Map.of(),
                null);
    }
}
