package psm.system;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.Psm;
import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.report.Figure;
import psm.report.View;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Source;
import psm.support.Command;
import psm.support.Shapes;
import psm.support.Views;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The parts of this host's memory, while real processes have some that is easily missed. */
class LiveMemoryTest {
    private static final long MB = 1 << 20;

    @TempDir static Path folder;

    @BeforeEach
    void seesAllProcesses() {
        assumeTrue(new OwnProcess().isRoot(), "root alone sees all processes");
    }

    private static Psm.Account account() throws IOException {
        View view = Views.withHost(Views.of(Figure.PSS));
        ScanRequest request = ScanRequest.of(Source.AUTO).with(view.needs());
        return Views.report(new Scanner(new ProcFs("/proc"), request).scan(0), view)
                .accounts()
                .get(1);
    }

    private static Long bytes(Psm.Account account, String key) {
        for (Psm.Entry entry : account.entries()) {
            if (entry.key().equals(key)) {
                return entry.bytes();
            }
        }
        throw new AssertionError("no " + key);
    }

    private static long bytes(String key) throws IOException {
        return bytes(account(), key);
    }

    @Test
    void nothingContradictsMemTotal() throws IOException {
        for (int i = 0; i < 5; i++) {
            Psm.Account account = account();
            assertTrue(bytes(account, "unexplained_bytes") >= 0, account.toString());
            assertNull(bytes(account, "contradictory_bytes"), account.toString());
        }
    }

    /** Other processes change these lists at any time, so several moments are compared. */
    @Test
    void freePagesOfProcessorsAreKnown() throws IOException {
        long least = Long.MAX_VALUE;
        long most = 0;
        boolean isBetween = false;
        for (int i = 0; i < 20 && !isBetween; i++) {
            long before = freePagesOfProcessors();
            long known = bytes("per_cpu_free_bytes");
            long after = freePagesOfProcessors();
            least = Math.min(least, Math.min(before, after));
            most = Math.max(most, Math.max(before, after));
            isBetween = known > 0 && known >= least && known <= most;
        }
        assertTrue(isBetween, "never from " + least + " to " + most);
    }

    private static long freePagesOfProcessors() throws IOException {
        long pages = 0;
        for (String line : Files.readAllLines(Path.of("/proc/zoneinfo"))) {
            String[] words = line.strip().split(" +", -1);
            pages += words[0].equals("count:") ? Long.parseLong(words[1]) : 0;
        }
        return pages * Long.parseLong(Command.of("getconf", "PAGESIZE").run().out().strip());
    }

    @Test
    void ringsOfPacketSocketsAreExplained() throws IOException, InterruptedException {
        long before = bytes("unexplained_bytes");
        try (Shapes ring = Shapes.start(Shapes.compile(folder, "psm-ring"), "ring")) {
            long more = bytes("unexplained_bytes") - before;
            assertTrue(more < ring.fact("bytes") / 2, more + " bytes more are unexplained");
        }
    }

    /** Fills the buffers of some connections whose other ends do not read. */
    @Test
    void buffersOfSocketsAreShown() throws IOException, InterruptedException {
        List<Socket> sockets = new ArrayList<>();
        try (ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < 8; i++) {
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                sockets.add(client);
                sockets.add(server.accept());
                fill(client);
            }
            assertTrue(bytes("sockets_bytes") > MB, account().toString());
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Writes until the buffers are full, which only a thread that may block can see. */
    private static void fill(Socket socket) throws InterruptedException {
        Thread writer =
                new Thread(
                        () -> {
                            try (OutputStream out = socket.getOutputStream()) {
                                byte[] bytes = new byte[1 << 16];
                                for (int i = 0; i < 1 << 10; i++) {
                                    out.write(bytes);
                                }
                            } catch (IOException e) {
                                return; // the socket is closed at the end
                            }
                        });
        writer.setDaemon(true);
        writer.start();
        writer.join(200);
    }
}
