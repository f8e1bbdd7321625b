package psm.fleet;

import psm.proc.FileName;
import psm.proc.OwnProcess;
import psm.record.Recording;
import psm.snapshot.SnapshotFile;
import psm.snapshot.SnapshotFormat;
import psm.text.Failure;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * The files of machines that the user names: files, recordings, and folders, of which each file is
 * taken that starts like a snapshot or the output of a probe, and each folder that is a recording.
 */
public final class MachineFiles {
    /** How much a login shell may print before a probe: each file of a folder is read so far. */
    private static final int START_BYTES = 1 << 16;

    private static final String PROBE = "psm-probe ";
    private static final int GZIP_MAGIC = 0x1F8B;

    private final String option;
    private final List<Entry> files = new ArrayList<>();

    /** The names of files in folders that are something else. */
    private final List<String> others = new ArrayList<>();

    /** The names of folders in folders that cannot be read. */
    private final List<String> closed = new ArrayList<>();

    /**
     * A file.
     *
     * @param name what the user named, which may be standard input, or the path of a file in a
     *     folder that the user named
     * @param path its path; {@code null} for standard input
     * @param isNamed whether the user named it
     * @param isRecording whether it is a recording, which is a folder or one of its segments
     */
    public record Entry(String name, Path path, boolean isNamed, boolean isRecording) {
        /** Returns the name of the file without its folder. */
        public String fileName() {
            return path == null ? "standard input" : FileName.last(path);
        }

        /** Opens the file, which is not standard input. */
        public InputStream open() throws IOException {
            return Files.newInputStream(path);
        }
    }

    private MachineFiles(String option) {
        this.option = option;
    }

    /**
     * Finds the files.
     *
     * @param option the option that names them, for messages
     * @throws Failure if a folder cannot be read, or contains no such file
     */
    public static MachineFiles of(String option, List<String> from) throws Failure {
        MachineFiles files = new MachineFiles(option);
        for (String name : from) {
            Path path = name.equals(SnapshotFile.STANDARD_INPUT) ? null : files.path(name);
            boolean isRecording = path != null && Recording.isRecording(path);
            if (path != null && Files.isDirectory(path) && !isRecording) {
                files.addFolder(name, path);
            } else {
                files.files.add(new Entry(name, path, true, isRecording));
            }
        }
        return files;
    }

    private Path path(String name) throws Failure {
        try {
            return FileName.path(name);
        } catch (InvalidPathException e) {
            throw Failure.usage(option + " " + name + ": is not a valid path in this locale", e);
        }
    }

    private void addFolder(String name, Path folder) throws Failure {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (FileName.last(entry).startsWith(".")) {
                    continue;
                }
                boolean isFolder = Files.isDirectory(entry);
                if (isFolder && !Files.isReadable(entry)) {
                    closed.add(FileName.last(entry)); // it may be a recording
                } else if (!isFolder || isRecording(entry)) {
                    found.add(entry);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw failed(name, folder, e.getCause());
        } catch (IOException e) {
            throw failed(name, folder, e);
        }
        Collections.sort(found);
        Collections.sort(closed);
        int before = files.size();
        for (Path file : found) {
            boolean isRecording = isRecording(file);
            if (isRecording || isRecorded(file)) {
                files.add(new Entry(name + '/' + FileName.last(file), file, false, isRecording));
            } else {
                others.add(FileName.last(file));
            }
        }
        if (files.size() == before) {
            throw Failure.usage(
                    option
                            + " "
                            + name
                            + ": this folder contains no snapshot, no recording and no output of a"
                            + " probe",
                    null);
        }
    }

    private Failure failed(String name, Path folder, IOException e) {
        String readers = e instanceof AccessDeniedException ? readers(folder) : "";
        return Failure.usage(
                option + " " + name + ": cannot be read: " + Failure.reason(e) + readers, e);
    }

    /** Returns which group may read a folder, if there is one beside root's. */
    private static String readers(Path folder) {
        try {
            PosixFileAttributes attributes =
                    Files.readAttributes(folder, PosixFileAttributes.class);
            boolean isOfGroup =
                    attributes.permissions().contains(PosixFilePermission.GROUP_READ)
                            && !Files.getAttribute(folder, "unix:gid").equals(0);
            return isOfGroup
                    ? "; members of group " + attributes.group().getName() + " may read it"
                    : "";
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * Returns whether a file starts like what psm reads. What cannot be read counts too, so that a
     * report says that it is missing. A link of another user may point to a file that its owner may
     * not read, and is not followed.
     */
    private static boolean isRecorded(Path file) {
        try {
            if ((Files.isSymbolicLink(file) && !isOwn(file)) || !Files.isRegularFile(file)) {
                return false;
            }
            try (InputStream in = Files.newInputStream(file)) {
                return isStart(in.readNBytes(START_BYTES));
            }
        } catch (IOException e) {
            return true;
        }
    }

    /** Returns whether a file of a folder is a recording; see {@link #isRecorded} for links. */
    private static boolean isRecording(Path file) {
        try {
            return (!Files.isSymbolicLink(file) || isOwn(file)) && Recording.isRecording(file);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isOwn(Path link) throws IOException {
        Object owner = Files.getAttribute(link, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        long user = ((Integer) owner).longValue();
        return user == 0 || user == new OwnProcess().user();
    }

    private static boolean isStart(byte[] bytes) {
        byte[] plain = bytes;
        if (bytes.length > 1 && ((bytes[0] & 0xFF) << 8 | (bytes[1] & 0xFF)) == GZIP_MAGIC) {
            plain = inflated(bytes);
        }
        String start = new String(plain, StandardCharsets.ISO_8859_1);
        return start.startsWith(SnapshotFormat.MAGIC)
                || start.startsWith(PROBE)
                || start.contains('\n' + PROBE);
    }

    /** Returns the start of what was compressed. */
    private static byte[] inflated(byte[] bytes) {
        byte[] start = new byte[START_BYTES];
        int length = 0;
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            for (int n; (n = in.read(start, length, start.length - length)) > 0; ) {
                length += n;
            }
        } catch (IOException e) {
            // The file goes on behind these bytes, or it is damaged, which its reader will say.
        }
        byte[] read = new byte[length];
        System.arraycopy(start, 0, read, 0, length);
        return read;
    }

    /** Returns the files in the order of the user's words; those of a folder from A to Z. */
    public List<Entry> files() {
        return Collections.unmodifiableList(files);
    }

    /** Returns a line about what in folders is not read; {@code null} if there is nothing. */
    public String remark() {
        List<String> parts = new ArrayList<>();
        if (!others.isEmpty()) {
            parts.add(
                    (others.size() == 1 ? "1 file is" : others.size() + " files are")
                            + " neither a snapshot nor the output of a probe: "
                            + FleetRemarks.names(others));
        }
        if (!closed.isEmpty()) {
            parts.add(
                    (closed.size() == 1 ? "1 folder" : closed.size() + " folders")
                            + " cannot be read: "
                            + FleetRemarks.names(closed));
        }
        return parts.isEmpty() ? null : option + ": " + String.join("; ", parts);
    }
}
