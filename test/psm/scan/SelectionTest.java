package psm.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.name.UserNames;
import psm.support.MadeUpDetails;
import psm.text.Missing;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

class SelectionTest {
    private static final UserNames NAMES = UserNames.of(Map.of(1000L, "ann"), Map.of());
    private static final String ID =
            "87eba76e7f3164534045ba922e7770fb58bbd14ad732bbf5ba6f11cc56989e6e";

    private static Selection of(Selection.By by, boolean isNot, String... wanted) {
        return new Selection(List.of(new Selection.Rule(by, Set.of(wanted), isNot)));
    }

    private static boolean takes(
            Selection.By by, boolean isNot, String wanted, long user, String cgroup) {
        ProcessDetails details = MadeUpDetails.of(0, user, cgroup, null);
        return of(by, isNot, wanted).takes(details, NAMES);
    }

    private static boolean isIn(Selection.By by, String wanted, String path) {
        boolean isIn = takes(by, false, wanted, 0, "0::" + path + '\n');
        assertEquals(!isIn, takes(by, true, wanted, 0, "0::" + path + '\n'), "the opposite");
        return isIn;
    }

    @ParameterizedTest
    @CsvSource({
        "/a, /a, true",
        "a, /a, true",
        "/a/, /a, true",
        "/a/, /a/b, true",
        "/a, /a/b/c, true",
        "/a, /ab, false",
        "/a/b, /a, false",
        "/, /a, true",
        "/, /, true",
        "b, /a/b, false"
    })
    void controlGroupContainsThoseBelowIt(String wanted, String path, boolean isIn) {
        assertEquals(isIn, isIn(Selection.By.CGROUP, wanted, path));
    }

    @ParameterizedTest
    @CsvSource({
        "nginx.service, true",
        "nginx, true",
        "ngin, false",
        "nginx.servic, false",
        "NGINX, false"
    })
    void serviceIsSelectedWithoutItsSuffix(String wanted, boolean isIn) {
        assertEquals(isIn, isIn(Selection.By.UNIT, wanted, "/system.slice/nginx.service"));
    }

    private static final String NESTED =
            "/system.slice/system-app.slice/app\\x2dof\\x20ours@1.service/sub";

    @ParameterizedTest
    @CsvSource({
        "app-of ours@1.service, true",
        "app\\x2dof\\x20ours@1.service, true",
        "app\\x2dof\\x20ours@1, true",
        "app\\x2dof ours@1, false"
    })
    void unitIsSelectedByEitherSpelling(String wanted, boolean isIn) {
        assertEquals(isIn, isIn(Selection.By.UNIT, wanted, NESTED));
    }

    @Test
    void escapingUnderscoreIsNotInUnitName() {
        String path = "/system.slice/_cpu\\x2d1.service";
        assertTrue(isIn(Selection.By.UNIT, "cpu\\x2d1.service", path));
        assertTrue(isIn(Selection.By.UNIT, "cpu-1", path));
        assertFalse(isIn(Selection.By.UNIT, "_cpu-1", path));
    }

    @ParameterizedTest
    @CsvSource({
        "system.slice, true",
        "system-app.slice, true",
        "system, false",
        "app.slice, false",
        "user.slice, false"
    })
    void sliceContainsAllBelowIt(String wanted, boolean isIn) {
        assertEquals(isIn, isIn(Selection.By.UNIT, wanted, NESTED));
    }

    @ParameterizedTest
    @CsvSource({
        "user@1000.service, true",
        "user@1000, true",
        "user-1000.slice, true",
        "user@1000.service/app.slice, true",
        "user@1000.service/mine.service, true",
        "user@1000.service/mine, true",
        "user@100, false",
        "user@1001, false",
        "app.slice, false",
        "mine, false"
    })
    void userManagerContainsAllItRuns(String wanted, boolean isIn) {
        String path =
                "/user.slice/user-1000.slice/user@1000.service/app.slice/mine.service/below.service";
        assertEquals(isIn, isIn(Selection.By.UNIT, wanted, path));
    }

    @Test
    void containerUnitsAreNotOfThisHost() {
        for (String wanted : new String[] {"system.slice", "sshd", "lxc.payload.web1"}) {
            assertFalse(
                    isIn(Selection.By.UNIT, wanted, "/lxc.payload.web1/system.slice/sshd.service"));
        }
        String nspawn = "/machine.slice/machine-web1.scope/payload/system.slice/sshd.service";
        assertFalse(isIn(Selection.By.UNIT, "sshd", nspawn));
        assertTrue(isIn(Selection.By.UNIT, "machine-web1.scope", nspawn));
    }

    @ParameterizedTest
    @CsvSource({
        "87eba76e7f31, true",
        "87eb, true",
        "87EB, false",
        ID + ", true",
        "docker, true",
        "docker 87eba76e7f31, true",
        "87e, false",
        "8, false",
        "87ebb, false",
        "7eba76e7f31, false"
    })
    void containerIsSelectedByStartOfId(String wanted, boolean isIn) {
        String path = "/system.slice/docker-" + ID + ".scope";
        assertEquals(isIn, isIn(Selection.By.CONTAINER, wanted, path));
    }

    @Test
    void containerNamesMatchAsAWhole() {
        assertTrue(isIn(Selection.By.CONTAINER, "web1", "/lxc.payload.web1/init.scope"));
        assertFalse(isIn(Selection.By.CONTAINER, "web", "/lxc.payload.web1/init.scope"));
        assertFalse(isIn(Selection.By.CONTAINER, "web10", "/lxc.payload.web1/init.scope"));
        assertFalse(isIn(Selection.By.CONTAINER, "beef", "/lxc.payload.beefbeef/init.scope"));
    }

    @ParameterizedTest
    @CsvSource({
        "9d381fb97f33, /kata_@, true",
        "9d381fb97f3375549, /runtime.of.2036_@-x, true",
        "@, /x/9d381fb97f33, true",
        "c23e5f76c09d, /ecs/c23e5f76c09d438aa1824ca4058bdcab/x, true",
        "9d381fb97f3, /x_@y, false",
        "9d381fb97f34, /x_@y, false",
        "81fb97f33755, /x_@y, false",
        "9d381fb97f3z, /x_@y, false",
        "9d381fb97f33, /machine.slice/libpod-conmon-@.scope, false"
    })
    void idsOfUnknownRuntimesAreFound(String wanted, String path, boolean isIn) {
        String id = "9d381fb97f3375549aea9174941bf86b3e4d46e7cc41fa6f491b0c5f8c9124de";
        assertEquals(
                isIn, isIn(Selection.By.CONTAINER, wanted.replace("@", id), path.replace("@", id)));
    }

    @Test
    void userIsSelectedByNameOrId() {
        for (String wanted : new String[] {"ann", "1000"}) {
            assertTrue(takes(Selection.By.USER, false, wanted, 1000, null));
            assertFalse(takes(Selection.By.USER, true, wanted, 1000, null));
            assertFalse(takes(Selection.By.USER, false, wanted, 1001, null));
        }
        assertTrue(takes(Selection.By.USER, false, "1001", 1001, null));
    }

    @Test
    void unknownUserMatchesNoName() {
        assertFalse(takes(Selection.By.USER, false, "-1", Missing.VALUE, null));
        assertTrue(takes(Selection.By.USER, true, "ann", Missing.VALUE, null));
        for (Selection.By by :
                new Selection.By[] {
                    Selection.By.CGROUP, Selection.By.UNIT, Selection.By.CONTAINER
                }) {
            assertFalse(takes(by, false, "/", 0, null));
            assertTrue(takes(by, true, "/", 0, null));
        }
    }

    private static Set<Integer> descendants(
            boolean isNot, Map<Integer, Integer> parents, int[] pids, String... wanted) {
        return of(Selection.By.ANCESTOR, isNot, wanted).takenDescendants(pids, parents);
    }

    @Test
    void descendantsIncludeTheProcessItself() {
        Map<Integer, Integer> parents = Map.of(1, 0, 2, 1, 3, 2, 4, 3, 5, 1);
        int[] pids = {1, 2, 3, 4, 5, 6};
        assertEquals(Set.of(2, 3, 4), descendants(false, parents, pids, "2"));
        assertEquals(Set.of(1, 5, 6), descendants(true, parents, pids, "2"));
        assertEquals(Set.of(3, 4, 5), descendants(false, parents, pids, "3", "5"));
        assertEquals(Set.of(6), descendants(false, parents, pids, "6"));
        assertEquals(Set.of(), descendants(false, parents, pids, "7"));
    }

    @Test
    void circlesOfParentsEnd() {
        Map<Integer, Integer> parents = Map.of(1, 1, 2, 3, 3, 4, 4, 2, 5, 4, 6, 5);
        int[] pids = {1, 2, 3, 4, 5, 6};
        assertEquals(Set.of(1), descendants(false, parents, pids, "1"));
        assertEquals(Set.of(2, 3, 4, 5, 6), descendants(false, parents, pids, "3"));
        assertEquals(Set.of(5, 6), descendants(false, parents, pids, "5"));
        assertEquals(Set.of(), descendants(false, parents, pids, "9"));
    }

    @Test
    void longLineOfParentsIsFollowedOnce() {
        int count = 60_000;
        Map<Integer, Integer> parents = new HashMap<>();
        for (int pid = 1; pid <= count; pid++) {
            parents.put(pid, pid + 1);
        }
        int[] pids = IntStream.rangeClosed(1, count).toArray();
        assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> {
                    assertEquals(count, descendants(false, parents, pids, "60001").size());
                    assertEquals(0, descendants(false, parents, pids, "60002").size());
                });
    }

    @Test
    void processMustMatchEachRule() {
        Selection.Rule ann = new Selection.Rule(Selection.By.USER, Set.of("ann"), false);
        Selection.Rule notX = new Selection.Rule(Selection.By.UNIT, Set.of("x"), true);
        Selection both = new Selection(List.of(ann, notX));
        assertTrue(both.takes(details(1000, "0::/system.slice/y.service"), NAMES));
        assertFalse(both.takes(details(1000, "0::/system.slice/x.service"), NAMES));
        assertFalse(both.takes(details(0, "0::/system.slice/y.service"), NAMES));
    }

    private static ProcessDetails details(long user, String cgroup) {
        return MadeUpDetails.of(0, user, cgroup, null);
    }

    @Test
    void pidsAreMissingForNoOtherReason() {
        int[] pids = {1, 2};
        assertEquals(Set.of("3"), of(Selection.By.PID, false, "1", "3").missing(pids));
        assertEquals(Set.of("3"), of(Selection.By.ANCESTOR, false, "3").missing(pids));
        assertEquals(Set.of(), of(Selection.By.PID, true, "3").missing(pids));
        assertEquals(Set.of(), of(Selection.By.USER, false, "3").missing(pids));
        Selection two =
                new Selection(
                        List.of(
                                new Selection.Rule(Selection.By.PID, Set.of("3"), false),
                                new Selection.Rule(Selection.By.USER, Set.of("ann"), false)));
        assertEquals(Set.of(), two.missing(pids));
    }
}
