package psm.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Command;
import psm.support.Window;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Completes command lines in real shells: types a line and a tab, and looks what is run. */
class CompletionsTest {
    /** Lines to type, and what they become. */
    private static final String[][] LINES = {
        {"diff CONTRIBU", "diff CONTRIBUTING.md"},
        {"diff --sort swap_b", "diff --sort swap_before"},
        {"--by us", "--by user"},
        {"--by user,prog", "--by user,program"},
        {"--by=user,tre", "--by=user,tree"},
        {"-c pss,pea", "-c pss,peak"},
        {"-c +pss,+threa", "-c +pss,+threads"},
        {"--user www-d", "--user www-data"},
        {"--user root,www-d", "--user root,www-data"},
        {"--user=root,www-d", "--user=root,www-data"},
        {"install --group www-d", "install --group www-data"},
        {"inst", "install"},
        {"oom --outp", "oom --output"},
        {"maps --by ki", "maps --by kind"},
        {"-o js", "-o json"},
        {"-u --spr", "-u --spread"},
        {"-p sel", "-p self"},
        {"--hosts db0", "--hosts db01"},
        {"--hosts web1,db0", "--hosts web1,db01"},
        {"--from /etc/hostn", "--from /etc/hostname"}
    };

    @TempDir Path folder;

    /** Makes a psm that prints its arguments, and the files of a shell. */
    private void make() throws IOException {
        Path psm = Files.writeString(folder.resolve("psm"), "#!/bin/sh\necho \"ran <$*>\"\n");
        assertTrue(psm.toFile().setExecutable(true));
        Files.writeString(folder.resolve("psm.bash"), Completions.bash());
        Files.writeString(folder.resolve("_psm"), Completions.zsh());
        Path ssh = Files.createDirectories(folder.resolve(".ssh"));
        Files.writeString(ssh.resolve("config"), "Host *.example.org\nHost web1 db01\n  Port 22\n");
        Path fish = Files.createDirectories(folder.resolve(".config/fish/completions"));
        Files.writeString(fish.resolve("psm.fish"), Completions.fish());
        // Without it, fish fills it in the background from all man pages, also after its end.
        Files.createDirectories(folder.resolve(".local/share/fish/generated_completions"));
    }

    private Window open(String shell) throws Exception {
        assumeTrue(Command.exists(shell), "there is no " + shell);
        make();
        String start =
                switch (shell) {
                    case "bash" -> "bash --norc --noprofile -i";
                    case "zsh" -> "zsh -f -i";
                    default -> "fish --private -i";
                };
        String before =
                switch (shell) {
                    case "bash" -> ". " + folder + "/psm.bash";
                    case "zsh" ->
                            "fpath=(" + folder + " $fpath); autoload -U compinit; compinit -u -D";
                    default -> "true";
                };
        // A shell that ends writes no history into the folder, which is deleted meanwhile.
        Map<String, String> environment =
                Map.of(
                        "HOME",
                        folder.toString(),
                        "HISTFILE",
                        "/dev/null",
                        "PATH",
                        folder + ":" + System.getenv("PATH"));
        Window window = new Window(200, 24, environment, start);
        window.type(before + "; echo rea''dy\r");
        window.await("ready\r\n", 1);
        return window;
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void valuesAreCompletedInLists(String shell) throws Exception {
        try (Window window = open(shell)) {
            for (String[] line : LINES) {
                window.forget();
                window.type("psm " + line[0] + "\t");
                window.type("\r");
                window.await("ran <", 1);
                window.await(">\r\n", 1);
                String seen = window.seen();
                String ran = seen.substring(seen.lastIndexOf("ran <"));
                assertTrue(ran.startsWith("ran <" + line[1] + ">"), line[0] + ": " + seen);
                assertFalse(seen.contains("not found"), seen);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void valuesAreListed(String shell) throws Exception {
        try (Window window = open(shell)) {
            window.forget();
            window.type("psm --units \t\t");
            window.await("auto", 1);
        }
    }

    @Test
    void shellsAndLintersFindNoErrors() throws IOException {
        make();
        String[][] checks = {
            {"bash", "-n", "psm.bash"},
            {"shellcheck", "-s", "bash", "psm.bash"},
            {"zsh", "-n", "_psm"},
            {"fish", "-n", ".config/fish/completions/psm.fish"}
        };
        for (String[] check : checks) {
            if (Command.exists(check[0])) {
                Command.Result result = Command.of(check).in(folder).run();
                assertEquals(new Command.Result(0, "", ""), result, check[0]);
            }
        }
    }

    @Test
    void unitsAndContainersAreFoundInCgroups() {
        String unit = "0::/system.slice/ssh@1.service/x";
        String id = "0123456789abcdef".repeat(4);
        for (String file : new String[] {Completions.bash(), Completions.zsh()}) {
            assertTrue(file.contains(Completions.UNITS) && file.contains(Completions.CONTAINERS));
        }
        assertEquals("ssh@1.service\nsystem.slice\n", piped(unit, Completions.UNITS));
        assertEquals("0123456789ab\n", piped("0::/docker/" + id, Completions.CONTAINERS));
    }

    private static String piped(String text, String filter) {
        return Command.of("sh", "-c", "echo '" + text + "' | " + filter).run().out();
    }

    /** Over ssh, XDG_DATA_DIRS is not set. */
    @Test
    void fishLooksIntoTheFolder() {
        assumeTrue(Command.exists("fish"), "there is no fish");
        Command fish = Command.of("fish", "-c", "string join \\n $fish_complete_path");
        String home = folder.toString(); // a folder that fish can write to
        String folders = fish.with("XDG_DATA_DIRS", null).with("HOME", home).run().out();
        for (String prefix : new String[] {"/usr/local", home + "/.local"}) {
            Path file = new Prefix(Path.of(prefix)).fish();
            assertTrue(folders.lines().anyMatch(file.getParent().toString()::equals), folders);
        }
    }
}
