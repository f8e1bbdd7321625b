package psm.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.proc.OwnProcess;
import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reaches what is like another machine by programs that are not ssh. */
class TransportsTest {
    @TempDir Path folder;

    private static Command.Result psm(String hosts, String via, String... more) {
        List<String> words = new ArrayList<>(List.of("--hosts", hosts, "--via", via));
        words.addAll(List.of(more));
        return Command.psm(words.toArray(new String[0])).run();
    }

    private static void assumeNamespaces() {
        assumeTrue(
                Command.of("unshare", "--mount", "--pid", "--fork", "--mount-proc", "true")
                                .run()
                                .exitCode()
                        == 0,
                "namespaces cannot be made");
    }

    /** Starts a shell in namespaces of its own, and returns the pid of its process 1. */
    private Process start(String script) throws IOException {
        return new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "--uts",
                        "--pid",
                        "--fork",
                        "--kill-child",
                        "--mount-proc",
                        "sh",
                        "-c",
                        script)
                .inheritIO()
                .start();
    }

    private static long child(Process parent) throws InterruptedException {
        while (true) {
            List<ProcessHandle> children = parent.children().toList();
            if (!children.isEmpty()) {
                return children.get(0).pid();
            }
            Thread.sleep(20);
        }
    }

    private static void awaitLine(String file, String text) throws Exception {
        while (!Files.readString(Path.of(file)).contains(text)) {
            Thread.sleep(20);
        }
    }

    @Test
    void aShellReadsThisMachine() {
        Command.Result result =
                psm("here", "sh", "-f", "^java$", "--by", "program", "-o", "csv", "--no-header");
        assertEquals(0, result.exitCode(), result.err());
        assertTrue(result.out().contains("java"), result.out());
    }

    @Test
    void namespacesAreEntered() throws Exception {
        assumeNamespaces();
        Process machine = start("exec sleep 999");
        try {
            long pid = child(machine);
            awaitLine("/proc/" + pid + "/cmdline", "sleep");
            Command.Result result =
                    psm(
                            Long.toString(pid),
                            "nsenter --target {} --mount --uts --pid sh",
                            "--by",
                            "host,pid",
                            "-c",
                            "pss,command",
                            "-o",
                            "csv");
            assertEquals(0, result.exitCode(), result.err());
            assertTrue(result.out().contains("sleep 999"), result.out());
            // sleep, the shell of the probe, and what it has started
            assertTrue(result.out().lines().count() < 8, result.out());
        } finally {
            machine.destroyForcibly();
        }
    }

    @Test
    void aRootOfBusyboxAloneIsEntered() throws Exception {
        assumeNamespaces();
        Path busybox = Path.of("/bin/busybox");
        assumeTrue(Files.exists(busybox), "there is no busybox");
        assumeTrue(
                Command.of("ldd", busybox.toString()).run().exitCode() != 0,
                "busybox needs libraries");
        Path root = Files.createDirectory(folder.resolve("root"));
        for (String name : List.of("bin", "proc", "sys", "dev", "etc")) {
            Files.createDirectory(root.resolve(name));
        }
        Files.copy(busybox, root.resolve("bin/busybox"));
        try (Stream<String> tools = Command.of("busybox", "--list").run().out().lines()) {
            for (String tool : tools.toList()) {
                if (!tool.equals("busybox")) {
                    Files.createSymbolicLink(root.resolve("bin/" + tool), Path.of("busybox"));
                }
            }
        }
        String mount = "mount -t proc proc $1/proc; mount --bind /dev $1/dev; exec chroot $1 sh";
        Command.Result result =
                psm(
                        root.toString(),
                        "env PATH=/bin:/usr/bin:/usr/sbin unshare --mount sh -c '"
                                + mount
                                + "' sh {}",
                        "-f",
                        "^java$",
                        "-o",
                        "csv",
                        "--no-header");
        assertEquals(0, result.exitCode(), result.err());
        assertTrue(result.out().contains("java"), result.out() + result.err());
    }

    @Test
    void anOrdinaryUserSeesWhatHeMay() throws Exception {
        assumeTrue(new OwnProcess().isRoot(), "there is no other user to become");
        Command.Result result =
                Command.psmAsNobody(
                                folder, "--hosts", "here", "--via", "sh", "-n", "1", "-o", "json")
                        .run();
        assertEquals(0, result.exitCode(), result.err());
        assertTrue(result.out().matches("(?s).*\"estimates\":\\{\"denied\":[1-9].*"), result.out());
    }
}
