package psm.growth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.Psm;
import psm.cgroup.CgroupMemory;
import psm.name.UserNames;
import psm.record.Lookup;
import psm.record.MadeUpRecording;
import psm.record.RecordingFolder;
import psm.record.RecordingWriter;
import psm.report.Grouping;
import psm.scan.Snapshot;
import psm.text.Failure;
import psm.text.Missing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares curves with the samples that they are made of. */
class GrowthCurvesTest {
    private static final long MB = 1 << 20;
    private static final UserNames NOBODY = UserNames.of(Map.of(), Map.of());
    private static final Instant START = MadeUpRecording.START;

    private static final GrowthReport.Chosen DRAWN =
            new GrowthReport.Chosen(0, Missing.VALUE, null, false, false, true);

    @TempDir Path folder;

    private static Growth growth(Grouping by, long intervalMillis) {
        Growth growth = new Growth(List.of(by), null, false);
        growth.keepTimeline(intervalMillis);
        return growth;
    }

    private static Growth growth() {
        return growth(Grouping.PROGRAM, 60_000);
    }

    private static Psm.Curves drawn(Growth growth) throws IOException {
        GrowthReport made = new GrowthReport(growth, DRAWN);
        made.report("1");
        assertEquals(1, made.pictures().size());
        return (Psm.Curves) made.pictures().get(0);
    }

    private static Psm.Curve curve(Psm.Curves curves, String name) {
        for (Psm.Curve curve : curves.curves()) {
            if (curve.name().equals(name)) {
                return curve;
            }
        }
        throw new AssertionError(name + ": not in " + curves);
    }

    /** Returns a day of samples, one a minute: 24 MB more an hour, and one peak. */
    private static Growth day(Grouping by) throws IOException {
        Growth growth = growth(by, 60_000);
        for (int i = 0; i <= 1440; i++) {
            long peak = i == 777 ? 700 * MB : 0;
            long size = 100 * MB + 24L * i * MB / 60;
            growth.add(MadeUpRecording.sample(60L * i, size + peak, 300 * MB), NOBODY);
        }
        return growth;
    }

    @Test
    void noPeakOfOneSampleIsLost() throws IOException {
        for (Grouping by : List.of(Grouping.PROGRAM, Grouping.PID)) {
            Psm.Curves curves = drawn(day(by));
            assertEquals(START, curves.from());
            assertEquals(START.plusSeconds(86_400), curves.until());
            Psm.Curve curve = curves.curves().get(1);
            assertEquals(by == Grouping.PID ? "p100 (100)" : "p100", curve.name());
            assertEquals("steady growth", curve.verdict());
            int size = curve.buckets().size();
            assertTrue(size > 100 && size <= 241, size + " buckets");
            long greatest = 0;
            for (Psm.Bucket bucket : curve.buckets()) {
                greatest = Math.max(greatest, bucket.greatest());
                assertTrue(bucket.least() <= bucket.greatest(), "" + bucket);
            }
            assertEquals(800.0 * MB + 777.0 * 24 * MB / 60, (double) greatest, 64);
            long now = 100 * MB + 24 * 24 * MB;
            assertEquals(new Psm.Bucket(curves.until(), now, now), curve.buckets().get(size - 1));
        }
    }

    @Test
    void lowWaterIsOfTheSamplesThatDecide() throws IOException {
        Psm.Curve curve = curve(drawn(day(Grouping.PROGRAM)), "p100");
        assertEquals(12, curve.lowWater().size());
        for (Psm.Level level : curve.lowWater()) {
            long seconds = Duration.between(START, level.at()).toSeconds();
            assertEquals(
                    100.0 * MB + seconds / 60.0 * 24 * MB / 60,
                    (double) level.bytes(),
                    64,
                    "" + level);
        }
    }

    @Test
    void flatRowsAreNotDrawn() throws IOException {
        Psm.Curves curves = drawn(day(Grouping.PROGRAM));
        assertEquals(2, curves.curves().size());
        assertEquals("RAM and swap of web1", curves.curves().get(0).name());
        assertEquals("flat", curves.curves().get(0).verdict());
        assertEquals(16_000_000L * 1024, curves.curves().get(0).limit());
        assertNull(curves.curves().get(0).prediction());
    }

    private static Growth filling() throws IOException {
        Growth growth = growth();
        for (int i = 0; i <= 240; i++) {
            long available = 8_000_000L - 20_000L * i - i % 10 * 60_000L; // saw-teeth
            growth.add(MadeUpRecording.using(60L * i, available, MB * i), NOBODY);
        }
        return growth;
    }

    @Test
    void thePredictionIsThatOfTheTable() throws IOException {
        GrowthReport made = new GrowthReport(filling(), DRAWN);
        Forecast forecast = made.forecasts().get(0);
        made.report("1");
        Psm.Curves curves = (Psm.Curves) made.pictures().get(0);
        Psm.Prediction limited = curves.curves().get(0).prediction();
        assertEquals(forecast.fullAt(), limited.at());
        assertEquals(forecast.earliest(), limited.earliest());
        assertEquals(forecast.latest(), limited.latest());
        assertEquals(forecast.trend().rate(), limited.rate());
        double hours = (forecast.limit() - limited.bytes()) / (double) limited.rate();
        long seconds = Duration.between(curves.until(), limited.at()).toSeconds();
        assertEquals((double) seconds, hours * 3600, 1, "the line meets the limit when it is full");
        Psm.Curve row = curve(curves, "p100");
        assertNull(row.limit());
        assertNull(row.prediction().at());
        assertEquals(60.0 * MB, (double) row.prediction().rate(), 1000);
        assertTrue(row.prediction().low() <= row.prediction().rate(), "" + row);
    }

    /** Writes samples, and reads them with the marks that the recording has. */
    private Growth recorded(List<Snapshot> samples) throws IOException, Failure {
        Growth growth = growth(Grouping.PROGRAM, 0);
        try (RecordingWriter writer = RecordingWriter.open(RecordingFolder.of("", folder), 0)) {
            for (Snapshot sample : samples) {
                writer.append(sample);
            }
        }
        new Lookup("--from", "x", folder)
                .replay(
                        null,
                        null,
                        sample -> {
                            try {
                                growth.add(sample.snapshot(), NOBODY, sample.mark());
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                            return true;
                        });
        return growth;
    }

    private static Snapshot sample(long second, long clockSecond) {
        return MadeUpRecording.sample(
                MadeUpRecording.BOOT,
                START.plusSeconds(clockSecond),
                3_600_000 + 1000 * second,
                200 * MB + second * 10_000);
    }

    @Test
    void aGapOfAnHourIsThere() throws IOException, Failure {
        List<Snapshot> samples = new ArrayList<>();
        for (int i = 0; i < 360; i++) {
            if (i < 100 || i >= 160) {
                samples.add(sample(60L * i, 60L * i));
            }
        }
        Psm.Curves curves = drawn(recorded(samples));
        Psm.Gap gap = new Psm.Gap(START.plusSeconds(99 * 60), START.plusSeconds(160 * 60));
        assertEquals(List.of(gap), curves.gaps());
        assertEquals(List.of(), curves.marks());
        for (Psm.Bucket bucket : curve(curves, "p100").buckets()) {
            boolean isWithin = bucket.at().isAfter(gap.from()) && bucket.at().isBefore(gap.until());
            assertTrue(!isWithin, "" + bucket);
        }
    }

    @Test
    void aClockThatIsSetIsMarked() throws IOException, Failure {
        List<Snapshot> samples = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            samples.add(sample(60L * i, 60L * i - (i < 60 ? 0 : 7200)));
        }
        Psm.Curves curves = drawn(recorded(samples));
        Instant end = START.plusSeconds(119 * 60 - 7200);
        assertEquals(end, curves.until());
        assertEquals(end.minusSeconds(119 * 60), curves.from());
        Instant set = START.plusSeconds(60 * 60 - 7200);
        Psm.Mark mark = new Psm.Mark(set, "the clock was set back by 2 hours");
        assertEquals(List.of(mark), curves.marks());
        assertEquals(List.of(), curves.gaps());
    }

    @Test
    void aRebootIsWhereTheCurvesBegin() throws IOException, Failure {
        List<Snapshot> samples = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            long second = 60L * i;
            samples.add(
                    i < 60
                            ? sample(second, second)
                            : MadeUpRecording.sample(
                                    "b0b0b0b0-8d0e-4f60-9c0f-0d6a6f0e2b11",
                                    START.plusSeconds(second),
                                    1000 * (second - 3500),
                                    200 * MB + i * MB));
        }
        Psm.Curves curves = drawn(recorded(samples));
        assertEquals(START.plusSeconds(3600), curves.from());
        Psm.Mark mark = new Psm.Mark(curves.from(), "the machine was rebooted");
        assertEquals(List.of(mark), curves.marks());
        assertEquals(List.of(), curves.gaps());
    }

    private static CgroupMemory group(long kills) {
        CgroupMemory.Limits limits =
                new CgroupMemory.Limits(
                        Long.MAX_VALUE, Missing.VALUE, Long.MAX_VALUE, 0, 60, true, true);
        return new CgroupMemory(limits, new CgroupMemory.InUse(1, 0, 0, 1), kills, false);
    }

    @Test
    void killsAreMarkedInTheGroupThatHasThem() throws IOException {
        Growth growth = growth();
        for (int i = 0; i < 20; i++) {
            Map<String, CgroupMemory> groups =
                    Map.of(
                            "/",
                            group(Missing.VALUE),
                            "/a",
                            group(i < 5 ? 3 : i < 9 ? 5 : 6),
                            "/a/b",
                            group(i < 5 ? 3 : 5),
                            "/a/c",
                            group(0));
            growth.add(MadeUpRecording.sample(60L * i, MB).withCgroups(groups), NOBODY);
        }
        List<Psm.Mark> marks =
                List.of(
                        new Psm.Mark(START.plusSeconds(300), "2 OOM kills in /a/b"),
                        new Psm.Mark(START.plusSeconds(540), "OOM kill in /a"));
        assertEquals(marks, drawn(growth).marks());
    }

    @Test
    void aSuspendedMachineHasAGapAndASlowScanHasNone() throws IOException {
        Growth growth = growth(Grouping.PROGRAM, 1000);
        for (int i = 0; i < 30; i++) {
            growth.add(MadeUpRecording.sample(i < 15 ? i : 600 + i, MB), NOBODY);
        }
        Psm.Gap gap = new Psm.Gap(START.plusSeconds(14), START.plusSeconds(615));
        assertEquals(List.of(gap), drawn(growth).gaps());
        Growth slow = growth(Grouping.PROGRAM, 1000);
        for (int i = 0; i < 30; i++) {
            Snapshot sample = MadeUpRecording.sample(20L * i, MB);
            slow.add(taking(sample, Duration.ofSeconds(19)), NOBODY);
        }
        assertEquals(List.of(), drawn(slow).gaps());
    }

    private static Snapshot taking(Snapshot sample, Duration time) {
        Snapshot.Run run = sample.run();
        return new Snapshot(
                sample.scope(),
                new Snapshot.Run(
                        run.takenAt(),
                        time.toNanos(),
                        run.listed(),
                        run.hidden(),
                        run.bytesRead(),
                        run.workers(),
                        run.slowest(),
                        run.psmVersion(),
                        run.own()),
                sample.host(),
                sample.processes(),
                sample.unmeasured(),
                sample.users(),
                sample.groups(),
                sample.cgroups(),
                sample.mappings());
    }

    @Test
    void whatDoesNotRunHasNoMemory() throws IOException {
        Growth growth = growth();
        for (int i = 0; i < 600; i++) {
            boolean isThere = i < 200 || i >= 260;
            long size = 50 * MB + i * MB;
            long[] sizes = isThere ? new long[] {MB, size} : new long[] {MB};
            growth.add(MadeUpRecording.sample(60L * i, sizes), NOBODY);
        }
        List<Psm.Bucket> absent = new ArrayList<>();
        for (Psm.Bucket bucket : curve(drawn(growth), "p101").buckets()) {
            if (bucket.greatest() == 0) {
                absent.add(bucket);
            }
        }
        assertEquals(
                List.of(
                        new Psm.Bucket(START.plusSeconds(200 * 60), 0, 0),
                        new Psm.Bucket(START.plusSeconds(259 * 60), 0, 0)),
                absent);
    }

    @Test
    void whatGrewAndEndedHasNoPrediction() throws IOException {
        Growth growth = growth();
        for (int i = 0; i < 300; i++) {
            long[] sizes = i < 280 ? new long[] {MB, 50 * MB + i * MB} : new long[] {MB};
            growth.add(MadeUpRecording.sample(60L * i, sizes), NOBODY);
        }
        Psm.Curve curve = curve(drawn(growth), "p101");
        assertEquals("steady growth, then ended", curve.verdict());
        assertNull(curve.prediction());
        Psm.Bucket last = curve.buckets().get(curve.buckets().size() - 1);
        assertEquals(new Psm.Bucket(START.plusSeconds(299 * 60), 0, 0), last);
    }

    @Test
    void theTenThatGrowMostAreDrawn() throws IOException {
        Growth growth = growth();
        for (int i = 0; i < 60; i++) {
            long[] sizes = new long[40];
            for (int j = 0; j < sizes.length; j++) {
                sizes[j] = 90 * MB + (long) i * (j + 7 * j % 40) * MB;
            }
            growth.add(MadeUpRecording.sample(60L * i, sizes), NOBODY);
        }
        GrowthReport made = new GrowthReport(growth, DRAWN);
        Psm.Report report = made.report("1");
        List<Object> rows = new ArrayList<>();
        for (Psm.Row row : report.rows().subList(0, 10)) {
            rows.add(row.values().get(0));
        }
        List<Object> drawn = new ArrayList<>();
        for (Psm.Curve curve : ((Psm.Curves) made.pictures().get(0)).curves()) {
            drawn.add(curve.name());
        }
        rows.add(0, "RAM and swap of web1");
        assertEquals(rows, drawn);
    }

    @Test
    void eachMachineHasItsOwnPicture() throws IOException {
        GrowthReport made = GrowthReport.ofMachines(List.of(Grouping.PROGRAM), DRAWN, 30);
        for (int machine = 0; machine < 30; machine++) {
            Growth growth = made.begin(null, "m" + machine);
            for (int i = 0; i < 60; i++) {
                long size = 100 * MB + (long) i * (machine + 1) * MB;
                growth.add(
                        MadeUpRecording.using(60L * i, 8_000_000 - machine * 2000 * i, size),
                        NOBODY);
            }
            made.add("m" + machine, growth);
        }
        Set<String> machines = new HashSet<>();
        for (Psm.Picture picture : made.pictures()) {
            Psm.Curves curves = (Psm.Curves) picture;
            machines.add(curves.host());
            assertEquals(2, curves.curves().size());
            assertEquals("RAM and swap of " + curves.host(), curves.curves().get(0).name());
            assertEquals("p100", curves.curves().get(1).name());
        }
        assertEquals(10, made.pictures().size());
        for (int machine = 20; machine < 30; machine++) {
            assertTrue(machines.contains("m" + machine), machines + "");
        }
    }

    @Test
    void ofManyGapsAndMarksThereIsABoundedNumber() throws IOException, Failure {
        List<Snapshot> samples = new ArrayList<>();
        long second = 0;
        for (int i = 0; i < 700; i++) {
            second += i % 3 == 0 ? 6_000 + i : 60;
            samples.add(sample(second, second + i % 2 * 60L));
        }
        Psm.Curves curves = drawn(recorded(samples));
        assertEquals(100, curves.gaps().size());
        assertEquals(50, curves.marks().size());
        for (Psm.Gap gap : curves.gaps()) {
            assertTrue(Duration.between(gap.from(), gap.until()).toSeconds() > 6_200, "" + gap);
        }
        assertTrue(curve(curves, "p100").buckets().size() < 350);
    }

    @Test
    void nothingIsDrawnUnlessItIsWanted() throws IOException {
        Growth growth = new Growth(List.of(Grouping.PROGRAM), null, false);
        growth.add(MadeUpRecording.sample(0, MB), NOBODY);
        GrowthReport.Chosen all =
                new GrowthReport.Chosen(0, Missing.VALUE, null, false, false, false);
        assertEquals(List.of(), new GrowthReport(growth, all).pictures());
    }
}
