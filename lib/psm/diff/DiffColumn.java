package psm.diff;

import psm.Psm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The columns of a {@link DiffReport} after the names of its rows, in the order of JSON and CSV.
 * Sizes are those that psm itself shows, RAM and swap.
 */
public enum DiffColumn {
    COUNT_BEFORE("COUNT BEFORE", Psm.Kind.COUNT),
    COUNT_AFTER("COUNT", Psm.Kind.COUNT),
    /** The number of processes that were not in the row before. */
    COUNT_NEW("COUNT NEW", Psm.Kind.COUNT),
    /** The number of processes that are not in the row any more. */
    COUNT_ENDED("COUNT ENDED", Psm.Kind.COUNT),
    BEFORE("BEFORE", Psm.Kind.BYTES, false, false),
    AFTER("AFTER", Psm.Kind.BYTES, false, false),
    /** AFTER - BEFORE, which is NEW - ENDED + GROWN. */
    CHANGE("CHANGE", Psm.Kind.BYTES, true, true),
    /** The RAM of the processes that were not in the row before. */
    NEW("NEW", Psm.Kind.BYTES),
    /** The RAM that the processes had that are not in the row any more. */
    ENDED("ENDED", Psm.Kind.BYTES),
    /** The change of the processes that are in the row before and after. */
    GROWN("GROWN", Psm.Kind.BYTES, true, true),
    SWAP_BEFORE("SWAP BEFORE", Psm.Kind.BYTES),
    SWAP_AFTER("SWAP AFTER", Psm.Kind.BYTES),
    SWAP_CHANGE("SWAP+/-", Psm.Kind.BYTES, true, true),
    /** The number of processes whose figures are not exact, before or after. */
    ESTIMATED("estimated", Psm.Kind.COUNT, false, true);

    /** The name for {@code --sort}. */
    public final String option;

    /** The column, with its key in JSON and CSV, not placed in a table. */
    final Psm.Column column;

    /** Makes a column of counts, or of sizes of which most are 0. */
    DiffColumn(String title, Psm.Kind kind) {
        this(title, kind, false, kind == Psm.Kind.BYTES);
    }

    DiffColumn(String title, Psm.Kind kind, boolean isSigned, boolean isSparse) {
        this.option = name().toLowerCase(Locale.ROOT);
        boolean isSize = kind == Psm.Kind.BYTES;
        String key = isSize ? option + "_bytes" : option;
        this.column = new Psm.Column(key, title, kind, 0, isSparse, isSize, 0, isSigned);
    }

    /** Returns whether it is a change, which may be less than 0. */
    boolean isSigned() {
        return column.signed();
    }

    /** Returns the column to sort by with this name; {@code null} if there is none. */
    public static DiffColumn named(String name) {
        for (DiffColumn column : values()) {
            boolean isNamed =
                    column.option.equalsIgnoreCase(name)
                            || column.column.key().equalsIgnoreCase(name);
            if (isNamed && column != ESTIMATED) {
                return column;
            }
        }
        return null;
    }

    /** Returns the names of the columns to sort by. */
    public static List<String> options() {
        List<String> options = new ArrayList<>();
        for (DiffColumn column : values()) {
            if (column != ESTIMATED) {
                options.add(column.option);
            }
        }
        return options;
    }
}
