package psm.proc;

/**
 * The host, by its files in {@code /proc}.
 *
 * @param name {@code sys/kernel/hostname}, or {@code null}
 * @param kernel {@code sys/kernel/osrelease}, or {@code null}
 * @param pressure {@code null} if it was not requested
 */
public record Host(String name, String kernel, HostMemory memory, Pressure pressure) {
    /** A host about which nothing is known. */
    public static final Host UNKNOWN = new Host(null, null, HostMemory.NONE, null);

    /** Returns the same host with other figures of its memory. */
    public Host with(HostMemory other) {
        return new Host(name, kernel, other, pressure);
    }

    /** Reads the host's files. */
    public static Host read(ProcFs proc, boolean withPressure, boolean withUnlisted) {
        return new Host(
                proc.firstLine("sys/kernel/hostname"),
                proc.firstLine("sys/kernel/osrelease"),
                HostMemory.read(proc, withUnlisted),
                withPressure ? Pressure.read(proc) : null);
    }
}
