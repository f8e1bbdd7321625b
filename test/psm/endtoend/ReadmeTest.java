package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.cli.Arguments;
import psm.support.Command;
import psm.support.Fixtures;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The README tells the truth, as far as a program can tell. */
class ReadmeTest {
    @TempDir Path folder;

    private static String block(String language, String start) throws IOException {
        String readme = Files.readString(Command.root().resolve("README.md"));
        Pattern block =
                Pattern.compile(
                        "```" + language + "\n(" + Pattern.quote(start) + ".*?)```",
                        Pattern.DOTALL);
        Matcher found = block.matcher(readme);
        assertTrue(found.find(), "the README has a block of '" + language + "'");
        return found.group(1);
    }

    @Test
    void theOptionsAreThoseOfHelp() throws Exception {
        assertEquals(Arguments.parse("--help").text(), block("", "Usage: psm"));
    }

    /** What a peer's option is, psm has an option for: each command of the table is one. */
    @Test
    void whatToTypeInsteadIsWhatPsmTakes() throws Exception {
        String readme = Files.readString(Command.root().resolve("README.md"));
        String table = readme.substring(readme.indexOf("## If you used to type"));
        int commands = 0;
        for (String row : table.substring(0, table.indexOf("\n## ")).lines().toList()) {
            String[] cells = row.split("(?<!\\\\)\\|", -1);
            String cell = cells.length == 5 && cells[1].contains("`") ? cells[2] : "";
            Matcher command = Pattern.compile("`psm([^`]*)`").matcher(cell);
            boolean isAny = cell.isEmpty();
            while (command.find()) {
                List<String> words = new ArrayList<>();
                Matcher word = Pattern.compile("'([^']*)'|([^' ]+)").matcher(command.group(1));
                while (word.find()) {
                    String plain = word.group(1) == null ? word.group(2) : word.group(1);
                    words.add(plain.equals("/host/proc") ? "/proc" : plain);
                }
                assertTrue(Arguments.parse(words.toArray(new String[0])).text() == null, row);
                isAny = true;
                commands++;
            }
            assertTrue(isAny, row);
        }
        assertTrue(commands > 30, commands + " commands");
    }

    @Test
    void theJsonHasTheFieldsThatPsmWrites() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        JsonNode readme = mapper.readTree(block("json", "{"));
        String written = Command.psm("--proc", Fixtures.HOST.toString(), "-o", "json").run().out();
        JsonNode psm = mapper.readTree(written);
        assertEquals(names(psm), names(readme));
        for (String part : new String[] {"processes", "totals", "swap"}) {
            assertEquals(names(psm.get(part)), names(readme.get(part)));
        }
        assertEquals(names(psm.get("rows").get(0)), names(readme.get("rows").get(0)));
    }

    @Test
    void theHostsAccountHasTheFieldsThatPsmWrites() throws IOException {
        Command psm = Command.psm("--proc", Fixtures.HOST.toString(), "-o", "json", "--system");
        JsonNode written = new ObjectMapper().readTree(psm.run().out());
        String row = Files.readString(Command.root().resolve("README.md"));
        row = row.substring(row.indexOf("| `host_memory` |"));
        Matcher name = Pattern.compile("`(\\w+_bytes)`").matcher(row.lines().findFirst().get());
        List<String> names = new ArrayList<>();
        while (name.find()) {
            names.add(name.group(1));
        }
        assertEquals(names(written.get("host_memory")), names);
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void thePluginWorksAsItIsBuiltThere() throws IOException {
        Files.writeString(folder.resolve("Influx.java"), block("java", "package com.acme;"));
        Files.createSymbolicLink(folder.resolve("lib"), Command.root().resolve("lib"));
        for (String line : Files.readAllLines(Command.root().resolve("README.md"))) {
            if (line.matches(" {4}(javac|mkdir|jar) .*")) {
                Command.Result result = Command.of("sh", "-c", line.strip()).in(folder).run();
                assertEquals(0, result.exitCode(), line + "\n" + result.err());
            }
        }
        Command.Result result =
                Command.psm("--proc", Fixtures.HOST.toString(), "-o", "influx", "-f", "nginx: w")
                        .after(List.of(folder.resolve("influx.jar")))
                        .run();
        assertEquals("", result.err());
        assertEquals(
                "memory,program=nginx:_worker_process"
                        + " count=2i,pss_bytes=8578048i,shared_bytes=1089536i,swap_bytes=0i"
                        + ",swap_with_shared_bytes=0i,shared_hugetlb_bytes=0i\n",
                result.out());
    }
}
