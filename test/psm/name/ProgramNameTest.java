package psm.name;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramNameTest {
    @ParameterizedTest
    @CsvSource({
        // where exe points to, first argument, name
        "/usr/sbin/nginx, /usr/sbin/nginx, nginx",
        "/usr/sbin/nginx, 'nginx: worker process', 'nginx: worker process'",
        "/usr/bin/bash, bash, bash",
        "/usr/bin/bash, -bash, -bash",
        "/usr/bin/python3.11, '[celeryd@x:MainProcess] -active-', '[celeryd@x:MainProcess]"
                + " -active-'",
        "/usr/bin/dash, /bin/sh, /bin/sh",
        "/usr/lib/systemd/systemd, /sbin/init, /sbin/init",
        "/opt/a very long path/bin/server, /opt/a very long path/bin/server-with-arguments, server",
        "/usr/bin/sleep, '', sleep",
        "/usr/bin/x (deleted), /usr/bin/x, x (deleted)",
        "/usr/bin/ps, /usr, ps"
    })
    void titleIsTheNameElseBaseName(String exe, String argument, String name) {
        assertEquals(name, ProgramName.of(exe, argument, "comm"));
    }

    @ParameterizedTest
    @CsvSource({
        "/usr/sbin/sshd, sshd",
        "'sshd: root@pts/0', 'sshd: root@pts/0'",
        "'/usr/bin/x -y', '/usr/bin/x -y'",
        "'', comm"
    })
    void firstArgumentReplacesUnknownExecutable(String argument, String name) {
        assertEquals(name, ProgramName.of(null, argument, "comm"));
    }

    @ParameterizedTest
    @CsvSource({"/usr/sbin/nginx, '', nginx", ", '', ?"})
    void everyProgramHasAName(String exe, String argument, String name) {
        assertEquals(name, ProgramName.of(exe, argument, null));
    }
}
