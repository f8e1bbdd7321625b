package psm.command;

import psm.cli.Options;
import psm.fleet.Fleet;
import psm.fleet.FleetRemarks;
import psm.fleet.Machine;
import psm.remote.Answer;
import psm.remote.Fanout;
import psm.remote.Question;
import psm.remote.RecordingAnswer;
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
         * @param lacksRoot why the answer was not read as root; {@code null} if that is not known
         * @throws SnapshotFormatException if the answer is not whole
         * @throws MissingException if the machine cannot be in the report
         */
        Machine read(Answer answer, String name, String lacksRoot)
                throws IOException, MissingException, Failure;

        /** Returns what machines have done that are not missing. */
        default String done() {
            return "has answered";
        }
    }

    /** Says why a machine is missing, in one line without its name. */
    static final class MissingException extends Exception {
        private static final long serialVersionUID = 1;

        MissingException(String reason, Throwable cause) {
            super(reason, cause);
        }
    }

    private final Options options;
    private final Consumer<String> problems;
    private final Question question;
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
     * @param question what they are asked
     */
    HostSource(Options options, Consumer<String> problems, Question question, AnswerReader reader) {
        this.options = options;
        this.problems = problems;
        this.question = question;
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
                        question);
        Runnable restore = handleInterrupt(fanout);
        try (question) {
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
                        + " machines "
                        + reader.done()
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
            machine = reader.read(answer, name(answer.host()), lacksRoot);
            fleet.add(machine);
        } catch (MissingException e) {
            return e.getMessage();
        } catch (SnapshotFormatException e) {
            return "its answer " + e.getMessage();
        } catch (IOException e) {
            return "its answer cannot be read: " + Failure.reason(e);
        } catch (OutOfMemoryError e) {
            return "its answer " + MachinesSource.TOO_LARGE;
        }
        answered++;
        boolean isRecorded = answer instanceof RecordingAnswer;
        if (lacksRoot != null && !isRecorded && !machine.isOfRoot() && isPartly(machine.shown())) {
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
