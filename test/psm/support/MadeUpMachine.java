package psm.support;

import psm.record.MadeUpRecording;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFile;
import psm.text.Failure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A machine for the commands of the docs: psm is installed there, and its processes are those of
 * {@link Fixtures#CONTAINERS} and others that the docs mention. Programs that would change the real
 * machine, connect to another one or download something are replaced by stand-ins, which come first
 * on the PATH.
 */
public final class MadeUpMachine {
    /** The variables through which commands see the machine. */
    private static final String PSM = "DOCS_PSM";

    private static final String PREFIX = "DOCS_PREFIX";
    private static final String PROC = "DOCS_PROC";

    /**
     * Adds the made-up /proc to each report, and keeps installations off the real machine.
     * (GroupAccessTest, DoctorTest and RecordServiceTest test what these change.) {@link
     * #uninstall} runs psm uninstall at the end.
     */
    private static final String PSM_STAND_IN =
            """
            #!/bin/sh
            case "${1-} $*" in
            install*--group*|install*--record*|install*--textfile*) exec "$DOCS_PSM" "$@" --help ;;
            install*) exec "$DOCS_PSM" "$@" --prefix "$DOCS_PREFIX" --dry-run ;;
            doctor*) "$DOCS_PSM" "$@" 2>/dev/null | grep '^ok'; exit ;;
            uninstall*) exit ;;
            probe* | record*) exec "$DOCS_PSM" "$@" ;;
            esac
            for word; do
                case $word in --proc|--from|--hosts|--help) exec "$DOCS_PSM" "$@" ;; esac
            done
            for word; do
                case $word in
                --at|--since|--until) exec "$DOCS_PSM" "$@" --from "${0%/*}/../recording" ;;
                esac
            done
            case ${1-} in diff|growth) exec "$DOCS_PSM" "$@" ;; esac
            [ -n "$DOCS_PROC" ] || exec "$DOCS_PSM" "$@"
            case ${1-} in
            maps|oom) command=$1; shift; exec "$DOCS_PSM" "$command" --proc "$DOCS_PROC" "$@" ;;
            esac
            exec "$DOCS_PSM" --proc "$DOCS_PROC" "$@"
            """;

    /**
     * Runs psm in place of JBang. (WaysToRunTest and PluginTest run the real JBang in each of these
     * ways.) The formats of --deps are JSON here; JacksonFormatTest downloads the real ones.
     */
    private static final String JBANG_STAND_IN =
            """
            #!/bin/sh
            case $1 in
            test/tests.java) exec test -f "$1" ;;
            --deps)
                shift 3
                [ "$1" = -o ] && shift 2
                exec psm -o json "$@" ;;
            --cp)
                jars=$2:$(find "${DOCS_PSM%/bin/psm}" -name '*.jar' | tr '\\n' ':')
                shift 3
                exec java -cp "$jars" psm.Main --proc "$DOCS_PROC" "$@" ;;
            -) cat >/dev/null ;;
            psm.java|psm@org) ;;
            *) echo "no such script: $1" >&2; exit 2 ;;
            esac
            shift
            exec psm "$@"
            """;

    /** Runs a command for another user or another host on this machine, as this user. */
    private static final String SUDO_STAND_IN = "#!/bin/sh\nexec \"$@\"\n";

    private static final String SSH_STAND_IN =
            """
            #!/bin/sh
            while [ $# -gt 2 ]; do
                case $1 in -*) shift ;; *) break ;; esac
            done
            shift
            [ "$1" = -- ] && shift
            case $* in *sh\\ -c*|*sh) exec transport ;; esac
            exec sh -c "$*"
            """;

    /**
     * Answers a probe with a snapshot of this machine, and the question for a recording with that
     * of this machine. (TransportsTest and MachinesTest run real probes in each of these ways.)
     */
    private static final String TRANSPORT_STAND_IN =
            """
            #!/bin/sh
            case "$*" in
            'ps -q') exec printf '4f2a\\n77ab\\n' ;;
            'get pods -o name') exec printf 'pod/web-1\\npod/web-2\\n' ;;
            esac
            cd "${0%/*}/.." || exit
            script=$(sed "s,/var/log/psm,$PWD/recording,g")
            case $script in
            *psm-recording*) printf '%s\\n' "$script" | sh; exit ;;
            esac
            exec installed/bin/psm --proc proc -o snapshot
            """;

    /** Does nothing, since mounting /proc again would affect everything on the real machine. */
    private static final String MOUNT_STAND_IN = "#!/bin/sh\n";

    /** The samples of the recording, one for each ten minutes of three days. */
    private static final int SAMPLES = 3 * 24 * 6;

    private final Path folder;
    private final MadeUpHost host;

    /** Makes the machine in a folder, and installs psm there. */
    public MadeUpMachine(Path folder) throws IOException {
        this.folder = folder;
        this.host = new MadeUpHost(folder);
        Files.createDirectories(checkout());
        Files.createDirectories(folder.resolve("stand-ins"));
        for (String part : List.of("lib", "test", "bench", "share", "psm.java")) {
            Files.createSymbolicLink(checkout().resolve(part), Command.root().resolve(part));
        }
        makeProcesses();
        program("stand-ins/psm", PSM_STAND_IN);
        program("stand-ins/jbang", JBANG_STAND_IN);
        program("checkout/jbangw", JBANG_STAND_IN);
        program("stand-ins/sudo", SUDO_STAND_IN);
        program("stand-ins/ssh", SSH_STAND_IN);
        for (String name : List.of("transport", "docker", "kubectl", "nsenter", "chroot", "adb")) {
            program("stand-ins/" + name, TRANSPORT_STAND_IN);
        }
        program("stand-ins/mount", MOUNT_STAND_IN);
        String prefix = folder.resolve("installed").toString();
        mustRun(Command.psmAlone("install", "--prefix", prefix).run());
        mustRun(run("psm -o snapshot --heap > capture.psm", true));
        mustRun(run("psm -o snapshot > before.psm; psm -o snapshot > after.psm", true));
        record();
    }

    /** Records the machine for three days and nights. */
    private void record() throws IOException {
        try (InputStream in = Files.newInputStream(checkout().resolve("capture.psm"))) {
            Snapshot capture = SnapshotFile.read(in);
            MadeUpRecording.write(recording(), capture, SAMPLES, Duration.ofMinutes(10));
        } catch (Failure e) {
            throw new IOException(e);
        }
    }

    /** The recording of the machine, which is the usual one for its psm. */
    public Path recording() {
        return folder.resolve("recording");
    }

    private static void mustRun(Command.Result result) {
        if (result.exitCode() != 0) {
            throw new IllegalStateException(result.toString());
        }
    }

    /** The folder in which commands run; it looks like a checkout. */
    public Path checkout() {
        return folder.resolve("checkout");
    }

    /** The folder that looks like /proc. */
    public Path proc() {
        return folder.resolve("proc");
    }

    /**
     * Runs a line as a shell does.
     *
     * @param isMadeUp whether psm sees the made-up processes, else those of the real machine
     */
    public Command.Result run(String line, boolean isMadeUp) {
        String path = folder.resolve("stand-ins") + ":" + System.getenv("PATH");
        return Command.of("bash", "-o", "pipefail", "-c", line)
                .in(checkout())
                .with("PATH", path)
                .with("LC_ALL", "C.UTF-8")
                .with("SUDO_UID", null)
                .with(PSM, folder.resolve("installed/bin/psm").toString())
                .with(PREFIX, folder.resolve("planned").toString())
                .with(PROC, isMadeUp ? proc().toString() : "")
                .run();
    }

    /**
     * Removes psm, and all links out of the machine. Returns the files of the installation that are
     * left.
     */
    public List<Path> uninstall() throws IOException {
        Path prefix = folder.resolve("installed");
        mustRun(Command.psmAlone("uninstall", "--prefix", prefix.toString()).run());
        List<Path> left = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                if (Files.isSymbolicLink(file)) {
                    Files.delete(file);
                } else if (file.startsWith(prefix) && Files.isRegularFile(file)) {
                    left.add(file);
                }
            }
        }
        return left;
    }

    private void program(String file, String script) throws IOException {
        host.write(file, script);
        if (!folder.resolve(file).toFile().setExecutable(true)) {
            throw new IOException(file);
        }
    }

    private void makeProcesses() throws IOException {
        copy(Fixtures.CONTAINERS, proc());
        copy(Fixtures.CONTAINERS.resolveSibling("etc"), folder.resolve("etc"));
        process("42", "memcached");
        process("4711", "[celeryd@uploads:MainProcess]");
        process("4712", "bash");
        try (Stream<Path> processes = Files.list(proc())) {
            for (Path process : processes.filter(Files::isDirectory).toList()) {
                if (process.getFileName().toString().matches("[0-9]+")) {
                    addOomAndMappings(process);
                }
            }
        }
        host.write("proc/pressure/memory", pressure("some") + pressure("full"));
        host.write("proc/sys/kernel/random/boot_id", "5e7a1d0c-0000-4000-8000-000000000001\n");
        host.write("proc/uptime", "200000.00 100000.00\n");
        host.v2("/system.slice/nginx.service", "memory.max", "1073741824");
        host.v2("/system.slice/nginx.service", "memory.current", "1048576");
    }

    private static String pressure(String who) {
        return who + " avg10=0.00 avg60=0.12 avg300=0.50 total=4711\n";
    }

    /** Makes a process that is like the worker of nginx except for its name; it maps libc. */
    private void process(String pid, String name) throws IOException {
        Path like = proc().resolve("101");
        copy(like, proc().resolve(pid));
        String stat = Files.readString(like.resolve("stat")).replaceFirst("101", pid);
        String smaps = Files.readString(like.resolve("smaps"));
        host.write("proc/" + pid + "/stat", stat);
        host.write("proc/" + pid + "/cmdline", name + '\0');
        host.write("proc/" + pid + "/smaps", smaps.replace("/usr/sbin/nginx", "/lib/libc.so.6"));
    }

    private void addOomAndMappings(Path process) throws IOException {
        Files.writeString(process.resolve("oom_score"), "667\n");
        Files.writeString(process.resolve("oom_score_adj"), "0\n");
        StringBuilder maps = new StringBuilder();
        for (String line : Files.readAllLines(process.resolve("smaps"))) {
            if (line.matches("[0-9a-f]+-.*")) {
                maps.append(line).append('\n');
            }
        }
        Files.writeString(process.resolve("maps"), maps);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(
                            file,
                            copy,
                            LinkOption.NOFOLLOW_LINKS,
                            StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }
}
