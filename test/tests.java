///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Runs psm's tests: all of them, or the classes that are named, as in ./jbangw test/tests.java TextTest
//JAVA 17+
//DEPS org.junit.jupiter:junit-jupiter:6.1.3
//DEPS org.junit.platform:junit-platform-launcher:6.1.3
//DEPS com.fasterxml.jackson.core:jackson-databind:2.22.4
//DEPS dev.harrel:json-schema:1.8.1
//SOURCES ../lib/psm/Main.java
//SOURCES psm/*.java
//SOURCES psm/text/*.java
//SOURCES psm/trust/*.java
//SOURCES psm/smaps/*.java
//SOURCES psm/proc/*.java
//SOURCES psm/cgroup/*.java
//SOURCES psm/name/*.java
//SOURCES psm/scan/*.java
//SOURCES psm/snapshot/*.java
//SOURCES psm/probe/*.java
//SOURCES psm/delta/*.java
//SOURCES psm/record/*.java
//SOURCES psm/system/*.java
//SOURCES psm/report/*.java
//SOURCES psm/oom/*.java
//SOURCES psm/trend/*.java
//SOURCES psm/growth/*.java
//SOURCES psm/diff/*.java
//SOURCES psm/picture/*.java
//SOURCES psm/fleet/*.java
//SOURCES psm/cell/*.java
//SOURCES psm/metrics/*.java
//SOURCES psm/svg/*.java
//SOURCES psm/html/*.java
//SOURCES psm/format/*.java
//SOURCES psm/cli/*.java
//SOURCES psm/command/*.java
//SOURCES psm/terminal/*.java
//SOURCES psm/remote/*.java
//SOURCES psm/service/*.java
//SOURCES psm/install/*.java
//SOURCES psm/compatibility/*.java
//SOURCES psm/endtoend/*.java
//SOURCES psm/support/*.java
//COMPILE_OPTIONS -encoding UTF-8 -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC

import static org.junit.platform.engine.discovery.ClassNameFilter.includeClassNamePatterns;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import org.junit.jupiter.api.ClassOrderer;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import psm.support.Progress;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Pattern;

/**
 * Runs the tests, several classes at a time where they allow it, and shows what it does.
 *
 * <p>Without options it runs all tests. {@code --unit} runs those without the tag {@code endtoend},
 * which marks tests that start psm or many other programs. {@code --tag TAG} runs the tests with a
 * tag: {@code jdk} marks what can differ on another JDK, {@code user} what can differ for an
 * ordinary user. Several options add up; names of classes, without packages, choose among them.
 *
 * <p>{@code --again} runs the classes that failed once more, if they are few, in another Java and
 * one after the other: with real services, networks and clocks, a test can be disturbed by what
 * else the machine does. Then the second result counts, and both are printed. {@code --alone} runs
 * classes in that way at once, and fails unless a test of each class passes.
 *
 * <p>It exits with 0 when all tests passed, with 1 when one failed, and with 2 when there is no
 * such option, class or test.
 */
class tests {
    /**
     * Runs classes at the same time, and the methods of a class one after the other. Tests often
     * wait for programs, so three classes share two processors well. The slowest classes have an
     * {@code @Order}, and start first.
     */
    private static final Map<String, String> PARALLEL =
            Map.of(
                    "junit.jupiter.execution.parallel.enabled", "true",
                    "junit.jupiter.execution.parallel.mode.classes.default", "concurrent",
                    "junit.jupiter.execution.parallel.config.strategy", "fixed",
                    "junit.jupiter.execution.parallel.config.fixed.parallelism", "3",
                    "junit.jupiter.execution.parallel.config.executor-service",
                            "WORKER_THREAD_POOL",
                    "junit.jupiter.testclass.order.default",
                            ClassOrderer.OrderAnnotation.class.getName());

    private static final Set<String> TAGS = Set.of("endtoend", "jdk", "user");

    /**
     * The logger that warns of each symbolic link that JUnit deletes. A logger to which no field
     * refers forgets its level.
     */
    private static final Logger DELETIONS = Logger.getLogger("org.junit.jupiter.api.io");

    private static final String USAGE =
            "takes [--unit] [--tag TAG]... [--again | --alone] [CLASS...]";

    /** How many classes {@code --again} runs once more: where more fail, psm is wrong. */
    private static final int MAX_CLASSES_AGAIN = 3;

    private final List<String> tags = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private boolean isAgain;
    private boolean isAlone;

    public static void main(String... arguments) {
        new tests().run(arguments);
    }

    private void run(String... arguments) {
        parse(arguments);
        DELETIONS.setLevel(Level.SEVERE);
        Launcher launcher = LauncherFactory.create();
        TestPlan plan = launcher.discover(request(isAlone ? Map.of() : PARALLEL));
        for (String name : names) {
            if (plan.countTestIdentifiers(test -> isClass(test, name)) == 0) {
                String tagged = tags.isEmpty() ? "" : " and tagged " + String.join(" or ", tags);
                refuse("there is no class " + name + " with tests" + tagged);
            }
        }
        if (!plan.containsTests()) {
            refuse("no class is tagged " + String.join(" or ", tags));
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Progress progress = new Progress(out);
        launcher.execute(plan, progress);
        Set<String> failed = progress.failedClasses();
        if (isAlone) {
            System.exit(progress.havePassed(names) ? 0 : 1);
        }
        if (isAgain && !failed.isEmpty() && failed.size() <= MAX_CLASSES_AGAIN) {
            out.println("\nonce more, alone: " + String.join(", ", failed));
            System.exit(runAlone(failed));
        }
        System.exit(progress.hasFailures() ? 1 : 0);
    }

    /** Runs classes in a Java of their own, in which no other class has left anything. */
    private int runAlone(Set<String> failed) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        words.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        words.addAll(List.of("-cp", System.getProperty("java.class.path"), "tests", "--alone"));
        tags.stream()
                .map(tag -> tag.startsWith("!") ? List.of("--unit") : List.of("--tag", tag))
                .forEach(words::addAll);
        words.addAll(failed);
        try {
            return new ProcessBuilder(words).inheritIO().start().waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(words + " did not start", e);
        }
    }

    private void parse(String... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            if (argument.equals("--unit")) {
                tags.add("!endtoend");
            } else if (argument.equals("--tag")) {
                i++;
                if (i == arguments.length || !TAGS.contains(arguments[i])) {
                    refuse(
                            "--tag takes one of "
                                    + String.join(", ", TAGS.stream().sorted().toList()));
                }
                tags.add(arguments[i]);
            } else if (argument.equals("--again")) {
                isAgain = true;
            } else if (argument.equals("--alone")) {
                isAlone = true;
            } else if (argument.startsWith("-")) {
                refuse(argument + ": no such option; " + USAGE);
            } else {
                names.add(argument);
            }
        }
    }

    private static void refuse(String problem) {
        System.err.println("tests.java: " + problem);
        System.exit(2);
    }

    private static boolean isClass(TestIdentifier test, String name) {
        return test.getSource()
                .filter(ClassSource.class::isInstance)
                .filter(source -> ((ClassSource) source).getClassName().endsWith('.' + name))
                .isPresent();
    }

    /** Asks for all tests of psm, or for those of classes with one of the tags and names. */
    private LauncherDiscoveryRequest request(Map<String, String> configuration) {
        LauncherDiscoveryRequestBuilder request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectPackage("psm"))
                        .configurationParameters(configuration);
        if (!tags.isEmpty()) {
            request.filters(TagFilter.includeTags(tags));
        }
        if (!names.isEmpty()) {
            String anyName = String.join("|", names.stream().map(Pattern::quote).toList());
            request.filters(includeClassNamePatterns(".*\\.(" + anyName + ')'));
        }
        return request.build();
    }
}
