package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Command;
import psm.support.Fixtures;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks that messages of the JVM do not get into the report. */
@Tag("endtoend")
@Tag("jdk")
class JvmNoiseTest {
    @TempDir Path folder;

    /** Asserts that standard output contains one report and nothing else. */
    private static void assertIsOneReport(String out) throws IOException {
        JsonNode report =
                new ObjectMapper()
                        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                        .readTree(out);
        assertEquals("psm/1", report.get("schema").asText());
    }

    private static Command psm(String variable, String options) {
        String proc = Fixtures.HOST.toString();
        return Command.psm("--proc", proc, "-o", "json").with(variable, options);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-XX:+NoSuchFlag",
                "-XX:NoSuchFlag=1",
                "-XX:+UseConcMarkSweepGC",
                "-XX:MaxPermSize=64m",
                "-XX:+AggressiveOpts",
                "-XX:SharedArchiveFile=/nonexistent",
                "-XX:CICompilerCount=1 -XX:CompileCommand=exclude,psm.Main::run",
                "-XX:+PrintCommandLineFlags",
                "-XX:+PrintFlagsFinal",
                "-XX:+UseLargePages -Xcheck:jni",
                "-Xverify:none"
            })
    void optionsFromVariablesPrintNothing(String options) throws IOException {
        for (String variable : new String[] {"JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS"}) {
            Command.Result result = psm(variable, options).run();
            assertEquals(0, result.exitCode(), result.err());
            assertIsOneReport(result.out());
        }
    }

    @Test
    void aStaleArchivePrintsNothing() throws IOException {
        Path archive = Files.write(folder.resolve("stale.jsa"), new byte[8192]);
        Command.Result result = psm("JDK_JAVA_OPTIONS", "-XX:SharedArchiveFile=" + archive).run();
        assertEquals(0, result.exitCode(), result.err());
        assertIsOneReport(result.out());
    }

    /** Java warns of files with these names in the current folder, which anybody may have made. */
    @Test
    void filesOfTheFolderPrintNothing() throws IOException {
        Files.writeString(folder.resolve(".hotspotrc"), "+PrintFlagsFinal\n");
        Files.writeString(folder.resolve(".hotspot_compiler"), "print *::*\n");
        Command.Result result = Command.psm("--version").in(folder).run();
        assertEquals(0, result.exitCode());
        assertEquals("", result.err());
    }

    /** A program that reads JSON gets no message instead. */
    @ParameterizedTest
    @ValueSource(strings = {"-Xms4g", "-javaagent:/nonexistent.jar", "-XX:ThreadStackSize=1"})
    void aJvmThatFailsUsesStandardError(String options) {
        Command.Result result = psm("JDK_JAVA_OPTIONS", options).run();
        assertNotEquals(0, result.exitCode());
        assertEquals("", result.out());
        assertFalse(result.err().isBlank());
    }

    /** SIGQUIT makes a JVM print its threads. */
    @Test
    void aThreadDumpGoesToStandardError() throws Exception {
        Path process = Files.createDirectories(folder.resolve("7"));
        Files.writeString(process.resolve("smaps"), "00400000-00452000 r-xp \nPss: 3 kB\n");
        Path pipe = process.resolve("cmdline");
        assertEquals(0, Command.of("mkfifo", pipe.toString()).run().exitCode());
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        ProcessBuilder psm =
                new ProcessBuilder(Command.psm("--proc", folder.toString(), "-o", "json").words());
        Process running = psm.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        String pid = Long.toString(running.pid());
        try (OutputStream name = Files.newOutputStream(pipe)) { // waits for the reader
            assertEquals(0, Command.of("kill", "-QUIT", pid).run().exitCode());
            while (!Files.readString(err).contains("psm-worker") && running.isAlive()) {
                Thread.sleep(10);
            }
            name.write('x');
        } catch (IOException e) {
            // psm has stopped waiting for the name.
        }
        assertEquals(0, running.waitFor());
        assertTrue(Files.readString(err).contains("psm-worker"), "there was no dump");
        assertIsOneReport(Files.readString(out));
    }
}
