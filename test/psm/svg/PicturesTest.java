package psm.svg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

import psm.Psm;

import java.io.OutputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.xml.parsers.DocumentBuilderFactory;

class PicturesTest {
    private static final long MB = 1 << 20;
    private static final Instant FROM = Instant.parse("2026-11-28T10:00:00Z");
    private static final Instant UNTIL = Instant.parse("2026-11-29T10:00:00Z");

    /** Names as an attacker would choose them. */
    private static final List<String> HOSTILE =
            List.of(
                    "</script><script>alert(1)</script>",
                    "<img src=x onerror=alert(1)>",
                    "\" onload=\"alert(1)",
                    "' &amp; & ]]> <!--",
                    "\u202e\u2066gnp.exe\u200f",
                    "\u65e5\u672c".repeat(128),
                    "\ufdfd".repeat(20),
                    "a\u0301\u0302\u0303\u0304\u0305\u0306".repeat(40),
                    "\udcff\udc80\u0000\u001b[31m",
                    "",
                    "   ");

    private static Psm.Area area(String kind, String name, long bytes, Psm.Area... parts) {
        return new Psm.Area(kind, null, name, bytes, false, List.of(parts));
    }

    private static Psm.Area figure(String key, long bytes, Psm.Area... parts) {
        boolean isFree = key.equals("free_bytes");
        return new Psm.Area("memory", key, key, bytes, isFree, List.of(parts));
    }

    private static Psm.Area whole(String name) {
        return figure(
                "mem_total_bytes",
                1_000 * MB,
                figure(
                        "processes_bytes",
                        600 * MB,
                        area(
                                "unit",
                                name,
                                400 * MB,
                                area(
                                        "program",
                                        name,
                                        400 * MB,
                                        area("process", "pid 1", 300 * MB),
                                        area("process", "pid 2", 100 * MB))),
                        area("unit", "b.service", 200 * MB, area("program", name, 200 * MB))),
                figure("page_cache_bytes", 250 * MB),
                figure("free_bytes", 100 * MB),
                figure("unexplained_bytes", 50 * MB));
    }

    private static Psm.Row row(Object... values) {
        return new Psm.Row(Arrays.asList(values));
    }

    private static Psm.Column column(String key, Psm.Kind kind) {
        return new Psm.Column(key, key.toUpperCase(Locale.ROOT), kind, 1, false, true);
    }

    private static Psm.Report report(List<Psm.Row> rows, Psm.Picture... pictures) {
        return new Psm.Report(
                        "1",
                        "host",
                        "6.1",
                        UNTIL,
                        1,
                        "smaps",
                        new Psm.Processes(1, 0, 0, 0, 0, 0, false, Psm.Estimates.NONE, 0),
                        List.of(
                                column("program", Psm.Kind.TEXT),
                                column("before_bytes", Psm.Kind.BYTES),
                                column("after_bytes", Psm.Kind.BYTES),
                                column("change_bytes", Psm.Kind.BYTES),
                                column("score", Psm.Kind.NUMBER)),
                        rows,
                        row(null, null, null, null, null),
                        List.of(),
                        null)
                .with(new Psm.Notes("title", List.of(), Map.of(), List.of(pictures)));
    }

    private static String html(Psm.Report report) throws Exception {
        StringWriter out = new StringWriter();
        Psm.Output output = new Psm.Output(OutputStream.nullOutputStream(), false, true, false);
        Pictures.append(out, report, output);
        return out.toString();
    }

    private static String html(Psm.Picture... pictures) throws Exception {
        return html(report(List.of(), pictures));
    }

    /** Parses pictures: what psm writes is XML, too. */
    private static Document parsed(String html) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(html)));
    }

    private static List<Element> elements(Document page, String name) {
        NodeList nodes = page.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }

    /** Returns the rectangles of areas without parts. */
    private static List<Element> leaves(Document page) {
        List<Element> leaves = elements(page, "rect");
        leaves.removeIf(rect -> rect.hasAttribute("class"));
        return leaves;
    }

    private static double number(Element element, String attribute) {
        return Double.parseDouble(element.getAttribute(attribute));
    }

    private static String structure(String html) {
        return html.replaceAll("(?s)<text.*?</text>", "").replaceAll("(?<=>|\")[^<>\"]*", "#");
    }

    private static Psm.Curves curves(String name, Psm.Curve... curves) {
        return new Psm.Curves(
                "What grows",
                null,
                FROM,
                UNTIL,
                List.of(new Psm.Gap(FROM.plusSeconds(35_640), FROM.plusSeconds(43_560))),
                List.of(new Psm.Mark(FROM.plusSeconds(45_000), name)),
                List.of(curves));
    }

    private static Psm.Curve curve(String name, Long limit, Psm.Prediction prediction) {
        List<Psm.Bucket> buckets = new ArrayList<>();
        List<Psm.Level> low = new ArrayList<>();
        for (int i = 0; i <= 240; i++) {
            Instant at = FROM.plusSeconds(360L * i);
            if (i < 100 || i > 120) {
                long peak = i == 180 ? 900 * MB : 0;
                buckets.add(new Psm.Bucket(at, (100 + i) * MB, (110 + i) * MB + peak));
                low.add(new Psm.Level(at, (100 + i) * MB));
            }
        }
        return new Psm.Curve(name, "grows", buckets, low, limit, prediction);
    }

    private static Psm.Prediction prediction(long rate, Instant at) {
        return new Psm.Prediction(340 * MB, rate, rate / 2, rate * 2, at, at, null);
    }

    private static List<Psm.Row> rows(String name) {
        List<Psm.Row> rows = new ArrayList<>();
        for (long i = 0; i < 50; i++) {
            rows.add(row(name, (i + 1) * MB, 20 * MB, (20 - i) * MB, i));
        }
        rows.add(row(name, null, 70 * MB, 70 * MB, null));
        rows.add(row(name, 90 * MB, 0L, -90 * MB, 1_000L));
        return rows;
    }

    private static final Psm.Bars BARS = new Psm.Bars("What changed", 0, 1, 2, 3);
    private static final Psm.Points POINTS = new Psm.Points("Who is next", 0, 4, 2);

    private static Psm.Picture[] all(String name) {
        return new Psm.Picture[] {
            new Psm.Treemap("RAM", name, whole(name)),
            new Psm.Treemap("RAM", "small", area("memory", "MemTotal", 10 * MB)),
            curves(
                    name,
                    curve(name, 800 * MB, prediction(20 * MB, UNTIL.plusSeconds(80_000))),
                    curve(name, null, prediction(-40 * MB, null)),
                    curve(name, Long.MAX_VALUE, prediction(Long.MAX_VALUE / 4, null))),
            BARS,
            POINTS
        };
    }

    @Test
    void leavesAddUpToTheWhole() throws Exception {
        Document page = parsed(html(new Psm.Treemap("RAM", null, whole("a.service"))));
        double sum = 0;
        for (Element leaf : leaves(page)) {
            double area = number(leaf, "width") * number(leaf, "height");
            double bytes = number((Element) leaf.getParentNode(), "data-b");
            assertEquals(640_000 * bytes / (1_000 * MB), area, 20);
            sum += area;
        }
        assertEquals(640_000, sum, 1);
        assertEquals(6, leaves(page).size());
    }

    @Test
    void theRestOfAWholeHasAnArea() throws Exception {
        Psm.Area whole = area("memory", "all", 100 * MB, area("file", "a", 60 * MB));
        Document page = parsed(html(new Psm.Treemap("RAM", null, whole)));
        assertEquals(2, leaves(page).size());
        assertEquals(640_000 * 0.4, number(leaves(page).get(1), "width") * 640, 10);
    }

    @Test
    void picturesOfMachinesHaveOneScale() throws Exception {
        String html =
                html(
                        new Psm.Treemap("RAM", "a", area("memory", "MemTotal", 400 * MB)),
                        new Psm.Treemap("RAM", "b", area("memory", "MemTotal", 100 * MB)));
        List<Element> leaves = leaves(parsed(html));
        assertEquals(2 * number(leaves.get(1), "width"), number(leaves.get(0), "width"), 0.02);
        assertEquals(2 * number(leaves.get(1), "height"), number(leaves.get(0), "height"), 0.02);
    }

    @Test
    void hostileNamesChangeNothingElse() throws Exception {
        String plain = structure(html(report(rows("plain name"), all("plain name"))));
        for (String name : HOSTILE) {
            String html = html(report(rows(name), all(name)));
            assertEquals(plain, structure(html), name);
            for (Element element : elements(parsed(html), "*")) {
                for (int i = 0; i < element.getAttributes().getLength(); i++) {
                    assertFalse(element.getAttributes().item(i).getNodeName().startsWith("on"));
                }
            }
            assertTrue(html.codePoints().noneMatch(c -> c < ' ' || c == 0x202E), name);
        }
    }

    @Test
    void labelsAreWithinTheirAreas() throws Exception {
        for (String name : List.of("postgresql.service", "\ufdfd\ufdfd", "WWWWW", "\u65e5\u672c")) {
            Document page = parsed(html(new Psm.Treemap("RAM", null, whole(name))));
            for (Element text : elements(page, "text")) {
                double[] shape = bounds((Element) text.getParentNode());
                String[] classes = text.getAttribute("class").split(" ", -1);
                double font = Map.of("t0", 12, "t1", 15, "t2", 20, "t3", 28).get(classes[0]);
                double width = LabelWidth.of(text.getFirstChild().getTextContent()) * font;
                if (!text.getAttribute("class").matches(".*x[12].*")) {
                    assertTrue(number(text, "x") + width <= shape[2], name + " in " + shape[2]);
                    assertTrue(number(text, "y") + font <= shape[3], name + " in " + shape[3]);
                }
            }
        }
    }

    private static double[] bounds(Element area) {
        double[] bounds = {1e9, 1e9, 0, 0};
        NodeList rects = area.getElementsByTagName("rect");
        for (int i = 0; i < rects.getLength(); i++) {
            Element rect = (Element) rects.item(i);
            bounds[0] = Math.min(bounds[0], number(rect, "x"));
            bounds[1] = Math.min(bounds[1], number(rect, "y"));
            bounds[2] = Math.max(bounds[2], number(rect, "x") + number(rect, "width"));
            bounds[3] = Math.max(bounds[3], number(rect, "y") + number(rect, "height"));
        }
        return bounds;
    }

    @Test
    void coordinatesAreFiniteAndInside() throws Exception {
        String html = html(report(rows("name"), all("name")));
        assertFalse(html.matches("(?s).*(NaN|Infinity|E\\d).*"), "a number that is none");
        Pattern path = Pattern.compile(" d=\"([^\"]*)\"");
        Matcher paths = path.matcher(html);
        while (paths.find()) {
            Matcher numbers = Pattern.compile("-?[0-9.]+").matcher(paths.group(1));
            while (numbers.find()) {
                double number = Double.parseDouble(numbers.group());
                assertTrue(number >= 0 && number <= 1_000, paths.group(1));
            }
        }
    }

    @Test
    void aPeakOfOneBucketIsDrawn() throws Exception {
        String html = html(curves("mark", curve("name", null, null)));
        Matcher line = Pattern.compile("class=\"ln\" d=\"([^\"]*)\"").matcher(html);
        assertTrue(line.find());
        List<Double> heights =
                Pattern.compile("[ML][0-9.]+ ([0-9.]+)")
                        .matcher(line.group(1))
                        .results()
                        .map(found -> Double.valueOf(found.group(1)))
                        .sorted()
                        .toList();
        assertTrue(heights.get(0) < 40 && heights.get(1) > 80, heights.toString());
    }

    @Test
    void theLineDoesNotCrossAGap() throws Exception {
        String html = html(curves("mark", curve("name", null, null)));
        Matcher line = Pattern.compile("class=\"ln\" d=\"([^\"]*)\"").matcher(html);
        assertTrue(line.find());
        assertEquals(2, line.group(1).chars().filter(c -> c == 'M').count());
        assertTrue(html.contains("<title>no samples</title>"));
    }

    @Test
    void whatHappenedIsSaidBelowTheCurves() throws Exception {
        String html = html(curves("a <kill>", curve("name", null, null)));
        Matcher events = Pattern.compile("<p class=\"ev\">(.*?)</p>").matcher(html);
        assertTrue(events.find(), html);
        assertTrue(
                events.group(1)
                        .matches(
                                "\\w+ \\d+ [0-9:]+Z? <bdi>no samples until [^<]+</bdi>;"
                                        + " \\w+ \\d+ [0-9:]+Z? <bdi>a &lt;kill&gt;</bdi>"),
                events.group(1));
    }

    @Test
    void whatIsFullHasNoPrediction() throws Exception {
        Psm.Prediction next = prediction(20 * MB, UNTIL);
        String html = html(curves("mark", curve("name", 300 * MB, next)));
        assertTrue(html.contains("class=\"li\""), html);
        assertTrue(!html.contains("class=\"wd\""), html);
    }

    @Test
    void thePredictionEndsAtTheLimit() throws Exception {
        Psm.Prediction next = prediction(20 * MB, UNTIL.plusSeconds(82_800));
        String html = html(curves("mark", curve("name", 800 * MB, next)));
        Matcher limit = Pattern.compile("class=\"li\" d=\"M50 ([0-9.]+)").matcher(html);
        Matcher wedge = Pattern.compile("class=\"wd\" d=\"([^\"]*)\"").matcher(html);
        assertTrue(limit.find() && wedge.find());
        double top =
                Pattern.compile("[ML][0-9.]+ ([0-9.]+)")
                        .matcher(wedge.group(1))
                        .results()
                        .mapToDouble(found -> Double.parseDouble(found.group(1)))
                        .min()
                        .orElseThrow();
        assertEquals(Double.parseDouble(limit.group(1)), top, 0.11);
        assertTrue(html.contains("limit 800.0 MB"));
    }

    @Test
    void changesGoToTheRightAndToTheLeft() throws Exception {
        String html = html(report(rows("name"), BARS));
        assertEquals(30, html.split("<tr><th scope=\"row\"><bdi>", -1).length - 1);
        assertTrue(html.contains(">21 others</th>"), html);
        assertTrue(html.contains("<td>\u2013</td><td>70.0 MB</td>"));
        assertTrue(html.contains("<td>90.0 MB</td><td>0 B</td>"));
        assertTrue(html.contains(". In all +"));
        List<Element> bars = elements(parsed(html), "rect");
        double zero = number(bars.get(1), "x"); // the second largest has come
        assertEquals("gr", bars.get(1).getAttribute("class"));
        assertEquals("dn", bars.get(0).getAttribute("class"));
        assertEquals(zero, number(bars.get(0), "x") + number(bars.get(0), "width"), 0.02);
    }

    /** A size that is missing or 0 does not say that a row is new or has ended. */
    @Test
    void countsSayWhatIsNewAndWhatHasEnded() throws Exception {
        Psm.Bars bars = new Psm.Bars("What changed", 0, 1, 2, 3, 4, 4);
        String html = html(report(List.of(row("a", null, MB, MB, 0L)), bars));
        assertTrue(html.contains("<td>new</td><td>ended</td>"), html);
        html = html(report(List.of(row("a", 0L, null, MB, 1L)), bars));
        assertTrue(html.contains("<td>0 B</td><td>\u2013</td>"), html);
    }

    @Test
    void sumsAreOfTheRowsThatAreShown() throws Exception {
        Psm.Report whole = report(rows("a"), BARS);
        Psm.More more = new Psm.More(7, true, row(null, MB, MB, MB, null));
        Psm.Report part =
                new Psm.Report(
                        whole.origin(),
                        whole.processes(),
                        whole.columns(),
                        whole.rows(),
                        whole.totals(),
                        List.of(),
                        more,
                        whole.ranking(),
                        whole.notes());
        assertTrue(html(part).contains(". In these rows +"), html(part));
    }

    @Test
    void timesOfOtherDaysHaveDates() throws Exception {
        for (int days = 1; days < 4; days++) {
            Psm.Prediction next = prediction(20 * MB, UNTIL.plusSeconds(86_400L * days));
            String html = html(curves("mark", curve("name", 800 * MB, next)));
            String date = days == 1 ? "Nov 30" : "Dec 0" + (days - 1);
            assertTrue(html.contains("full " + date + " 10:00Z"), html);
            assertTrue(html.contains("From Nov 28 10:00Z to Nov 29 10:00Z;"), html);
        }
    }

    @Test
    void wordsSayOnlyWhatIsDrawn() throws Exception {
        String html = html(curves("mark", curve("name", null, prediction(20 * MB, null))));
        assertTrue(html.contains("dots are") && html.contains("dashed line"), html);
        Psm.Bucket bucket = new Psm.Bucket(FROM, MB, 2 * MB);
        html =
                html(
                        curves(
                                "mark",
                                new Psm.Curve(
                                        "a", "grows", List.of(bucket), List.of(), null, null)));
        assertFalse(html.contains("dots are") || html.contains("dashed line"), html);
        assertEquals(3, html.split(">a</bdi>", -1).length, "once above its curve and in the table");
    }

    @Test
    void aLineReachesItsLimitWithinAFewWindows() throws Exception {
        for (int days = 1; days < 5; days++) {
            Instant full = UNTIL.plusSeconds(86_400L / 2 * days);
            long rate = 460 * MB / (12L * days);
            String html = html(curves("mark", curve("a", 800 * MB, prediction(rate, full))));
            Matcher line = Pattern.compile("class=\"ex\" d=\"M[^L]*L\\S+ ([0-9.]+)").matcher(html);
            Matcher limit = Pattern.compile("class=\"li\" d=\"M50 ([0-9.]+)").matcher(html);
            assertTrue(line.find() && limit.find(), html);
            assertEquals(limit.group(1), line.group(1), days + " halves of a window");
        }
    }

    /** Letters that are written to the left would change the places of figures beside them. */
    @Test
    void namesAreIsolatedFromFigures() throws Exception {
        String name = "\u05d0\u05d1\u05d2";
        String html = html(report(rows(name), all(name)));
        String bare = html.replaceAll("<bdi>[^<]*</bdi>|\u2068[^\u2069]*\u2069", "");
        bare = bare.replaceAll("(?s)<text class=\"(tm1|nm|nf)[^>]*>[^<]*</text>", ""); // alone
        int at = bare.indexOf(name);
        assertTrue(at < 0, () -> html);
        assertFalse(html(report(rows("a"), all("a"))).contains("\u2068"));
    }

    @Test
    void pointsOfProcessesHaveTheirIds() throws Exception {
        Psm.Report report = report(List.of(row("bash", 3 * MB, 20 * MB, List.of(5), 7L)), POINTS);
        List<Psm.Column> columns = new ArrayList<>(report.columns());
        columns.set(3, column("pids", Psm.Kind.PIDS));
        Psm.Report processes =
                new Psm.Report(
                        report.origin(),
                        report.processes(),
                        columns,
                        report.rows(),
                        report.totals(),
                        List.of(),
                        null,
                        report.ranking(),
                        report.notes());
        String html = html(processes);
        assertTrue(html.contains(">bash 5</text>"), html);
        assertTrue(html.contains("<title>bash 5, "), html);
    }

    @Test
    void onlyPartsOfTheWholeHaveBoldLabels() throws Exception {
        Document page = parsed(html(new Psm.Treemap("RAM", null, whole("a.service"))));
        List<Element> bold = elements(page, "text");
        bold.removeIf(text -> !text.getAttribute("class").contains(" up"));
        assertFalse(bold.isEmpty());
        for (Element text : bold) {
            assertTrue(text.getTextContent().matches("processes_.*"), text.getTextContent());
        }
    }

    /** It is often too small for a label. */
    @Test
    void wordsNameWhatIsHatched() throws Exception {
        String html = html(new Psm.Treemap("RAM", null, whole("a.service")));
        assertTrue(html.contains("; 5.0% unexplained_bytes (hatched)."), html);
    }

    @Test
    void tinyPicturesAreWords() throws Exception {
        String html =
                html(
                        new Psm.Treemap("RAM", "a", area("memory", "MemTotal", MB << 20)),
                        new Psm.Treemap("RAM", "b", area("memory", "MemTotal", 16)));
        assertEquals(1, html.split("<svg class=\"tm", -1).length - 1);
        assertTrue(html.contains("MemTotal 16 B. Too small to be drawn to this scale."), html);
    }

    @Test
    void headingsAreShort() throws Exception {
        String html = html(curves("mark", curve("x".repeat(256), null, null)));
        assertTrue(html.contains("<p><b><bdi>" + "x".repeat(60) + "\u2026</bdi></b>"), html);
    }

    @Test
    void theFirstPointIsEmphasised() throws Exception {
        String html = html(report(rows("name"), POINTS));
        assertEquals(1, html.split("class=\"pf\"", -1).length - 1);
        assertEquals(51, html.split("<circle", -1).length - 1);
        assertTrue(html.contains("Rows without both figures: 1."), html);
    }

    @Test
    void emptyPicturesSaySo() throws Exception {
        Psm.Area nothing = area("memory", "MemTotal", 0);
        String html =
                html(
                        new Psm.Treemap("RAM", null, nothing),
                        curves("mark"),
                        curves("mark", new Psm.Curve("a", "", List.of(), List.of(), null, null)),
                        BARS,
                        POINTS);
        parsed(html);
        assertTrue(html.contains("Nothing changed."));
        assertFalse(html.contains("NaN"));
        assertEquals("", html());
    }

    @Test
    void unknownPicturesAreLeftOut() throws Exception {
        Psm.Picture unknown = () -> "later";
        assertFalse(html(unknown, BARS).contains("later"));
    }

    @Test
    void thousandsOfProcessesStaySmall() throws Exception {
        List<Psm.Area> processes = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            processes.add(area("process", "pid " + (1_000_000 + i), 123_456_789));
        }
        long bytes = 123_456_789_000L;
        Psm.Area program = new Psm.Area("program", null, "java", bytes, false, processes);
        String html = html(new Psm.Treemap("RAM", null, program));
        assertTrue(html.length() < 200_000, html.length() + " characters");
    }

    @Test
    void theSameReportGivesTheSamePictures() throws Exception {
        assertEquals(html(report(rows("n"), all("n"))), html(report(rows("n"), all("n"))));
    }
}
