package psm.service;

import psm.cli.Option;
import psm.text.Failure;
import psm.text.Problem;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Checks that node_exporter serves a file. Any user can run a program of that name, with any
 * options: only those of root and of services are asked, and decide the result.
 *
 * @param folder the folder of the file
 * @param takenAt the time in the file
 */
record ExporterCheck(Path folder, Path file, double takenAt) {
    /** How much later a file may be that has come after the one that was read. */
    private static final long MAX_LATER_SECONDS = 200;

    /** How long node_exporter is searched and asked. A process may block who reads its files. */
    private static final int MAX_SECONDS = 20;

    /** The number of exporters that are asked. A host has one. */
    private static final int MAX_ASKED = 4;

    /**
     * What was found.
     *
     * @param problem the problem; without a remedy if it is not known to be one; {@code null} for
     *     none
     * @param served what is as it should be if there is none
     */
    record Result(Problem problem, String served) {}

    /** Reports the first that serves the file; else, what is wrong with the first that runs. */
    void run(Findings findings) {
        CompletableFuture<Result> asked =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return result();
                            } catch (IOException e) {
                                return unasked(Failure.reason(e));
                            }
                        });
        Result result;
        try {
            result = asked.get(MAX_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            result = unasked("it does not answer");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (result.problem != null && result.problem.remedy() == null) {
            findings.note().accept(result.problem.what());
        } else {
            findings.add(result.problem, result.served);
        }
    }

    /** Returns what is not known to be wrong: it has no remedy. */
    private static Result unasked(String why) {
        return new Result(
                new Problem("node_exporter was not asked for the file: " + why, null), null);
    }

    Result result() throws IOException {
        List<NodeExporter> found = NodeExporter.find(folder);
        Result first = null;
        int asked = 0;
        for (NodeExporter exporter : found) {
            if (!exporter.isOfService() || asked++ == MAX_ASKED) {
                break; // those of services come first
            }
            Result result = result(exporter);
            if (result.problem == null) {
                return result;
            }
            first = first == null ? result : first;
        }
        if (first != null) {
            return first;
        }
        return unasked(
                found.isEmpty()
                        ? "none runs here, as far as this user can see"
                        : found.get(0)
                                + " is not that of a service, and may serve whatever its user"
                                + " wants");
    }

    private Result result(NodeExporter exporter) throws IOException {
        InetSocketAddress address = exporter.local();
        if (address == null || !exporter.isInThisNetwork()) {
            return unasked(exporter + " does not listen on this host's network");
        }
        ExporterAnswer answer;
        try {
            answer = ExporterAnswer.ask(address, exporter.page());
        } catch (IOException e) {
            return unasked(exporter + ": " + Failure.reason(e));
        }
        String asked =
                exporter + " at " + address.getAddress().getHostAddress() + ':' + address.getPort();
        if (answer.status() != 200) {
            return unasked(asked + refusal(answer.status()));
        }
        double later = answer.takenAt() - takenAt;
        if (later >= -0.001 && later <= MAX_LATER_SECONDS) {
            return new Result(null, asked + " serves these figures");
        }
        String what = Double.isNaN(later) ? " does not serve " : " serves another time than ";
        return new Result(new Problem(asked + what + file, remedy(exporter, answer)), null);
    }

    private static String refusal(int status) {
        if (status == 401 || status == 403) {
            return " wants a password";
        }
        return " answers "
                + (status == 0 ? "without HTTP" : "with status " + status)
                + ": it may use TLS, or be without its textfile collector";
    }

    private String remedy(NodeExporter exporter, ExporterAnswer answer) throws IOException {
        if (exporter.reads(folder)) {
            return answer.hasError()
                    ? "its log says which file in " + folder + " is bad"
                    : "its user must be able to read it";
        }
        String start = "start it with --collector.textfile.directory=" + folder;
        String other = exporter.folder();
        if (other.isEmpty()) {
            return "it reads no folder; " + start;
        }
        if (!isSafe(other)) {
            return "it reads another folder; " + start;
        }
        return "it reads "
                + other
                + "; run 'psm install "
                + Option.TEXTFILE
                + ' '
                + other
                + "', or "
                + start;
    }

    /** Returns whether a folder may be in a command that root runs. */
    private static boolean isSafe(String name) throws IOException {
        return name.startsWith("/")
                && UnitFile.isPlain(name)
                && TextfileFolder.problem(Path.of(name)) == null;
    }
}
