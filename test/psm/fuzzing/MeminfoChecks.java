package psm.fuzzing;

import psm.Psm;
import psm.picture.MemoryTreemap;
import psm.proc.HostMemory;
import psm.proc.ProcFs;
import psm.report.Labels;
import psm.scan.Snapshot;
import psm.support.MadeUpSnapshot;
import psm.system.MemoryAccount;
import psm.system.SwapAccount;
import psm.text.Missing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Checks the host's account. The input is meminfo, and after a zero byte, mm_stat of zram. Both are
 * read from files, as in a scan.
 */
final class MeminfoChecks {
    /** The only figure that may be below 0: what the parts leave of the whole. */
    private static final String REST = "unexplained_bytes";

    private static final Path ROOT = root();

    private MeminfoChecks() {}

    static void check(byte[] input) throws IOException {
        int zero = 0;
        while (zero < input.length && input[zero] != 0) {
            zero++;
        }
        Files.write(ROOT.resolve("proc/meminfo"), Arrays.copyOf(input, zero));
        Files.write(
                ROOT.resolve("sys/block/zram0/mm_stat"),
                Arrays.copyOfRange(input, Math.min(zero + 1, input.length), input.length));
        HostMemory memory = HostMemory.read(new ProcFs(ROOT.resolve("proc").toString()), true);
        for (String line :
                new String(input, 0, zero, StandardCharsets.ISO_8859_1).split("\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                requireSize(memory.bytes(line.substring(0, colon)), line);
            }
        }
        requireSize(memory.unlisted().zram(), "zram");
        for (long owned : new long[] {Missing.VALUE, 0, 1 << 30, Long.MAX_VALUE}) {
            requireSizes(SwapAccount.of(memory, "swap_bytes", owned));
            if (memory.bytes("MemTotal") != Missing.VALUE) {
                Psm.Account account = MemoryAccount.of(snapshot(memory), owned, "pss_bytes");
                requireSizes(account);
                requireAreas(account, snapshot(memory));
            }
        }
    }

    private static void requireSizes(Psm.Account account) {
        for (Psm.Entry entry : account.entries()) {
            FuzzTarget.require(
                    entry.bytes() == null || entry.bytes() >= 0 || entry.key().equals(REST),
                    entry.key() + " is " + entry.bytes());
        }
    }

    /** Requires that the areas of the picture add up. */
    private static void requireAreas(Psm.Account account, Snapshot snapshot) {
        Labels labels = new Labels(snapshot.userNames(), null);
        Psm.Treemap treemap = MemoryTreemap.of(account, snapshot, labels, null, 1);
        if (treemap != null) {
            long rest = treemap.whole().bytes();
            for (Psm.Area area : treemap.whole().parts()) {
                FuzzTarget.require(area.bytes() >= 0, area.name() + " is " + area.bytes());
                rest -= area.bytes();
            }
            FuzzTarget.require(rest == 0, rest + " bytes are in no area");
        }
    }

    private static void requireSize(long bytes, String what) {
        FuzzTarget.require(bytes >= 0 || bytes == Missing.VALUE, what + " is " + bytes);
    }

    /** Returns a host without processes. */
    private static Snapshot snapshot(HostMemory memory) {
        return MadeUpSnapshot.of(memory, List.of(), List.of());
    }

    private static Path root() {
        try {
            Path shm = Path.of("/dev/shm"); // saves the disk, where it is there
            Path root =
                    Files.isWritable(shm)
                            ? Files.createTempDirectory(shm, "psm-fuzz")
                            : Files.createTempDirectory("psm-fuzz");
            Files.createDirectories(root.resolve("proc"));
            Files.createDirectories(root.resolve("sys/block/zram0"));
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(root)));
            return root;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path root) {
        for (String file :
                new String[] {
                    "proc/meminfo",
                    "proc",
                    "sys/block/zram0/mm_stat",
                    "sys/block/zram0",
                    "sys/block",
                    "sys",
                    ""
                }) {
            try {
                Files.deleteIfExists(root.resolve(file));
            } catch (IOException e) {
                return; // it is in a folder for what is temporary
            }
        }
    }
}
