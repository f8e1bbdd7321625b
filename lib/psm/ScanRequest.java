package psm;

import java.util.regex.Pattern;

/**
 * What a scan is to look at.
 *
 * @param source where the figures are to come from
 * @param heap whether the memory of the heap is wanted, which smaps alone tells
 * @param byTitle whether a title that a program has set is its name, see {@link ProgramName}
 * @param scripts whether to tell interpreters apart by what they run, see {@link ScriptName}
 * @param filter finds something in the names of the programs that are wanted; {@code null} for all
 */
record ScanRequest(Source source, boolean heap, boolean byTitle, boolean scripts, Pattern filter) {
    /** All processes, named as they want to be. */
    static ScanRequest of(Source source) {
        return of(source, null);
    }

    static ScanRequest of(Source source, Pattern filter) {
        return new ScanRequest(source, false, true, false, filter);
    }
}
