package psm.svg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.cell.SizeText;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

class AxisTest {
    private static List<String> labels(Axis axis) {
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < axis.lines; i++) {
            labels.add(axis.label(i));
        }
        return labels;
    }

    private static List<String> bytes(double most) {
        return labels(Axis.ofBytes(most, 5, false, new SizeText(false)));
    }

    @Test
    void linesAreAtRoundNumbers() {
        assertEquals(List.of("0.5 GB", "1 GB", "1.5 GB"), bytes(1.6 * (1L << 30)));
        assertEquals(List.of("5 GB", "10 GB", "15 GB", "20 GB", "25 GB"), bytes(25.0 * (1L << 30)));
        assertEquals(List.of("200 MB", "400 MB", "600 MB", "800 MB"), bytes(999 << 20));
        assertEquals(List.of("1 B"), bytes(1));
        assertEquals(List.of("660", "665", "670"), labels(Axis.ofNumbers(657, 672, 4)));
        assertEquals(List.of("0", "5"), labels(Axis.ofNumbers(-3, 7, 4)));
        assertEquals(List.of("500", "1000"), labels(Axis.ofNumbers(0, 1_100, 3)));
    }

    @Test
    void eachLengthHasTwoToFiveLines() {
        for (double most = 1; most < 1e18; most *= 1.3) {
            int lines = bytes(most).size();
            assertTrue(lines >= 1 && lines <= 5, most + " has " + lines);
        }
        assertEquals(List.of(), labels(Axis.ofNumbers(0, 0, 5)));
    }

    @Test
    void timesAreRound() {
        Instant from = Instant.parse("2026-11-28T10:07:00Z");
        TimeAxis day = new TimeAxis(from, from.plusSeconds(86_400), 0, 100);
        List<String> labels = day.lines().stream().map(day::label).toList();
        assertEquals(List.of("12:00", "18:00", "Nov 29", "06:00"), labels);
        TimeAxis minute = new TimeAxis(from, from.plusSeconds(60), 0, 100);
        assertEquals("10:07:15", minute.label(minute.lines().get(0)));
        TimeAxis years = new TimeAxis(from, from.plusSeconds(400_000_000L), 0, 100);
        assertTrue(years.lines().size() <= 5, years.lines().toString());
    }

    @Test
    void timesOutsideAreAtTheEdge() {
        Instant from = Instant.parse("2026-11-28T10:00:00Z");
        TimeAxis axis = new TimeAxis(from, from.plusSeconds(100), 10, 50);
        assertEquals(10, axis.x(from.minusSeconds(9)));
        assertEquals(35, axis.x(from.plusSeconds(50)));
        assertEquals(60, axis.x(Instant.MAX));
        assertEquals(1, new TimeAxis(from, from, 1, 50).x(from));
    }
}
