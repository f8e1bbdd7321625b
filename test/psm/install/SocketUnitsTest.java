package psm.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Command;
import psm.support.OwnSystemd;
import psm.text.Problem;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Uses the collector through a socket of a real systemd. */
@Order(1)
@Tag("endtoend")
@Tag("jdk")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SocketUnitsTest {
    private static final String GROUP = "psmdevelopers";
    private static final String MEMBER = "psmmember";
    private static final String OTHER = "psmother";
    private static final String PREFIX = "/opt/psm-test";
    private static final String UNIT = "psm_opt_psm_test";
    private static final String SOCKET = "/run/" + UNIT + ".sock";

    /** CAP_SYS_PTRACE, as /proc/PID/status shows a set of capabilities. */
    private static final String CAP_SYS_PTRACE = "%016x".formatted(1 << 19);

    private OwnSystemd systemd;

    @BeforeAll
    void install() throws IOException {
        Path java = Path.of(System.getProperty("java.home"));
        for (Path path : List.of(java, Path.of(PREFIX).getParent())) {
            Problem problem = RootOwned.problem(path);
            assumeTrue(problem == null, "" + problem);
        }
        for (String home : List.of("/root", "/home", "/tmp")) {
            assumeFalse(java.startsWith(home), "the unit has no access to " + java);
        }
        for (String command : List.of("groupadd", "useradd", "setpriv", "python3")) {
            assumeTrue(Command.exists(command), "there is no " + command + " here");
        }
        systemd = new OwnSystemd();
        for (String path : System.getProperty("java.class.path").split(":", -1)) {
            assumeTrue(systemd.has(Path.of(path)), path + " is on a file system of its own");
        }
        assumeTrue(systemd.has(java), java + " is on a file system of its own");
        run("groupadd", GROUP);
        run("useradd", "-M", "-N", "-d", "/", "-G", GROUP, MEMBER);
        run("useradd", "-M", "-N", "-d", "/", OTHER);
        installPsm();
    }

    @AfterAll
    void end() throws IOException {
        if (systemd != null) {
            systemd.close();
        }
    }

    private void installPsm() {
        List<String> words = Command.psmAlone("install", "--prefix", PREFIX).words();
        words.addAll(List.of("--java", System.getProperty("java.home")));
        words.addAll(List.of("--group", GROUP, "--socket"));
        Command.Result result = run(words.toArray(new String[0]));
        assertTrue(result.out().contains(" can see all processes, through the socket " + SOCKET));
    }

    private Command.Result run(String... words) {
        Command.Result result = systemd.command(words).run();
        assertEquals(0, result.exitCode(), result.out() + result.err());
        return result;
    }

    private Command psm(String user, String... args) {
        return systemd.as(user, PREFIX + "/bin/psm").append(List.of(args));
    }

    private static JsonNode json(Command.Result result) throws IOException {
        assertEquals(0, result.exitCode(), result.err());
        return new ObjectMapper().readTree(result.out());
    }

    /** Returns the number of processes of each program. */
    private static Map<String, Integer> counts(JsonNode report) {
        Map<String, Integer> counts = new TreeMap<>();
        for (JsonNode row : report.get("rows")) {
            counts.put(row.get("program").asText(), row.get("count").asInt());
        }
        return counts;
    }

    private boolean isActive(String unit) {
        return systemd.command("systemctl", "-q", "is-active", unit).run().exitCode() == 0;
    }

    @Test
    void aMemberSeesWhatRootSees() throws IOException {
        Command.Result ofMember = psm(MEMBER, "-o", "json", "--timing").run();
        assertTrue(
                ofMember.err().contains(", through the socket " + SOCKET + "\n"), ofMember.err());
        JsonNode member = json(ofMember);
        JsonNode root = json(run(PREFIX + "/bin/psm", "-o", "json"));
        Map<String, Integer> expected = counts(root);
        assertTrue(expected.containsKey("/lib/systemd/systemd"), expected.toString());
        expected.merge("psm", 1, Integer::sum); // the collector
        assertEquals(expected, counts(member));
        for (String field : List.of("denied", "failed", "hidden")) {
            assertEquals(
                    root.get("processes").get(field), member.get("processes").get(field), field);
        }
    }

    @Test
    void anotherUserSeesOnlyTheirOwnProcesses() throws IOException {
        Command.Result result = psm(OTHER, "-o", "json").run();
        assertEquals(Map.of("psm", 1), counts(json(result)));
        assertTrue(
                result.err().contains("(permission denied; use sudo, or join group " + GROUP + ")"),
                result.err());
    }

    @Test
    void doctorFindsNothingWrong() {
        Command.Result result = systemd.command(PREFIX + "/bin/psm", "doctor").run();
        assertEquals(0, result.exitCode(), result.out() + result.err());
        for (String line : List.of(UNIT + ".socket is active", "the collector writes a snapshot")) {
            assertTrue(result.out().contains("ok     " + line + "\n"), result.out());
        }
    }

    @Test
    void aStoppedSocketIsReportedToMembers() throws IOException {
        run("systemctl", "stop", UNIT + ".socket");
        try {
            Command.Result result = psm(MEMBER, "-o", "json").run();
            assertEquals(Map.of("psm", 1), counts(json(result)));
            assertTrue(
                    result.err()
                            .contains(
                                    "no snapshot from the collector (through the socket "
                                            + SOCKET
                                            + "); run 'sudo psm doctor'"),
                    result.err());
            Command.Result doctor = systemd.command(PREFIX + "/bin/psm", "doctor").run();
            assertEquals(1, doctor.exitCode(), doctor.out() + doctor.err());
            assertTrue(
                    doctor.out()
                            .contains(
                                    UNIT
                                            + ".socket is not active; run 'systemctl restart"
                                            + " "
                                            + UNIT
                                            + ".socket'"),
                    doctor.out());
        } finally {
            run("systemctl", "restart", UNIT + ".socket");
        }
    }

    /** Lets the unit start a script instead of the collector; returns what it prints. */
    private String insteadOfCollector(String script) {
        String folder = "/run/systemd/system/" + UNIT + "@.service.d";
        String path = PREFIX + "/lib/psm/test.sh";
        write(path, script + "\n");
        run("mkdir", "-p", folder);
        write(
                folder + "/test.conf",
                "[Service]\nStandardError=socket\nExecStart=\nExecStart=/bin/bash " + path + "\n");
        try {
            run("systemctl", "daemon-reload");
            return readFromSocket(MEMBER);
        } finally {
            run("rm", "-r", folder, path);
            run("systemctl", "daemon-reload");
        }
    }

    private void write(String path, String content) {
        run("sh", "-c", "printf %s \"$1\" >\"$2\"", "sh", content, path);
    }

    /** Returns what a user who connects to the socket reads. */
    private String readFromSocket(String user) {
        String script =
                """
                import socket, sys
                s = socket.socket(socket.AF_UNIX)
                s.connect(sys.argv[1])
                sys.stdout.write(s.makefile().read())
                """;
        Command.Result result = systemd.as(user, "python3", "-c", script, SOCKET).run();
        assertEquals(0, result.exitCode(), result.err());
        return result.out();
    }

    @Test
    void theCollectorHasOneCapability() throws IOException {
        String status = insteadOfCollector("cat /proc/self/status; id -u " + MEMBER);
        Map<String, String> fields = new TreeMap<>();
        for (String line : status.lines().toList()) {
            int end = line.indexOf(":\t");
            if (end > 0) {
                fields.put(line.substring(0, end), line.substring(end + 2).strip());
            }
        }
        for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
            assertEquals(CAP_SYS_PTRACE, fields.get(set), set);
        }
        assertEquals("1", fields.get("NoNewPrivs"));
        assertEquals("2", fields.get("Seccomp"), "it has a filter");
        Set<String> users = new TreeSet<>(List.of(fields.get("Uid").split("\t", -1)));
        assertEquals(1, users.size(), "one user for all");
        long user = Long.parseLong(users.iterator().next());
        assertTrue(user >= 61184 && user <= 65519, "a user that was made for it: " + user);
        assertFalse(status.lines().anyMatch(users::contains), "the member");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cat /etc/shadow",
                "cat /proc/1/root/etc/shadow",
                "ls /root",
                "touch /etc/psm-was-here && rm /etc/psm-was-here",
                "touch /run/psm-was-here && rm /run/psm-was-here",
                "(echo x >/tmp/psm-was-here) && rm /tmp/psm-was-here",
                "chmod u+s /bin/true && chmod u-s /bin/true",
                "exec 3<>/proc/1/mem",
                "exec 3<>/proc/self/mem",
                "echo 0 >/proc/self/oom_score_adj",
                "cd /sys/fs/cgroup/systemd || cd /sys/fs/cgroup && mkdir psm-was && rmdir psm-was",
                "kill -0 1",
                "renice -n -5 $$",
                "ulimit -c unlimited",
                "unshare --user true",
                "mount -t tmpfs tmpfs /mnt && umount /mnt",
                "python3 -c 'import socket; socket.socket(socket.AF_INET)'",
                "python3 -c 'import ctypes; exit(ctypes.CDLL(None).ptrace(0, 0, 0, 0))'",
                "python3 -c 'import ctypes, os;"
                        + " exit(ctypes.CDLL(None).process_vm_readv(os.getpid(), 0, 0, 0, 0, 0))'",
            })
    void theCollectorCannotDoWhatRootCan(String script) {
        String tried = "{ " + script + "; } >/dev/null && echo DONE || echo REFUSED";
        assertEquals("DONE\n", run("bash", "-c", tried).out());
        String printed = insteadOfCollector(tried);
        assertTrue(printed.endsWith("REFUSED\n"), printed);
    }

    @Test
    void aHundredCallsLeaveNothingBehind() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(16);
        List<Future<Command.Result>> calls = new ArrayList<>();
        Callable<Command.Result> call = () -> psm(MEMBER, "-t", "--units", "b").run();
        for (int i = 0; i < 100; i++) {
            calls.add(callers.submit(call));
        }
        callers.shutdown();
        int refused = 0;
        for (Future<Command.Result> future : calls) {
            Command.Result result = future.get();
            assertEquals(0, result.exitCode(), result.err());
            assertNotEquals("", result.out());
            refused += result.err().contains("no snapshot from the collector") ? 1 : 0;
        }
        assertTrue(refused < calls.size(), "no caller was served");
        for (int i = 0; i < 100 && isActive(UNIT + "@*.service"); i++) {
            Thread.sleep(100);
        }
        assertFalse(isActive(UNIT + "@*.service"), "collectors are left");
        assertTrue(isActive(UNIT + ".socket"), "the next caller finds no socket");
        aMemberSeesWhatRootSees();
    }

    @Test
    void systemdFindsTheUnitsSecure() {
        String unit = UNIT + "@.service";
        Command.Result result =
                systemd.command("systemd-analyze", "security", "--threshold=10", unit).run();
        assertEquals(0, result.exitCode(), result.out() + result.err());
        Command.Result verified =
                systemd.command("systemd-analyze", "verify", UNIT + ".socket").run();
        assertFalse(verified.err().contains(UNIT), verified.err());
    }

    @Test
    void uninstallRemovesTheUnits() {
        run(PREFIX + "/bin/psm", "uninstall", "--prefix", PREFIX);
        try {
            assertFalse(isActive(UNIT + ".socket"));
            for (String path :
                    List.of(
                            SOCKET,
                            "/etc/systemd/system/" + UNIT + ".socket",
                            "/etc/systemd/system/" + UNIT + "@.service",
                            "/etc/systemd/system/sockets.target.wants/" + UNIT + ".socket",
                            PREFIX + "/bin/psm")) {
                assertNotEquals(0, systemd.command("test", "-e", path).run().exitCode(), path);
                assertNotEquals(0, systemd.command("test", "-L", path).run().exitCode(), path);
            }
        } finally {
            installPsm();
        }
    }
}
