package psm.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Files that the tests read. */
public final class Fixtures {
    /** A made-up host: the /proc of thirteen processes as kernel 6.1 prints it. */
    public static final Path HOST = Command.root().resolve("test/fixtures/host");

    /**
     * A made-up host of kernel 6.1 and cgroup v2 that runs units of systemd, a user's session and
     * services, containers of docker and podman, pods of Kubernetes and a container of LXC.
     */
    public static final Path CONTAINERS = Command.root().resolve("test/fixtures/containers");

    /**
     * Captures from many kernels, outside of the checkout; their tests are skipped without them.
     */
    public static final Path CAPTURES = Command.root().resolve("../shared/fixtures").normalize();

    private Fixtures() {}

    /** Lists the smaps and smaps_rollup files of the made-up host. */
    public static List<Path> smapsFiles() {
        try (Stream<Path> files = Files.walk(HOST, 2)) {
            return files.filter(file -> file.getFileName().toString().startsWith("smaps"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
