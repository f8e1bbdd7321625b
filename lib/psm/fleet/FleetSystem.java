package psm.fleet;

import psm.Psm;
import psm.picture.MemoryTreemap;
import psm.report.Figure;
import psm.report.Grouping;
import psm.report.Labels;
import psm.report.ProcessReport;
import psm.report.RowChoice;
import psm.report.View;
import psm.snapshot.SnapshotFormatException;
import psm.system.MemoryAccount;
import psm.system.SwapAccount;
import psm.text.Failure;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Shows what the memory of several machines is used for: a row for each, with the parts of {@link
 * MemoryAccount} as columns. A table shows the parts of which any machine has more than a little,
 * the largest first.
 */
public final class FleetSystem extends RowChoice<FleetSystem.Line> implements Fleet {
    /** A table leaves out a part of which no machine has more than this part: a hundredth. */
    private static final int SMALL_PART = 100;

    private static final String USED = "mem_used_bytes";
    private static final String SWAP = "swap_used_bytes";

    private static final Psm.Column HOST = Grouping.HOST.column.at(1);

    /** The titles of columns for which their keys are too long, by these. */
    private static final Map<String, String> TITLES =
            Map.ofEntries(
                    Map.entry(MemoryAccount.TOTAL, "TOTAL"),
                    Map.entry(USED, "USED"),
                    Map.entry(SWAP, "SWAPPED"),
                    Map.entry(MemoryAccount.OTHER_PROCESSES, "OTHERS"),
                    Map.entry("page_cache_bytes", "CACHE"),
                    Map.entry("slab_reclaimable_bytes", "SLAB RECL."),
                    Map.entry("slab_unreclaimable_bytes", "SLAB"),
                    Map.entry("page_tables_bytes", "TABLES"),
                    Map.entry("kernel_stacks_bytes", "STACKS"),
                    Map.entry("other_reclaimable_bytes", "DRIVERS"),
                    Map.entry("gpu_active_bytes", "GPU"),
                    Map.entry("writeback_tmp_bytes", "FUSE"),
                    Map.entry("hardware_corrupted_bytes", "DEFECTIVE"),
                    Map.entry("compressed_swap_bytes", "ZRAM"));

    private static final String UNIT = "_bytes";

    /**
     * The view of each machine's own report, of which the accounts are used and no row: so all of
     * its processes are one.
     */
    private static final View OWN =
            new View(
                    List.of(Grouping.HOST),
                    View.columns(false),
                    Figure.PSS,
                    false,
                    1,
                    Missing.VALUE,
                    true,
                    View.Extent.SYSTEM,
                    null);

    /** How many machines to draw, at most; 0 to draw none. */
    private final int pictured;

    /** The pictures of the machines that the report shows. */
    private List<Psm.Picture> pictures = List.of();

    private final FleetHead head = new FleetHead();
    private final FleetSums sums = new FleetSums();
    private final List<Line> lines = new ArrayList<>();

    /** The keys of the figures, in the order of documents. */
    private List<String> keys = List.of();

    /**
     * A machine.
     *
     * @param figures by their keys; {@code null} for those that are not known
     * @param picture where its memory is; {@code null} if that is not drawn
     */
    record Line(String host, Map<String, Long> figures, Psm.Picture picture) {
        long orZero(String key) {
            Long figure = figures.get(key);
            return figure == null ? 0 : figure;
        }
    }

    /** Starts a report of no machine, without pictures. */
    public FleetSystem(View view) {
        this(view, 0);
    }

    /**
     * Starts a report of no machine.
     *
     * @param pictured how many machines to draw, at most; 0 to draw none
     */
    public FleetSystem(View view, int pictured) {
        super(view);
        this.pictured = pictured;
    }

    /** Returns whether machines can be sorted by a figure. */
    public static boolean isSortable(Figure figure) {
        return figure == Figure.PSS || figure == Figure.SWAP;
    }

    @Override
    public Psm.Processes add(Machine machine) throws Failure, SnapshotFormatException {
        String version = machine.shown().run().psmVersion();
        Psm.Report own = ProcessReport.of(machine.shown(), version, OWN, machine.users(), null);
        Map<String, Long> figures = new LinkedHashMap<>();
        figures.put(USED, null);
        Psm.Account memory = account(own, MemoryAccount.KEY);
        for (Psm.Entry entry : memory.entries()) {
            figures.put(entry.key(), entry.bytes());
        }
        figures.put(USED, used(figures));
        figures.put(SWAP, account(own, SwapAccount.KEY).entries().get(0).bytes());
        sums.add(figures);
        head.add(machine, own);
        keys = List.copyOf(figures.keySet());
        lines.add(new Line(machine.name(), figures, picture(memory, machine)));
        return own.processes();
    }

    private static Psm.Account account(Psm.Report report, String key) {
        for (Psm.Account account : report.accounts()) {
            if (account.key().equals(key)) {
                return account;
            }
        }
        throw new IllegalStateException(key);
    }

    private Psm.Picture picture(Psm.Account memory, Machine machine) {
        return pictured == 0
                ? null
                : MemoryTreemap.of(
                        memory,
                        machine.shown(),
                        new Labels(machine.users(), machine.name()),
                        machine.name(),
                        pictured);
    }

    /** Returns a picture of each machine that the report shows, in the order of its rows. */
    public List<Psm.Picture> pictures() {
        return pictures;
    }

    /** Returns what programs cannot get: MemTotal less MemAvailable. */
    private static Long used(Map<String, Long> figures) {
        Long total = figures.get(MemoryAccount.TOTAL);
        Long available = figures.get(MemoryAccount.AVAILABLE);
        return total == null || available == null ? null : (Long) (total - available);
    }

    @Override
    public void addMissing(String name, String reason) {
        head.addMissing(name, reason);
    }

    @Override
    public Psm.Report report() throws Failure {
        List<Line> all = matching(lines);
        List<Line> shown = shown(all);
        List<Psm.Row> rows = new ArrayList<>(shown.size());
        pictures = new ArrayList<>();
        for (Line line : shown) {
            rows.add(row(line.host, line.figures));
            if (line.picture != null) {
                pictures.add(line.picture);
            }
        }
        return new Psm.Report(
                head.origin(),
                head.processes(),
                columns(all),
                Collections.unmodifiableList(rows),
                sums(all),
                List.of(head.hosts()),
                more(all, shown),
                ranking(shown, rows, inTable(shown)));
    }

    /** Returns a row of a machine, or of several; their name is {@code null}. */
    private Psm.Row row(String host, Map<String, Long> figures) {
        List<Object> values = new ArrayList<>(keys.size() + 1);
        values.add(host);
        for (String key : keys) {
            values.add(figures.get(key));
        }
        return new Psm.Row(Collections.unmodifiableList(values));
    }

    private List<Psm.Column> columns(List<Line> all) {
        Map<String, Integer> displays = displays(all);
        List<Psm.Column> columns = new ArrayList<>(List.of(HOST));
        for (String key : keys) {
            String words = key.substring(0, key.length() - UNIT.length());
            String title =
                    TITLES.getOrDefault(key, words.replace('_', ' ').toUpperCase(Locale.ROOT));
            int display = displays.getOrDefault(key, 0);
            boolean isOfMachine = !key.equals(MemoryAccount.PROCESSES);
            columns.add(
                    new Psm.Column(
                            key,
                            title,
                            Psm.Kind.BYTES,
                            display,
                            false,
                            true,
                            0,
                            false,
                            isOfMachine));
        }
        return Collections.unmodifiableList(columns);
    }

    /** Returns the places in a table of the figures that it shows. */
    private Map<String, Integer> displays(List<Line> all) {
        Map<String, Double> largest = new HashMap<>();
        List<String> parts = new ArrayList<>();
        for (String key : keys.subList(1, keys.size())) {
            if (key.equals(MemoryAccount.TOTAL)) {
                break;
            }
            double share = largestShare(key, all);
            if (share > 1.0 / SMALL_PART) {
                parts.add(key);
                largest.put(key, share);
            }
        }
        parts.sort(
                new Comparator<>() {
                    @Override
                    public int compare(String a, String b) {
                        return Double.compare(largest.get(b), largest.get(a));
                    }
                });
        List<String> shown = new ArrayList<>(List.of(MemoryAccount.TOTAL, USED));
        for (Line line : all) {
            if (line.orZero(SWAP) > 0 && !shown.contains(SWAP)) {
                shown.add(SWAP);
            }
        }
        shown.addAll(parts);
        Map<String, Integer> displays = new HashMap<>();
        for (String key : shown) {
            displays.put(key, displays.size() + 1);
        }
        return displays;
    }

    /** Returns the largest part of its memory that a machine has in a figure. */
    private static double largestShare(String key, List<Line> all) {
        double largest = 0;
        for (Line line : all) {
            long total = line.orZero(MemoryAccount.TOTAL);
            if (total > 0) {
                largest = Math.max(largest, (double) Math.abs(line.orZero(key)) / total);
            }
        }
        return largest;
    }

    @Override
    protected Object value(Figure figure, Line line) {
        return line.figures.get(figure == Figure.SWAP ? SWAP : USED);
    }

    @Override
    protected String name(Line line) {
        return line.host;
    }

    @Override
    protected int compareNames(Line a, Line b) {
        return a.host.compareTo(b.host);
    }

    /** A figure that is not known of one machine is not known of all. */
    @Override
    protected Psm.Row sums(List<Line> some) {
        Map<String, Long> sums = new HashMap<>();
        for (String key : keys) {
            sums.put(key, sum(key, some));
        }
        return row(null, sums);
    }

    private static Long sum(String key, List<Line> some) {
        Long sum = 0L;
        for (Line line : some) {
            Long figure = line.figures.get(key);
            if (figure == null) {
                return null;
            }
            sum += figure;
        }
        return some.isEmpty() ? null : sum;
    }
}
