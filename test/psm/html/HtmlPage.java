package psm.html;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a page strictly: no element is closed implicitly, all characters of markup in texts and
 * attributes are escaped, and nothing in it runs code or asks for a file.
 */
public final class HtmlPage {
    private static final Pattern TAG =
            Pattern.compile(
                    "<(/?)([a-zA-Z][a-zA-Z0-9]*)((?: [a-zA-Z:-]+(?:=\"[^\"<>]*\")?)*)(/?)>");
    private static final Pattern ATTRIBUTE = Pattern.compile(" ([a-zA-Z:-]+)(?:=\"([^\"<>]*)\")?");
    private static final Pattern TEXT = Pattern.compile("(?:[^<>&\"']|&(?:amp|lt|gt|quot|#39);)*");
    private static final Set<String> VOID = Set.of("meta", "br", "input");
    private static final Set<String> RAW = Set.of("style", "script");

    private final String html;
    private final Deque<String> open = new ArrayDeque<>();
    private final StringBuilder tags = new StringBuilder();
    private final StringBuilder text = new StringBuilder();
    private final Map<String, String> raw = new TreeMap<>();
    private final List<String> attributes = new ArrayList<>();

    /** Where the text of each cell of the main table begins, by row. */
    private final List<List<String>> rows = new ArrayList<>();

    private boolean isInRows;
    private int cell = -1;

    private HtmlPage(String html) {
        this.html = html;
    }

    /** Reads a page; throws AssertionError if anything in it is not as it must be. */
    public static HtmlPage parse(String html) {
        HtmlPage page = new HtmlPage(html);
        page.parse();
        return page;
    }

    private void parse() {
        String start = "<!DOCTYPE html>\n";
        require(html.startsWith(start), "no doctype");
        Matcher tag = TAG.matcher(html);
        int at = start.length();
        while (tag.find(at)) {
            text(html.substring(at, tag.start()));
            at = tag.end();
            tag(tag);
            if (tag.group(1).isEmpty() && RAW.contains(tag.group(2))) {
                int end = html.indexOf("</" + tag.group(2) + ">", at);
                require(end > at, "the end of " + tag.group(2));
                require(raw.put(tag.group(2), html.substring(at, end)) == null, "two of them");
                at = end;
            }
        }
        text(html.substring(at));
        require(open.isEmpty(), "not closed: " + open);
    }

    private void text(String found) {
        require(TEXT.matcher(found.replace("'", "").replace("\"", "")).matches(), found);
        text.append(unescaped(found));
    }

    private void tag(Matcher tag) {
        String name = tag.group(2);
        tags.append(tag.group(1)).append(name).append(' ');
        if (!tag.group(1).isEmpty()) {
            require(name.equals(open.peek()), name + " closes " + open.peek());
            open.pop();
            close(name);
            return;
        }
        attributes(tag.group(3));
        if (!VOID.contains(name) && tag.group(4).isEmpty()) {
            open.push(name);
        }
        boolean isMain = tag.group(3).contains(" id=\"rows\"");
        isInRows |= isMain;
        if (isInRows && name.equals("tr")) {
            rows.add(new ArrayList<>());
        } else if (isInRows && (name.equals("td") || name.equals("th"))) {
            cell = text.length();
        }
    }

    private void close(String name) {
        if (isInRows && cell >= 0 && (name.equals("td") || name.equals("th"))) {
            rows.get(rows.size() - 1).add(text.substring(cell));
            cell = -1;
        }
        isInRows &= !name.equals("table");
    }

    private void attributes(String all) {
        Matcher attribute = ATTRIBUTE.matcher(all);
        List<String> names = new ArrayList<>();
        while (attribute.find()) {
            String name = attribute.group(1);
            String value = attribute.group(2) == null ? "" : attribute.group(2);
            require(!name.startsWith("on") && !name.equals("style"), all);
            require(!name.equals("src") && !name.equals("action"), all);
            require(!name.endsWith("href") || value.startsWith("#"), all);
            require(TEXT.matcher(value.replace("'", "")).matches(), all);
            names.add(name);
            attributes.add(name + '=' + unescaped(value));
        }
        require(Set.copyOf(names).size() == names.size(), "twice: " + all);
    }

    private static String unescaped(String text) {
        return text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** Returns all tags in order, without their attributes. */
    public String tags() {
        return tags.toString();
    }

    /** Returns the text of the page. */
    public String text() {
        return text.toString();
    }

    /** Returns all attributes in order, as {@code name=value}. */
    public List<String> attributes() {
        return attributes;
    }

    /** Returns the cells of the main table: its titles, its rows, more and the totals. */
    public List<List<String>> rows() {
        return rows;
    }

    /** Returns the style sheet or the script. */
    String raw(String name) {
        return raw.get(name);
    }
}
