package psm.report;

import psm.Psm;
import psm.proc.HostMemory;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Compares the kernel's own figures of swap ({@code /proc/meminfo}) with those of the processes.
 * Each line is one call of {@link #add}.
 */
public final class HostAccount {
    private final List<Psm.Entry> entries = new ArrayList<>();

    private HostAccount() {}

    /**
     * Returns the swap in use, SwapTotal - SwapFree - SwapCached, and the part that belongs to no
     * process, such as shared memory and tmpfs.
     *
     * @param owned the sum over all processes, {@link Missing#VALUE} if it is not known
     */
    public static Psm.Account swap(HostMemory memory, long owned) {
        long used = used(memory);
        long cached = memory.bytes("SwapCached");
        long unowned =
                used == Missing.VALUE || owned == Missing.VALUE
                        ? Missing.VALUE
                        : Math.max(0, used - owned);
        return new HostAccount()
                .add("used_bytes", "of swap in use, by the kernel's count", used)
                .add("cached_bytes", "more in swap, but also in RAM", cached)
                .add("unowned_bytes", "of swap in use by none of the processes above", unowned)
                .as("swap", Figure.SWAP);
    }

    private static long used(HostMemory memory) {
        long total = memory.bytes("SwapTotal");
        long free = memory.bytes("SwapFree");
        return total == Missing.VALUE || free == Missing.VALUE
                ? Missing.VALUE
                : minus(minus(total, free), memory.bytes("SwapCached"));
    }

    /**
     * Subtracts figures. Returns 0 for a negative result, since the figures were not read at the
     * same moment.
     */
    private static long minus(long bytes, long less) {
        return bytes == Missing.VALUE ? Missing.VALUE : Math.max(0, bytes - Missing.orZero(less));
    }

    /** Adds a line. */
    private HostAccount add(String key, String title, long bytes) {
        entries.add(new Psm.Entry(key, title, Missing.orNull(bytes), false));
        return this;
    }

    private Psm.Account as(String key, Figure figure) {
        return new Psm.Account(key, figure.column.key(), Collections.unmodifiableList(entries));
    }
}
