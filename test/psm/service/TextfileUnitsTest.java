package psm.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.trust.Capability;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class TextfileUnitsTest {
    private static final TextfileUnits LIVE =
            new TextfileUnits(
                    "# Made by 'psm install --textfile' in /opt/psm; 'psm uninstall' removes it.\n",
                    List.of("/opt/java/bin/java", "-cp", "/opt/psm/a.jar", "psm.Main"),
                    Path.of("/srv/textfiles"),
                    Capability.PERFMON,
                    List.of());

    private static final TextfileUnits RECORDED =
            new TextfileUnits(
                    LIVE.mark(),
                    LIVE.command(),
                    LIVE.folder(),
                    null,
                    List.of("--by", "unit,user", "-n", "50", "-c", "pss,swap"));

    private static String service(TextfileUnits units) {
        return units.texts().get(TextfileUnits.SERVICE);
    }

    @Test
    void aUnitIsReadAsItWasWritten() {
        assertEquals(LIVE, TextfileUnits.parse(service(LIVE)));
        assertEquals(RECORDED, TextfileUnits.parse(service(RECORDED)));
        String end = " -q --from /var/log/psm -o prometheus --by unit,user -n 50 -c pss,swap\n";
        assertTrue(service(RECORDED).contains(end), service(RECORDED));
    }

    @Test
    void aUnitOfAnotherTemplateIsRead() {
        String text = service(LIVE);
        for (String other :
                List.of(
                        text.replace("MemoryMax=160M", "MemoryMax=200M"),
                        text.replaceAll("ExecStartPost=.*\n", ""),
                        text + "[Unit]\n")) {
            assertEquals(LIVE, TextfileUnits.parse(other), other);
        }
    }

    @Test
    void aUnitThatDoesNotSayWhatToWriteIsNotRead() {
        String text = service(LIVE);
        for (String changed :
                List.of(
                        text.replace("AmbientCapabilities=", "AmbientCapabilities=CAP_KILL "),
                        text.replace("CAP_PERFMON", ""),
                        text.replace(" -o prometheus\n", " -o csv\n"),
                        text.replace(" -o prometheus\n", " -o prometheus --to x\n"),
                        text.replace("Description=Writes ", "Description="),
                        text.replace("/psm.prom for node", "/other.prom for node"),
                        text.replaceAll("Description=.*", "Description=Writes /psm.prom for node_"),
                        text.replaceAll("Description=.*", "Description=Writes "),
                        text.substring(0, text.length() / 4),
                        "")) {
            assertNull(TextfileUnits.parse(changed), changed);
        }
        String live = text.replace("CAP_PERFMON", "");
        assertNull(TextfileUnits.parse(live), "a recording needs no capability, all else does");
    }

    @Test
    void eachUnitSaysWhoWroteIt() {
        for (Map.Entry<UnitFile, String> unit : LIVE.texts().entrySet()) {
            assertTrue(unit.getValue().startsWith(LIVE.mark()), unit.getValue());
        }
    }
}
