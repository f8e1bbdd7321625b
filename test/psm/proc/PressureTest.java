package psm.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.scan.Detail;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

class PressureTest {
    private static final String TEXT =
            """
            some avg10=12.34 avg60=5.00 avg300=0.17 total=4711
            full avg10=1.50 avg60=0.00 avg300=100.00 total=12
            """;

    @TempDir Path root;

    private Pressure read() {
        return Pressure.read(new ProcFs(root.toString()));
    }

    private Pressure with(String text) throws IOException {
        Files.createDirectories(root.resolve("pressure"));
        Files.writeString(root.resolve("pressure/memory"), text);
        return read();
    }

    @Test
    void averagesAreTheKernels() throws IOException {
        Pressure pressure = with(TEXT);
        assertEquals(12.34, pressure.percent(Pressure.Who.SOME, 10));
        assertEquals(5.0, pressure.percent(Pressure.Who.SOME, 60));
        assertEquals(0.17, pressure.percent(Pressure.Who.SOME, 300));
        assertEquals(1.5, pressure.percent(Pressure.Who.FULL, 10));
        assertEquals(0.0, pressure.percent(Pressure.Who.FULL, 60));
        assertEquals(100.0, pressure.percent(Pressure.Who.FULL, 300));
        assertEquals(TEXT, pressure.text());
    }

    @Test
    void missingPressureIsNotZero() {
        assertNull(read().text());
        assertNull(read().percent(Pressure.Who.SOME, 10));
    }

    /** With psi=0 the file exists, but each read of it fails. */
    @Test
    void unreadableFileShowsNothing() throws IOException {
        Path unreadable = Path.of("/proc/self/mem");
        assumeTrue(Files.exists(unreadable), "this host has no file whose reads fail");
        Files.createDirectories(root.resolve("pressure"));
        Files.createSymbolicLink(root.resolve("pressure/memory"), unreadable);
        assertNull(read().text());
    }

    @Test
    void invalidPercentagesAreMissing() throws IOException {
        for (String text :
                new String[] {
                    "",
                    "some",
                    "some avg10=",
                    "some avg10=x",
                    "some avg10=NaN",
                    "some avg10=-1.00",
                    "some avg10=1e9",
                    "awesome avg10=1.00",
                    "some avg100=1.00",
                    "full avg10=1.00\n"
                }) {
            assertNull(with(text).percent(Pressure.Who.SOME, 10), text);
        }
        assertEquals(1.0, with("some avg10=1.00").percent(Pressure.Who.SOME, 10));
    }

    @Test
    void pressureIsReadOnlyOnRequest() throws IOException {
        with(TEXT);
        Files.createDirectories(root.resolve("1"));
        ScanRequest request = ScanRequest.of(Source.AUTO);
        Scanner asked = new Scanner(new ProcFs(root.toString()), request.with(Set.of(Detail.OOM)));
        assertEquals(TEXT, asked.scan(1).host().pressure().text());
        assertNull(new Scanner(new ProcFs(root.toString()), request).scan(1).host().pressure());
    }

    @Test
    void pressureOfThisKernelIsParsed() {
        Pressure pressure = Pressure.read(new ProcFs("/proc"));
        assumeTrue(pressure.text() != null, "this kernel has no pressure file");
        for (Pressure.Who who : Pressure.Who.values()) {
            assertNotNull(pressure.percent(who, 10), pressure.text());
            assertNotNull(pressure.percent(who, 60), pressure.text());
        }
    }
}
