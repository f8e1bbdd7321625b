package psm.cli;

import psm.proc.InvokingUser;
import psm.record.Recorder;
import psm.scan.Scan;
import psm.text.Failure;
import psm.text.Missing;
import psm.text.Sizes;
import psm.text.Times;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What the command line of {@code psm record} requests.
 *
 * @param text the help that is requested instead; {@code null} for none
 * @param dir the folder to record into, or {@code null} for the default
 * @param intervalMillis the time from one sample to the next
 * @param maxCpu the share of one CPU that samples may take
 * @param keep the age from which on samples are deleted
 * @param maxBytes the size of all files from which on the oldest are deleted
 * @param once whether to take one sample only
 * @param noCommands whether to read neither command lines nor titles
 * @param quiet whether to print errors only
 */
public record RecordArguments(
        String text,
        String dir,
        long intervalMillis,
        double maxCpu,
        Duration keep,
        long maxBytes,
        boolean once,
        boolean noCommands,
        boolean quiet) {
    public static final String RECORD = "record";

    private static final String USUAL_KEEP = "30d";
    private static final String USUAL_MAX_SIZE = "500M";

    /**
     * The least size of a recording: whole files are deleted, which have up to 16 MB, and never the
     * newest one.
     */
    private static final String LEAST_MAX_SIZE = "32M";

    /** The share of a CPU that nobody has asked for. */
    private static final double USUAL_CPU = 0.01;

    /** The share of a CPU for a user who asks for an interval, which may be a short one. */
    private static final double ASKED_CPU = 0.1;

    /**
     * Reads the command line.
     *
     * @return {@code null} if the command line requests something else
     * @throws Failure as {@link Arguments#parse} does
     */
    public static RecordArguments parse(String... args) throws Failure {
        if (!RECORD.equals(args[0])) {
            return null;
        }
        ParsedOptions parsed =
                ParsedOptions.parse(
                        OptionSpecs.command(args[0]), Arrays.copyOfRange(args, 1, args.length));
        refuseBySudo(parsed);
        return of(parsed);
    }

    /**
     * Returns what options request.
     *
     * @throws Failure if a value is not possible
     */
    static RecordArguments of(ParsedOptions parsed) throws Failure {
        long interval =
                TimeUnit.NANOSECONDS.toMillis(
                        parsed.nanos(
                                Option.RECORD_INTERVAL,
                                TimeUnit.SECONDS,
                                Integer.toString(Recorder.USUAL_SECONDS),
                                Scan.TICK_NANOS));
        return new RecordArguments(
                parsed.has(Option.HELP) ? OptionSpecs.help(RECORD) : null,
                parsed.value(Option.DIR),
                interval,
                parsed.has(Option.RECORD_INTERVAL) ? ASKED_CPU : USUAL_CPU,
                keep(parsed, interval),
                maxBytes(parsed),
                parsed.has(Option.ONCE),
                parsed.has(Option.NO_COMMANDS),
                parsed.has(Option.QUIET));
    }

    /**
     * Refuses to write where the user names, or to delete what others have recorded, for a user who
     * may not have the right to do so. Samples that are taken often soon fill what is kept.
     */
    private static void refuseBySudo(ParsedOptions parsed) throws Failure {
        if (!InvokingUser.hasFewerRights()) {
            return;
        }
        for (Option option :
                List.of(Option.DIR, Option.RECORD_INTERVAL, Option.KEEP, Option.MAX_SIZE)) {
            if (parsed.has(option)) {
                throw bySudo(
                        option
                                + ": run with sudo, psm records only into its own folder, as often"
                                + " and as much as by default");
            }
        }
    }

    private static Failure bySudo(String problem) {
        return Failure.usage(
                problem
                        + "; users with more rights can run 'sudo env -u SUDO_UID psm "
                        + RECORD
                        + "'",
                null);
    }

    private static Duration keep(ParsedOptions parsed, long intervalMillis) throws Failure {
        String text = parsed.value(Option.KEEP, USUAL_KEEP);
        Duration keep = Times.span(text);
        if (keep == null) {
            throw parsed.refused(Option.KEEP, text, "takes a time, such as " + Times.SPANS);
        }
        if (keep.toMillis() < intervalMillis) {
            throw parsed.refused(
                    Option.KEEP,
                    text,
                    "would delete each sample before the next one; use a longer time, or a shorter "
                            + Option.RECORD_INTERVAL.brief());
        }
        return keep;
    }

    private static long maxBytes(ParsedOptions parsed) throws Failure {
        String text = parsed.value(Option.MAX_SIZE, USUAL_MAX_SIZE);
        long bytes = Sizes.parse(text);
        if (Missing.is(bytes) || bytes < Sizes.parse(LEAST_MAX_SIZE)) {
            throw parsed.refused(
                    Option.MAX_SIZE,
                    text,
                    "takes a size of at least "
                            + LEAST_MAX_SIZE
                            + ", such as 2G; files of up to 16 MB are deleted as a whole");
        }
        return bytes;
    }
}
