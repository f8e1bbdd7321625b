package psm;

/** The memory figures that a report can have: one constant is one column, in every format. */
enum Figure {
    PSS("pss_bytes", "MB RAM", 1, false, true),
    SHARED("shared_bytes", "SHARED", 2, false, false),
    SWAP("swap_bytes", "SWAPPED", 4, true, true),
    HEAP("heap_bytes", "HEAP", 3, false, true);

    final Psm.Column column;

    Figure(String key, String title, int display, boolean sparse, boolean summed) {
        this.column = new Psm.Column(key, title, Psm.Kind.BYTES, display, sparse, summed);
    }

    /** The figure for one process, in bytes or {@link Usage#ABSENT}. */
    long of(Usage usage) {
        return switch (this) {
            case PSS -> usage.ram();
            case SHARED -> usage.shared();
            case SWAP -> usage.swapped();
            case HEAP -> usage.heap;
        };
    }
}
