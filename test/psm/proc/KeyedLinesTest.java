package psm.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.text.Missing;

class KeyedLinesTest {
    private static final KeyedLines STATUS =
            new KeyedLines("Name:\tVmHWM:\\t1 kB\nUmask:\t0022\nVmHWM:\t   45320 kB\n");

    @Test
    void keyIsWholeWordAtLineStart() {
        assertEquals("45320 kB", STATUS.value("VmHWM"));
        assertNull(STATUS.value("VmH"));
        assertNull(STATUS.value("mask"));
        assertNull(new KeyedLines("").value("VmHWM"));
        assertNull(new KeyedLines("VmHWM").value("VmHWM"));
    }

    @Test
    void keyMayEndAtBlank() {
        KeyedLines events = new KeyedLines("oom 7\noom_kill 3\noom_group_kill 1");
        assertEquals(7, events.number("oom"));
        assertEquals(3, events.number("oom_kill"));
        assertEquals(1, events.number("oom_group_kill"));
    }

    @Test
    void firstOfEqualKeysCounts() {
        assertEquals(1, new KeyedLines("a: 1\na: 2\n").number("a"));
    }

    @Test
    void kilobytesBecomeBytes() {
        assertEquals(45320 * 1024, STATUS.bytes("VmHWM"));
        assertEquals(Missing.VALUE, STATUS.bytes("Umask"), "no unit");
        assertEquals(22, STATUS.number("Umask"));
        assertEquals(Missing.VALUE, STATUS.number("VmHWM"), "a unit");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "x", "1 2", "99999999999999999999", "0x1", "1.5"})
    void invalidNumbersAreMissing(String text) {
        assertEquals(Missing.VALUE, new KeyedLines("a: " + text + "\n").number("a"));
        assertEquals(Missing.VALUE, new KeyedLines("a: " + text + " kB\n").bytes("a"));
    }

    @Test
    void sizesThatOverflowAreMissing() {
        long max = Long.MAX_VALUE / 1024;
        assertEquals(max * 1024, new KeyedLines("a: " + max + " kB").bytes("a"));
        assertEquals(Missing.VALUE, new KeyedLines("a: " + (max + 1) + " kB").bytes("a"));
    }
}
