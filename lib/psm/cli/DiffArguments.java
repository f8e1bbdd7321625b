package psm.cli;

import psm.diff.DiffColumn;
import psm.report.Grouping;
import psm.text.Failure;
import psm.text.Nearest;

import java.util.List;

/** Reads and checks what {@code psm diff} alone takes: two files, and a column to sort by. */
final class DiffArguments {
    /** The command lines, for help. */
    static final String[] USAGE = {
        "psm diff [OPTION...] BEFORE AFTER",
        "       psm diff [OPTION...] [--from RECORDING] --since TIME [--until TIME]"
    };

    private static final String BRIEF =
            "use 'psm diff BEFORE AFTER', or 'psm diff --from RECORDING --since TIME'";

    private final ParsedOptions parsed;

    DiffArguments(ParsedOptions parsed) {
        this.parsed = parsed;
    }

    /** Returns the column to sort by; {@code null} to sort by name. */
    DiffColumn sort(List<Grouping> by) throws Failure {
        String name = parsed.value(Option.SORT, DiffColumn.CHANGE.option);
        if (ViewArguments.isOfNames(name, by)) {
            return null;
        }
        DiffColumn column = DiffColumn.named(name);
        if (column == null) {
            throw parsed.refused(
                    Option.SORT,
                    name,
                    "no such column; there are "
                            + Nearest.first(name, DiffColumn.options())
                            + ", name");
        }
        return column;
    }

    /**
     * Checks what to compare.
     *
     * @param format the name of the output format
     */
    void refuse(String format) throws Failure {
        List<String> files = parsed.files();
        boolean isOfTimes = parsed.has(Option.SINCE);
        if (parsed.has(Option.SYSTEM)) {
            Conflicts.refuseForRowsOnly(Option.SYSTEM.toString(), format);
        }
        if (files.isEmpty() && isOfTimes) {
            if (parsed.values(Option.FROM).size() > 1) {
                throw refused(Option.FROM + ": two times of one recording are compared");
            }
            return;
        }
        for (Option option : new Option[] {Option.SINCE, Option.UNTIL, Option.FROM}) {
            if (parsed.has(option)) {
                throw refused(
                        parsed.typed(option)
                                + (files.isEmpty()
                                        ? ": compares nothing without " + Option.SINCE
                                        : ": is for a recording, and files are named too"));
            }
        }
        if (files.size() != 2) {
            String count = files.isEmpty() ? "none" : Integer.toString(files.size());
            String are = files.size() < 2 ? " is" : " are";
            throw refused("diff: compares two files, and " + count + are + " named");
        }
        for (String file : files) {
            if (file.isEmpty()) {
                throw refused("diff '': is no name of a file");
            }
        }
        if (files.get(0).equals(files.get(1))) {
            throw refused("diff " + files.get(0) + ": is named twice");
        }
    }

    private static Failure refused(String problem) {
        return Failure.usage(problem + "; " + BRIEF, null);
    }
}
