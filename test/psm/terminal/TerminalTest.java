package psm.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.util.List;

class TerminalTest {
    @Test
    void messagesTakeLinesFromTheWindow() {
        Terminal window = new Terminal(6, 40);
        assertEquals(5, window.linesAbove(List.of()));
        assertEquals(3, window.linesAbove(List.of("x".repeat(40))), "with \"psm: \" it is longer");
        assertEquals(1, window.linesAbove(List.of("x".repeat(400))));
    }
}
