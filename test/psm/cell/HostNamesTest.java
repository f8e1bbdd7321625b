package psm.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.Psm;
import psm.support.MadeUpHost;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

class HostNamesTest {
    private static final List<Psm.Column> COLUMNS =
            List.of(new Psm.Column("host", "HOST", Psm.Kind.TEXT, 1, false, false));

    private static Psm.Report report(String... names) {
        List<Psm.Row> rows = new ArrayList<>();
        for (String name : names) {
            rows.add(new Psm.Row(List.of(name)));
        }
        return new Psm.Report(
                new Psm.Origin("1", null, null, Instant.EPOCH, 0, null),
                new Psm.Processes(0, 0, 0, 0, 0, 0, false),
                COLUMNS,
                rows,
                rows.get(0),
                List.of(new Psm.Account("hosts", null, List.of(), false, COLUMNS, rows)),
                null,
                new Psm.Ranking(rows, false));
    }

    private static String shortened(String... names) {
        HostNames hosts = new HostNames(report(names));
        List<String> shortened = new ArrayList<>();
        for (String name : names) {
            shortened.add(hosts.shortened(name));
        }
        return String.join(" ", shortened);
    }

    @ParameterizedTest
    @CsvSource({
        "web1.x.example web2.x.example, web1 web2",
        "web1.x.example web1.y.example, web1.x web1.y",
        "web1.example x.web2.example db, web1 x.web2 db",
        "web1.x.example example, web1.x.example example",
        "web1.example web1, web1.example web1",
        "web1.example web1 web2.example, web1.example web1 web2.example",
        "x.example a.x.example, x a.x",
        "10.0.0.1 10.1.0.1, 10.0.0.1 10.1.0.1",
        "web1 web2, web1 web2",
        "web1.x web2.y, web1.x web2.y",
        ".x .y.x, .x .y.x",
        "fe80::1 fe80::2, fe80::1 fe80::2"
    })
    void commonDomainIsLeftOut(String names, String shortened) {
        assertEquals(shortened, shortened(names.split(" ")));
    }

    @Test
    void bothEndsOfLongNamesAreShown() throws IOException {
        Psm.Report report = report("ingress-controller-01.lan", "ingress-controller-02.lan");
        Psm.Layout layout = Psm.Layout.DEFAULT.on(16, false);
        String table = MadeUpHost.written(report, "table", layout);
        assertTrue(table.contains("ingres\u2026ller-01\n"), table);
        String pipe = MadeUpHost.written(report, "table", Psm.Layout.DEFAULT);
        assertTrue(pipe.contains("ingress-controller-01.lan"), pipe);
    }
}
