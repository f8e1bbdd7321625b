///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Holds psm to the inputs that fuzzing knows, by Jazzer's regression mode; test/fuzz looks for others
//JAVA 17+
//DEPS org.junit.jupiter:junit-jupiter:6.1.3
//DEPS org.junit.platform:junit-platform-commons:6.1.3
//DEPS org.junit.platform:junit-platform-launcher:6.1.3
//DEPS com.code-intelligence:jazzer-junit:0.30.0
//DEPS com.fasterxml.jackson.core:jackson-databind:2.22.4
//SOURCES ../lib/psm/Main.java
//SOURCES psm/support/*.java
//SOURCES psm/fuzzing/*.java
//SOURCES psm/html/HtmlPage.java
//SOURCES psm/metrics/Exposition.java
//SOURCES psm/record/MadeUpRecording.java
//COMPILE_OPTIONS -encoding UTF-8 -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC
//RUNTIME_OPTIONS -XX:+EnableDynamicAgentLoading --enable-native-access=ALL-UNNAMED -Xshare:off

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

import psm.support.Progress;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Runs the known inputs without Jazzer's hooks, which look for bugs of a kind that psm cannot have.
 */
class fuzz {
    public static void main(String... args) {
        LauncherDiscoveryRequest request =
                LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass("psm.fuzzing.KnownInputsTest"))
                        .configurationParameter("jazzer.hooks", "false")
                        .build();
        Progress progress = new Progress(new PrintStream(System.out, true, StandardCharsets.UTF_8));
        LauncherFactory.create().execute(request, progress);
        System.exit(progress.hasFailures() ? 1 : 0);
    }
}
