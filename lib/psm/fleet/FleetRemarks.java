package psm.fleet;

import psm.Psm;
import psm.report.LeftOut;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.snapshot.SnapshotFormatException;
import psm.text.CommonDomain;
import psm.text.Failure;
import psm.text.Text;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Takes notes of the machines that are added to a report: what is left out on which of them, and
 * what is unusual. There is one line for each kind of thing, however many machines it is about. Not
 * for sharing between threads.
 */
public final class FleetRemarks implements Fleet {
    /** The number of machines that a line names. */
    private static final int MAX_NAMES = 3;

    /** The limit for the length of a name, which is that of Linux. */
    private static final int MAX_NAME_CHARS = 64;

    /** The difference between two clocks that a remark mentions. */
    private static final Duration MAX_DIFFERENCE = Duration.ofSeconds(30);

    private final Fleet report;

    /** Returns the lines about one machine. */
    private final Function<Machine, List<String>> about;

    /** Whether the names of machines are those by which ssh knows them. */
    private final boolean areOfSsh;

    /** Shortens names in lines that name several machines. */
    private CommonDomain domain = new CommonDomain(List.of());

    /** The machines with processes that are left out, and with those that are estimated. */
    private final Map<Unmeasured.Reason, Set<String>> leftOut = reasons();

    private final Map<Unmeasured.Reason, Set<String>> estimated = reasons();

    /** The first process that was left out or estimated, with its machine, by reason. */
    private final Map<Unmeasured.Reason, String> first = new EnumMap<>(Unmeasured.Reason.class);

    private final Set<String> hiding = new TreeSet<>();
    private final Set<String> doubtful = new TreeSet<>();

    /** Whether a probe has read any of the {@link #doubtful}. */
    private boolean isDoubtfulProbed;

    /** For each machine, by its boot and its own name, what it is called. */
    private final Map<List<String>, Set<String>> aliases = new LinkedHashMap<>();

    /** How often there is a machine of a name. */
    private final Map<String, Integer> readings = new TreeMap<>();

    private final Set<String> renamed = new TreeSet<>();
    private final Set<String> clocks = new TreeSet<>();

    /** The lines about single machines, by their names. */
    private final Map<String, List<String>> lines = new TreeMap<>();

    /**
     * Takes notes of a report's machines.
     *
     * @param areOfSsh whether the names of machines are those by which ssh knows them
     * @param about returns lines about one machine; what several have in common will be one line
     */
    public FleetRemarks(Fleet report, boolean areOfSsh, Function<Machine, List<String>> about) {
        this.report = report;
        this.about = about;
        this.areOfSsh = areOfSsh;
    }

    private static Map<Unmeasured.Reason, Set<String>> reasons() {
        return new EnumMap<>(Unmeasured.Reason.class);
    }

    /** Returns names of machines in words: all of few, else the first ones and how many more. */
    public static String names(Collection<String> names) {
        int more = names.size() - MAX_NAMES;
        List<String> first = List.copyOf(names).subList(0, Math.min(names.size(), MAX_NAMES));
        return String.join(", ", first) + (more > 0 ? " and " + more + " more" : "");
    }

    /**
     * Returns names of machines in words, without what they have in common.
     *
     * @param all the number of machines that were read; all of many are not named
     */
    public static String names(Collection<String> names, int all, CommonDomain domain) {
        if (names.size() == all && all > MAX_NAMES) {
            return "all " + all + " machines";
        }
        List<String> shortened = new ArrayList<>();
        for (String name : names) {
            shortened.add(domain.shortened(name));
        }
        return names(shortened);
    }

    @Override
    public Psm.Processes add(Machine machine) throws Failure, SnapshotFormatException {
        Psm.Processes counts = report.add(machine);
        String name = Text.cut(machine.name(), MAX_NAME_CHARS);
        note(leftOut, Unmeasured.Reason.DENIED, counts.denied(), name);
        note(leftOut, Unmeasured.Reason.STUCK, counts.stuck(), name);
        note(leftOut, Unmeasured.Reason.FAILED, counts.failed(), name);
        Psm.Estimates estimates = counts.estimates();
        note(estimated, Unmeasured.Reason.DENIED, estimates.denied(), name);
        note(estimated, Unmeasured.Reason.STUCK, estimates.stuck(), name);
        note(estimated, Unmeasured.Reason.FAILED, estimates.failed(), name);
        note(estimated, Unmeasured.Reason.LARGE, estimates.large(), name);
        note(estimated, Unmeasured.Reason.ABSENT, estimates.unsupported(), name);
        if (counts.hidden()) {
            hiding.add(name);
        }
        if (estimates.doubtful() > 0) {
            doubtful.add(name);
            isDoubtfulProbed |= machine.isProbed();
        }
        first(machine.shown(), name);
        identity(machine, name);
        clock(machine, name);
        lines.computeIfAbsent(name, unused -> new ArrayList<>()).addAll(about.apply(machine));
        return counts;
    }

    private static void note(
            Map<Unmeasured.Reason, Set<String>> notes,
            Unmeasured.Reason reason,
            int count,
            String name) {
        if (count > 0) {
            notes.computeIfAbsent(reason, unused -> new TreeSet<>()).add(name);
        }
    }

    /** Notes the first processes of the first machine by name. */
    private void first(Snapshot snapshot, String name) {
        Map<Unmeasured.Reason, String> its = new EnumMap<>(Unmeasured.Reason.class);
        for (Unmeasured process : snapshot.unmeasured()) {
            its.putIfAbsent(process.reason(), LeftOut.name(process) + LeftOut.detail(process));
        }
        for (ProcessMemory process : snapshot.processes()) {
            if (process.estimate() != null && !its.containsKey(process.estimate().reason())) {
                Unmeasured unread = process.unmeasured();
                its.put(unread.reason(), LeftOut.name(unread) + LeftOut.detail(unread));
            }
        }
        for (Map.Entry<Unmeasured.Reason, String> process : its.entrySet()) {
            String text = name + " " + process.getValue();
            first.merge(process.getKey(), text, (a, b) -> a.compareTo(b) <= 0 ? a : b);
        }
    }

    private void identity(Machine machine, String name) {
        readings.merge(name, 1, Integer::sum);
        String own = machine.all().host().name();
        String boot = machine.all().host().bootId();
        if (own == null) {
            return;
        }
        if (boot != null) {
            aliases.computeIfAbsent(List.of(boot, own), unused -> new TreeSet<>()).add(name);
        }
        if (areOfSsh && isPlain(name) && !isOne(name, own) && !isOne(own, name)) {
            renamed.add(name + " calls itself " + Text.cut(own, MAX_NAME_CHARS));
        }
    }

    /** Returns whether a name is no address, and not the one that each machine has. */
    private static boolean isPlain(String name) {
        boolean isAddress = name.indexOf(':') >= 0 || name.matches("[0-9.]+");
        return !isAddress && !name.equals("localhost");
    }

    /** Returns whether a name is another one, or the other one with a domain behind it. */
    private static boolean isOne(String name, String other) {
        return name.equalsIgnoreCase(other)
                || name.regionMatches(true, 0, other + '.', 0, other.length() + 1);
    }

    private void clock(Machine machine, String name) {
        Snapshot.Run run = machine.all().run();
        if (machine.answered() == null) {
            return;
        }
        Duration ahead = Duration.between(machine.answered(), run.takenAt());
        Instant end = run.takenAt().plusNanos(run.nanos());
        Duration behind = Duration.between(end, machine.answered());
        if (ahead.compareTo(MAX_DIFFERENCE) > 0) {
            clocks.add(name + " (" + ahead.toSeconds() + " s ahead)");
        } else if (behind.compareTo(MAX_DIFFERENCE) > 0) {
            clocks.add(name + " (" + behind.toSeconds() + " s behind)");
        }
    }

    @Override
    public void addMissing(String name, String reason) {
        report.addMissing(name, reason);
    }

    @Override
    public Psm.Report report() throws Failure {
        domain = new CommonDomain(readings.keySet());
        return report.report();
    }

    /** Returns the names of machines that were read, in words. */
    private String words(Collection<String> names) {
        return names(names, readings.size(), domain);
    }

    /**
     * Returns the lines about single machines, each with the machines that it is about. Call this
     * and {@link #remarks} after {@link #report}.
     */
    public List<String> lines() {
        Map<String, Set<String>> machinesOf = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> ofMachine : lines.entrySet()) {
            for (String line : ofMachine.getValue()) {
                machinesOf.computeIfAbsent(line, unused -> new TreeSet<>()).add(ofMachine.getKey());
            }
        }
        List<String> all = new ArrayList<>();
        machinesOf.forEach((line, names) -> all.add(words(names) + ": " + line));
        return all;
    }

    /**
     * Returns the remarks about the machines.
     *
     * @param processes the numbers of all processes
     */
    public List<String> remarks(Psm.Processes processes) {
        List<String> remarks = new ArrayList<>();
        twice(remarks);
        if (!renamed.isEmpty()) {
            remarks.add(names(renamed) + ": another name than you typed, as with an alias of ssh");
        }
        if (!clocks.isEmpty()) {
            remarks.add(names(clocks) + ": the clock there differs from the one here");
        }
        String doubts = LeftOut.doubts(processes, details(leftOut), details(estimated), doubts());
        if (!doubts.isEmpty()) {
            remarks.add(doubts);
        }
        return remarks;
    }

    /** Adds remarks about machines that were read more than once. */
    private void twice(List<String> remarks) {
        Map<Integer, Set<String>> repeated = new TreeMap<>();
        for (Map.Entry<String, Integer> reading : readings.entrySet()) {
            if (reading.getValue() > 1) {
                repeated.computeIfAbsent(reading.getValue(), unused -> new TreeSet<>())
                        .add(reading.getKey());
            }
        }
        repeated.forEach(
                (times, names) ->
                        remarks.add(
                                words(names)
                                        + (names.size() == 1
                                                ? ": read " + times + " times, so its"
                                                : ": each read " + times + " times, so their")
                                        + counted(times)));
        List<String> same = new ArrayList<>();
        for (Map.Entry<List<String>, Set<String>> alias : aliases.entrySet()) {
            if (alias.getValue().size() > 1) {
                String own = Text.cut(alias.getKey().get(1), MAX_NAME_CHARS);
                int times = 0;
                for (String name : alias.getValue()) {
                    times += readings.get(name);
                }
                same.add(
                        words(alias.getValue())
                                + " are the same machine ("
                                + own
                                + "), so its"
                                + counted(times));
            }
        }
        Collections.sort(same);
        remarks.addAll(same.subList(0, Math.min(same.size(), MAX_NAMES)));
        if (same.size() > MAX_NAMES) {
            remarks.add(
                    same.size() - MAX_NAMES + " more machines are in the report more than once");
        }
    }

    private String counted(int times) {
        return ' ' + report.repeated() + ' ' + times + " times";
    }

    /** Returns on which machines processes may be counted twice, and how to find out. */
    private String doubts() {
        String remedy =
                isDoubtfulProbed
                        ? "; psm on that machine, run as root, may resolve it"
                        : "; a snapshot that root writes may resolve it";
        return on(doubtful) + remedy;
    }

    private LeftOut.Details details(Map<Unmeasured.Reason, Set<String>> notes) {
        Map<Unmeasured.Reason, String> more = new EnumMap<>(Unmeasured.Reason.class);
        for (Map.Entry<Unmeasured.Reason, Set<String>> note : notes.entrySet()) {
            Unmeasured.Reason reason = note.getKey();
            boolean isNamed =
                    reason == Unmeasured.Reason.STUCK || reason == Unmeasured.Reason.FAILED;
            boolean hasFirst = isNamed && first.containsKey(reason);
            String example = hasFirst ? "; first: " + first.get(reason) : "";
            more.put(reason, on(note.getValue()) + example);
        }
        return new LeftOut.Details(Collections.emptyMap(), more, on(hiding));
    }

    private String on(Collection<String> names) {
        return "; on " + words(names);
    }
}
