package psm.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.Psm;

class SizesTest {
    @ParameterizedTest
    @CsvSource({
        "AUTO, false, 0, 0B",
        "AUTO, false, 999, 999B",
        "AUTO, false, 1000, 1.0K",
        "AUTO, false, 1023, 1.0K",
        "AUTO, false, 1024, 1.0K",
        "AUTO, false, 1535, 1.5K",
        "AUTO, false, 1022976, 999.0K",
        "AUTO, false, 1023900, 999.9K",
        "AUTO, false, 1023999, 1000.0K",
        "AUTO, false, 1024000, 1.0M",
        "AUTO, false, 1073741824, 1.0G",
        "AUTO, false, -1536, -1.5K",
        "AUTO, true, 1500, 1.5K",
        "AUTO, true, 999999, 1000.0K",
        "AUTO, true, 1000000, 1.0M",
        "AUTO, false, 9223372036854775807, 8192.0P",
        "B, false, 123456789012, 123456789012",
        "B, true, -1, -1",
        "K, false, 1536, 1.5",
        "K, true, 1500, 1.5",
        "M, false, -1572864, -1.5",
        "M, true, 1550000, 1.6",
        "M, true, 1450000, 1.4",
        "G, false, 1610612736, 1.5",
        "G, true, 1500000000, 1.5"
    })
    void sizesHaveOneDecimal(Psm.Unit unit, boolean si, long bytes, String text) {
        assertEquals(text, new Sizes(unit, si).of(bytes));
    }

    @ParameterizedTest
    @CsvSource({
        "AUTO, false, RAM, 'K, M, G and T are powers of 1,024 bytes'",
        "AUTO, true, RAM, 'K, M, G and T are powers of 1,000 bytes'",
        "B, false, B RAM, B are bytes",
        "K, false, KB RAM, KB are 2^10 bytes",
        "K, true, kB RAM, kB are 1000 bytes",
        "M, false, MB RAM, MB are 2^20 bytes",
        "G, true, GB RAM, GB are 1000000000 bytes"
    })
    void firstTitleShowsTheUnit(Psm.Unit unit, boolean si, String title, String words) {
        assertEquals(title, new Sizes(unit, si).titled("RAM"));
        assertEquals(words, new Sizes(unit, si).inWords());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "512b, 512",
        "10k, 10240",
        "10K, 10240",
        "10kb, 10240",
        "10KiB, 10240",
        "10M, 10485760",
        "1.5G, 1610612736",
        "0.5k, 512",
        "2T, 2199023255552",
        "1P, 1125899906842624"
    })
    void sizesAreParsed(String text, long bytes) {
        assertEquals(bytes, Sizes.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "M",
                "b",
                "iB",
                "-1",
                "+1",
                "1e3",
                "1,5M",
                "1..5",
                ".5M",
                "5.",
                "10X",
                "1 M",
                "0x10",
                "\u0661\u0660",
                "9999999P",
                "1234567890123456789",
                "1MM",
                "NaN",
                "1Mi"
            })
    void invalidSizesAreMissing(String text) {
        assertEquals(Missing.VALUE, Sizes.parse(text));
    }
}
