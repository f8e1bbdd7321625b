package psm.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.proc.OwnProcess;
import psm.record.MadeUpRecording;
import psm.record.Recording;
import psm.record.RecordingFolder;
import psm.record.RecordingWriter;
import psm.snapshot.SnapshotWriter;
import psm.support.MadeUpSnapshot;
import psm.text.Failure;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;

class MachineFilesTest {
    @TempDir Path folder;

    private void write(String name, byte[] content) throws IOException {
        Files.write(folder.resolve(name), content);
    }

    private static byte[] snapshot() throws IOException {
        return SnapshotWriter.write(MadeUpSnapshot.of(List.of(), List.of()));
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private MachineFiles files() throws Failure {
        return MachineFiles.of("--from", List.of(folder.toString()));
    }

    private static List<String> names(MachineFiles files) {
        return files.files().stream().map(MachineFiles.Entry::fileName).toList();
    }

    @Test
    void snapshotsAndProbesOfAFolderAreFoundByName() throws IOException, Failure {
        write("web2.psm", snapshot());
        write("web1", snapshot());
        write("web3.gz", gzip(snapshot()));
        write("probe", "Welcome!\npsm-probe 1\n".getBytes(StandardCharsets.UTF_8));
        write(
                "probe.gz",
                gzip(
                        ("Welcome!\npsm-probe 1\n" + "x".repeat(1 << 20))
                                .getBytes(StandardCharsets.UTF_8)));
        Files.createDirectory(folder.resolve("deeper"));
        write(".hidden", snapshot());
        assertEquals(List.of("probe", "probe.gz", "web1", "web2.psm", "web3.gz"), names(files()));
        assertNull(files().remark());
    }

    @Test
    void otherFilesAreOneRemark() throws IOException, Failure {
        write("web1", snapshot());
        for (String name : List.of("a", "b", "c", "d", "e")) {
            write(name, "no psm-probe 1\n".getBytes(StandardCharsets.UTF_8));
        }
        assertEquals(List.of("web1"), names(files()));
        assertEquals(
                "--from: 5 files are neither a snapshot nor the output of a probe: a, b, c and 2"
                        + " more",
                files().remark());
    }

    @Test
    void folderWithoutSnapshotsIsRefused() throws IOException {
        write("a", new byte[0]);
        Failure failure = assertThrows(Failure.class, this::files);
        assertEquals(Failure.Exit.USAGE, failure.exit);
        assertEquals(
                "--from "
                        + folder
                        + ": this folder contains no snapshot, no recording and no output of a"
                        + " probe",
                failure.getMessage());
    }

    @Test
    void linksOfOtherUsersAreNotFollowed() throws IOException, Failure {
        assumeTrue(new OwnProcess().isRoot(), "only root can make links of other users");
        write("web1", snapshot());
        Files.createSymbolicLink(folder.resolve("own"), folder.resolve("web1"));
        Path foreign = Files.createSymbolicLink(folder.resolve("foreign"), folder.resolve("web1"));
        Files.setAttribute(foreign, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);
        assertEquals(List.of("own", "web1"), names(files()));
    }

    private Path recording(String name) throws IOException, Failure {
        Path recording = folder.resolve(name);
        try (RecordingWriter writer =
                RecordingWriter.open(RecordingFolder.of("--dir " + name, recording), 0)) {
            writer.append(MadeUpRecording.sample(0, 4096));
        }
        return recording;
    }

    @Test
    void recordingsOfAFolderAreFound() throws IOException, Failure {
        recording("web1");
        write("web2", snapshot());
        recording(".hidden");
        Files.createDirectories(folder.resolve("deeper/web3"));
        List<MachineFiles.Entry> found = files().files();
        assertEquals(List.of("web1", "web2"), names(files()));
        assertEquals(
                List.of(true, false), found.stream().map(MachineFiles.Entry::isRecording).toList());
        assertNull(files().remark());
    }

    @Test
    void aRecordingAndItsSegmentsAreRecordings() throws IOException, Failure {
        Path recording = recording("web1");
        for (Path path : List.of(recording, recording.resolve("000001.psmrec"))) {
            List<MachineFiles.Entry> found =
                    MachineFiles.of("--from", List.of(path.toString())).files();
            assertEquals(List.of(new MachineFiles.Entry(path.toString(), path, true, true)), found);
        }
    }

    @Test
    void aSegmentIsFoundUnderAnyName() throws Exception {
        Path segment = recording("web1").resolve("000001.psmrec");
        Path copy = Files.copy(segment, folder.resolve("of monday"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), segment);
        for (Path path : List.of(copy, link)) {
            MachineFiles files = MachineFiles.of("--from", List.of(path.toString()));
            assertTrue(files.files().get(0).isRecording(), path.toString());
            assertNotNull(Recording.open("--from X", path).last(), path.toString());
        }
        assertEquals(List.of("link", "of monday", "web1"), names(files()));
    }

    @Test
    void linksOfOtherUsersToRecordingsAreNotFollowed() throws IOException, Failure {
        assumeTrue(new OwnProcess().isRoot(), "only root can make links of other users");
        Path recording = recording("web1");
        Files.createSymbolicLink(folder.resolve("own"), recording);
        Path foreign = Files.createSymbolicLink(folder.resolve("foreign"), recording);
        Files.setAttribute(foreign, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);
        assertEquals(List.of("own", "web1"), names(files()));
    }

    @Test
    void filesAndFoldersKeepTheOrderOfTheUser() throws IOException, Failure {
        write("web1", snapshot());
        String file = folder.resolve("web1").toString();
        MachineFiles files = MachineFiles.of("--from", List.of("/z", folder.toString(), file));
        assertEquals(List.of("z", "web1", "web1"), names(files));
        assertEquals(
                List.of(true, false, true),
                files.files().stream().map(MachineFiles.Entry::isNamed).toList());
    }
}
