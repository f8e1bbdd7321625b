package psm;

/**
 * What {@code /proc} says of the host.
 *
 * @param name {@code sys/kernel/hostname}, or {@code null}
 * @param kernel {@code sys/kernel/osrelease}, or {@code null}
 * @param memory its own account
 */
record Host(String name, String kernel, HostMemory memory) {
    /** Of which nothing is known. */
    static final Host UNKNOWN = new Host(null, null, HostMemory.NONE);

    static Host read(ProcFs proc) {
        return new Host(
                proc.firstLine("sys/kernel/hostname"),
                proc.firstLine("sys/kernel/osrelease"),
                HostMemory.read(proc));
    }
}
