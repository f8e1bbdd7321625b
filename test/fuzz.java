///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Holds psm to the inputs that fuzzing knows, by Jazzer's regression mode; test/fuzz looks for others
//JAVA 17+
//DEPS org.junit.jupiter:junit-jupiter:6.1.3
//DEPS org.junit.platform:junit-platform-console:6.1.3
//DEPS org.junit.platform:junit-platform-commons:6.1.3
//DEPS org.junit.platform:junit-platform-launcher:6.1.3
//DEPS com.code-intelligence:jazzer-junit:0.30.0
//DEPS com.fasterxml.jackson.core:jackson-databind:2.22.4
//SOURCES ../lib/psm/Main.java
//SOURCES psm/support/*.java
//SOURCES psm/fuzzing/*.java
//COMPILE_OPTIONS -encoding UTF-8
//RUNTIME_OPTIONS -XX:+EnableDynamicAgentLoading --enable-native-access=ALL-UNNAMED -Xshare:off

import org.junit.platform.console.ConsoleLauncher;

/**
 * Runs JUnit's console launcher, without Jazzer's hooks: they look for bugs in what psm has not.
 */
class fuzz {
    public static void main(String... args) {
        ConsoleLauncher.main(
                "execute",
                "--disable-banner",
                "--disable-ansi-colors",
                "--details=summary",
                "--fail-if-no-tests",
                "--config=jazzer.hooks=false",
                "--select-class=psm.fuzzing.KnownInputsTest");
    }
}
