package psm;

/** The memory figures that a report can have: one constant is one column, in every format. */
enum Figure {
    /** RAM, see {@link Usage#ram}. */
    PSS("pss_bytes", "MB RAM", 1, false, true),
    /** The part of it that is shares of what others map too. */
    SHARED("shared_bytes", "SHARED", 2, false, false),
    /** See {@link Usage#swapped}. */
    SWAP("swap_bytes", "SWAPPED", 5, true, true),
    /** The kernel's Swap: shared memory too, in full for each that maps it. */
    SWAP_WITH_SHARED("swap_with_shared_bytes", "SWAP", 0, true, false),
    /** Huge pages that are shared: in full for each that maps them, nobody tells how many do. */
    SHARED_HUGETLB("shared_hugetlb_bytes", "HUGETLB", 4, true, false),
    /** Pss of the mappings named [heap]. */
    HEAP("heap_bytes", "HEAP", 3, false, true);

    final Psm.Column column;

    Figure(String key, String title, int display, boolean sparse, boolean summed) {
        this.column = new Psm.Column(key, title, Psm.Kind.BYTES, display, sparse, summed);
    }

    /** Whether a table has it only where somebody has some of it. */
    boolean isRare() {
        return this == SHARED_HUGETLB;
    }

    /** The same column, for documents alone. */
    Psm.Column notInTables() {
        return new Psm.Column(
                column.key(), column.title(), column.kind(), 0, column.sparse(), column.summed());
    }

    /** The figure for one process, in bytes or {@link Usage#ABSENT}. */
    long of(Usage usage) {
        return switch (this) {
            case PSS -> usage.ram();
            case SHARED -> usage.shared();
            case SWAP -> usage.swapped();
            case SWAP_WITH_SHARED -> usage.bytes(Usage.Field.SWAP);
            case SHARED_HUGETLB -> usage.bytes(Usage.Field.SHARED_HUGETLB);
            case HEAP -> usage.heap;
        };
    }
}
