package psm.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;
import psm.support.Machines;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Compares what psm reports of ten machines, by real ssh, with what psm reports there. */
@Tag("endtoend")
class MachinesTest {
    private static final int COUNT = 10;

    @TempDir static Path folder;

    private static Machines machines;

    @BeforeAll
    static void start() throws IOException {
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= COUNT; i++) {
            names.add(name(i));
        }
        machines = Machines.start(folder, names);
    }

    @AfterAll
    static void end() throws IOException {
        if (machines != null) {
            machines.close();
        }
    }

    private static String name(int number) {
        return String.format("m%02d", number);
    }

    /** Else what the other tests compare would be this machine with itself. */
    @Test
    void machinesDifferFromThisOne() {
        for (int i = 1; i <= COUNT; i++) {
            String show = "'cat /proc/sys/kernel/hostname /proc/1/comm; id -un'";
            Command ssh = Command.of("ssh", name(i), "sudo", "sh", "-c", show);
            Command.Result result = machines.desk(ssh).run();
            assertEquals(name(i) + "\nsshd\nroot\n", result.out(), result.err());
        }
    }
}
