package psm.command;

import psm.cli.Options;
import psm.fleet.Fleet;
import psm.fleet.FleetRemarks;
import psm.fleet.Machine;
import psm.remote.Answer;
import psm.remote.Fanout;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.snapshot.SnapshotFormatException;
import psm.terminal.ProgressLine;
import psm.terminal.Signals;
import psm.text.CommonDomain;
import psm.text.Failure;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Asks other machines for a report, and shows meanwhile for which of them psm waits. Ctrl-C ends
 * the waiting: the report is of the machines that have answered. Ctrl-C once more ends psm.
 */
final class HostSource implements Fanout.Receiver {
    /** Reads what a machine has answered. */
    interface AnswerReader {
        /**
         * Returns the machine with the processes to show.
         *
         * @param name what the report calls it
         * @throws SnapshotFormatException if the answer is not whole
         */
        Machine read(Answer answer, String name) throws IOException, Failure;
    }

    private final Options options;
    private final Consumer<String> problems;
    private final byte[] script;
    private final AnswerReader reader;
    private final ProgressLine progress;
    private final Map<String, String> missing = new HashMap<>();

    /** Why machines were not read as root. */
    private final Map<String, String> withoutRoot = new HashMap<>();

    private Fleet fleet;
    private int answered;

    /**
     * Creates the source.
     *
     * @param problems receives a line for each machine if none has answered
     * @param script the probe
     */
    HostSource(Options options, Consumer<String> problems, byte[] script, AnswerReader reader) {
        this.options = options;
        this.problems = problems;
        this.script = script;
        this.reader = reader;
        this.progress = new ProgressLine(!options.about().quiet());
    }

    /**
     * Asks the machines, and adds each to a report.
     *
     * @throws Failure if none of them has answered
     */
    void addTo(Fleet report) throws Failure {
        fleet = report;
        Options.Hosts hosts = options.hosts();
        Fanout fanout =
                new Fanout(
                        hosts.names(),
                        hosts.transport(),
                        hosts.fanout(),
                        hosts.timeoutNanos(),
                        script);
        Runnable restore = handleInterrupt(fanout);
        try {
            fanout.run(this);
        } finally {
            restore.run();
            progress.clear();
        }
        for (String host : hosts.names()) {
            if (missing.containsKey(host)) {
                report.addMissing(name(host), missing.get(host));
            }
        }
        requireAny(hosts.names());
    }

    /** Handles Ctrl-C, but not of a report that is repeated: that ends by it. */
    private Runnable handleInterrupt(Fanout fanout) {
        if (options.looks().watchNanos() > 0) {
            return () -> {};
        }
        return Signals.handleOnce("INT", fanout::stop);
    }

    private void requireAny(List<String> hosts) throws Failure {
        if (answered > 0) {
            return;
        }
        String first = name(hosts.get(0)) + ": " + missing.get(hosts.get(0));
        if (hosts.size() == 1) {
            throw Failure.of(first, null);
        }
        if (!options.about().quiet()) {
            remarks().forEach(problems);
        }
        throw Failure.of(
                "none of "
                        + hosts.size()
                        + " machines has answered"
                        + (options.about().quiet() ? "; first: " + first : ""),
                null);
    }

    /** Returns a line for each machine that is missing, and for those that were read in part. */
    List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        Map<String, List<String>> byReason = new LinkedHashMap<>();
        List<String> all = new ArrayList<>();
        for (String host : options.hosts().names()) {
            if (missing.containsKey(host)) {
                remarks.add(name(host) + ": " + missing.get(host));
            }
            all.add(name(host));
            if (withoutRoot.containsKey(host)) {
                byReason.computeIfAbsent(withoutRoot.get(host), reason -> new ArrayList<>())
                        .add(name(host));
            }
        }
        CommonDomain domain = new CommonDomain(all);
        byReason.forEach(
                (reason, names) ->
                        remarks.add(
                                FleetRemarks.names(names, answered, domain)
                                        + ": without root there: "
                                        + reason));
        return remarks;
    }

    /** Returns what a report calls a machine: without the login name. */
    private static String name(String host) {
        return host.substring(host.lastIndexOf('@') + 1);
    }

    // What the machines answer

    @Override
    public String receive(Answer answer, String lacksRoot) throws Failure {
        Machine machine;
        try {
            machine = reader.read(answer, name(answer.host()));
            fleet.add(machine);
        } catch (SnapshotFormatException e) {
            return e.getMessage();
        } catch (IOException e) {
            return "cannot be read: " + Failure.reason(e);
        } catch (OutOfMemoryError e) {
            return MachinesSource.TOO_LARGE;
        }
        answered++;
        if (lacksRoot != null && !machine.isOfRoot() && isPartly(machine.shown())) {
            withoutRoot.put(answer.host(), lacksRoot);
        }
        return null;
    }

    /** Returns whether permission was denied for a process, or processes are hidden. */
    private static boolean isPartly(Snapshot snapshot) {
        if (snapshot.run().hidden() || snapshot.count(Unmeasured.Reason.DENIED) > 0) {
            return true;
        }
        for (ProcessMemory process : snapshot.processes()) {
            if (process.estimate() != null
                    && process.unmeasured().reason() == Unmeasured.Reason.DENIED) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void miss(String host, String reason) {
        missing.put(host, reason);
    }

    @Override
    public void await(int done, List<String> asked) {
        if (asked.isEmpty()) {
            return;
        }
        StringBuilder line = new StringBuilder();
        line.append(done).append(" of ").append(options.hosts().names().size()).append(" machines");
        String before = ", waiting for ";
        for (String host : asked) {
            line.append(before).append(name(host));
            before = ", ";
        }
        progress.show(line.toString());
    }
}
