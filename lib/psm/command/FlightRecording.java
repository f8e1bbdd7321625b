package psm.command;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import psm.cli.Option;
import psm.text.Failure;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;

/**
 * Records what the JVM does while psm runs, and writes it to a file. If two recordings run at the
 * same time, each contains the events of both, since the JVM has one buffer.
 */
final class FlightRecording {
    /**
     * The time between two samples. The JVM's default is 20 ms, and a run takes a few tens of
     * milliseconds.
     */
    private static final Duration SAMPLE_PERIOD = Duration.ofMillis(1);

    /** The subject of a recording. */
    enum Of {
        /** The code in which time is spent. */
        TIME(Option.CPU_PROFILE, "jdk.ExecutionSample", "jdk.NativeMethodSample"),
        /** The objects that are allocated. */
        ALLOCATIONS(
                Option.MEM_PROFILE,
                "jdk.ObjectAllocationInNewTLAB",
                "jdk.ObjectAllocationOutsideTLAB");

        private final Option option;
        private final String[] events;

        Of(Option option, String... events) {
            this.option = option;
            this.events = events;
        }
    }

    private static final FileAttribute<?> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /** The property with the folder in which Java makes one for the events it records. */
    private static final String FOLDER = "java.io.tmpdir";

    private final jdk.jfr.Recording recording; // psm has a type of that name
    private final Of of;
    private final Path file;

    /**
     * The file to write: a file beside {@link #file} that replaces it at the end, or that file
     * itself if it is a pipe or a device.
     */
    private final Path part;

    /**
     * The open file. It stays open after its creation, since others could put a link in its place.
     */
    private final OutputStream out;

    /** Opens the file at once: if that failed at the end, the recording would be lost. */
    private FlightRecording(Of of, Path file) throws IOException {
        this.of = of;
        this.file = file;
        this.recording = newRecording();
        boolean isSpecial = Files.exists(file) && !Files.isRegularFile(file, NOFOLLOW_LINKS);
        if (isSpecial) {
            part = file;
            out = Files.newOutputStream(part);
        } else {
            String name = file.getFileName() + "." + ProcessHandle.current().pid() + ".part";
            part = file.resolveSibling(name);
            out =
                    Channels.newOutputStream(
                            Files.newByteChannel(part, Set.of(CREATE_NEW, WRITE), OWNER_ALONE));
            part.toFile().deleteOnExit();
        }
    }

    /**
     * Makes a recording. Java writes the events to a folder that all users can open, which it makes
     * in another folder when the first recording is made: that one is for this user alone.
     */
    private static jdk.jfr.Recording newRecording() throws IOException {
        String before = System.getProperty(FOLDER);
        Path folder = Files.createTempDirectory("psm");
        folder.toFile().deleteOnExit(); // Java has deleted its own folder by then
        System.setProperty(FOLDER, folder.toString());
        try {
            return new jdk.jfr.Recording();
        } finally {
            System.setProperty(FOLDER, before);
        }
    }

    /**
     * Starts to record; {@link #write} ends it.
     *
     * @throws Failure if the file cannot be written, or this Java records nothing
     */
    static FlightRecording start(Of of, String file) throws Failure {
        try {
            FlightRecording started = new FlightRecording(of, Path.of(file));
            for (String event : of.events) {
                started.enable(event);
            }
            started.recording.start();
            return started;
        } catch (IOException e) {
            throw Failure.usage(notWritten(of, file, e), e);
        } catch (InvalidPathException e) {
            throw Failure.usage(of.option + " " + file + ": is not a valid path in this locale", e);
        } catch (NoClassDefFoundError e) {
            throw Failure.of(of.option + ": this Java has no flight recorder (module jdk.jfr)", e);
        }
    }

    private void enable(String event) {
        if (of == Of.TIME) {
            recording.enable(event).withPeriod(SAMPLE_PERIOD);
        } else {
            recording.enable(event).withStackTrace();
        }
    }

    /**
     * Ends the recording and writes its file, all of it or nothing.
     *
     * @throws Failure if that fails
     */
    void write() throws Failure {
        recording.stop();
        try {
            dump();
            if (!part.equals(file)) {
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw Failure.of(notWritten(of, file.toString(), e), e);
        }
    }

    private void dump() throws IOException {
        // Java writes a recording only to a path, so this is one that other users cannot open.
        Path folder = Files.createTempDirectory("psm");
        Path recorded = folder.resolve("recording.jfr");
        try {
            recording.dump(recorded);
            Files.copy(recorded, out);
        } finally {
            recording.close();
            out.close();
            Files.deleteIfExists(recorded);
            Files.delete(folder);
        }
    }

    private static String notWritten(Of of, String file, IOException e) {
        return of.option + " " + file + ": cannot be written: " + Failure.reason(e);
    }
}
