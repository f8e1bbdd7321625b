package psm.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.record.RunningRecorder;
import psm.support.Command;
import psm.support.Machines;
import psm.support.Shapes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * Asks machines for their recordings by real ssh: on one of them, a program leaks. Neither psm nor
 * Java is there.
 */
@Tag("endtoend")
class LeakOnMachineTest {
    private static final double MB = 1 << 20;
    private static final int SECONDS_PER_HOUR = 3600;

    /** More than the samples of a verdict, with some to spare. */
    private static final int SAMPLES = 14;

    @TempDir static Path folder;

    private static Machines machines;

    /** The pid of the leak, as its machine numbers it. */
    private static int leak;

    @BeforeAll
    static void record() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        machines =
                Machines.start(
                        folder,
                        List.of("leaky", "calm", "asks,sudo=password", "member", "nothing"));
        Path program = Shapes.compile("leak.c", folder, "worker");
        Process worker =
                new ProcessBuilder(
                                machines.on("leaky", Command.of(program.toString(), "2M/s"))
                                        .words())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            record("leaky");
            String pid = machines.on("leaky", Command.of("pgrep", "-x", "worker")).run().out();
            leak = Integer.parseInt(pid.strip());
        } finally {
            worker.descendants().forEach(ProcessHandle::destroyForcibly);
            worker.destroyForcibly().waitFor();
        }
        String recording = folder.resolve("recording") + "/.";
        for (String name : List.of("leaky", "calm", "asks", "member")) {
            String copy =
                    "mount -t tmpfs -o mode=755 tmpfs /var/log && mkdir -m 750 /var/log/psm && cp "
                            + recording
                            + " -r /var/log/psm && chgrp -R "
                            + (name.equals("member") ? "61001" : "0")
                            + " /var/log/psm && chmod 640 /var/log/psm/*";
            Command.Result copied = machines.on(name, Command.of("sh", "-c", copy)).run();
            assertEquals(0, copied.exitCode(), copied.err());
        }
    }

    private static void record(String name) throws IOException {
        Path recording = folder.resolve("recording");
        Command psm = Command.psm("record", "-i", "1", "--dir", recording.toString());
        try (RunningRecorder recorder = RunningRecorder.start(machines.on(name, psm))) {
            recorder.await(recording, SAMPLES);
        }
    }

    @AfterAll
    static void end() throws IOException {
        if (machines != null) {
            machines.close();
        }
    }

    private static Command.Result growth(String hosts, String... more) {
        Command psm = Command.psm("growth", "--hosts", hosts).append(List.of(more));
        return machines.desk(psm).run();
    }

    @Test
    void theWorkerThatLeaksIsNamed() throws IOException {
        for (String hosts : List.of("leaky", "calm,member,leaky")) {
            Command.Result result = growth(hosts, "-q", "--by", "pid", "-o", "json");
            JsonNode report = new ObjectMapper().readTree(result.out());
            JsonNode first = report.get("rows").get(0);
            assertEquals("", result.err());
            assertEquals("worker", first.get("program").textValue());
            assertEquals(leak, first.get("pid").intValue());
            assertEquals("steady growth", first.get("verdict").textValue());
            double rate = first.get("rate_bytes_per_hour").doubleValue() / SECONDS_PER_HOUR / MB;
            assertEquals(2.0, rate, 0.5); // of some seconds of a live program, on a busy machine
        }
    }

    @Test
    void rightsDecide() {
        Command.Result result = growth("nothing,asks,plain@member,member,leaky");
        List<String> lines = result.err().lines().toList();
        assertEquals(
                "psm: asks: its recording may be read by root there, and by members of a group"
                        + " (sudo asks for a password); as root there: psm install --record --group"
                        + " GROUP",
                lines.get(1));
        assertEquals(
                "psm: nothing: it records nothing; as root there: psm install --record",
                lines.get(0));
        assertTrue(
                lines.get(2).startsWith("psm: member: its recording may be read by root there"),
                result.err());
        assertTrue(result.out().contains("2 of 5 machines"), result.out());
    }
}
