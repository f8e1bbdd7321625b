package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;
import psm.support.MadeUpHost;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Counts the series of a machine with many programs and many limited control groups. */
class SeriesCountTest {
    private static final int PROGRAMS = 100;
    private static final int GROUPS = 40;
    private static final int LIMIT = 1 << 20;

    @TempDir Path root;

    @BeforeEach
    void makeHost() throws IOException {
        MadeUpHost host = new MadeUpHost(root);
        host.write("proc/stat", "btime 1795941719\n");
        host.write("proc/uptime", "7900.00 1.00\n");
        host.write(
                "proc/meminfo",
                """
                MemTotal: 1024000 kB
                MemFree: 500 kB
                MemAvailable: 10240 kB
                Buffers: 1 kB
                Cached: 2 kB
                SwapCached: 0 kB
                AnonPages: 3 kB
                SwapTotal: 9 kB
                SwapFree: 9 kB
                """);
        for (int i = 0; i < PROGRAMS; i++) {
            int pid = 100 + i;
            host.process(pid, 1 + i, 0, 0, "0::/pod" + i % GROUPS);
            String rollup = "proc/" + pid + "/smaps_rollup";
            String usage = Files.readString(root.resolve(rollup));
            host.write(rollup, usage + "Anonymous: 4 kB\nSwapPss: 0 kB\n");
            String fields =
                    " (program" + pid + ") S 1" + " 0".repeat(17) + " " + pid + " 0".repeat(30);
            host.write("proc/" + pid + "/stat", pid + fields + '\n');
        }
        for (int i = 0; i < GROUPS; i++) {
            host.v2("/pod" + i, "memory.max", Integer.toString(LIMIT));
            host.v2("/pod" + i, "memory.current", Integer.toString(LIMIT));
            host.v2(
                    "/pod" + i,
                    "memory.stat",
                    "anon "
                            + 1000 * i
                            + "\nfile 9999\nkernel 0\nshmem 0\nslab_reclaimable 0"
                            + "\nslab_unreclaimable 0\nsock 0\nunevictable 0\ninactive_file 9999");
            host.v2("/pod" + i, "memory.events", "oom_kill " + i);
        }
    }

    private String psm(String... args) {
        Command.Result result = Command.psm(args).run();
        assertEquals(0, result.exitCode(), result.err());
        return result.out();
    }

    private Exposition metrics() {
        String[] args = {"--proc", root.resolve("proc").toString(), "-o", "prometheus", "-q"};
        return Exposition.parse(psm(args));
    }

    @Test
    void aMachineHasThreeHundredSeries() {
        Map<String, Integer> byLabel = new HashMap<>();
        for (Exposition.Series series : metrics().samples.keySet()) {
            byLabel.merge(String.join(",", series.labels().keySet()), 1, Integer::sum);
        }
        assertEquals(
                Map.of(
                        "program", 30 * 7, "cgroup", 20 * 3, "reason", 4 + 6, "part", 5, "version",
                        1, "", 12),
                byLabel);
    }

    @Test
    void controlGroupsHaveTheFiguresOfOom() throws IOException {
        Exposition metrics = metrics();
        for (int i = GROUPS - 1; i >= GROUPS - 20; i--) {
            String group = "/pod" + i;
            assertValue(1000 * i, metrics.value("psm_cgroup_unreclaimable_bytes", "cgroup", group));
            assertValue(LIMIT, metrics.value("psm_cgroup_limit_bytes", "cgroup", group));
            assertValue(i, metrics.value("psm_cgroup_oom_kills_total", "cgroup", group));
        }
        String proc = root.resolve("proc").toString();
        JsonNode oom = new ObjectMapper().readTree(psm("oom", "--proc", proc, "-o", "json"));
        int compared = 0;
        for (JsonNode group : oom.path("full_cgroups")) {
            String name = group.path("cgroup").asText();
            BigDecimal limit = metrics.value("psm_cgroup_limit_bytes", "cgroup", name);
            if (limit != null) {
                assertEquals(group.path("limit_bytes").decimalValue(), limit);
                compared++;
            }
        }
        assertEquals(20, compared, oom.toString());
    }

    private static void assertValue(int expected, BigDecimal value) {
        assertEquals(BigDecimal.valueOf(expected), value);
    }
}
