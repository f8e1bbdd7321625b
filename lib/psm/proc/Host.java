package psm.proc;

/**
 * The host, by its files in {@code /proc}.
 *
 * @param name {@code sys/kernel/hostname}, or {@code null}
 * @param kernel {@code sys/kernel/osrelease}, or {@code null}
 * @param bootId the id of the time since the host was started, {@code sys/kernel/random/boot_id}:
 *     two of the same are of one host; {@code null} if it is not known, or was not requested
 * @param pressure {@code null} if it was not requested
 */
public record Host(
        String name, String kernel, String bootId, HostMemory memory, Pressure pressure) {
    private static final String BOOT_ID = "sys/kernel/random/boot_id";

    /** A host about which nothing is known. */
    public static final Host UNKNOWN = new Host(null, null, null, HostMemory.NONE, null);

    /** Returns the same host with other figures of its memory. */
    public Host with(HostMemory other) {
        return new Host(name, kernel, bootId, other, pressure);
    }

    /** Returns the same host under another name. */
    public Host named(String other) {
        return new Host(other, kernel, bootId, memory, pressure);
    }

    /**
     * Reads the host's files.
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
                HostMemory.read(proc, withUnlisted),
                withPressure ? Pressure.read(proc) : null);
    }
}
