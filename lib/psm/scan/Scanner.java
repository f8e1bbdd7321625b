package psm.scan;

import psm.cgroup.CgroupMemoryReader;
import psm.proc.ClockTicks;
import psm.proc.HidePid;
import psm.proc.Host;
import psm.proc.HugePages;
import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.text.Missing;
import psm.text.Version;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Measures all processes of a {@link ProcFs} at once. */
public final class Scanner {
    /**
     * The number of processes that justify one more thread. If it is too low, psm starts threads on
     * a small host that find nothing to do; if it is too high, a processor idles on a large host.
     */
    private static final int PROCESSES_PER_WORKER = 16;

    /**
     * The largest number of threads. Other programs need the processors too, and psm locks the
     * memory map of each process that it reads. If it is too low, the scan of a large host takes
     * longer; if it is too high, psm slows down the host.
     */
    private static final int MAX_WORKERS = 4;

    /** The number of slowest processes to report. */
    private static final int SLOWEST = 5;

    /**
     * The memory that a process takes with a long name. If it is too low, psm finds out slowly that
     * there is not enough; if it is too high, it leaves out what would fit.
     */
    private static final int BYTES_OF_PROCESS = 700;

    private final ProcFs proc;
    private final ScanRequest request;

    /** Whether to refuse a scan for which there is not enough memory. */
    private boolean isWithinMemory;

    /** Makes a scanner of a tree. */
    public Scanner(ProcFs proc, ScanRequest request) {
        this.proc = proc;
        this.request = request;
    }

    /**
     * Refuses a scan for which Java has not enough memory. Without that, the garbage collector
     * needs most of a minute to find out.
     */
    public Scanner withinMemory() {
        isWithinMemory = true;
        return this;
    }

    /**
     * Scans once.
     *
     * @param workers the number of threads; 0 for as many as are useful
     * @throws IOException if the processes cannot be listed
     * @throws OutOfMemoryError if there is no memory for so many processes
     */
    public Snapshot scan(int workers) throws IOException {
        Instant takenAt = proc.time();
        long start = System.nanoTime();
        long uptime = isTimed() ? Host.uptimeMillis(proc) : Missing.VALUE;
        int[] pids = proc.pids();
        int ownPid = new OwnProcess(proc).pid();
        boolean isOwnShown = request.shows(ownPid);
        int[] wanted = wanted(isOwnRead(isOwnShown) ? pids : without(ownPid, pids), pids);
        requireMemory(wanted.length);
        Pass first = new Pass(request, wanted, ownPid, workersFor(wanted.length, workers));
        boolean isMore = SharedHugePages.areIn(first.measured);
        Pass pass = isMore ? withSharedHugePages(first, pids) : first;
        Snapshot.Run run =
                new Snapshot.Run(
                        takenAt,
                        System.nanoTime() - start,
                        pids.length,
                        HidePid.hidesOthers(proc, pids),
                        pass.scan.bytesRead(),
                        pass.workers,
                        pass.scan.slowest(SLOWEST, isOwnShown ? 0 : ownPid),
                        Version.CURRENT,
                        null);
        Snapshot all =
                new Snapshot(
                        request.scope(),
                        run,
                        pass.host.up(uptime),
                        pass.measured,
                        pass.unmeasured,
                        Collections.emptyMap(),
                        Collections.emptyMap(),
                        request.details().contains(Detail.CGROUP_MEMORY)
                                ? CgroupMemoryReader.readAll(
                                        proc, ProcessMemory.cgroups(pass.measured))
                                : Collections.emptyMap(),
                        pass.scan.mappings());
        return isOwnShown ? all : all.without(ownPid);
    }

    /** Returns whether to read the uptime, which start times can then be compared with. */
    private boolean isTimed() {
        return request.details().contains(Detail.BOOT);
    }

    /** Converts start times to the ticks of most machines, if this one has others. */
    private void countCommonTicks(List<ProcessMemory> measured) {
        long perSecond = ClockTicks.perSecond(proc);
        for (int i = 0; i < measured.size() && perSecond != ClockTicks.PER_SECOND; i++) {
            ProcessMemory process = measured.get(i);
            measured.set(i, process.startedAt(ClockTicks.common(process.startTime(), perSecond)));
        }
    }

    private void requireMemory(int processes) {
        if (isWithinMemory && processes > Runtime.getRuntime().maxMemory() / BYTES_OF_PROCESS) {
            throw new OutOfMemoryError(processes + " processes");
        }
    }

    /** Returns whether to read psm's own process, which {@code --system} accounts for. */
    private boolean isOwnRead(boolean isShown) {
        return isShown || request.details().contains(Detail.SYSTEM);
    }

    /** One reading of processes. */
    private final class Pass {
        final int[] pids;
        final int ownPid;
        final Scan scan;
        final int workers;
        final List<ProcessMemory> measured = new ArrayList<>();
        final List<Unmeasured> unmeasured = new ArrayList<>();
        Host host;

        Pass(ScanRequest asked, int[] pids, int ownPid, int workers) {
            this.pids = pids;
            this.ownPid = ownPid;
            this.scan = new Scan(proc, asked, pids, ownPid);
            this.workers = scan.readAll(workers);
            this.host = scan.host();
            scan.collect(measured, unmeasured);
            if (isTimed()) {
                countCommonTicks(measured);
            }
        }
    }

    /**
     * Counts huge pages as shared that cannot be private, see {@link SharedHugePages}. All
     * processes show that, even in a report of some that have private ones; and mappings have to be
     * added up again.
     */
    private Pass withSharedHugePages(Pass first, int... pids) {
        Pass all =
                request.scope().filtered() && SharedHugePages.arePrivate(first.measured)
                        ? new Pass(request.ofAllMemory(), pids, first.ownPid, first.workers)
                        : first;
        HugePages pools = HugePages.readAny(proc);
        Set<Integer> sharing = SharedHugePages.pids(proc, all.measured, pools.inUse());
        boolean isAgain = request.mappings() && !sharing.isEmpty();
        ScanRequest again = request.sharingHugePages(sharing);
        Pass pass = isAgain ? new Pass(again, first.pids, first.ownPid, first.workers) : first;
        pass.host = pass.host.with(pass.host.memory().with(pools));
        SharedHugePages.share(pass.measured, sharing);
        return pass;
    }

    /**
     * Returns the pids of processes that their pids and parents do not rule out.
     *
     * @param some the pids to choose from
     * @param all these and others, which may be their ancestors
     */
    private int[] wanted(int[] some, int... all) {
        Selection selection = request.selection();
        if (selection.isAll()) {
            return some;
        }
        Set<Integer> descendants =
                selection.needs(Detail.STAT) ? selection.takenDescendants(all, parents(all)) : null;
        int[] wanted = new int[some.length];
        int count = 0;
        for (int pid : some) {
            if (selection.takesPid(pid) && (descendants == null || descendants.contains(pid))) {
                wanted[count++] = pid;
            }
        }
        return Arrays.copyOf(wanted, count);
    }

    private static int[] without(int pid, int... pids) {
        int at = Arrays.binarySearch(pids, pid);
        if (at < 0) {
            return pids;
        }
        int[] others = Arrays.copyOf(pids, pids.length - 1);
        System.arraycopy(pids, at + 1, others, at, others.length - at);
        return others;
    }

    private Map<Integer, Integer> parents(int[] pids) {
        Map<Integer, Integer> parents = new HashMap<>();
        byte[] buffer = new byte[Estimator.STAT_BYTES];
        for (int pid : pids) {
            ProcStat stat = ProcStat.readIfInstant(proc, Integer.toString(pid), buffer);
            if (stat != null) {
                parents.put(pid, stat.parent());
            }
        }
        return parents;
    }

    private static int workersFor(int processes, int asked) {
        if (asked > 0) {
            return Math.max(1, Math.min(asked, processes));
        }
        int worthwhile = (processes + PROCESSES_PER_WORKER - 1) / PROCESSES_PER_WORKER;
        int processors = Math.min(MAX_WORKERS, Runtime.getRuntime().availableProcessors());
        return Math.max(1, Math.min(processors, worthwhile));
    }
}
