package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import psm.smaps.SmapsParser;
import psm.smaps.Usage;
import psm.support.Command;
import psm.support.Fixtures;
import psm.support.PlainSums;
import psm.text.Missing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/**
 * Compares the parser, and psm as a whole, with sums that another program calculated from captures
 * of kernels 2.6 to 6.18.
 */
@Tag("endtoend")
class KernelCapturesTest {
    private static final int KB = 1024;
    private static final Path EXPECTED = Fixtures.CAPTURES.resolve("EXPECTED.tsv");

    private final SmapsParser parser = new SmapsParser();

    @TestFactory
    List<DynamicTest> everyCaptureHasItsExpectedSums() throws IOException {
        assumeTrue(Files.exists(EXPECTED), "there are no captures beside the checkout");
        List<String> lines = Files.readAllLines(EXPECTED);
        List<String> columns = List.of(lines.get(0).split("\t", -1));
        List<DynamicTest> tests = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            List<String> cells = List.of(line.split("\t", -1));
            tests.add(DynamicTest.dynamicTest(cells.get(0), () -> check(columns, cells)));
        }
        return tests;
    }

    /** The assembled psm.java reads a tree in which each capture is a process. */
    @Test
    void capturesMatchExpectedSums(@TempDir Path temp) throws IOException {
        assumeTrue(Files.exists(EXPECTED), "there are no captures beside the checkout");
        List<String> lines = Files.readAllLines(EXPECTED);
        List<String> columns = List.of(lines.get(0).split("\t", -1));
        List<Map<String, String>> captures = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            Map<String, String> capture = new HashMap<>();
            String[] cells = line.split("\t", -1);
            for (int i = 0; i < cells.length; i++) {
                capture.put(columns.get(i), cells[i]);
            }
            makeProcess(temp, captures.size(), "smaps", read(capture.get("path")));
            captures.add(capture);
        }
        Map<String, JsonNode> rows = psm(temp, "--heap");
        for (int i = 0; i < captures.size(); i++) {
            Map<String, String> capture = captures.get(i);
            JsonNode row = rows.get("capture" + i);
            if (capture.get("mappings").equals("0")) {
                assertNull(row, capture.get("path"));
            } else {
                byte[] smaps = read(capture.get("path"));
                assertIsExpected(capture, row, new String(smaps, ISO_8859_1));
            }
        }
    }

    private static void assertIsExpected(Map<String, String> capture, JsonNode row, String smaps) {
        boolean hasPss = !capture.get("Pss").isEmpty();
        double hugetlb = Math.max(0, kb(capture, "Private_Hugetlb"));
        double ram = kb(capture, hasPss ? "Pss_adjusted" : "Rss") + hugetlb;
        double unique = kb(capture, "Private") + hugetlb;
        double swap = kb(capture, "SwapPss") + 0.5 * sharedSwapEntries(smaps);
        boolean hasSwapPss = !capture.get("SwapPss").isEmpty();
        String path = capture.get("path");
        assertEquals(ram, kb(row, "pss_bytes"), path);
        assertEquals(Math.max(0, ram - unique), kb(row, "shared_bytes"), path);
        assertEquals(hasSwapPss ? swap : kb(capture, "Swap"), kb(row, "swap_bytes"), path);
        assertEquals(kb(capture, "Swap"), kb(row, "swap_with_shared_bytes"), path);
        assertEquals(kb(capture, "Shared_Hugetlb"), kb(row, "shared_hugetlb_bytes"), path);
        double heap = capture.get("Pss_heap").isEmpty() ? 0 : kb(capture, "Pss_heap");
        assertEquals(hasPss ? heap : -1, kb(row, "heap_bytes"), path);
        assertEquals(hasPss ? 0 : 1, row.get("estimated").asInt(), path);
    }

    /** Returns a figure in kB; -1 where it is missing. */
    private static double kb(Map<String, String> capture, String column) {
        String cell = capture.get(column);
        return cell.isEmpty() ? -1 : Double.parseDouble(cell);
    }

    private static double kb(JsonNode row, String column) {
        return row.get(column).isNull() ? -1 : row.get(column).asDouble() / KB;
    }

    /** Counts the swap entries whose SwapPss was cut, by half a kB on average. */
    private static int sharedSwapEntries(String smaps) {
        int count = 0;
        Pattern swap =
                Pattern.compile("^Swap: +(\\d+) kB\nSwapPss: +(\\d+) kB$", Pattern.MULTILINE);
        for (Matcher entry = swap.matcher(smaps); entry.find(); ) {
            long swapPss = Long.parseLong(entry.group(2));
            count += swapPss > 0 && swapPss < Long.parseLong(entry.group(1)) ? 1 : 0;
        }
        return count;
    }

    @Test
    void rollupsMatchTheKernelsSums(@TempDir Path temp) throws IOException {
        assumeTrue(Files.exists(EXPECTED), "there are no captures beside the checkout");
        List<Path> rollups;
        try (Stream<Path> files = Files.walk(Fixtures.CAPTURES)) {
            rollups = files.filter(file -> file.endsWith("smaps_rollup")).sorted().toList();
        }
        for (int i = 0; i < rollups.size(); i++) {
            makeProcess(temp, i, "smaps_rollup", Files.readAllBytes(rollups.get(i)));
        }
        Map<String, JsonNode> rows = psm(temp, "--source", "rollup");
        for (int i = 0; i < rollups.size(); i++) {
            JsonNode row = rows.get("capture" + i);
            String rollup = Files.readString(rollups.get(i), ISO_8859_1);
            long hugetlb = Math.max(0, PlainSums.bytes(rollup, "Private_Hugetlb"));
            assertEquals(PlainSums.bytes(rollup, "Pss") + hugetlb, row.get("pss_bytes").asLong());
            assertEquals(PlainSums.bytes(rollup, "SwapPss"), row.get("swap_bytes").asLong());
        }
    }

    private static void makeProcess(Path proc, int number, String file, byte[] content)
            throws IOException {
        Path folder = Files.createDirectories(proc.resolve("proc/" + (1000 + number)));
        Files.write(folder.resolve(file), content);
        Files.writeString(folder.resolve("cmdline"), "capture" + number + "\0");
    }

    /** Runs the assembled psm.java and returns the rows of its report, by program. */
    private static Map<String, JsonNode> psm(Path temp, String... options) throws IOException {
        Path home = Files.createDirectory(temp.resolve("home"));
        Command.Result result =
                Command.jbangw(home, "psm.java", "-o", "json", "--proc")
                        .append(List.of(temp.resolve("proc").toString()))
                        .append(List.of(options))
                        .run();
        assertEquals(0, result.exitCode(), result.err());
        Map<String, JsonNode> rows = new HashMap<>();
        for (JsonNode row : new ObjectMapper().readTree(result.out()).get("rows")) {
            rows.put(row.get("program").asText(), row);
        }
        return rows;
    }

    private void check(List<String> columns, List<String> cells) throws IOException {
        byte[] capture = read(cells.get(0));
        Usage usage = parsed(capture, capture.length);
        for (int i = 1; i < columns.size(); i++) {
            String cell = cells.get(i);
            long expected =
                    cell.isEmpty() ? Missing.VALUE : Math.round(Double.parseDouble(cell) * KB);
            assertEquals(expected, figure(columns.get(i), usage, expected), columns.get(i));
        }
        for (int pieceBytes : new int[] {1, 7, 4096}) {
            assertEquals(usage.ram(), parsed(capture, pieceBytes).ram());
        }
    }

    private static long figure(String column, Usage usage, long expected) {
        return switch (column) {
            case "Pss_adjusted" -> ramWithoutHugetlb(usage);
            case "Private" -> privateWithoutHugetlb(usage);
            case "mappings" -> (long) usage.mappings * KB;
            // Without a heap, the expected table is empty, and psm has a heap of 0 bytes.
            case "Pss_heap" ->
                    expected == Missing.VALUE && usage.heap == 0 ? Missing.VALUE : usage.heap;
            default -> usage.bytes(field(column));
        };
    }

    private static Usage.Field field(String kernelName) {
        for (Usage.Field field : Usage.Field.values()) {
            if (field.kernelName.equals(kernelName)) {
                return field;
            }
        }
        throw new IllegalArgumentException(kernelName);
    }

    private static long ramWithoutHugetlb(Usage usage) {
        return usage.isEstimated() ? Missing.VALUE : usage.ram() - hugetlb(usage, usage.ram());
    }

    private static long privateWithoutHugetlb(Usage usage) {
        return usage.unique() - hugetlb(usage, usage.unique());
    }

    private static long hugetlb(Usage usage, long figure) {
        return figure == Missing.VALUE ? 0 : Math.max(0, usage.bytes(Usage.Field.PRIVATE_HUGETLB));
    }

    private Usage parsed(byte[] capture, int pieceBytes) throws IOException {
        parser.start(false);
        for (int i = 0; i < capture.length; i += pieceBytes) {
            parser.feed(capture, i, Math.min(capture.length, i + pieceBytes));
        }
        return parser.finish();
    }

    /** Reads a file, or {@code archive.zip!member}. */
    private static byte[] read(String name) throws IOException {
        int member = name.indexOf('!');
        if (member < 0) {
            return Files.readAllBytes(Fixtures.CAPTURES.resolve(name));
        }
        Path archive = Fixtures.CAPTURES.resolve(name.substring(0, member));
        try (ZipFile zip = new ZipFile(archive.toFile());
                InputStream in = zip.getInputStream(zip.getEntry(name.substring(member + 1)))) {
            return in.readAllBytes();
        }
    }
}
