package psm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipFile;

/** Holds the parser to sums that another program made of captures from kernels 2.6 to 6.18. */
class KernelCapturesTest {
    private static final int KB = 1024;

    private final SmapsParser parser = new SmapsParser();

    @TestFactory
    List<DynamicTest> everyCaptureHasItsExpectedSums() throws IOException {
        Path expected = Fixtures.CAPTURES.resolve("EXPECTED.tsv");
        assumeTrue(Files.exists(expected), "there are no captures beside the checkout");
        List<String> lines = Files.readAllLines(expected);
        List<String> columns = List.of(lines.get(0).split("\t", -1));
        List<DynamicTest> tests = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            List<String> cells = List.of(line.split("\t", -1));
            tests.add(DynamicTest.dynamicTest(cells.get(0), () -> check(columns, cells)));
        }
        return tests;
    }

    private void check(List<String> columns, List<String> cells) throws IOException {
        byte[] capture = read(cells.get(0));
        Usage usage = parsed(capture, capture.length);
        for (int i = 1; i < columns.size(); i++) {
            String cell = cells.get(i);
            long expected =
                    cell.isEmpty() ? Usage.ABSENT : Math.round(Double.parseDouble(cell) * KB);
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
            // No mapping is the heap: the table leaves that empty, for psm it is a heap of 0 bytes.
            case "Pss_heap" ->
                    expected == Usage.ABSENT && usage.heap == 0 ? Usage.ABSENT : usage.heap;
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
        return usage.ram() - hugetlb(usage, usage.ram());
    }

    private static long privateWithoutHugetlb(Usage usage) {
        return usage.unique() - hugetlb(usage, usage.unique());
    }

    private static long hugetlb(Usage usage, long figure) {
        return figure == Usage.ABSENT ? 0 : Math.max(0, usage.bytes(Usage.Field.PRIVATE_HUGETLB));
    }

    private Usage parsed(byte[] capture, int pieceBytes) throws IOException {
        parser.start(false);
        for (int i = 0; i < capture.length; i += pieceBytes) {
            parser.feed(capture, i, Math.min(capture.length, i + pieceBytes));
        }
        return parser.finish();
    }

    /** A file, or {@code archive.zip!member}. */
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
