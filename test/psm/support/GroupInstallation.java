package psm.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import psm.install.SudoRule;
import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFile;
import psm.text.Problem;
import psm.text.Text;
import psm.trust.RootOwned;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A real installation of psm for a group that is made for it, with a user who is a member and one
 * who is not. All of it is removed after the tests, even when they are interrupted.
 */
public final class GroupInstallation implements AutoCloseable {
    /**
     * A call of the collector.
     *
     * @param snapshot the snapshot that it wrote, or {@code null}
     * @param err what it wrote to standard error
     */
    public record Called(int exitCode, Snapshot snapshot, String err) {}

    /** The user as which the collector runs. */
    public static final int NOBODY = 65534;

    public final String group;
    public final String member;
    public final String other;
    public final Path prefix;

    /** The folder that every user can write. */
    public final Path stage;

    private final Undo undo;

    /** Installs psm; skips the tests where it cannot. */
    public GroupInstallation(String name) throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can give rights to a group");
        for (String command :
                List.of("sudo", "visudo", "flock", "setpriv", "useradd", "groupadd", "userdel")) {
            assumeTrue(Command.exists(command), "there is no " + command + " here");
        }
        for (Path path : List.of(Path.of("/opt"), Path.of(System.getProperty("java.home")))) {
            Problem problem = RootOwned.problem(path);
            assumeTrue(problem == null, "" + problem);
        }
        assumeTrue(SudoRule.includeProblem() == null, "sudo reads no " + SudoRule.FOLDER);
        group = "psm" + name + ProcessHandle.current().pid();
        member = group + "m";
        other = group + "o";
        prefix = Path.of("/opt/psm-test-" + group);
        undo = new Undo();
        try {
            stage = Files.createTempDirectory("psm-stage");
            undo.push(() -> delete(stage));
            Files.setPosixFilePermissions(stage, PosixFilePermissions.fromString("rwxrwxrwx"));
            Undo.run("groupadd", group);
            undo.push(() -> Undo.run("groupdel", group));
            for (String user : List.of(member, other)) {
                Undo.run("useradd", "-M", "-N", "-d", "/", "-s", "/bin/sh", user);
                undo.push(() -> Undo.run("userdel", "-f", user));
            }
            Undo.run("usermod", "-a", "-G", group, member);
            undo.push(() -> delete(prefix));
            install("--group", group);
            undo.push(this::uninstall);
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /** Installs psm again, on the Java that runs the tests. */
    public void install(String... more) {
        List<String> args = new ArrayList<>(List.of("install", "--prefix", prefix.toString()));
        args.addAll(List.of("--java", System.getProperty("java.home")));
        args.addAll(List.of(more));
        Command.Result result = Command.psmAlone(args.toArray(new String[0])).run();
        assertEquals(0, result.exitCode(), result.err());
        assertEquals("", result.err());
    }

    private void uninstall() {
        if (Files.exists(prefix.resolve("lib/psm/installed"))) {
            String[] args = {"uninstall", "--prefix", prefix.toString()};
            assertEquals(0, Command.psmAlone(args).run().exitCode());
        }
    }

    public String launcher() {
        return prefix.resolve("bin/psm").toString();
    }

    public String collect() {
        return prefix.resolve("lib/psm/collect").toString();
    }

    /** Makes a copy of the collector's script for a kernel where CAP_PERFMON does not work. */
    public Path collectWithPtrace() throws IOException {
        Path copy = Files.createTempFile("psm-collect", ".sh");
        String script = Files.readString(Path.of(collect()));
        return Files.writeString(copy, script.replace("+perfmon", "+sys_ptrace"));
    }

    /** Returns a command that runs as that user, in the stage. */
    public Command as(String user, String... words) {
        List<String> all = new ArrayList<>();
        all.addAll(List.of("setpriv", "--reuid=" + user, "--regid=65534", "--init-groups", "--"));
        all.addAll(List.of(words));
        return Command.of(all.toArray(new String[0])).in(stage).with("HOME", stage.toString());
    }

    /** Returns a command that runs psm as that user. */
    public Command psm(String user, String... args) {
        return as(user, launcher()).append(List.of(args));
    }

    /** Returns a script that runs as the member; {@code $collect} in it calls the collector. */
    public Command script(String script) {
        return as(member, "env", "collect=sudo -n " + collect(), "sh", "-c", script);
    }

    /**
     * Runs a script whose standard output is a whole snapshot or nothing. The output is a pipe,
     * since the collector can write to no file, not even to one of the member's.
     */
    public Called call(Command script) throws IOException {
        Path out = Files.createTempFile("psm-called", ".out");
        Path status = Files.createTempFile("psm-called", ".status");
        String piped = "{ \"$@\"; echo $? >\"$0\"; } | cat";
        List<String> words = new ArrayList<>(List.of("sh", "-c", piped, status.toString()));
        words.addAll(script.words());
        try {
            Command.Result result =
                    Command.of(words.toArray(new String[0])).in(stage).to(out).run();
            byte[] bytes = Files.readAllBytes(out);
            Snapshot snapshot =
                    bytes.length == 0 ? null : SnapshotFile.read(new ByteArrayInputStream(bytes));
            int exitCode = Integer.parseInt(Files.readString(status).strip());
            return new Called(exitCode, snapshot, result.err());
        } finally {
            Files.delete(out);
            Files.delete(status);
        }
    }

    /**
     * Lists the processes that run the installation's files as root, or as the collector's user.
     */
    public List<Integer> running() throws IOException {
        List<Integer> found = new ArrayList<>();
        ProcFs proc = new ProcFs(ProcFs.DEFAULT_ROOT);
        byte[] buffer = new byte[8192];
        for (int pid : proc.pids()) {
            try {
                String command = Text.decode(buffer, 0, proc.read(pid + "/cmdline", buffer));
                Object owner = Files.getAttribute(Path.of("/proc/" + pid), "unix:uid");
                if (Set.of(0, NOBODY).contains(owner) && command.contains(prefix + "/lib/psm/")) {
                    found.add(pid);
                }
            } catch (IOException e) {
                // The process has exited.
            }
        }
        return found;
    }

    /** Lists those of {@link #running} that run Java, not the shell before it. */
    public List<Integer> collectors() throws IOException {
        List<Integer> found = new ArrayList<>();
        for (int pid : running()) {
            try {
                if (new ProcFs(ProcFs.DEFAULT_ROOT).link(pid + "/exe").endsWith("/java")) {
                    found.add(pid);
                }
            } catch (IOException e) {
                // The process has exited.
            }
        }
        return found;
    }

    public static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        undo.close();
    }
}
