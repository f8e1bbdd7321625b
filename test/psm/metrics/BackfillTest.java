package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.record.MadeUpRecording;
import psm.report.Figure;
import psm.report.View;
import psm.scan.Snapshot;
import psm.smaps.Usage;
import psm.support.Views;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Writes samples as one text, in one pass or in many. */
class BackfillTest {
    private static final long MB = 1 << 20;

    private static final View VIEW = Views.of(Figure.PSS, Figure.SWAP, Figure.PSS_PERCENT);

    private static final String METRIC = "psm_pss_bytes{program=\"p100\"}";

    /** No figure fits into memory beside another one. */
    private static final int NOTHING = 1;

    private static final int PLENTY = 1 << 24;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int passes;
    private int leftOut;

    /** Writes samples, or in a later pass the others. */
    private String text(int maxBytes, List<Snapshot> samples, List<Snapshot> later)
            throws IOException {
        out.reset();
        Backfill backfill = new Backfill(out, maxBytes);
        passes = 0;
        boolean isMore = true;
        while (isMore) {
            for (Snapshot sample : passes == 0 ? samples : later) {
                int number = backfill.begin(sample.run().takenAt());
                if (number >= 0) {
                    backfill.add(number, Views.report(sample, VIEW));
                }
            }
            passes++;
            isMore = backfill.endPass();
        }
        backfill.end();
        leftOut = backfill.leftOut();
        return out.toString("UTF-8");
    }

    private OpenMetricsText read(int maxBytes, List<Snapshot> samples) throws IOException {
        text(maxBytes, samples, samples);
        return OpenMetricsText.of(out.toByteArray());
    }

    private static List<Snapshot> minutes(int count) {
        SplittableRandom random = new SplittableRandom(20);
        List<Snapshot> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long[] rams = new long[random.nextInt(1, 9)];
            for (int j = 0; j < rams.length; j++) {
                rams[j] = random.nextLong(1L << random.nextInt(1, 60));
            }
            samples.add(MadeUpRecording.sample(60L * i, rams));
        }
        return samples;
    }

    private static List<Snapshot> at(long... millis) {
        List<Snapshot> samples = new ArrayList<>();
        for (int i = 0; i < millis.length; i++) {
            Instant time = MadeUpRecording.START.plusMillis(millis[i]);
            samples.add(MadeUpRecording.sample(MadeUpRecording.BOOT, time, 60_000L * i, i * MB));
        }
        return samples;
    }

    /** Returns the time of each value of a series since the start, and which sample it is of. */
    private static List<String> samples(OpenMetricsText text) {
        List<String> samples = new ArrayList<>();
        text.of(METRIC)
                .forEach(
                        (time, bytes) ->
                                samples.add(
                                        time
                                                - MadeUpRecording.START.toEpochMilli()
                                                + ":"
                                                + Long.parseLong(bytes) / MB));
        return samples;
    }

    @Test
    void eachFigureOfEachSampleIsThere() throws IOException {
        List<Snapshot> samples = minutes(200);
        OpenMetricsText text = read(PLENTY, samples);
        assertEquals(1, passes);
        int figures = 0;
        for (Snapshot sample : samples) {
            long time = sample.run().takenAt().toEpochMilli();
            for (Family family : Families.of(Views.report(sample, VIEW))) {
                for (Family.Sample figure : family.samples()) {
                    String metric = family.name() + figure.labels();
                    assertEquals(figure.value(), text.of(metric).get(time), metric);
                    figures++;
                }
            }
        }
        assertEquals(figures, text.series().values().stream().mapToInt(m -> m.size()).sum());
    }

    @ParameterizedTest
    @ValueSource(ints = {NOTHING, 2_000, 10_000})
    void manyPassesWriteTheSameText(int maxBytes) throws IOException {
        List<Snapshot> samples = minutes(30);
        String expected = text(PLENTY, samples, samples);
        assertEquals(expected, text(maxBytes, samples, samples));
        assertTrue(passes > 1, passes + " passes");
    }

    @Test
    void theSampleThatWasTakenLaterCounts() throws IOException {
        // Back by 80 s, then forth again.
        OpenMetricsText text = read(PLENTY, at(0, 60_000, 120_000, 40_000, 100_000, 240_000));
        assertEquals(List.of("0:0", "40000:3", "100000:4", "240000:5"), samples(text));
        assertEquals(2, leftOut);
    }

    @Test
    void aClockThatWasYearsAheadHidesNothing() throws IOException {
        long years = 300_000_000_000L;
        assertEquals(
                List.of("0:0", "60000:3", "120000:4"),
                samples(read(PLENTY, at(0, years, years + 60_000, 60_000, 120_000))));
    }

    @Test
    void timesMayBeAMillisecondApart() throws IOException {
        OpenMetricsText text = read(PLENTY, at(0, 1, 1, 2, 1_000));
        assertEquals(List.of("0:0", "1:2", "2:3", "1000:4"), samples(text));
        assertEquals(1, leftOut);
        assertEquals(List.of("1000:1"), samples(read(PLENTY, at(1_000, 1_000))));
    }

    @Test
    void aRecordingMayChangeMeanwhile() throws IOException {
        List<Snapshot> all = minutes(30);
        List<Snapshot> before = all.subList(0, 25);
        // The oldest are deleted, some can no longer be read, and others are added.
        List<Snapshot> after = new ArrayList<>(all.subList(5, 30));
        after.subList(10, 13).clear();
        text(NOTHING, before, after);
        OpenMetricsText text = OpenMetricsText.of(out.toByteArray());
        for (int i = 5; i < 25; i++) {
            Snapshot sample = all.get(i);
            if (!after.contains(sample)) {
                continue;
            }
            long time = sample.run().takenAt().toEpochMilli();
            long ram = sample.processes().get(0).usage().bytes(Usage.Field.PSS);
            assertEquals(Long.toString(ram), text.of(METRIC).get(time));
        }
        long end = before.get(24).run().takenAt().toEpochMilli();
        text.series().values().forEach(values -> assertTrue(values.lastKey() <= end));
    }

    @Test
    void figuresAreKeptAsTheyAre() throws IOException {
        Points points = new Points();
        List<String> values =
                List.of(
                        "0",
                        "-5",
                        "0.031",
                        "9007199254740993",
                        "007",
                        "-",
                        "1.0E-4",
                        "-0",
                        "999999999999999999",
                        "1234567890123456789012",
                        "-999999999999999999");
        for (int i = 0; i < values.size(); i++) {
            points.add(3 * i * i, values.get(i));
        }
        List<String> read = new ArrayList<>();
        points.forEach((sample, value) -> read.add(sample + " " + value));
        for (int i = 0; i < values.size(); i++) {
            assertEquals(3 * i * i + " " + values.get(i), read.get(i));
        }
        assertEquals(values.size(), read.size());
    }
}
