package psm.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;
import psm.support.MadeUpHost;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs psm oom and --system of several machines, whose answers are snapshots in files. */
@Tag("endtoend")
class FleetListsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String[] MACHINES = {"web1", "web2"};

    @TempDir Path root;

    @BeforeEach
    void writeSnapshots() throws IOException {
        for (String name : MACHINES) {
            Path folder = root.resolve("machines").resolve(name);
            int first = name.equals("web1") ? 10 : 20;
            MadeUpHost host = new MadeUpHost(folder);
            for (int pid = first; pid < first + 5; pid++) {
                host.process(pid, pid, 1, 0, 660 + pid * 7 % 40, "0::/a");
            }
            host.v2("/a", "memory.max", "1000").v2("/a", "memory.current", "" + (950 + first));
            Command.Result written =
                    Command.psm("-o", "snapshot", "--proc", folder.resolve("proc").toString())
                            .to(root.resolve(name))
                            .run();
            assertEquals(0, written.exitCode(), written.err());
        }
    }

    /** Runs psm with the two machines, and one that is missing. */
    private Command.Result run(String... args) {
        List<String> words = new ArrayList<>(List.of(args));
        words.addAll(List.of("--hosts", "web[1-3]", "--via", "cat " + root + "/{}"));
        return Command.psm(words.toArray(new String[0])).run();
    }

    private JsonNode own(String name, String... args) throws IOException {
        List<String> words = new ArrayList<>(List.of(args));
        words.addAll(List.of("-o", "json", "--from", root.resolve(name).toString()));
        Command.Result result = Command.psm(words.toArray(new String[0])).run();
        assertEquals(0, result.exitCode(), result.err());
        return MAPPER.readTree(result.out());
    }

    /** Returns the items of a list that are about a machine, without its name. */
    private static List<JsonNode> of(String host, JsonNode list) {
        List<JsonNode> items = new ArrayList<>();
        for (JsonNode item : list) {
            if (item.get("host").asText().equals(host)) {
                items.add(((ObjectNode) item.deepCopy()).without("host"));
            }
        }
        return items;
    }

    @Test
    void oomRowsEqualThoseOfEachMachine() throws IOException {
        Command.Result result = run("oom", "-o", "json");
        assertEquals(0, result.exitCode(), result.err());
        assertTrue(result.err().contains("psm: web3: cat: "), result.err());
        JsonNode report = MAPPER.readTree(result.out());
        for (String name : MACHINES) {
            JsonNode own = own(name, "oom");
            assertEquals(list(own.get("rows")), of(name, report.get("rows")));
            assertEquals(list(own.get("full_cgroups")), of(name, report.get("full_cgroups")));
            assertEquals(List.of(own.get("pressure")), of(name, report.get("pressure")));
        }
        assertEquals("missing", report.get("hosts").get(2).get("state").asText());
        assertEquals(false, report.get("complete").asBoolean());
        int last = Integer.MAX_VALUE;
        for (JsonNode row : report.get("rows")) {
            assertTrue(row.get("oom_score").asInt() <= last, report.toString());
            last = row.get("oom_score").asInt();
        }
    }

    private static List<JsonNode> list(JsonNode array) {
        List<JsonNode> items = new ArrayList<>();
        array.forEach(items::add);
        return items;
    }

    @Test
    void systemRowsEqualThoseOfEachMachine() throws IOException {
        JsonNode report = MAPPER.readTree(run("--system", "-o", "json").out());
        assertEquals(2, report.get("rows").size());
        for (String name : MACHINES) {
            ObjectNode row = (ObjectNode) of(name, report.get("rows")).get(0);
            JsonNode own = own(name, "--system");
            assertEquals(own.get("swap").get("used_bytes"), row.remove("swap_used_bytes"));
            row.remove("mem_used_bytes");
            assertEquals(own.get("host_memory"), row);
        }
    }

    @Test
    void folderOfMachinesIsOneList() throws IOException {
        Path folder = Files.createDirectory(root.resolve("folder"));
        for (String name : MACHINES) {
            Files.copy(root.resolve(name), folder.resolve(name + ".psm"));
        }
        Command.Result oom = Command.psm("oom", "-o", "json", "--from", folder.toString()).run();
        assertEquals(0, oom.exitCode(), oom.err());
        assertEquals(10, MAPPER.readTree(oom.out()).get("rows").size());
        Command.Result byUser =
                Command.psm("--system", "--by", "user", "--from", folder.toString()).run();
        assertEquals(2, byUser.exitCode(), byUser.out());
        assertTrue(byUser.err().contains("--system: has a row for each of several machines"));
    }

    @Test
    void strictReportsLackNoMachine() {
        assertEquals(3, run("oom", "--strict").exitCode());
        assertEquals(3, run("--system", "--strict").exitCode());
    }

    @Test
    void oneMachineOfAllIsEnough() throws IOException {
        Files.delete(root.resolve("web2"));
        assertEquals(0, run("--system").exitCode());
        Files.delete(root.resolve("web1"));
        assertEquals(1, run("oom").exitCode());
    }
}
