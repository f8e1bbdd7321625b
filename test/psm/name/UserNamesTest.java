package psm.name;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.support.Command;
import psm.text.Missing;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class UserNamesTest {
    private static final long UNKNOWN_ID = 2_123_456_789L;

    @TempDir Path folder;

    @Test
    void rootHasItsName() {
        assertEquals("root", UserNames.ofThisHost().user(0));
        assertEquals("root", UserNames.ofThisHost().group(0));
    }

    @Test
    void namesAreThoseOfIdCommand() {
        for (long id : new long[] {0, 1, 33, 65534}) {
            Command.Result known = Command.of("id", "-nu", Long.toString(id)).run();
            if (known.exitCode() == 0) {
                assertEquals(known.out().strip(), UserNames.ofThisHost().user(id));
            }
        }
    }

    @Test
    void unknownIdIsTheNumber() {
        UserNames names = UserNames.ofThisHost();
        assertEquals(Long.toString(UNKNOWN_ID), names.user(UNKNOWN_ID));
        assertEquals(Long.toString(UNKNOWN_ID), names.group(UNKNOWN_ID));
        assertEquals("4294967295", names.user(4_294_967_295L));
    }

    @Test
    void missingIdHasNoName() {
        assertNull(UserNames.ofThisHost().user(Missing.VALUE));
        assertNull(UserNames.ofThisHost().group(Missing.VALUE));
    }

    @Test
    void otherHostsNamesAreNotLookedUp() {
        UserNames names = UserNames.of(Map.of(0L, "toor"), Map.of());
        assertEquals("toor", names.user(0));
        assertEquals("1", names.user(1));
        assertEquals("0", names.group(0));
    }

    private UserNames ofTree(String passwd) throws IOException {
        Files.createDirectories(folder.resolve("proc"));
        Files.createDirectories(folder.resolve("etc"));
        Files.writeString(folder.resolve("etc/passwd"), passwd);
        return ofTree();
    }

    private UserNames ofTree() {
        return UserNames.of(new ProcFs(folder.resolve("proc").toString()));
    }

    @Test
    void namesOfAnotherHostAreBesideItsProcesses() throws IOException {
        UserNames names = ofTree("# users\nelastic:x:33:33::/:/bin/false\n+::::::\nann:x:7:7::/:");
        assertEquals("elastic", names.user(33));
        assertEquals(List.of("ann", "elastic"), names.users());
        assertEquals("ann", names.user(7));
        assertEquals("0", names.user(0), "a name of this host is no name there");
        assertEquals("33", names.group(33), "there is no etc/group");
        assertTrue(names.hasUser("ann"));
        assertFalse(names.hasUser("root"));
        Files.writeString(folder.resolve("etc/group"), "staff:x:33:ann\n");
        assertEquals("staff", ofTree().group(33));
        assertEquals("root", UserNames.of(new ProcFs("/proc")).user(0));
    }

    @Test
    void onlyNamesAreUsers() {
        UserNames names = UserNames.ofThisHost();
        assertTrue(names.hasUser("root"));
        for (String other : new String[] {"--service=files", "-sfiles", "+0", "00"}) {
            assertFalse(names.hasUser(other), other);
        }
    }

    @Test
    void anotherHostMayHaveNoNames() {
        assertEquals("0", ofTree().user(0));
        assertFalse(ofTree().hasUser("root"));
    }

    /** Root may read a tree of another user, who must not lead psm to other files. */
    @Test
    @Timeout(20)
    void namesOfAnotherHostAreOnlyInRegularFiles() throws IOException {
        ofTree("");
        Path passwd = folder.resolve("etc/passwd");
        Files.delete(passwd);
        Files.createSymbolicLink(passwd, Path.of("/etc/passwd"));
        assertEquals("0", ofTree().user(0));
        Files.delete(passwd);
        assertEquals(0, Command.of("mkfifo", passwd.toString()).run().exitCode());
        assertEquals("0", ofTree().user(0));
        Files.delete(passwd);
        Files.createDirectory(passwd);
        assertEquals("0", ofTree().user(0));
        Files.delete(passwd);
        Files.delete(folder.resolve("etc"));
        Files.createSymbolicLink(folder.resolve("etc"), Path.of("/etc"));
        assertEquals("0", ofTree().user(0));
    }

    @Test
    void hugeFileOfAnotherHostIsReadInPart() throws IOException {
        UserNames names =
                ofTree(
                        "ann:x:7:7::/:\n"
                                + "x".repeat(300)
                                + ":x:8:\n"
                                + "y:x:9:\n".repeat(1 << 20));
        try (RandomAccessFile file =
                new RandomAccessFile(folder.resolve("etc/passwd").toFile(), "rw")) {
            file.setLength(1L << 33); // with a hole
        }
        assertEquals("ann", names.user(7));
        assertEquals("8", names.user(8), "the name is too long");
        assertEquals("y", names.user(9));
    }

    @Tag("endtoend")
    @Test
    void processesOfAnotherHostHaveItsNames() throws Exception {
        String proc = Command.root() + "/test/fixtures/cases/host-passwd/proc";
        JsonNode rows = rows(2, "--proc", proc, "-u");
        assertEquals(97 << 20, row(rows, "elastic").get("pss_bytes").asLong() >> 20 << 20);
        row(rows, "alice");
        for (String[] choice : new String[][] {{"--user", "elastic"}, {"-p", "self"}}) {
            JsonNode chosen = rows(1, "--proc", proc, "-d", choice[0], choice[1]);
            assertEquals(10, chosen.get(0).get("pid").asInt());
        }
        Path snapshot = folder.resolve("host.psm");
        Command.Result written = Command.psm("--proc", proc, "-o", "snapshot").to(snapshot).run();
        assertEquals(0, written.exitCode(), written.err());
        assertEquals(
                rows, rows(2, "--from", snapshot.toString(), "-u"), "a snapshot keeps the names");
    }

    @Tag("endtoend")
    @Test
    void missingUserAndSelfOfAnotherHostAreRefused() {
        String proc = Command.root() + "/test/fixtures/cases/host-passwd/proc";
        Command.Result result = Command.psm("--proc", proc, "--user", "www-data").run();
        assertEquals(2, result.exitCode());
        assertEquals(
                "psm: --user www-data: no such user; there are root, elastic, alice\n",
                result.err());
        result = Command.psm("--proc", folder.toString(), "--user", "ann").run();
        assertEquals(
                "psm: --user ann: no such user; "
                        + folder
                        + "/../etc/passwd names no users, so give ids, such as 0\n",
                result.err());
        result = Command.psm("--proc", folder.toString(), "-p", "self").run();
        assertEquals(2, result.exitCode());
        assertEquals(
                "psm: -p self: " + folder + "/self names no process; give a pid\n", result.err());
    }

    @Tag("endtoend")
    @Test
    void processesAreGroupedAndSelectedByUser() throws Exception {
        assumeTrue(new OwnProcess().isRoot(), "only root can start processes of others");
        assumeTrue(Command.exists("setpriv"), "there is no setpriv to become another user with");
        List<Process> started = new ArrayList<>();
        try {
            for (String id : new String[] {"65534", "2123456789", "2123456789"}) {
                started.add(
                        new ProcessBuilder(
                                        "setpriv",
                                        "--reuid=" + id,
                                        "--regid=" + id,
                                        "--clear-groups",
                                        "sleep",
                                        "600")
                                .start());
            }
            String nobody = UserNames.ofThisHost().user(65534);
            String pids =
                    started.get(0).pid() + "," + started.get(1).pid() + "," + started.get(2).pid();
            JsonNode rows = rows(2, "-u", "-p", pids);
            assertEquals(1, row(rows, nobody).get("count").asInt());
            assertEquals(2, row(rows, "2123456789").get("count").asInt());
            rows = rows(1, "-d", "-p", pids, "--user", nobody);
            assertEquals(started.get(0).pid(), rows.get(0).get("pid").asLong());
            assertEquals(2, rows(2, "-d", "-p", pids, "--user", "!" + nobody).size());
            assertEquals(1, rows(1, "-u", "-p", pids, "-f", "^2123456789$").size());
            assertEquals(1, rows(1, "--by", "group", "-p", pids, "--user", "2123456789").size());
            Command.Result user = Command.psm("--user", "2123456789", "-t", "--units", "b").run();
            assertTrue(Long.parseLong(user.out().strip()) > 0, user.out());
            assertFalse(user.err().contains("defect"), user.err());
        } finally {
            started.forEach(Process::destroy);
        }
    }

    /** Repeats a report until setpriv(1) has become the other user. */
    private static JsonNode rows(int count, String... options) throws Exception {
        JsonNode rows = null;
        for (int tries = 0; tries < 100; tries++) {
            Command.Result result = Command.psm(options).append(List.of("-o", "json")).run();
            rows = new ObjectMapper().readTree(result.out()).get("rows");
            if (rows.size() == count) {
                return rows;
            }
        }
        throw new AssertionError(String.join(" ", options) + ": " + rows);
    }

    private static JsonNode row(JsonNode rows, String user) {
        for (JsonNode row : rows) {
            if (row.get("user").asText().equals(user)) {
                return row;
            }
        }
        throw new AssertionError(user + " is not in " + rows);
    }
}
