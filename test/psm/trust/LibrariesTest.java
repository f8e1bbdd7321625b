package psm.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;

class LibrariesTest {
    /** Both sides verify the same jars: what Maven downloads, and what is installed. */
    @Test
    void checksumsAreThoseOfTheFile() throws IOException {
        Map<String, String> inFile = new TreeMap<>();
        for (String line : Files.readAllLines(Command.root().resolve("checksums.sha256"))) {
            String[] words = line.split(" +", 2);
            String name = words[words.length - 1].replaceFirst(".*/", "");
            if (Libraries.contain(name)) {
                inFile.put(name, words[0]);
            }
        }
        assertEquals(new TreeMap<>(Libraries.SHA256), inFile);
    }

    @Test
    void anotherVersionIsNoPlugin() {
        assertEquals("picocli-4.7.7.jar", Libraries.otherVersion("picocli-4.7.6.jar"));
        assertNull(Libraries.otherVersion("picocli-4.7.7.jar"));
        assertNull(Libraries.otherVersion("picocli-plugin-1.0.jar"));
        assertNull(Libraries.otherVersion("influx.jar"));
    }

    @Test
    void eachJarOfPsmIsKnown() {
        int known = 0;
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            String name = entry.replaceFirst(".*/", "");
            if (name.matches("(picocli|jackson-core|commons-(csv|io|codec))-.*[.]jar")) {
                assertTrue(Libraries.contain(name), name);
                known++;
            }
        }
        assertEquals(Libraries.SHA256.size(), known);
    }
}
