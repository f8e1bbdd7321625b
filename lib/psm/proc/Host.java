package psm.proc;

import psm.text.Missing;

/**
 * The host, by its files in {@code /proc}.
 *
 * @param name {@code sys/kernel/hostname}, or {@code null}
 * @param kernel {@code sys/kernel/osrelease}, or {@code null}
 * @param bootId the id of the time since the host was started, {@code sys/kernel/random/boot_id}:
 *     two of the same are of one host; {@code null} if it is not known, or was not requested
 * @param uptimeMillis how long ago the host was started when the scan began, in milliseconds,
 *     {@code uptime}; it is requested together with the boot id
 * @param pressure {@code null} if it was not requested
 */
public record Host(
        String name,
        String kernel,
        String bootId,
        long uptimeMillis,
        HostMemory memory,
        Pressure pressure) {
    /** The maximum of an uptime: some thousand years. */
    public static final long MAX_UPTIME_MILLIS = 1L << 47;

    private static final String BOOT_ID = "sys/kernel/random/boot_id";

    /** A host about which nothing is known. */
    public static final Host UNKNOWN =
            new Host(null, null, null, Missing.VALUE, HostMemory.NONE, null);

    /** Returns the same host with other figures of its memory. */
    public Host with(HostMemory other) {
        return new Host(name, kernel, bootId, uptimeMillis, other, pressure);
    }

    /** Returns the same host under another name. */
    public Host named(String other) {
        return new Host(other, kernel, bootId, uptimeMillis, memory, pressure);
    }

    /** Returns the same host with another uptime. */
    public Host up(long millis) {
        return new Host(name, kernel, bootId, millis, memory, pressure);
    }

    /**
     * Reads the host's files, except its uptime, which is read when a scan begins.
     *
     * @param withBootId whether to read its {@link #bootId}
     * @param withPressure whether to read {@link #pressure}
     * @param withUnlisted whether to read more of {@link #memory} than meminfo
     */
    public static Host read(
            ProcFs proc, boolean withBootId, boolean withPressure, boolean withUnlisted) {
        return new Host(
                proc.firstLine("sys/kernel/hostname"),
                proc.firstLine("sys/kernel/osrelease"),
                withBootId ? proc.firstLine(BOOT_ID) : null,
                Missing.VALUE,
                HostMemory.read(proc, withUnlisted),
                withPressure ? Pressure.read(proc) : null);
    }

    /** Reads for how many milliseconds the host has run, or {@link Missing#VALUE}. */
    public static long uptimeMillis(ProcFs proc) {
        String line = proc.firstLine("uptime");
        int end = line == null ? -1 : line.indexOf(' ');
        try {
            double millis = end < 0 ? -1 : Double.parseDouble(line.substring(0, end)) * 1_000;
            return millis >= 0 && millis <= MAX_UPTIME_MILLIS ? Math.round(millis) : Missing.VALUE;
        } catch (NumberFormatException e) {
            return Missing.VALUE;
        }
    }
}
