package psm.fleet;

import psm.Psm;
import psm.proc.FileName;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFormatException;
import psm.snapshot.SnapshotWriter;
import psm.text.Failure;
import psm.text.Text;
import psm.trust.AtomicFile;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * Writes the snapshot of each machine of a report into a file of a folder, under the name by which
 * the report knows the machine. Each file is whole, or is not there. Not for sharing between
 * threads.
 */
public final class SnapshotFolder implements Fleet {
    private static final String EXTENSION = ".psm";

    /** The characters that are the same in the name of a file, beside letters and digits. */
    private static final String MARKS = "._-";

    /** The limit for a name in the name of a file, which has at most 255 bytes. */
    private static final int MAX_NAME_CHARS = 200;

    /** What follows a name that was cut, or that there was before; no other name contains it. */
    private static final char MORE = '~';

    /** The bytes of a checksum behind a name that was cut: no two of a million are the same. */
    private static final int SUM_BYTES = 8;

    private final String asked;
    private final Path folder;
    private final Fleet report;

    /** The names of the files that were written. */
    private final Set<String> written = new HashSet<>();

    private SnapshotFolder(String asked, Path folder, Fleet report) {
        this.asked = asked;
        this.folder = folder;
        this.report = report;
    }

    /**
     * Returns the folder of a report. It is made for the first machine.
     *
     * @param option the option that names it, for messages
     * @param report also gets the machines that are added
     * @throws Failure if no file can be written there
     */
    public static SnapshotFolder of(String option, String name, Fleet report) throws Failure {
        String asked = option + " " + name;
        try {
            Path folder = FileName.path(name).toAbsolutePath();
            Path existing = folder;
            while (!Files.exists(existing)) {
                existing = existing.getParent();
            }
            if (!Files.isDirectory(existing)) {
                throw Failure.usage(asked + ": " + existing + " is no folder; name another", null);
            }
            if (!Files.isWritable(existing)) {
                throw Failure.usage(
                        asked + ": you may not write in " + existing + "; name another folder",
                        null);
            }
            return new SnapshotFolder(asked, folder, report);
        } catch (InvalidPathException e) {
            throw Failure.usage(asked + ": is not a valid path in this locale", e);
        }
    }

    @Override
    public Psm.Processes add(Machine machine) throws Failure, SnapshotFormatException {
        write(machine.name(), machine.shown());
        return report.add(machine);
    }

    @Override
    public void addMissing(String name, String reason) {
        report.addMissing(name, reason);
    }

    @Override
    public Psm.Report report() throws Failure {
        return report.report();
    }

    /** Writes a snapshot, in which the host has the name of its file. */
    public void write(String name, Snapshot snapshot) throws Failure {
        String file = fileName(name);
        try {
            Files.createDirectories(folder, AtomicFile.atMost("rwx------"));
            try (AtomicFile atomic = AtomicFile.inFolder(folder.resolve(file))) {
                try (OutputStream out = new BufferedOutputStream(atomic.open("rw-------"))) {
                    SnapshotWriter.write(snapshot.ofHost(name), out);
                }
                atomic.replace();
            }
        } catch (IOException e) {
            String done = written.isEmpty() ? "" : "; the files before it are whole";
            throw Failure.of(asked + ": " + file + ": " + Failure.reason(e) + done, e);
        }
        written.add(file);
    }

    /** Returns a file name for a machine, which no machine before it has. */
    private String fileName(String name) {
        String plain = plain(name);
        String file = plain + EXTENSION;
        for (int i = 2; written.contains(file); i++) {
            file = plain + MORE + i + EXTENSION;
        }
        return file;
    }

    /**
     * Returns a name without characters that mean something in a path or a shell; never an empty
     * one. Two names remain two.
     */
    private static String plain(String name) {
        byte[] bytes = Text.encode(name);
        StringBuilder plain = new StringBuilder();
        for (byte b : bytes) {
            char c = (char) (b & 0xFF);
            boolean isLetter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            boolean isMark = MARKS.indexOf(c) >= 0 && (plain.length() > 0 || c == '_');
            if (isLetter || (c >= '0' && c <= '9') || isMark) {
                plain.append(c);
            } else {
                plain.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        if (bytes.length == 0) {
            return "%";
        }
        return plain.length() <= MAX_NAME_CHARS
                ? plain.toString()
                : plain.substring(0, MAX_NAME_CHARS) + MORE + sum(bytes);
    }

    private static String sum(byte[] bytes) {
        try {
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(sum, 0, SUM_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // each Java has it
        }
    }
}
