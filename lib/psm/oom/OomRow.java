package psm.oom;

import psm.Psm;

/**
 * A row of an OOM report and its place among those of several machines. The first to die is the
 * greatest. Rows of one machine keep their order, since neither {@link #score} nor {@link #part}
 * falls from one to the next.
 *
 * @param host {@code null} in a report of one machine
 * @param place the place in the order of its machine, from the last to die on
 * @param score the score in thousandths of the machine's memory, see {@link OomVictims#thousandths}
 * @param part the badness as a part of the machine's memory; 0 if that is not known
 */
record OomRow(Psm.Row row, String host, int place, double score, double part)
        implements Comparable<OomRow> {
    @Override
    public int compareTo(OomRow other) {
        int order = Double.compare(score, other.score);
        if (order == 0) {
            order = Double.compare(part, other.part);
        }
        if (order == 0 && host != null) {
            order = other.host.compareTo(host); // those of the first machine die first
        }
        return order == 0 ? Integer.compare(place, other.place) : order;
    }
}
