package psm.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PercentTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0.0, 0.0%",
        "100, 100.0, 100.0%",
        "12.3456, 12.346, 12.3%",
        "0.25, 0.25, 0.2%",
        "0.75, 0.75, 0.8%",
        "0.0004, 0.0, 0.0%",
        "-0.0004, 0.0, 0.0%",
        "-12.36, -12.36, -12.4%",
        "-0.3, -0.3, -0.3%",
        "12345678.9, 1.23456789E7, 12345678.9%",
        "1E300, 1.0E300, 1.0E300%"
    })
    void documentsHaveThreeDecimalsTablesOne(double percent, String rounded, String text) {
        assertEquals(rounded, Percent.rounded(percent).toString());
        assertEquals(text, Percent.text(percent));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void notANumberIsMissing(double percent) {
        assertNull(Percent.rounded(percent));
        assertEquals("", Percent.text(percent));
    }

    @Test
    void missingPercentStaysMissing() {
        assertNull(Percent.rounded(null));
        assertEquals("", Percent.text(null));
    }
}
