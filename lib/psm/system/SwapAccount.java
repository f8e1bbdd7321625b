package psm.system;

import psm.Psm;
import psm.proc.HostMemory;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Compares the kernel's own figures of swap ({@code /proc/meminfo}) with those of the processes.
 */
public final class SwapAccount {
    /** The key of the account. */
    public static final String KEY = "swap";

    private SwapAccount() {}

    /**
     * Returns the swap in use, as free(1) does: SwapTotal - SwapFree; the part of it that is also
     * in RAM; and for programs, SwapTotal, and the rest that belongs to no process, such as tmpfs.
     *
     * @param column the key of the column whose total it explains; {@code null} if the report does
     *     not include all processes
     * @param owned the sum over all processes, {@link Missing#VALUE} if it is not known
     */
    public static Psm.Account of(HostMemory memory, String column, long owned) {
        long total = memory.bytes("SwapTotal");
        long free = memory.bytes("SwapFree");
        boolean isKnown = total != Missing.VALUE && free != Missing.VALUE;
        long used = isKnown ? minus(total, free) : Missing.VALUE;
        long cached = memory.bytes("SwapCached");
        cached = isKnown ? Math.min(cached, used) : cached; // they are not of the same moment
        boolean isOwned = isKnown && column != null && owned != Missing.VALUE;
        long unowned = isOwned ? minus(minus(used, cached), owned) : Missing.VALUE;
        Psm.Kind bytes = Psm.Kind.BYTES;
        return new Psm.Account(
                KEY,
                column,
                List.of(
                        new Psm.Entry("used_bytes", "swap used", Missing.orNull(used), false),
                        new Psm.Entry(
                                "cached_bytes",
                                "of it also in RAM",
                                bytes,
                                Missing.orNull(cached),
                                false,
                                true),
                        new Psm.Entry("total_bytes", null, bytes, Missing.orNull(total), false),
                        new Psm.Entry(
                                "unowned_bytes", null, bytes, Missing.orNull(unowned), false)));
    }

    /**
     * Adds up the accounts of several machines. A figure that is not known on one of them is not
     * known of all.
     */
    public static Psm.Account sum(Psm.Account a, Psm.Account b) {
        List<Psm.Entry> sums = new ArrayList<>();
        for (int i = 0; i < a.entries().size(); i++) {
            Psm.Entry entry = a.entries().get(i);
            Object more = b.entries().get(i).value();
            boolean isKnown = entry.value() != null && more != null;
            Long sum = isKnown ? (Long) ((Long) entry.value() + (Long) more) : null;
            sums.add(
                    new Psm.Entry(
                            entry.key(),
                            entry.title(),
                            entry.kind(),
                            sum,
                            entry.sum(),
                            entry.part()));
        }
        String column = a.column() == null ? null : b.column();
        return new Psm.Account(a.key(), column, Collections.unmodifiableList(sums));
    }

    /**
     * Subtracts figures. Returns 0 for a negative result, since the figures were not read at the
     * same moment.
     */
    private static long minus(long bytes, long less) {
        return bytes == Missing.VALUE ? Missing.VALUE : Math.max(0, bytes - Missing.orZero(less));
    }
}
