package psm.proc;

/**
 * What {@code /proc} says of the host.
 *
 * @param name {@code sys/kernel/hostname}, or {@code null}
 * @param kernel {@code sys/kernel/osrelease}, or {@code null}
 * @param memory its own account
 * @param pressure {@code null} where it was not asked for
 */
public record Host(String name, String kernel, HostMemory memory, Pressure pressure) {
    /** Of which nothing is known. */
    public static final Host UNKNOWN = new Host(null, null, HostMemory.NONE, null);

    public static Host read(ProcFs proc, boolean withPressure) {
        return new Host(
                proc.firstLine("sys/kernel/hostname"),
                proc.firstLine("sys/kernel/osrelease"),
                HostMemory.read(proc),
                withPressure ? Pressure.read(proc) : null);
    }
}
