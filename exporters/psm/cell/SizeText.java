package psm.cell;

import psm.Psm;
import psm.text.Sizes;

/** Formats sizes with their unit in full, as in sentences: {@code 1.5 GB}. */
public final class SizeText {
    private final Sizes sizes;

    /**
     * Takes the factor of the units.
     *
     * @param si whether units are powers of 1,000 instead of 1,024
     */
    public SizeText(boolean si) {
        this.sizes = new Sizes(Psm.Unit.AUTO, si);
    }

    /** Returns a size in the unit that suits it. */
    public String of(long bytes) {
        String text = sizes.of(bytes);
        int unit = text.length() - 1;
        String letter = text.charAt(unit) == 'B' ? "B" : text.charAt(unit) + "B";
        return text.substring(0, unit) + ' ' + letter;
    }

    /** Returns a change, with a sign if it is above 0. */
    public String change(long bytes) {
        return bytes > 0 ? '+' + of(bytes) : of(bytes);
    }
}
