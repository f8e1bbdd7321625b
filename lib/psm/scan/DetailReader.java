package psm.scan;

import psm.cgroup.Cgroup;
import psm.proc.GpuMemory;
import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.proc.ProcStatus;
import psm.text.Missing;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Reads the {@link ProcessDetails} of one process after the other. Belongs to one thread. */
final class DetailReader {
    private static final int MAX_STATUS_BYTES = 1 << 20;

    /**
     * The limit for all contents of {@code cgroup} that one reader keeps. If it is too low, some
     * are missing on a large host; if it is too high, users who can create groups, as with systemd,
     * fill the heap.
     */
    private static final int MAX_CGROUP_CHARS = 1 << 21;

    /** OOM_DISABLE of include/uapi/linux/oom.h: such a process is never killed. */
    private static final int MIN_OOM_ADJ = -17;

    private static final int MAX_OOM_ADJ = 15;
    private static final int MAX_OOM_SCORE_ADJ = 1000;

    private final ProcFs proc;
    private final Selection selection;
    private final MemoryReader memory;
    private final byte[] buffer;

    /** Whether to read only what cannot block, see {@link ProcFs#mayBlock}. */
    private final boolean isInstant;

    /** The contents of {@code cgroup}, each once: the processes of a unit or pod have the same. */
    private final Map<String, String> cgroups = new HashMap<>();

    /** The total length of the strings in {@link #cgroups}. */
    private int cgroupChars;

    /** The reader of GPUs' memory; {@code null} until it is needed. */
    private GpuMemory gpuMemory;

    /**
     * Makes a reader for a tree.
     *
     * @param selection the selection; the details that it needs are read too
     * @param memory the reader that counts mappings; {@code null} to read only what cannot block
     * @param buffer an array that others may use between two calls
     */
    DetailReader(ProcFs proc, Selection selection, MemoryReader memory, byte[] buffer) {
        this.proc = proc;
        this.selection = selection;
        this.memory = memory;
        this.buffer = buffer;
        this.isInstant = memory == null;
    }

    /** Returns details without those for which the kernel locks the memory of the process. */
    static Set<Detail> withoutMappings(Set<Detail> details) {
        Set<Detail> others = Detail.none();
        others.addAll(details);
        others.remove(Detail.MAPPINGS);
        others.remove(Detail.DEVICE_MAPPINGS);
        return others;
    }

    /** Reads the requested details, and those that the selection needs. */
    ProcessDetails read(CurrentProcess process, Set<Detail> wanted, String command) {
        boolean isStatus = wanted.contains(Detail.STATUS) || selection.needs(Detail.STATUS);
        boolean isCgroup =
                wanted.contains(Detail.CGROUP)
                        || wanted.contains(Detail.CGROUP_MEMORY)
                        || selection.needs(Detail.CGROUP);
        boolean isOom = wanted.contains(Detail.OOM);
        boolean isMappings = wanted.contains(Detail.MAPPINGS) && !isInstant;
        String folder = process.folder;
        ProcStat main = process.main;
        boolean isForStat =
                main == null && wanted.contains(Detail.STAT) && !proc.mayBlock(folder + "/status");
        ProcStatus status = isStatus || isForStat ? status(folder) : null;
        return new ProcessDetails(
                main != null ? main.parent() : isForStat ? status.parent() : 0,
                main != null ? main.threads() : isForStat ? status.threads() : Missing.VALUE,
                isStatus ? figures(status) : ProcessDetails.Status.UNKNOWN,
                isOom ? number(folder + "/oom_score", 0, Long.MAX_VALUE) : Missing.VALUE,
                isOom ? oomAdjustment(folder) : Missing.VALUE,
                isMappings ? memory.countMappings(process) : Missing.VALUE,
                isCgroup ? cgroup(folder) : null,
                command,
                isInstant ? ProcessDetails.Devices.UNKNOWN : devices(folder, wanted));
    }

    private ProcessDetails.Devices devices(String folder, Set<Detail> wanted) {
        boolean isOfGpus = wanted.contains(Detail.GPU);
        boolean isMapped = wanted.contains(Detail.DEVICE_MAPPINGS);
        if (!isOfGpus && !isMapped) {
            return ProcessDetails.Devices.UNKNOWN;
        }
        if (isOfGpus && gpuMemory == null) {
            gpuMemory = new GpuMemory(proc, buffer);
        }
        return new ProcessDetails.Devices(
                isOfGpus ? gpuMemory.read(folder) : null,
                isMapped ? new DeviceMappings(proc).pss(folder) : Missing.VALUE);
    }

    private static ProcessDetails.Status figures(ProcStatus status) {
        return new ProcessDetails.Status(
                status.effectiveUserId(),
                status.effectiveGroupId(),
                status.peakResident(),
                status.pageTables(),
                status.swap(),
                status.reclaimable());
    }

    /**
     * Reads status, which never blocks, since the kernel takes no lock of the process. The line of
     * groups comes before some lines that psm needs, and may contain 65,536 groups.
     */
    ProcStatus status(String folder) {
        try {
            return new ProcStatus(text(folder + "/status", MAX_STATUS_BYTES));
        } catch (IOException e) {
            return new ProcStatus("");
        }
    }

    /**
     * Reads oom_score_adj, or oom_adj of kernels before 2.6.36, which is -17 for a process that is
     * never killed, and 15 at most.
     */
    private long oomAdjustment(String folder) {
        long adjustment = number(folder + "/oom_score_adj", -MAX_OOM_SCORE_ADJ, MAX_OOM_SCORE_ADJ);
        if (adjustment != Missing.VALUE) {
            return adjustment;
        }
        long old = number(folder + "/oom_adj", MIN_OOM_ADJ, MAX_OOM_ADJ);
        if (old == Missing.VALUE) {
            return Missing.VALUE;
        }
        return old == MAX_OOM_ADJ ? MAX_OOM_SCORE_ADJ : old * MAX_OOM_SCORE_ADJ / -MIN_OOM_ADJ;
    }

    private String text(String file, int maxBytes) throws IOException {
        if (isInstant && proc.mayBlock(file)) {
            throw new IOException("may block");
        }
        return proc.text(file, buffer, maxBytes);
    }

    /** Reads a file that contains one number; it is missing if it is not within the limits. */
    private long number(String file, long min, long max) {
        try {
            long number = Long.parseLong(text(file, buffer.length).strip());
            return number < min || number > max ? Missing.VALUE : number;
        } catch (IOException | NumberFormatException e) {
            return Missing.VALUE; // the file is missing, or is not a number
        }
    }

    private String cgroup(String folder) {
        try {
            String cgroup = text(folder + "/cgroup", Cgroup.MAX_FILE_BYTES);
            String known = cgroups.get(cgroup);
            if (known == null && cgroupChars < MAX_CGROUP_CHARS) {
                cgroupChars += cgroup.length();
                cgroups.put(cgroup, cgroup);
                known = cgroup;
            }
            return known;
        } catch (IOException e) {
            return null; // the kernel has no cgroups, or the process exited, which is noticed later
        }
    }
}
