package psm.trust;

import psm.text.Failure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * The libraries that psm is built of, by the SHA-256 of their jars. They are the same as in the
 * file {@code checksums.sha256}, by which {@code jbangw} verifies what Maven downloads.
 */
public final class Libraries {
    /** The SHA-256 of each jar, by its file name. */
    static final Map<String, String> SHA256 =
            Map.of(
                    "picocli-4.7.7.jar",
                    "f86e30fffd10d2b13b8caa8d4b237a7ee61f2ffccf5b1941de718b765d235bf8",
                    "jackson-core-2.22.4.jar",
                    "2d30c375cddea9657a1e1ef97547a2694b663b355facb4de53a097782b312d1a",
                    "commons-csv-1.14.1.jar",
                    "32be0e1e76673092f5d12cb790bd2acb6c2ab04c4ea6efc69ea5ee17911c24fe",
                    "commons-io-2.20.0.jar",
                    "df90bba0fe3cb586b7f164e78fe8f8f4da3f2dd5c27fa645f888100ccc25dd72",
                    "commons-codec-1.19.0.jar",
                    "5c3881e4f556855e9c532927ee0c9dfde94cc66760d5805c031a59887070af5f");

    private static final String VERSION = "-[0-9].*";

    private Libraries() {}

    /** Returns whether a jar is a library of psm, and not a plugin. */
    public static boolean contain(String name) {
        return SHA256.containsKey(name);
    }

    /**
     * Returns the library of which a jar is another version, or {@code null}. Such a jar is no
     * plugin: psm would run on it.
     */
    public static String otherVersion(String name) {
        for (String library : SHA256.keySet()) {
            boolean isSame =
                    library.replaceFirst(VERSION, "").equals(name.replaceFirst(VERSION, ""));
            if (isSame && !library.equals(name)) {
                return library;
            }
        }
        return null;
    }

    /**
     * Checks a copied jar, if it is one of psm's libraries. The copy is checked, not the original,
     * which another process may change meanwhile.
     *
     * @param original the file that it was copied from, for the message
     * @throws Failure if it is not the jar that psm is built of
     */
    public static void verify(Path copy, Path original) throws IOException, Failure {
        String name = original.getFileName().toString();
        String expected = SHA256.get(name);
        String other = otherVersion(name);
        if (other != null) {
            throw Failure.of(
                    "install: " + original + " is not the " + other + " that psm is built of",
                    null);
        }
        if (expected != null && !sha256(copy).equals(expected)) {
            throw Failure.of(
                    "install: "
                            + original
                            + " is not the "
                            + name
                            + " that psm is built of (its SHA-256 is another); remove it, so that"
                            + " it is downloaded anew",
                    null);
        }
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // each Java has it
        }
        try (InputStream in = Files.newInputStream(file)) {
            digest.update(in.readAllBytes());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
