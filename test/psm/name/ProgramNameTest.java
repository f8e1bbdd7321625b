package psm.name;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProgramNameTest {
    @ParameterizedTest
    @CsvSource({
        // where exe points to, first argument, name
        "/usr/sbin/nginx, /usr/sbin/nginx, nginx",
        "/usr/sbin/nginx, 'nginx: worker process', 'nginx: worker process'",
        "/usr/bin/bash, bash, bash",
        "/usr/bin/python3.11, '[celeryd@x:MainProcess] -active-', '[celeryd@x:MainProcess]"
                + " -active-'",
        "/usr/bin/kworker, '[kworker/0:1]', '[kworker/0:1]'",
        "/usr/lib/dovecot/imap, dovecot/imap, dovecot/imap",
        "/opt/a very long path/bin/server, /opt/a very long path/bin/server-with-arguments, server",
        "/usr/bin/sleep, '', sleep",
        "/usr/bin/x (deleted), /usr/bin/x, x",
        "/usr/bin/ps, /usr, ps",
        "/usr/bin/postgres, 'postgres: checkpointer   ', 'postgres: checkpointer'",
        "/usr/bin/postgres, '   ', postgres",
        "/usr/bin/foo, '  foo: worker', '  foo: worker'",
        "/usr/bin/foo, '\t\n', foo",
        "/usr/bin/foo, ., foo",
        "/usr/bin/foo, .., foo",
        "/usr/bin/foo, -, foo",
        "/, /, comm"
    })
    void titleIsTheNameElseBaseName(String exe, String argument, String name) {
        assertEquals(name, ProgramName.of(exe, argument, "comm"));
    }

    @ParameterizedTest
    @CsvSource({
        "/usr/bin/bash, /bin/bash, bash",
        "/usr/bin/bash, -bash, bash",
        "/usr/bin/bash, -/bin/bash, bash",
        "/usr/bin/bash, -su, bash",
        "/usr/bin/bash, -4, -4",
        "/usr/bin/busybox, -sh, sh",
        "/usr/bin/ksh93, -ksh, ksh",
        "/usr/bin/bash, rbash, rbash",
        "/usr/bin/dbus-daemon, @dbus-daemon, dbus-daemon",
        "/usr/sbin/plymouthd, @usr/sbin/plymouthd, plymouthd",
        "/usr/bin/foo, @worker, @worker",
        "/usr/bin/dash, /bin/sh, sh",
        "/usr/lib/systemd/systemd, /sbin/init, init",
        "/usr/lib/jvm/java-17/bin/java, /usr/bin/java, java",
        "/usr/lib/jvm/java-17/bin/java, /etc/alternatives/jre/bin/java, java",
        "/srv/b/server, ./server, server",
        "/srv/b/server, bin/../server, server",
        "/usr/bin/dash, bin/sh, sh",
        "/usr/bin/python3.11, /usr/bin/python3, python3",
        "/usr/bin/python3.11, python3, python3",
        "/usr/bin/python3.11, venv/bin/python, python",
        "/usr/bin/vim.basic, /usr/bin/vim, vim",
        "/usr/bin/vim.basic, vim, vim",
        "/nix/store/x/bin/python3.11, /nix/store/y/bin/.nh-wrapped, nh",
        "/usr/bin/busybox, /bin/httpd, httpd",
        "/usr/bin/wine64-preloader, 'C:\\Program Files\\X\\x y.exe', x y.exe"
    })
    void pathAndNameAreOneProgram(String exe, String argument, String name) {
        assertEquals(name, ProgramName.of(exe, argument, "comm"));
    }

    /** Users without permission to read exe see the names that root sees. */
    @ParameterizedTest
    @CsvSource({
        "/srv/build/server, build/server, server, server",
        "/srv/x/a-name-of-20-letters, x/a-name-of-20-letters, a-name-of-20-le, "
                + "a-name-of-20-letters",
        "/usr/lib/dovecot/imap, dovecot/imap, imap, dovecot/imap",
        "/usr/bin/python3.11, queue/mail, queue/mail, queue/mail",
        "/usr/bin/python3.11, queue/mail, python3, queue/mail",
        "/opt/fooshell, -fooshell, fooshell, fooshell",
        "/usr/bin/foo, -4, foo, -4",
        "/usr/bin/foosh, -su, foosh, foosh"
    })
    void everyUserSeesTheSameName(String exe, String argument, String comm, String name) {
        assertEquals(name, ProgramName.of(exe, argument, comm));
        assertEquals(name, ProgramName.of(null, argument, comm));
    }

    /** The kernel's name is then the number of a descriptor, or that of the file in memory. */
    @ParameterizedTest
    @CsvSource({
        "tools/backend, 3, backend",
        "tools/backend, memfd:x, backend",
        "tools/backend, x, tools/backend",
        "tools/backend, tools/backend, tools/backend",
        "dovecot/imap, 3, dovecot/imap"
    })
    void relativePathOfAFileInMemoryIsAPath(String argument, String comm, String name) {
        boolean isKnown = comm.equals("x");
        assertEquals(isKnown ? "backend" : name, ProgramName.of("/memfd:x", argument, comm));
        assertEquals(name, ProgramName.of(null, argument, comm));
    }

    @ParameterizedTest
    @CsvSource({
        "/usr/bin/redis-check-rdb, /usr/bin/redis-server 127.0.0.1:6379, redis-server",
        "/opt/redis/bin/redis-check-rdb, /opt/redis/bin/redis-server *:6379, redis-server",
        "/usr/bin/redis-check-rdb, /usr/bin/redis-server unixsocket:/run/r.sock, redis-server",
        "/usr/bin/perl, '/usr/sbin/spamd -d --pidfile=/run/x', spamd",
        "/opt/google/chrome/chrome, /usr/bin/chrome --type=renderer --path=/x, chrome",
        "/opt/google/chrome/chrome, /opt/google/chrome/chrome --type=renderer, chrome",
    })
    void optionsMayFollowThePath(String exe, String argument, String name) {
        assertEquals(name, ProgramName.of(exe, argument, name));
    }

    @Test
    void kernelsNameFindsTheEndOfAPathWithBlanks() {
        assertEquals("sh", ProgramName.of("/usr/bin/dash", "/opt/my tools/bin/sh", "sh"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/proc/self/exe",
                "/proc/self/exe --type=utility --lang=en-US",
                "/proc/thread-self/exe",
                "/proc/4711/exe",
                "/proc/self/fd/3",
                "/dev/fd/3"
            })
    void pathOfTheRunningExecutableIsNoTitle(String argument) {
        assertEquals("Discord", ProgramName.of("/opt/Discord/Discord", argument, "comm"));
        assertEquals("comm", ProgramName.of(null, argument, "comm"));
    }

    @ParameterizedTest
    @CsvSource({
        "/usr/libexec/applet.#prelink#.fX7LCT, applet",
        "/usr/sbin/sshd;62a1f0c2, sshd",
        "/usr/sbin/nginx.dpkg-tmp, nginx",
        "/usr/sbin/nginx.dpkg-new, nginx",
        "/nix/store/x-nh-4.1/bin/.nh-wrapped, nh",
        "/nix/store/x-nh-4.1/bin/.nh-wrapped__, nh",
        "/nix/store/x-nh-4.1/bin/..nh-wrapped-wrapped, nh",
        "/gnu/store/x-nh-4.1/bin/.nh-real, nh",
        "/usr/sbin/sshd;62a1f0cx, sshd;62a1f0cx",
        "/usr/sbin/;62a1f0c2, ;62a1f0c2",
        "/opt/.-wrapped, .-wrapped",
        "/opt/x-wrapped, x-wrapped"
    })
    void namesOfPackageManagersAreRemoved(String exe, String name) {
        assertEquals(name, ProgramName.ofExecutable(exe));
    }

    @ParameterizedTest
    @CsvSource({
        "/usr/sbin/sshd, sshd",
        "'sshd: root@pts/0', 'sshd: root@pts/0'",
        "-bash, bash",
        "-x, -x",
        "'/usr/bin/x -y', x",
        "'', comm"
    })
    void firstArgumentReplacesUnknownExecutable(String argument, String name) {
        assertEquals(name, ProgramName.of(null, argument, "comm"));
    }

    /** On file systems of the network, a file that is in use is renamed, not deleted. */
    @ParameterizedTest
    @ValueSource(
            strings = {"/srv/.nfs000000000012ab34000000c1", "/srv/.fuse_hidden0000000500000002"})
    void renamedExecutableHasNoName(String exe) {
        assertNull(ProgramName.ofExecutable(exe));
        assertEquals("comm", ProgramName.of(exe, "", "comm"));
        assertEquals("app", ProgramName.of(exe, "/srv/app", "comm"));
        assertEquals("comm", ProgramName.of(exe, "/proc/self/exe", "comm"));
    }

    @ParameterizedTest
    @CsvSource({"/srv/.nfsd, .nfsd", "/srv/.nfs, .nfs"})
    void hiddenExecutableHasItsName(String exe, String name) {
        assertEquals(name, ProgramName.ofExecutable(exe));
    }

    @ParameterizedTest
    @CsvSource({"/usr/sbin/nginx, '', nginx", ", '', ?"})
    void everyProgramHasAName(String exe, String argument, String name) {
        assertEquals(name, ProgramName.of(exe, argument, null));
    }
}
