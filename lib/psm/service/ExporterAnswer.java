package psm.service;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/**
 * What a node_exporter answers about its textfile collector. It is read in bounded time and memory,
 * since another program may listen where node_exporter should.
 *
 * @param status the status of HTTP; 0 if the answer is no HTTP
 * @param takenAt the time in the file of psm, as Unix time; NaN if it is not in the answer
 * @param hasError whether node_exporter could not read one of the files
 */
record ExporterAnswer(int status, double takenAt, boolean hasError) {
    /** The time of psm's metrics, in a line of its own. */
    static final String TAKEN_AT = "psm_taken_at_seconds ";

    /** The line of node_exporter about files that it could not read. */
    private static final String ERROR = "node_textfile_scrape_error 1";

    /** The limit for an answer, and for the file of psm, which has 1% of this. */
    static final long MAX_BYTES = 32L << 20;

    /** How long an answer may take. node_exporter reads a few files for it. */
    private static final int MAX_MS = 5000;

    /** The limit for a line that matters. */
    private static final int MAX_LINE_BYTES = 256;

    private static final int BUFFER_BYTES = 1 << 16;

    /** Reads lines one after another, and keeps what matters. */
    static final class Lines {
        private final ByteArrayOutputStream line = new ByteArrayOutputStream(MAX_LINE_BYTES);
        private String first;
        private double takenAt = Double.NaN;
        private boolean hasError;

        void add(byte[] bytes, int count) {
            for (int i = 0; i < count; i++) {
                if (bytes[i] == '\n') {
                    end();
                } else if (line.size() < MAX_LINE_BYTES) {
                    line.write(bytes[i]);
                }
            }
        }

        private void end() {
            String text = line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
            line.reset();
            first = first == null ? text : first;
            hasError |= text.equals(ERROR);
            if (text.startsWith(TAKEN_AT)) {
                takenAt = number(text.substring(TAKEN_AT.length()));
            }
        }

        private static double number(String text) {
            return text.matches("[0-9.e+]+") ? parsed(text) : Double.NaN;
        }

        private static double parsed(String text) {
            try {
                return Double.parseDouble(text);
            } catch (NumberFormatException e) {
                return Double.NaN;
            }
        }

        double takenAt() {
            return takenAt;
        }

        private ExporterAnswer answer() {
            String[] words = first == null ? new String[0] : first.split(" ", 3);
            boolean isHttp =
                    words.length > 1 && words[0].startsWith("HTTP/") && words[1].matches("\\d{3}");
            return new ExporterAnswer(isHttp ? Integer.parseInt(words[1]) : 0, takenAt, hasError);
        }
    }

    /**
     * Asks for the metrics of the textfile collector alone.
     *
     * @throws IOException if there is no answer, or it does not end
     */
    static ExporterAnswer ask(InetSocketAddress address, String page) throws IOException {
        long end = System.nanoTime() + MAX_MS * 1_000_000L;
        try (Socket socket = new Socket()) {
            socket.connect(address, MAX_MS);
            String request =
                    "GET "
                            + (page.matches("/[A-Za-z0-9_/.-]*") ? page : "/metrics")
                            + "?collect[]=textfile HTTP/1.0\r\nHost: localhost\r\n"
                            + "User-Agent: psm\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            Lines lines = new Lines();
            byte[] buffer = new byte[BUFFER_BYTES];
            long all = 0;
            int count = 0;
            while (count >= 0 && all <= MAX_BYTES) {
                lines.add(buffer, count);
                all += count;
                socket.setSoTimeout(millisTo(end));
                count = socket.getInputStream().read(buffer);
            }
            if (count >= 0) {
                throw new IOException("its answer does not end");
            }
            return lines.answer();
        }
    }

    private static int millisTo(long end) throws IOException {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException("its answer takes longer than " + MAX_MS + " ms");
        }
        return (int) left;
    }

    /** Reads the time in a file of psm; NaN if it is not there. */
    static double takenAt(InputStream file) throws IOException {
        Lines lines = new Lines();
        byte[] buffer = new byte[BUFFER_BYTES];
        long all = 0;
        for (int count = 0; count >= 0 && all <= MAX_BYTES; count = file.read(buffer)) {
            lines.add(buffer, count);
            all += count;
        }
        return lines.takenAt();
    }
}
