package psm.oom;

import psm.Psm;
import psm.proc.Host;
import psm.proc.HostMemory;
import psm.proc.Pressure;
import psm.report.Grouping;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * How close machines are to running out of memory: what is left, and how long tasks waited for
 * memory. Of one machine these are figures, of several a list of machines, the one with the least
 * left first in documents, and last in tables.
 */
final class OomPressure {
    private static final String KEY = "pressure";
    private static final String TITLE = "memory pressure";

    private static final Psm.Column HOST = Grouping.HOST.column.at(1);
    private static final Psm.Column LEFT =
            OomReport.column("left_percent", "LEFT", Psm.Kind.PERCENT, 1);

    /**
     * A figure of a machine.
     *
     * @param words its name where it stands alone; {@code null} if tables of one machine leave it
     *     out
     */
    private record Part(Psm.Column column, String words) {}

    private static final List<Part> PARTS =
            List.of(
                    new Part(
                            OomReport.column("mem_available_bytes", "RAM LEFT", Psm.Kind.BYTES, 2),
                            "of RAM left, MemAvailable"),
                    new Part(
                            OomReport.column("swap_free_bytes", "SWAP LEFT", Psm.Kind.BYTES, 3),
                            "of swap left"),
                    new Part(LEFT, null),
                    waited(Pressure.Who.SOME, 10, 4),
                    waited(Pressure.Who.SOME, 60, 5),
                    waited(Pressure.Who.FULL, 10, 6),
                    waited(Pressure.Who.FULL, 60, 7));

    /** The index of {@link #LEFT} in a list of {@link #figures}. */
    private static final int LEFT_INDEX = 2;

    private final boolean isOfSeveral;
    private final List<Psm.Row> machines = new ArrayList<>();

    OomPressure(boolean isOfSeveral) {
        this.isOfSeveral = isOfSeveral;
    }

    private static Part waited(Pressure.Who who, int seconds, int display) {
        boolean isAll = who == Pressure.Who.FULL;
        return new Part(
                OomReport.column(
                        who.kernelName + "_avg" + seconds + "_percent",
                        (isAll ? "ALL " : "SOME ") + seconds + "s",
                        Psm.Kind.PERCENT,
                        display),
                "of the last "
                        + seconds
                        + " s "
                        + (isAll ? "all" : "some")
                        + " tasks waited for memory");
    }

    void add(String host, Host machine) {
        machines.add(OomReport.row(host, figures(machine).toArray()));
    }

    private static List<Object> figures(Host host) {
        HostMemory memory = host.memory();
        List<Object> figures = new ArrayList<>();
        figures.add(Missing.orNull(memory.bytes("MemAvailable")));
        figures.add(Missing.orNull(memory.bytes("SwapFree")));
        figures.add(left(memory));
        for (Pressure.Who who : Pressure.Who.values()) {
            for (int seconds : new int[] {10, 60}) {
                Pressure pressure = host.pressure();
                figures.add(pressure == null ? null : pressure.percent(who, seconds));
            }
        }
        return figures;
    }

    /** Returns how much of RAM and swap is left, in percent; {@code null} if it is not known. */
    private static Double left(HostMemory memory) {
        long available = memory.bytes("MemAvailable");
        long ram = memory.bytes("MemTotal");
        if (Missing.is(available) || ram <= 0) {
            return null;
        }
        double all = (double) ram + Missing.orZero(memory.bytes("SwapTotal"));
        return 100 * (available + (double) Missing.orZero(memory.bytes("SwapFree"))) / all;
    }

    /** Returns the figures of the machine, or the list of machines. */
    Psm.Account account() {
        if (isOfSeveral) {
            machines.sort(LEAST_LEFT_FIRST);
            List<Psm.Column> columns = new ArrayList<>(List.of(HOST));
            for (Part part : PARTS) {
                columns.add(part.column);
            }
            return new Psm.Account(
                            KEY,
                            null,
                            List.of(),
                            true,
                            Collections.unmodifiableList(columns),
                            Collections.unmodifiableList(machines))
                    .titled(TITLE);
        }
        List<Psm.Entry> entries = new ArrayList<>();
        for (int i = 0; i < PARTS.size(); i++) {
            Psm.Column column = PARTS.get(i).column;
            Object value = machines.get(0).values().get(i);
            entries.add(
                    new Psm.Entry(column.key(), PARTS.get(i).words, column.kind(), value, false));
        }
        return new Psm.Account(
                        KEY,
                        null,
                        Collections.unmodifiableList(entries),
                        true,
                        List.of(),
                        List.of())
                .titled(TITLE);
    }

    /** Orders machines; one of which nothing is known is last. */
    private static final Comparator<Psm.Row> LEAST_LEFT_FIRST =
            new Comparator<>() {
                @Override
                public int compare(Psm.Row a, Psm.Row b) {
                    Double leftOfA = (Double) a.values().get(LEFT_INDEX + 1);
                    Double leftOfB = (Double) b.values().get(LEFT_INDEX + 1);
                    int order =
                            leftOfA == null || leftOfB == null
                                    ? Boolean.compare(leftOfA == null, leftOfB == null)
                                    : Double.compare(leftOfA, leftOfB);
                    return order == 0
                            ? ((String) a.values().get(0)).compareTo((String) b.values().get(0))
                            : order;
                }
            };
}
