package psm.fuzzing;

import com.code_intelligence.jazzer.junit.FuzzTest;

import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.util.List;

/**
 * Runs each {@link FuzzTarget} with the known inputs, in Jazzer's regression mode. {@code
 * test/fuzz} searches for others.
 */
class KnownInputsTest {
    private static List<Named<byte[]>> known(FuzzTarget target) throws IOException {
        return FuzzCorpus.of(target).entrySet().stream()
                .map(input -> Named.of(input.getKey(), input.getValue()))
                .toList();
    }

    static List<Named<byte[]>> smaps() throws IOException {
        return known(FuzzTarget.SMAPS);
    }

    @MethodSource
    @FuzzTest
    void smaps(byte[] input) throws Exception {
        FuzzTarget.SMAPS.check(input);
    }

    static List<Named<byte[]>> stat() throws IOException {
        return known(FuzzTarget.STAT);
    }

    @MethodSource
    @FuzzTest
    void stat(byte[] input) throws Exception {
        FuzzTarget.STAT.check(input);
    }

    static List<Named<byte[]>> names() throws IOException {
        return known(FuzzTarget.NAMES);
    }

    @MethodSource
    @FuzzTest
    void names(byte[] input) throws Exception {
        FuzzTarget.NAMES.check(input);
    }

    static List<Named<byte[]>> meminfo() throws IOException {
        return known(FuzzTarget.MEMINFO);
    }

    @MethodSource
    @FuzzTest
    void meminfo(byte[] input) throws Exception {
        FuzzTarget.MEMINFO.check(input);
    }

    static List<Named<byte[]>> sample() throws IOException {
        return known(FuzzTarget.SAMPLE);
    }

    @MethodSource
    @FuzzTest
    void sample(byte[] input) throws Exception {
        FuzzTarget.SAMPLE.check(input);
    }

    static List<Named<byte[]>> json() throws IOException {
        return known(FuzzTarget.JSON);
    }

    @MethodSource
    @FuzzTest
    void json(byte[] input) throws Exception {
        FuzzTarget.JSON.check(input);
    }

    static List<Named<byte[]>> csv() throws IOException {
        return known(FuzzTarget.CSV);
    }

    @MethodSource
    @FuzzTest
    void csv(byte[] input) throws Exception {
        FuzzTarget.CSV.check(input);
    }

    static List<Named<byte[]>> table() throws IOException {
        return known(FuzzTarget.TABLE);
    }

    @MethodSource
    @FuzzTest
    void table(byte[] input) throws Exception {
        FuzzTarget.TABLE.check(input);
    }

    static List<Named<byte[]>> snapshot() throws IOException {
        return known(FuzzTarget.SNAPSHOT);
    }

    @MethodSource
    @FuzzTest
    void snapshot(byte[] input) throws Exception {
        FuzzTarget.SNAPSHOT.check(input);
    }

    static List<Named<byte[]>> probe() throws IOException {
        return known(FuzzTarget.PROBE);
    }

    @MethodSource
    @FuzzTest
    void probe(byte[] input) throws Exception {
        FuzzTarget.PROBE.check(input);
    }

    static List<Named<byte[]>> markdown() throws IOException {
        return known(FuzzTarget.MARKDOWN);
    }

    @MethodSource
    @FuzzTest
    void markdown(byte[] input) throws Exception {
        FuzzTarget.MARKDOWN.check(input);
    }

    static List<Named<byte[]>> tsv() throws IOException {
        return known(FuzzTarget.TSV);
    }

    @MethodSource
    @FuzzTest
    void tsv(byte[] input) throws Exception {
        FuzzTarget.TSV.check(input);
    }

    static List<Named<byte[]>> ndjson() throws IOException {
        return known(FuzzTarget.NDJSON);
    }

    @MethodSource
    @FuzzTest
    void ndjson(byte[] input) throws Exception {
        FuzzTarget.NDJSON.check(input);
    }

    static List<Named<byte[]>> prometheus() throws IOException {
        return known(FuzzTarget.PROMETHEUS);
    }

    @MethodSource
    @FuzzTest
    void prometheus(byte[] input) throws Exception {
        FuzzTarget.PROMETHEUS.check(input);
    }

    static List<Named<byte[]>> html() throws IOException {
        return known(FuzzTarget.HTML);
    }

    @MethodSource
    @FuzzTest
    void html(byte[] input) throws Exception {
        FuzzTarget.HTML.check(input);
    }
}
