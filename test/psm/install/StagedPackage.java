package psm.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A package of psm in a folder, laid out as the release does it. Its archives contain the usual
 * classes of Java and none of psm's, which takes less time to make.
 */
public final class StagedPackage {
    private static final Path JAVAS = Path.of("/usr/lib/jvm");

    private StagedPackage() {}

    /** Lays out a package; skips the tests where no JDK can link a runtime. */
    public static void stage(Path folder, String kind) throws Exception {
        Path home = Files.createDirectories(folder.resolve("lib/psm"));
        JavaHome java = new JavaHome(Path.of(System.getProperty("java.home")), 17);
        Jars.writeAll(java, home, Class.forName("psm.Main"));
        link(home.resolve("runtime"));
        dump(home);
        Files.writeString(home.resolve("package"), kind + '\n');
        Path launcher = Files.createDirectories(folder.resolve("bin")).resolve("psm");
        Files.writeString(launcher, launcher(kind));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Returns the launcher of a kind of package. */
    public static String launcher(String kind) {
        return LauncherScript.packaged(kind.equals("tar"));
    }

    private static void link(Path runtime) throws IOException {
        List<Path> homes = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"))));
        if (Files.isDirectory(JAVAS)) {
            try (Stream<Path> all = Files.list(JAVAS)) {
                all.sorted().forEach(homes::add);
            }
        }
        for (Path home : homes) {
            Path jlink = home.resolve("bin/jlink");
            if (Files.isExecutable(jlink)
                    && Command.of(words(jlink, runtime)).run().exitCode() == 0) {
                return;
            }
        }
        assumeTrue(false, "no JDK here can link a runtime");
    }

    private static String[] words(Path jlink, Path runtime) {
        return new String[] {
            jlink.toString(),
            "--add-modules=java.base,jdk.jfr,jdk.unsupported",
            "--strip-debug",
            "--output=" + runtime
        };
    }

    private static void dump(Path home) throws IOException {
        Path first = null;
        for (Archive archive : Archive.values()) {
            Path file = home.resolve(archive.stem() + ".jsa");
            if (first == null) {
                String[] words = {
                    home.resolve("runtime/bin/java").toString(),
                    "-Xshare:dump",
                    "-XX:+UseSerialGC",
                    "-XX:SharedArchiveFile=" + file,
                    "-cp",
                    home.resolve(Jars.OWN).toString()
                };
                Command.Result dumped = Command.of(words).run();
                assertEquals(0, dumped.exitCode(), dumped.err());
                first = file;
            } else {
                Files.copy(first, file);
            }
            Jars.makeReadable(file);
        }
    }
}
