package psm.proc;

import psm.text.Missing;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The memory of GPUs that processes use: {@code drm-*} lines in {@code /proc/PID/fdinfo} (5.19, see
 * Documentation/gpu/drm-usage-stats.rst), which the same users may read as smaps. A client is one
 * opening of a GPU. Several file descriptors and processes can have the same client, which is known
 * by its id, its device and its driver. Belongs to one thread.
 */
public final class GpuMemory {
    /** The folders of devices with such lines: GPUs, and accelerators for computing (6.2). */
    private static final String[] CLASSES = {"/class/drm", "/class/accel"};

    /** The limit of descriptors of one process to read, at some microseconds each. */
    private static final int MAX_DESCRIPTORS = 1 << 16;

    /** The limit of clients of one process. Most have a few; a browser has some dozens. */
    private static final int MAX_CLIENTS = 512;

    /** The limit of one file. A GPU has five lines for each of its ten regions of memory. */
    private static final int MAX_FILE_BYTES = 1 << 15;

    private static final String PREFIX = "drm-";

    /**
     * The keys of sizes by region. The first that a driver has is right: what is resident, before
     * 6.5 and in amdgpu its older name, and for drivers that know neither, what was requested.
     */
    private static final String[] SIZES = {"drm-resident-", "drm-memory-", "drm-total-"};

    /** The sizes that amdgpu reports before 5.19, instead of all lines above. */
    private static final String[] AMD_SIZES = {"vram mem", "gtt mem", "cpu mem"};

    private final ProcFs proc;
    private final byte[] buffer;

    /** Whether there is a device, or that is not known. */
    private final boolean isAny;

    /**
     * Makes a reader.
     *
     * @param buffer its content changes
     */
    public GpuMemory(ProcFs proc, byte[] buffer) {
        this.proc = proc;
        this.buffer = buffer;
        this.isAny = mayHaveDevices(proc);
    }

    private static boolean mayHaveDevices(ProcFs proc) {
        boolean isKnown = proc.isLive() && !proc.isConfined() && proc.exists(ProcFs.SYS + "/class");
        boolean isAny = !isKnown;
        for (String devices : CLASSES) {
            isAny = isAny || proc.exists(ProcFs.SYS + devices);
        }
        return isAny;
    }

    /**
     * Reads the clients of a process.
     *
     * @param folder the folder of the process
     * @return a line for each client that has memory: the bytes, a blank, and what identifies it;
     *     {@code null} if they are not known, or their drivers do not report it
     */
    public String read(String folder) {
        if (!isAny) {
            return "";
        }
        Map<String, Long> clients = new HashMap<>();
        boolean isUnknown = false;
        try {
            int[] descriptors = proc.descriptors(folder);
            int count = Math.min(descriptors.length, MAX_DESCRIPTORS);
            for (int i = 0; i < count && clients.size() < MAX_CLIENTS; i++) {
                String file = folder + "/fdinfo/" + descriptors[i];
                isUnknown |= !readClient(text(file), file, clients);
            }
        } catch (IOException e) {
            return null; // permission denied, or the kernel has no fdinfo
        }
        return clients.isEmpty() && isUnknown ? null : lines(clients);
    }

    private static String lines(Map<String, Long> clients) {
        StringBuilder lines = new StringBuilder();
        for (Map.Entry<String, Long> client : clients.entrySet()) {
            lines.append(client.getValue()).append(' ').append(client.getKey()).append('\n');
        }
        return lines.toString();
    }

    /** Returns a file; empty if it was closed during the scan. */
    private String text(String file) {
        try {
            return proc.text(file, buffer, MAX_FILE_BYTES);
        } catch (IOException e) {
            return "";
        }
    }

    /** Reads a descriptor; returns whether the memory of its client, if it has one, is known. */
    private static boolean readClient(String text, String file, Map<String, Long> clients) {
        boolean isOfAmd = text.indexOf('\n' + AMD_SIZES[0] + ':') >= 0;
        if (!isOfAmd && !text.startsWith(PREFIX) && text.indexOf('\n' + PREFIX) < 0) {
            return true; // most descriptors
        }
        KeyedLines lines = new KeyedLines(text);
        long bytes = isOfAmd ? amdBytes(lines) : bytes(text);
        String id = lines.value(isOfAmd ? "pasid" : "drm-client-id");
        if (bytes > 0) {
            // Without an id, each descriptor is a client of its own.
            String key = id == null ? file : lines.value("drm-driver") + ' ' + id;
            String device = lines.value(isOfAmd ? "pdev" : "drm-pdev");
            clients.put(device == null ? key : key + ' ' + device, bytes);
        }
        return !Missing.is(bytes);
    }

    private static long amdBytes(KeyedLines lines) {
        long sum = Missing.VALUE;
        for (String region : AMD_SIZES) {
            sum = Missing.plus(sum, lines.bytes(region));
        }
        return sum;
    }

    /** Adds up the regions of memory; {@link Missing#VALUE} if there are none. */
    private static long bytes(String text) {
        Map<String, Integer> best = new HashMap<>();
        Map<String, Long> sizes = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            for (int i = 0; i < SIZES.length; i++) {
                int colon = line.indexOf(':');
                if (line.startsWith(SIZES[i]) && colon > 0) {
                    String region = line.substring(SIZES[i].length(), colon);
                    long size = size(line.substring(colon + 1).strip());
                    if (!Missing.is(size) && best.getOrDefault(region, SIZES.length) > i) {
                        best.put(region, i);
                        sizes.put(region, size);
                    }
                }
            }
        }
        long sum = Missing.VALUE;
        for (long size : sizes.values()) {
            sum = Missing.plus(sum, size);
        }
        return sum;
    }

    /** Returns a size such as {@code 16 MiB} in bytes, which are its unit if it has none. */
    private static long size(String value) {
        int blank = value.indexOf(' ');
        long number = KeyedLines.parse(blank < 0 ? value : value.substring(0, blank));
        String unit = blank < 0 ? "" : value.substring(blank).strip();
        return switch (unit) {
            case "" -> number;
            case "KiB" -> UnlistedMemory.times(number, 1L << 10);
            case "MiB" -> UnlistedMemory.times(number, 1L << 20);
            case "GiB" -> UnlistedMemory.times(number, 1L << 30);
            default -> Missing.VALUE;
        };
    }

    /**
     * Adds up the memory of clients, each once.
     *
     * @param clients what {@link #read} has returned for some processes
     * @return {@link Missing#VALUE} if it is not known for any of them
     */
    public static long sum(Iterable<String> clients) {
        Map<String, Long> sizes = new HashMap<>();
        boolean isKnown = false;
        for (String ofProcess : clients) {
            isKnown |= ofProcess != null;
            int start = 0;
            while (ofProcess != null && start < ofProcess.length()) {
                int blank = ofProcess.indexOf(' ', start);
                int end = ofProcess.indexOf('\n', start);
                if (blank < 0 || end < blank) {
                    break; // a file from elsewhere need not contain what this psm writes
                }
                long bytes = KeyedLines.parse(ofProcess.substring(start, blank));
                sizes.put(ofProcess.substring(blank, end), Missing.orZero(bytes));
                start = end + 1;
            }
        }
        long sum = isKnown ? 0 : Missing.VALUE;
        for (long bytes : sizes.values()) {
            sum = Missing.plus(sum, bytes);
        }
        return sum;
    }
}
