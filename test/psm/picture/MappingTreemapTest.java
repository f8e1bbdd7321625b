package psm.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.Psm;
import psm.proc.ProcFs;
import psm.report.Figure;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.support.Fixtures;
import psm.support.Views;
import psm.text.Failure;
import psm.text.Filter;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** The areas of mappings are the figures of 'psm maps' and 'psm maps --by kind'. */
class MappingTreemapTest {
    private static Snapshot scan() throws IOException {
        ScanRequest request = ScanRequest.of(Source.SMAPS).withMappingParts();
        return new Scanner(new ProcFs(Fixtures.HOST.toString()), request).scan(2);
    }

    private static Map<String, Long> figures(Psm.Report report) {
        int pss = -1;
        for (int i = 0; i < report.columns().size(); i++) {
            pss = report.columns().get(i).key().equals(Figure.PSS.column.key()) ? i : pss;
        }
        Map<String, Long> figures = new HashMap<>();
        for (Psm.Row row : report.rows()) {
            Long bytes = (Long) row.values().get(pss);
            if (bytes != null && bytes > 0) {
                figures.put((String) row.values().get(0), bytes);
            }
        }
        return figures;
    }

    @Test
    void kindsAndNamesAreThoseOfTheReports() throws IOException, Failure {
        Snapshot snapshot = scan();
        Psm.Area whole = MappingTreemap.of(snapshot.mappings(), false, null).whole();
        Map<String, Long> kinds = new HashMap<>();
        Map<String, Long> names = new HashMap<>();
        long sum = 0;
        for (Psm.Area kind : whole.parts()) {
            kinds.put(kind.name(), kind.bytes());
            sum += kind.bytes();
            for (Psm.Area name : kind.parts()) {
                names.merge(name.name(), name.bytes(), Long::sum);
            }
        }
        assertEquals(figures(Views.maps(snapshot, true)), kinds);
        assertEquals(whole.bytes(), sum);
        Map<String, Long> byName = figures(Views.maps(snapshot, false));
        int files = 0;
        for (Map.Entry<String, Long> name : byName.entrySet()) {
            if (name.getKey().endsWith(".so.6") && names.containsKey(name.getKey())) {
                files++;
                assertEquals(name.getValue(), names.get(name.getKey()), name.getKey());
            }
        }
        assertTrue(files > 0, byName.toString());
    }

    @Test
    void filteredNamesAreDrawnAlone() throws IOException, Failure {
        Filter filter = new Filter("--map", Pattern.compile("libc"));
        Psm.Area whole = MappingTreemap.of(scan().mappings(), false, filter).whole();
        assertTrue(whole.bytes() > 0);
        for (Psm.Area kind : whole.parts()) {
            assertTrue(kind.name().startsWith("file "), kind.name());
        }
        Filter heap = new Filter("--map", Pattern.compile("^heap$"));
        Psm.Area heaps = MappingTreemap.of(scan().mappings(), true, heap).whole();
        assertEquals("heap", heaps.parts().get(0).name());
        assertEquals(heaps.bytes(), heaps.parts().get(0).bytes());
    }
}
