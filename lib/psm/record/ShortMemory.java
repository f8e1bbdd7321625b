package psm.record;

import psm.proc.HostMemory;
import psm.proc.Pressure;
import psm.proc.ProcFs;
import psm.text.Missing;

/** Finds out whether the host's memory is short, from two small files. */
final class ShortMemory {
    /** The part of all RAM that must be available, or memory is short. */
    private static final int AVAILABLE_DIVISOR = 10;

    /** The percentage of the last ten seconds in which tasks waited for memory. */
    private static final double MAX_PRESSURE = 10;

    private static final int SECONDS = 10;

    private ShortMemory() {}

    /**
     * Returns whether memory is short: by {@code MemAvailable} (3.14) and by {@link Pressure}
     * (4.20). What the kernel does not report does not count.
     */
    static boolean isNow(ProcFs proc) {
        return isShort(HostMemory.read(proc, false), Pressure.read(proc));
    }

    static boolean isShort(HostMemory memory, Pressure pressure) {
        long total = memory.bytes("MemTotal");
        long available = memory.bytes("MemAvailable");
        boolean isKnown = !Missing.is(total) && !Missing.is(available);
        Double waited = pressure.percent(Pressure.Who.SOME, SECONDS);
        return (isKnown && available < total / AVAILABLE_DIVISOR)
                || (waited != null && waited >= MAX_PRESSURE);
    }
}
