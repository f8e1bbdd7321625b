package psm.command;

import psm.cli.Option;
import psm.cli.Options;
import psm.cli.Topic;
import psm.fleet.FleetRemarks;
import psm.fleet.MachineFiles;
import psm.record.Lookup;
import psm.text.Failure;
import psm.text.Moment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Finds the files to report, and opens recordings. */
final class RecordedFiles {
    /** What is read of a recording if no start is named. */
    private static final Duration USUAL_WINDOW = Duration.ofDays(1);

    private RecordedFiles() {}

    /**
     * Finds the files that the options name.
     *
     * @throws Failure if they cannot be read, or if times are named that they do not have
     */
    static MachineFiles of(Options options) throws Failure {
        Options.Period period = options.where().period();
        if (period == null) {
            return MachineFiles.of(Option.FROM.toString(), options.where().from());
        }
        requireUsual(
                options.where().from(),
                first(period).asked(),
                "'psm record' writes one, and " + Option.FROM + " DIR names another");
        MachineFiles files = MachineFiles.of(Option.FROM.toString(), options.where().from());
        for (MachineFiles.Entry file : files.files()) {
            boolean isThere = file.path() == null || Files.exists(file.path());
            if (isThere && !file.isRecording()) {
                throw refused(
                        first(period),
                        (file.path() == null ? "standard input" : file.name())
                                + " is no recording but of one moment; leave out the time");
            }
        }
        boolean isOfOne = period.at() == null && options.what().topic() != Topic.GROWTH;
        if (isOfOne && files.files().size() > 1) {
            throw refused(
                    first(period),
                    "is about one recording, and there are "
                            + files.files().size()
                            + "; name one of them");
        }
        return files;
    }

    /**
     * Requires the usual recording if it is asked for: the user may not have named it.
     *
     * @param asked what asks for it
     * @param instead what would work
     */
    static void requireUsual(List<String> from, String asked, String instead) throws Failure {
        if (from.contains(Options.RECORDINGS) && !Files.exists(Path.of(Options.RECORDINGS))) {
            throw Failure.usage(
                    asked + ": there is no recording in " + Options.RECORDINGS + "; " + instead,
                    null);
        }
    }

    private static Failure refused(Moment moment, String problem) {
        return Failure.usage(moment.asked() + ": " + problem, null);
    }

    private static Moment first(Options.Period period) {
        if (period.at() != null) {
            return period.at();
        }
        return period.since() == null ? period.until() : period.since();
    }

    /** Returns why a file is not a recording, and what would be; {@code null} if it is one. */
    static String problemOf(MachineFiles.Entry file) {
        if (file.isRecording()) {
            return null;
        }
        return file.path() == null || Files.exists(file.path())
                ? "is of one moment; growth takes a recording, which 'psm record' writes"
                : "no such file or folder";
    }

    /**
     * Returns the begin of what is read of a recording that reports are made of many samples of: if
     * the user names none, a day before the end.
     *
     * @param asked the option that names the recording, and its value
     */
    static Moment since(Lookup recording, Options.Period period, String asked) throws Failure {
        if (period != null && period.since() != null) {
            return period.since();
        }
        Instant end = recording.last().snapshot().run().takenAt();
        Moment until = period == null ? null : period.until();
        if (until != null && until.time().isBefore(end)) {
            recording.at(until); // fails if it is before the first sample
            end = until.time();
        }
        return new Moment(asked, end.minus(USUAL_WINDOW), null);
    }

    /** Opens a recording. */
    static Lookup lookup(MachineFiles.Entry file) throws Failure {
        return new Lookup(Option.FROM.toString(), file.name(), file.path());
    }

    /** Returns a line for each thing to know about the sample that was read last. */
    static List<String> notes(Lookup lookup) {
        List<String> notes = new ArrayList<>(lookup.remarks());
        List<String> others = lookup.others();
        if (!others.isEmpty()) {
            notes.add(
                    (others.size() == 1 ? "1 file is" : others.size() + " files are")
                            + " no part of the recording: "
                            + FleetRemarks.names(others));
        }
        return notes;
    }
}
