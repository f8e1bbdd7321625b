package psm.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.trust.Capability;

import java.util.List;

class RecorderUnitTest {
    private static final RecorderUnit UNIT =
            new RecorderUnit(
                    "# Made by 'psm install --record' in /opt/psm; 'psm uninstall' removes it.\n",
                    List.of("/opt/java/bin/java", "-Xmx64m", "-cp", "/opt/psm/a.jar", "psm.Main"),
                    "developers",
                    Capability.SYS_PTRACE,
                    List.of("-i", "10", "--keep", "7d"));

    @Test
    void aUnitIsReadAsItWasWritten() {
        assertEquals(UNIT, RecorderUnit.parse(UNIT.text()));
        RecorderUnit usual =
                new RecorderUnit(
                        UNIT.mark(), UNIT.command(), "psm-record", Capability.PERFMON, List.of());
        assertEquals(usual, RecorderUnit.parse(usual.text()));
    }

    /** The unit of an older psm has other settings, in another order. */
    @Test
    void aUnitOfAnotherTemplateIsRead() {
        String text = UNIT.text();
        String group = "Group=developers\n";
        for (String other :
                List.of(
                        text.replace("NoNewPrivileges=yes", "NoNewPrivileges=no"),
                        text.replace("MemoryMax=160M", "MemoryMax=200M"),
                        text.replace(group, "").replace("ExecStart=", group + "ExecStart="),
                        text + "[Unit]\n")) {
            assertEquals(UNIT, RecorderUnit.parse(other), other);
            assertNotEquals(UNIT.text(), other);
        }
    }

    @Test
    void aUnitWithoutOneOfTheFieldsIsNotRead() {
        String text = UNIT.text();
        for (String changed :
                List.of(
                        text.replace("AmbientCapabilities=", "AmbientCapabilities=CAP_SYS_ADMIN "),
                        text.replace("Group=developers\n", ""),
                        text.replace(" record --dir ", " record --once --dir "),
                        text.replace("ExecStart=", "ExecStartPre="),
                        text.substring(0, text.length() / 4),
                        "")) {
            assertNull(RecorderUnit.parse(changed), changed);
        }
    }

    @Test
    void theOptionsFollowTheFolder() {
        String line = UNIT.text().lines().filter(l -> l.startsWith("ExecStart=")).toList().get(0);
        String end = " psm.Main record --dir /var/log/psm -i 10 --keep 7d";
        assertTrue(line.endsWith(end), line);
    }

    @Test
    void wordsThatAUnitWouldChangeAreNotPlain() {
        for (String word : List.of("a b", "50%", "$HOME", "a'b", "a\"b", "a\\b", "a;b", "")) {
            assertFalse(UnitFile.isPlain(word), word);
        }
        assertTrue(UnitFile.isPlain("/usr/lib/jvm/java-17.0.2+8_x/bin/java"));
    }
}
