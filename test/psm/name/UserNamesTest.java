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

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class UserNamesTest {
    private static final long UNKNOWN_ID = 2_123_456_789L;

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
