package psm;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a report of a snapshot: one row a program, the smallest first, so that the biggest is last.
 */
final class ProgramReport {
    private static final Psm.Column PROGRAM =
            new Psm.Column("program", "PROCESS", Psm.Kind.TEXT, 10, false, false);
    private static final Psm.Column COUNT =
            new Psm.Column("count", "COUNT", Psm.Kind.COUNT, 11, false, false);
    private static final Psm.Column PIDS =
            new Psm.Column("pids", "PIDS", Psm.Kind.PIDS, 0, false, false);

    private static final Psm.Column DELETED = mark("deleted", 12);
    private static final Psm.Column UPDATED = mark("updated", 13);
    private static final Psm.Column ESTIMATED = mark("estimated", 14);
    private static final int MARKS = 3;

    private ProgramReport() {}

    private static Psm.Column mark(String key, int display) {
        return new Psm.Column(key, key, Psm.Kind.COUNT, display, true, false);
    }

    /**
     * @param host whether to tell where all of the host's memory is
     * @param figures the columns of figures, in a document's order; the first of them sorts the
     *     rows
     */
    static Psm.Report of(Snapshot snapshot, String psmVersion, boolean host, Figure... figures) {
        List<Group> groups = groups(snapshot.processes(), figures);
        List<Psm.Row> rows = new ArrayList<>(groups.size());
        for (Group group : groups) {
            rows.add(group.row());
        }
        long[] totals = totals(groups, figures);
        return new Psm.Report(
                psmVersion,
                snapshot.host(),
                snapshot.kernel(),
                Instant.ofEpochSecond(snapshot.takenAt().getEpochSecond()),
                snapshot.nanos(),
                source(snapshot.processes()),
                processes(snapshot),
                columns(groups, figures),
                Collections.unmodifiableList(rows),
                row(null, null, null, totals, null),
                accounts(snapshot, host, figures, totals));
    }

    private static List<Psm.Column> columns(List<Group> groups, Figure[] figures) {
        List<Psm.Column> columns = new ArrayList<>();
        columns.add(PROGRAM);
        columns.add(COUNT);
        columns.add(PIDS);
        for (int i = 0; i < figures.length; i++) {
            columns.add(
                    figures[i].isRare() && !isAnywhere(i, groups)
                            ? figures[i].notInTables()
                            : figures[i].column);
        }
        columns.add(DELETED);
        columns.add(UPDATED);
        columns.add(ESTIMATED);
        return Collections.unmodifiableList(columns);
    }

    private static boolean isAnywhere(int figure, List<Group> groups) {
        for (Group group : groups) {
            if (group.sums[figure] > 0) {
                return true;
            }
        }
        return false;
    }

    private static Psm.Processes processes(Snapshot snapshot) {
        return new Psm.Processes(
                snapshot.processes().size(),
                snapshot.estimated(),
                snapshot.count(Unmeasured.Reason.DENIED),
                snapshot.count(Unmeasured.Reason.VANISHED),
                snapshot.count(Unmeasured.Reason.STUCK),
                snapshot.count(Unmeasured.Reason.FAILED),
                snapshot.hidden());
    }

    private static List<Psm.Account> accounts(
            Snapshot snapshot, boolean host, Figure[] figures, long[] totals) {
        List<Figure> columns = Arrays.asList(figures);
        List<Psm.Account> accounts = new ArrayList<>();
        int swap = columns.indexOf(Figure.SWAP);
        long swapped = snapshot.filtered() || swap < 0 ? Usage.ABSENT : totals[swap];
        accounts.add(HostAccount.swap(snapshot.memory(), swapped));
        int pss = columns.indexOf(Figure.PSS);
        if (host && pss >= 0) {
            accounts.add(HostAccount.memory(snapshot, totals[pss]));
        }
        return Collections.unmodifiableList(accounts);
    }

    private static String source(List<ProcessMemory> processes) {
        int rollups = 0;
        for (ProcessMemory process : processes) {
            if (process.rollup()) {
                rollups++;
            }
        }
        if (processes.isEmpty()) {
            return null;
        }
        if (rollups == 0) {
            return "smaps";
        }
        return rollups == processes.size() ? "smaps_rollup" : "mixed";
    }

    private static List<Group> groups(List<ProcessMemory> processes, Figure[] figures) {
        Map<String, Group> byProgram = new HashMap<>();
        for (ProcessMemory process : processes) {
            String program = process.program().name();
            Group group = byProgram.get(program);
            if (group == null) {
                group = new Group(program, figures.length);
                byProgram.put(program, group);
            }
            group.add(process, figures);
        }
        List<Group> groups = new ArrayList<>(byProgram.values());
        groups.sort(SMALLEST_FIRST);
        return groups;
    }

    /**
     * No processes use no memory; processes of whom the kernel told nothing use nobody knows how
     * much.
     */
    private static long[] totals(List<Group> groups, Figure[] figures) {
        long[] totals = new long[figures.length];
        for (int i = 0; i < figures.length; i++) {
            boolean known = groups.isEmpty() && figures[i].column.summed();
            totals[i] = known ? 0 : Usage.ABSENT;
            if (figures[i].column.summed()) {
                for (Group group : groups) {
                    totals[i] = sum(totals[i], group.sums[i]);
                }
            }
        }
        return totals;
    }

    /** A sum leaves out what is absent; it is absent itself where there is nothing to sum. */
    private static long sum(long bytes, long more) {
        if (more == Usage.ABSENT) {
            return bytes;
        }
        return Usage.plus(Math.max(0, bytes), more);
    }

    private static Psm.Row row(
            String program, Long count, List<Integer> pids, long[] figures, long[] marks) {
        Object[] values = new Object[3 + figures.length + MARKS];
        values[0] = program;
        values[1] = count;
        values[2] = pids;
        for (int i = 0; i < figures.length; i++) {
            values[3 + i] = figures[i] == Usage.ABSENT ? null : (Long) figures[i];
        }
        for (int i = 0; i < MARKS; i++) {
            values[3 + figures.length + i] = marks == null ? null : (Long) marks[i];
        }
        return new Psm.Row(Collections.unmodifiableList(Arrays.asList(values)));
    }

    /** Names decide between equals, so that two runs show the same order. */
    private static final Comparator<Group> SMALLEST_FIRST =
            new Comparator<>() {
                @Override
                public int compare(Group a, Group b) {
                    int bySize = Long.compare(a.sums[0], b.sums[0]);
                    return bySize != 0 ? bySize : a.program.compareTo(b.program);
                }
            };

    /** The processes of one name. */
    private static final class Group {
        final String program;
        final List<Integer> pids = new ArrayList<>();
        final long[] sums;
        final long[] marks = new long[MARKS];

        Group(String program, int figures) {
            this.program = program;
            this.sums = new long[figures];
            Arrays.fill(sums, Usage.ABSENT);
        }

        /** Processes come by ascending pid. */
        void add(ProcessMemory process, Figure[] figures) {
            pids.add(process.pid());
            for (int i = 0; i < figures.length; i++) {
                long bytes = figures[i].of(process.usage());
                boolean elsewhere = bytes != Usage.ABSENT && !process.isCounted();
                sums[i] = sum(sums[i], elsewhere ? 0 : bytes);
            }
            marks[0] += process.program().file() == Program.File.DELETED ? 1 : 0;
            marks[1] += process.program().file() == Program.File.UPDATED ? 1 : 0;
            marks[2] += process.isEstimated() ? 1 : 0;
        }

        Psm.Row row() {
            return ProgramReport.row(
                    program, (long) pids.size(), Collections.unmodifiableList(pids), sums, marks);
        }
    }
}
