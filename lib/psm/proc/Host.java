package psm.proc;

import psm.text.Missing;

import java.io.IOException;

/**
 * The host, by its files in {@code /proc}.
 *
 * @param name {@code sys/kernel/hostname}, or {@code null}
 * @param kernel {@code sys/kernel/osrelease}, or {@code null}
 * @param bootId the id of the time since the host was started, {@code sys/kernel/random/boot_id}:
 *     two of the same are of one host; {@code null} if it is not known, or was not requested
 * @param uptimeMillis how long ago the host was started when the scan began, in milliseconds,
 *     {@code uptime}; it is requested together with the boot id
 * @param bootSeconds when the host was started, in seconds since 1970: {@code btime} of {@code
 *     stat}, which is the same at each time unless the clock is set, as what the uptime leaves of
 *     the time is not; it is requested together with the boot id
 * @param pressure {@code null} if it was not requested
 */
public record Host(
        String name,
        String kernel,
        String bootId,
        long uptimeMillis,
        long bootSeconds,
        HostMemory memory,
        Pressure pressure) {
    /** The maximum of an uptime: some thousand years. */
    public static final long MAX_UPTIME_MILLIS = 1L << 47;

    /** The maximum of a time: the year 9999. */
    public static final long MAX_BOOT_SECONDS = 253_402_300_799L;

    /** The size of {@code stat} on most hosts. */
    private static final int USUAL_STAT_BYTES = 1 << 14;

    /** The size with thousands of processors and interrupts. */
    private static final int MAX_STAT_BYTES = 1 << 20;

    private static final String BOOT_ID = "sys/kernel/random/boot_id";

    /** A host about which nothing is known. */
    public static final Host UNKNOWN =
            new Host(null, null, null, Missing.VALUE, HostMemory.NONE, null);

    /** Creates a host of which it is not known when it was started. */
    public Host(
            String name,
            String kernel,
            String bootId,
            long uptimeMillis,
            HostMemory memory,
            Pressure pressure) {
        this(name, kernel, bootId, uptimeMillis, Missing.VALUE, memory, pressure);
    }

    /** Returns the same host with other figures of its memory. */
    public Host with(HostMemory other) {
        return new Host(name, kernel, bootId, uptimeMillis, bootSeconds, other, pressure);
    }

    /** Returns the same host under another name. */
    public Host named(String other) {
        return new Host(other, kernel, bootId, uptimeMillis, bootSeconds, memory, pressure);
    }

    /** Returns the same host with another uptime. */
    public Host up(long millis) {
        return new Host(name, kernel, bootId, millis, bootSeconds, memory, pressure);
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
                withBootId ? bootSeconds(proc) : Missing.VALUE,
                HostMemory.read(proc, withUnlisted),
                withPressure ? Pressure.read(proc) : null);
    }

    /** Reads when the host was started; its line is behind those of processors and interrupts. */
    private static long bootSeconds(ProcFs proc) {
        long seconds = bootSeconds(proc, USUAL_STAT_BYTES);
        return Missing.is(seconds) ? bootSeconds(proc, MAX_STAT_BYTES) : seconds;
    }

    private static long bootSeconds(ProcFs proc, int bytes) {
        try {
            String stat = proc.unblockedText("stat", new byte[bytes]);
            long seconds = new KeyedLines(stat).number("btime");
            boolean isWhole = stat.length() < bytes || stat.indexOf("\nprocesses ") > 0;
            return isWhole && seconds > 0 && seconds <= MAX_BOOT_SECONDS ? seconds : Missing.VALUE;
        } catch (IOException e) {
            return Missing.VALUE;
        }
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
