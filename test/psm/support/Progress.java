//RUNTIME_OPTIONS -Xmx512m -Xmn64m
// Three classes of tests at a time read reports of 30,000 rows, or write the largest snapshot.
// The limit of Main comes first, so this one counts.

package psm.support;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Prints the progress of the tests: a line for each finished class, or on a terminal a bar; each
 * failure when it happens; and at the end what was skipped and why, what failed, and the numbers.
 * May be shared between threads, since classes run at the same time.
 */
public final class Progress implements TestExecutionListener {
    /** The results of the tests of a class so far. */
    private static final class Counts {
        final long start = System.nanoTime();
        int passed;
        int failed;
        int skipped;
    }

    private static final int BAR_COLUMNS = 20;

    /** The width of the bar: a longer one would wrap, and could not be replaced. */
    private static final int MAX_COLUMNS = 79;

    private static final int MAX_MESSAGE_CHARS = 10_000;

    /** Deletes the bar. */
    private static final String START_OF_LINE = "\r\033[K";

    private final PrintStream out;
    private final boolean isTerminal = isTerminal();
    private final long start = System.nanoTime();
    private final Map<String, Counts> classes = new HashMap<>();
    private final Set<String> runningClasses = new LinkedHashSet<>();
    private final List<String> failures = new ArrayList<>();

    /** The number of times that each method was skipped, by reason and class. */
    private final Map<String, Map<String, Map<String, Integer>>> skips = new TreeMap<>();

    private boolean isBarShown;
    private int totalClasses;
    private int finishedClasses;
    private int passed;
    private int skipped;

    public Progress(PrintStream out) {
        this.out = out;
    }

    /** Returns whether a test has failed, or a class before its tests could run. */
    public synchronized boolean hasFailures() {
        return !failures.isEmpty();
    }

    /** Returns the simple names of the classes in which a test has failed. */
    public synchronized Set<String> failedClasses() {
        Set<String> failed = new TreeSet<>();
        classes.forEach(
                (name, counts) -> {
                    if (counts.failed > 0) {
                        failed.add(name);
                    }
                });
        return failed;
    }

    /** Returns whether a test of each of these classes has passed, and none has failed. */
    public synchronized boolean havePassed(Collection<String> names) {
        return !hasFailures()
                && names.stream()
                        .allMatch(
                                name -> classes.containsKey(name) && classes.get(name).passed > 0);
    }

    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException e) {
            return false;
        }
    }

    // What JUnit calls

    @Override
    public synchronized void testPlanExecutionStarted(TestPlan plan) {
        totalClasses = (int) plan.countTestIdentifiers(Progress::isClass);
        if (!isTerminal && totalClasses > 1) {
            print(totalClasses + " classes; each prints a line when it has finished");
        }
    }

    @Override
    public synchronized void executionStarted(TestIdentifier test) {
        if (isClass(test)) {
            classes.put(className(test), new Counts());
            runningClasses.add(className(test));
        }
        drawBar();
    }

    @Override
    public synchronized void executionSkipped(TestIdentifier test, String reason) {
        skip(test, reason);
        finish(test);
    }

    @Override
    public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
        Throwable problem = result.getThrowable().orElse(null);
        switch (result.getStatus()) {
            case FAILED -> fail(test, problem);
            case ABORTED -> skip(test, problem == null ? null : problem.getMessage());
            case SUCCESSFUL -> pass(test);
        }
        finish(test);
    }

    @Override
    public synchronized void testPlanExecutionFinished(TestPlan plan) {
        print(skipped + " skipped" + (skipped == 0 ? "" : ":"));
        skips.forEach(
                (reason, byClass) -> {
                    print("  " + reason);
                    byClass.forEach((name, methods) -> print("    " + name + ": " + list(methods)));
                });
        if (hasFailures()) {
            print("failed, as shown above:");
            failures.forEach(failure -> print("  " + failure));
        }
        String word = finishedClasses == 1 ? " class in " : " classes in ";
        print(finishedClasses + word + secondsSince(start) + " s");
        print(passed + " passed, " + failures.size() + " failed");
    }

    private static String list(Map<String, Integer> methods) {
        List<String> listed = new ArrayList<>();
        methods.forEach(
                (name, count) -> listed.add(count == 1 ? name : name + " (" + count + " times)"));
        return String.join(", ", listed);
    }

    // Names

    private static boolean isClass(TestIdentifier test) {
        return test.getUniqueIdObject().getLastSegment().getType().equals("class");
    }

    /** Returns the simple name of a test's class; for an engine, its own name. */
    private static String className(TestIdentifier test) {
        for (UniqueId.Segment segment : test.getUniqueIdObject().getSegments()) {
            if (segment.getType().equals("class")) {
                return segment.getValue().substring(segment.getValue().lastIndexOf('.') + 1);
            }
        }
        return test.getDisplayName();
    }

    private static String methodName(TestIdentifier test) {
        return test.getSource()
                .filter(MethodSource.class::isInstance)
                .map(source -> ((MethodSource) source).getMethodName())
                .orElse(test.getDisplayName());
    }

    /** Returns the name of a test's method, with the arguments if it is called several times. */
    private static String callName(TestIdentifier test) {
        String method = methodName(test);
        String shown = test.getDisplayName();
        return shown.startsWith(method) ? method : method + ' ' + shown;
    }

    // Counting

    private Counts counts(TestIdentifier test) {
        return classes.computeIfAbsent(className(test), name -> new Counts());
    }

    /** A class, or a method that is called several times, contains tests but is not a test. */
    private void pass(TestIdentifier test) {
        if (test.isTest()) {
            counts(test).passed++;
            passed++;
        }
    }

    private void fail(TestIdentifier test, Throwable problem) {
        counts(test).failed++;
        String name = className(test) + (isClass(test) ? "" : '.' + callName(test));
        failures.add(name);
        print("FAILED " + name);
        if (problem != null) {
            print(trimmed(problem, "    "));
        }
    }

    private void skip(TestIdentifier test, String message) {
        counts(test).skipped++;
        skipped++;
        String reason = message == null ? "no reason is given" : message;
        skips.computeIfAbsent(reason.replace("Assumption failed: ", ""), key -> new TreeMap<>())
                .computeIfAbsent(className(test), key -> new TreeMap<>())
                .merge(isClass(test) ? "all its tests" : methodName(test), 1, Integer::sum);
    }

    private void finish(TestIdentifier test) {
        if (isClass(test)) {
            runningClasses.remove(className(test));
            finishedClasses++;
            if (!isTerminal) {
                print(line(className(test), counts(test)));
            }
        }
        drawBar();
    }

    // Printing

    private String line(String name, Counts counts) {
        return String.format(
                Locale.ROOT,
                "%2d/%d  %-24s %4d passed%s%s, %s s",
                finishedClasses,
                totalClasses,
                name,
                counts.passed,
                counts.failed == 0 ? "" : ", " + counts.failed + " FAILED",
                counts.skipped == 0 ? "" : ", " + counts.skipped + " skipped",
                secondsSince(counts.start));
    }

    private static String secondsSince(long nanoTime) {
        return String.format(Locale.ROOT, "%.1f", (System.nanoTime() - nanoTime) / 1e9);
    }

    private void print(String text) {
        if (isBarShown) {
            out.print(START_OF_LINE);
            isBarShown = false;
        }
        out.println(text);
    }

    private void drawBar() {
        if (isTerminal && totalClasses > 0) {
            int full = BAR_COLUMNS * finishedClasses / totalClasses;
            String bar =
                    "#".repeat(full)
                            + ".".repeat(BAR_COLUMNS - full)
                            + (" " + finishedClasses + '/' + totalClasses + " classes, ")
                            + (passed + " passed, " + failures.size() + " failed: ")
                            + String.join(" ", runningClasses);
            out.print(START_OF_LINE + bar.substring(0, Math.min(bar.length(), MAX_COLUMNS)));
            out.flush();
            isBarShown = true;
        }
    }

    /** Returns the beginning of a message; long ones compare texts. */
    private static String shortened(String message) {
        int left = message.length() - MAX_MESSAGE_CHARS;
        return left <= 0
                ? message
                : message.substring(0, MAX_MESSAGE_CHARS) + "... (" + left + " more characters)";
    }

    /**
     * Returns the message of an exception, psm's frames of its stack, and the same for its causes.
     */
    private static String trimmed(Throwable problem, String indent) {
        StringBuilder text = new StringBuilder(indent);
        text.append(shortened(problem.toString()).replace("\n", "\n" + indent));
        boolean isFirst = true;
        for (StackTraceElement frame : problem.getStackTrace()) {
            boolean isOfJunit = frame.getClassName().startsWith("org.junit.");
            if (frame.getClassName().startsWith("psm.") || (isFirst && !isOfJunit)) {
                text.append('\n').append(indent).append("    at ").append(frame);
            }
            isFirst &= isOfJunit;
        }
        List<Throwable> others = new ArrayList<>(List.of(problem.getSuppressed()));
        if (problem.getCause() != null) {
            others.add(problem.getCause());
        }
        for (Throwable other : others) {
            text.append('\n')
                    .append(indent)
                    .append("with\n")
                    .append(trimmed(other, indent + "    "));
        }
        return text.toString();
    }
}
