package psm.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

class ScheduleTest {
    private static final long SECOND = 1_000;
    private static final long MINUTE = 60 * SECOND;
    private static final long HOUR = 60 * MINUTE;

    /** One percent of one CPU. */
    private static final double MAX_CPU = 0.01;

    private final Schedule schedule = new Schedule(MINUTE, MAX_CPU);

    /** Runs the schedule as the recorder does; returns the times of the samples. */
    private List<Long> run(long from, long to, LongPredicate isShort) {
        List<Long> samples = new ArrayList<>();
        long now = from;
        while (now < to) {
            schedule.look(now, isShort.test(now));
            if (schedule.isDue(now)) {
                samples.add(now);
                schedule.sampled(now);
            }
            now += Math.max(1, schedule.waitMillis(now));
        }
        return samples;
    }

    private static boolean never(long now) {
        return false;
    }

    private static boolean always(long now) {
        return true;
    }

    @Test
    void samplesHaveAFixedRate() {
        assertEquals(
                List.of(7L, 7 + MINUTE, 7 + 2 * MINUTE), run(7, 3 * MINUTE, ScheduleTest::never));
    }

    @Test
    void lateSamplesDoNotDelayLaterOnes() {
        schedule.sampled(0);
        schedule.sampled(MINUTE + 20 * SECOND);
        assertEquals(40 * SECOND, waitUntilDue(MINUTE + 20 * SECOND));
        schedule.sampled(2 * MINUTE + 40 * SECOND);
        assertEquals(80 * SECOND, waitUntilDue(2 * MINUTE + 40 * SECOND));
    }

    private long waitUntilDue(long from) {
        long now = from;
        while (!schedule.isDue(now)) {
            now += schedule.waitMillis(now);
        }
        return now - from;
    }

    @Test
    void oneSampleFollowsAGap() {
        schedule.sampled(0);
        List<Long> samples =
                run(8 * HOUR + 59 * SECOND, 8 * HOUR + 3 * MINUTE, ScheduleTest::never);
        assertEquals(List.of(8 * HOUR + 59 * SECOND, 8 * HOUR + 2 * MINUTE), samples);
    }

    @Test
    void samplesAreTakenMoreOftenWhileMemoryIsShort() {
        List<Long> samples = run(0, 6 * MINUTE, now -> now >= 70 * SECOND && now <= 80 * SECOND);
        assertEquals(List.of(0L, MINUTE, 70 * SECOND, 75 * SECOND), samples.subList(0, 4));
        long calm = 80 * SECOND + Schedule.CALM_MILLIS;
        long often = samples.stream().filter(now -> now >= 70 * SECOND && now < calm).count();
        assertEquals((calm - 70 * SECOND) / Schedule.SHORT_MILLIS, often);
        assertEquals(MINUTE, samples.get(samples.size() - 1) - samples.get(samples.size() - 2));
    }

    @Test
    void samplesAreTakenMoreOftenForTenMinutesAnHour() {
        List<Long> samples = run(0, 5 * HOUR, ScheduleTest::always);
        for (int hour = 0; hour < 4; hour++) {
            for (int minute = 0; minute < 60; minute++) {
                long from = hour * HOUR + minute * MINUTE;
                long often = 0;
                for (int i = 1; i < samples.size(); i++) {
                    boolean isIn = samples.get(i) >= from && samples.get(i) < from + HOUR;
                    boolean isOften = samples.get(i) - samples.get(i - 1) < MINUTE / 2;
                    often += isIn && isOften ? 1 : 0;
                }
                assertTrue(often <= 10 * MINUTE / Schedule.SHORT_MILLIS, from + ": " + often);
            }
        }
        assertTrue(samples.size() > 5 * 10 * MINUTE / Schedule.SHORT_MILLIS, "in each hour again");
    }

    @Test
    void aShortIntervalStaysAsItIs() {
        Schedule often = new Schedule(SECOND, MAX_CPU);
        often.look(0, true);
        often.sampled(0);
        assertEquals(SECOND, often.interval());
        assertFalse(often.isChanged());
    }

    @Test
    void changesOfTheIntervalAreNoticedOnce() {
        schedule.look(0, false);
        schedule.sampled(0);
        schedule.look(5 * SECOND, true);
        assertTrue(schedule.isChanged());
        assertTrue(schedule.isDue(5 * SECOND));
        schedule.sampled(5 * SECOND);
        assertFalse(schedule.isChanged());
    }

    @Test
    void costlySamplesAreTakenLessOften() {
        schedule.sampled(0);
        for (int i = 0; i < Schedule.WARM_UP + Schedule.COSTS - 1; i++) {
            assertFalse(schedule.cost(900_000_000), "one sample may be disturbed");
        }
        assertTrue(schedule.cost(900_000_000));
        assertTrue(schedule.interval() >= 90 * SECOND, schedule.interval() + " ms");
        assertTrue(schedule.isChanged());
        assertFalse(schedule.cost(900_000_000), "said once");
        assertEquals(schedule.interval(), waitUntilDue(0));
    }

    private void cost(long nanos) {
        for (int i = 0; i < Schedule.WARM_UP + Schedule.COSTS; i++) {
            schedule.cost(nanos);
        }
    }

    @Test
    void cheapSamplesHaveTheirRateAgain() {
        schedule.sampled(0);
        cost(2_000_000_000);
        assertTrue(schedule.interval() > 2 * MINUTE);
        cost(100_000_000);
        assertEquals(MINUTE, schedule.interval());
    }

    @Test
    void memoryThatIsShortDoesNotExceedTheBudget() {
        schedule.sampled(0);
        cost(100_000_000);
        schedule.look(SECOND, true);
        assertTrue(schedule.interval() >= 10 * SECOND, schedule.interval() + " ms");
    }
}
