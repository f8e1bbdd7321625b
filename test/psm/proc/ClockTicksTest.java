package psm.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import psm.text.Missing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

final class ClockTicksTest {
    @Test
    void thisMachineHasThoseThatGetconfPrints() throws IOException, InterruptedException {
        Process getconf = new ProcessBuilder("getconf", "CLK_TCK").start();
        byte[] printed = getconf.getInputStream().readAllBytes();
        long ticks = Long.parseLong(new String(printed, StandardCharsets.US_ASCII).strip());
        assertEquals(ticks, ClockTicks.perSecond(new ProcFs(ProcFs.DEFAULT_ROOT)));
        byte[] vector = Files.readAllBytes(Path.of("/proc/self/auxv"));
        assertEquals(ticks, ClockTicks.parse(vector, vector.length, 64));
    }

    @Test
    void vectorsOfBothSizesAreRead() {
        assertEquals(1_024, ClockTicks.parse(vector(64, 33, 5, 17, 1_024, 0, 0), 48, 64));
        assertEquals(1_024, ClockTicks.parse(vector(32, 33, 5, 17, 1_024, 0, 0), 24, 32));
    }

    @Test
    void malformedVectorsCountAsCommon() {
        assertEquals(100, ClockTicks.parse(new byte[0], 0, 64));
        assertEquals(100, ClockTicks.parse(vector(64, 33, 5), 16, 64));
        assertEquals(100, ClockTicks.parse(vector(64, 33, 5, 17, 250), 31, 64));
        assertEquals(100, ClockTicks.parse(vector(64, 17, 0), 16, 64));
        assertEquals(100, ClockTicks.parse(vector(64, 17, -5), 16, 64));
        assertEquals(100, ClockTicks.parse(vector(64, 17, Long.MAX_VALUE), 16, 64));
    }

    @Test
    void otherTicksAreConverted() {
        assertEquals(250, ClockTicks.common(2_560, 1_024));
        assertEquals(12_345, ClockTicks.common(12_345, 100));
        assertEquals(Missing.VALUE, ClockTicks.common(Missing.VALUE, 1_024));
        assertEquals(Long.MAX_VALUE, ClockTicks.common(Long.MAX_VALUE, 100));
    }

    private static byte[] vector(int bits, long... numbers) {
        ByteBuffer bytes =
                ByteBuffer.allocate(numbers.length * bits / 8).order(ByteOrder.nativeOrder());
        for (long number : numbers) {
            if (bits == 64) {
                bytes.putLong(number);
            } else {
                bytes.putInt((int) number);
            }
        }
        return bytes.array();
    }
}
