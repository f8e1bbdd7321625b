///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Serves the metrics of many made-up machines, from what psm has written of real ones
//JAVA 17+

package psm;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Serves the metrics of many machines on one port of the loopback device: {@code FleetTargets LEAKS
 * PROGRAM BYTES TEXT...}. Machine 17 is {@code /m/17}; it has the series of one of the texts, which
 * are files of {@code psm -o prometheus}, with figures of its own. These change from scrape to
 * scrape, since bytes have noise of 1 %, and do not rise, except for the program PROGRAM of machine
 * LEAKS: it gets so many more BYTES each second.
 *
 * <p>Prints its port, then serves until standard input ends, and prints how many samples it has
 * served.
 */
final class FleetTargets {
    /** A machine has between half and one and a half of the bytes of the real one. */
    private static final double SMALLEST = 0.5;

    private static final double NOISE = 0.01;
    private static final int THREADS = 2;
    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;

    /** A series of a real machine. */
    private record Series(String name, String nameAndLabels, String value) {
        boolean isMoving() {
            return name.endsWith("_bytes")
                    && !name.endsWith("limit_bytes")
                    && !name.endsWith("total_bytes");
        }

        boolean grows(String label) {
            boolean isMemory = name.equals("psm_pss_bytes") || name.equals("psm_anonymous_bytes");
            return isMemory && nameAndLabels.contains(label);
        }
    }

    private final List<List<Series>> texts = new ArrayList<>();
    private final AtomicLong scrapes = new AtomicLong();
    private final AtomicLong samples = new AtomicLong();
    private final long start = System.nanoTime();
    private final int leaking;
    private final String label;
    private final double bytesPerSecond;

    private FleetTargets(String leaking, String program, String bytesPerSecond) {
        this.leaking = Integer.parseInt(leaking);
        this.label = "program=\"" + program + '"';
        this.bytesPerSecond = Double.parseDouble(bytesPerSecond);
    }

    public static void main(String[] args) throws IOException {
        FleetTargets targets = new FleetTargets(args[0], args[1], args[2]);
        for (int i = 3; i < args.length; i++) {
            targets.texts.add(series(Files.readAllLines(Path.of(args[i]))));
        }
        targets.serve();
    }

    private static List<Series> series(List<String> lines) {
        List<Series> all = new ArrayList<>();
        for (String line : lines) {
            int space = line.lastIndexOf(' ');
            String nameAndLabels = line.substring(0, space);
            int brace = nameAndLabels.indexOf('{');
            String name = brace < 0 ? nameAndLabels : nameAndLabels.substring(0, brace);
            all.add(new Series(name, nameAndLabels, line.substring(space + 1)));
        }
        return all;
    }

    private void serve() throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        server.setExecutor(threads);
        server.createContext("/m/", this::answer);
        server.start();
        System.out.println(server.getAddress().getPort());
        while (System.in.read() >= 0) {
            // The one who started it ends it.
        }
        server.stop(0);
        threads.shutdownNow();
        System.out.println(scrapes + " " + samples);
    }

    private void answer(HttpExchange exchange) throws IOException {
        int machine =
                Integer.parseInt(exchange.getRequestURI().getPath().substring("/m/".length()));
        byte[] text = text(machine).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4");
        exchange.sendResponseHeaders(200, text.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(text);
        }
    }

    private String text(int machine) {
        List<Series> all = texts.get(machine % texts.size());
        long scrape = scrapes.incrementAndGet();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < all.size(); i++) {
            Series series = all.get(i);
            if (series.nameAndLabels().startsWith("#")) {
                text.append(series.nameAndLabels()).append(' ').append(series.value());
            } else {
                samples.incrementAndGet();
                text.append(series.nameAndLabels()).append(' ');
                appendValue(text, series, machine, random(random(machine, i), scrape));
            }
            text.append('\n');
        }
        return text.toString();
    }

    private void appendValue(StringBuilder text, Series series, int machine, long random) {
        if (series.name().equals("psm_taken_at_seconds")) {
            text.append(System.currentTimeMillis() / MILLIS);
        } else if (series.name().endsWith("_bytes")) {
            double own = SMALLEST + share(random(machine, 0));
            double noise = series.isMoving() ? NOISE * share(random) : 0;
            double leak = 0;
            if (machine == leaking && series.grows(label)) {
                leak = bytesPerSecond * (System.nanoTime() - start) / NANOS;
            }
            text.append(Math.round(Double.parseDouble(series.value()) * own * (1 + noise) + leak));
        } else {
            text.append(series.value());
        }
    }

    /** Returns a number that depends on two others and looks random (SplitMix64). */
    private static long random(long seed, long index) {
        long z = seed * 0x9e3779b97f4a7c15L + index * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** Returns a number from 0 to 1 for one that looks random. */
    private static double share(long random) {
        return (random >>> 11) * 0x1.0p-53;
    }
}
