package psm.proc;

import psm.text.Text;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Names of files as the user typed them. Where the locale is not UTF-8, as in cron jobs, Java
 * cannot encode all characters, but it takes the bytes of a path from a URI.
 */
public final class FileName {
    private static final String DESCRIPTORS = "/proc/self/fd";

    private FileName() {}

    /** Returns the path with the same bytes as a name. */
    public static Path path(String name) {
        byte[] bytes = Text.encode(name);
        if (isEncodable(name, bytes)) {
            return Path.of(name);
        }
        StringBuilder uri = new StringBuilder("file://");
        uri.append(name.startsWith("/") ? "" : "/proc/self/cwd/");
        for (byte b : bytes) {
            char c = (char) (b & 0xFF);
            boolean isPlain = c == '/' || (c < 0x80 && Character.isLetterOrDigit(c));
            if (isPlain) {
                uri.append(c);
            } else {
                uri.append('%');
                uri.append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        return Path.of(URI.create(uri.toString()));
    }

    /** Returns the last part of a path, as {@link #path} takes it. */
    public static String last(Path path) {
        if (isUtf8()) {
            return String.valueOf(path.getFileName());
        }
        String uri = path.toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = uri.lastIndexOf('/', uri.length() - 2) + 1; i < uri.length(); i++) {
            if (uri.charAt(i) == '%') {
                bytes.write(Integer.parseInt(uri.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(uri.charAt(i));
            }
        }
        return Text.decode(bytes.toByteArray(), 0, bytes.size());
    }

    /**
     * Returns a name that leads to the same folder in every locale. If the name has other
     * characters than the locale's, it leads through a descriptor, which stays open until psm ends.
     *
     * @throws IOException if it is no folder, or permission is denied
     */
    @SuppressWarnings("StreamResourceLeak") // its descriptor stays open
    public static String ofFolder(String name) throws IOException {
        if (isEncodable(name, Text.encode(name))) {
            return name;
        }
        Path folder = path(name);
        Files.newDirectoryStream(folder);
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of(DESCRIPTORS))) {
            for (Path each : open) {
                if (Files.exists(each) && Files.isSameFile(each, folder)) {
                    return each.toString();
                }
            }
        }
        throw new IOException("has no descriptor in " + DESCRIPTORS);
    }

    private static boolean isEncodable(String name, byte[] bytes) {
        return bytes.length == name.length()
                || (isUtf8() && new String(bytes, StandardCharsets.UTF_8).equals(name));
    }

    /** Returns whether Java encodes the names of files in UTF-8. */
    static boolean isUtf8() {
        return "UTF-8".equals(System.getProperty("sun.jnu.encoding"));
    }
}
