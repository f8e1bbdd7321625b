package psm.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the script of a probe has printed, a char for each byte. It is read as docs/probe.md
 * describes it, in the plainest way, and not by psm.
 */
final class Printed {
    /** The contents by section, and then by path. */
    final Map<String, Map<String, String>> sections = new LinkedHashMap<>();

    /** The script's own lines, but for those that begin a section. */
    final List<String> own = new ArrayList<>();

    private final String text;
    private int at;

    Printed(String text) {
        this.text = text;
        at = text.indexOf("psm-probe 1\n");
        assertTrue(at == 0 || text.charAt(at - 1) == '\n', text);
        String section = "";
        while (at < text.length()) {
            boolean isOfRecords = section.equals("cmdline") || section.equals("exe");
            if (text.charAt(at) == '#') {
                String line = until('\n');
                if (line.startsWith("#section ")) {
                    section = line.split(" ", 3)[1];
                    sections.put(section, new LinkedHashMap<>());
                } else {
                    own.add(line);
                }
            } else if (section.equals("exe") && text.charAt(at) == '\0') {
                at++; // behind the section
            } else if (section.equals("exe")) {
                put(section, until('\0'), until('\0'));
            } else {
                put(section, until(isOfRecords ? '\0' : '\n'), isOfRecords);
            }
        }
        String end = own.get(own.size() - 1);
        assertTrue(end.startsWith("#end " + sections.size() + " "), end);
    }

    private String until(char end) {
        int to = text.indexOf(end, at);
        assertTrue(to >= 0, "the end is missing");
        String piece = text.substring(at, to);
        at = to + 1;
        return piece;
    }

    private void put(String section, String line, boolean isRecord) {
        int slash = section.equals("cgroups") ? line.lastIndexOf('/') : 0;
        int colon = line.indexOf(':', Math.max(0, slash));
        if (line.isEmpty() || line.startsWith("psm-probe")) {
            return;
        }
        if (section.equals("exe-lines") || line.startsWith("grep: ")) {
            put(section, line, "");
            return;
        }
        assertTrue(colon > 0, section + ": " + line);
        String content = line.substring(colon + 1) + (isRecord ? '\0' : '\n');
        sections.get(section).merge(line.substring(0, colon), content, String::concat);
    }

    private void put(String section, String path, String content) {
        assertEquals(null, sections.get(section).put(path, content), path + " is there twice");
    }

    /** Returns a content, or {@code null}. */
    String content(String section, String path) {
        return sections.get(section).get(path);
    }
}
