///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Runs psm's tests: all of them, or the classes that are named, as in ./jbangw test/tests.java TextTest
//JAVA 17+
//DEPS org.junit.jupiter:junit-jupiter:6.1.3
//DEPS org.junit.platform:junit-platform-console:6.1.3
//DEPS com.fasterxml.jackson.core:jackson-databind:2.22.4
//DEPS dev.harrel:json-schema:1.8.1
//DEPS dev.harrel:json-schema:1.8.1
//SOURCES ../lib/psm/Main.java
//SOURCES psm/*.java
//SOURCES psm/text/*.java
//SOURCES psm/smaps/*.java
//SOURCES psm/proc/*.java
//SOURCES psm/cgroup/*.java
//SOURCES psm/name/*.java
//SOURCES psm/scan/*.java
//SOURCES psm/snapshot/*.java
//SOURCES psm/report/*.java
//SOURCES psm/format/*.java
//SOURCES psm/cli/*.java
//SOURCES psm/install/*.java
//SOURCES psm/endtoend/*.java
//SOURCES psm/support/*.java
//COMPILE_OPTIONS -encoding UTF-8

import org.junit.platform.console.ConsoleLauncher;
import org.junit.platform.console.command.CommandResult;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs JUnit's console launcher, and ends with one line that people and programs can read. */
class tests {
    public static void main(String... classes) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        CommandResult<?> result = ConsoleLauncher.run(out, err, launcherOptions(classes));
        TestExecutionSummary summary = (TestExecutionSummary) result.getValue().orElse(null);
        if (summary == null) {
            System.exit(result.getExitCode() == 0 ? 1 : result.getExitCode());
        }
        long skipped = summary.getTestsSkippedCount() + summary.getTestsAbortedCount();
        long containers = summary.getContainersSkippedCount() + summary.getContainersAbortedCount();
        String ofClasses =
                containers == 0 ? "" : ", and all of " + containers + " classes or factories";
        System.out.println(skipped + " skipped" + ofClasses + ", each with a word above");
        System.out.println(closingLine(summary));
        System.exit(result.getExitCode());
    }

    private static String[] launcherOptions(String... classes) {
        List<String> options = new ArrayList<>();
        options.addAll(List.of("execute", "--disable-banner", "--disable-ansi-colors"));
        options.addAll(List.of("--details=tree", "--fail-if-no-tests"));
        options.add("--select-package=psm");
        for (String name : classes) {
            options.add("--include-classname=.*[.]" + name + "$");
        }
        return options.toArray(new String[0]);
    }

    /** A container that fails takes tests with it that never ran: it counts as one that failed. */
    private static String closingLine(TestExecutionSummary summary) {
        long failed = summary.getTestsFailedCount() + summary.getContainersFailedCount();
        return summary.getTestsSucceededCount() + " passed, " + failed + " failed";
    }
}
