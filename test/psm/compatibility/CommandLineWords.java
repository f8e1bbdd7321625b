package psm.compatibility;

import psm.support.Command;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads from psm's help which words its command line has: commands, options, names and choices. */
final class CommandLineWords {
    private static final Pattern OPTION =
            Pattern.compile("^ +(?:(-\\w), )?(--[a-z-]+)(\\[?=[^ ]+)?.*");
    private static final Pattern COMMAND = Pattern.compile("^  ([a-z]+) {2,}\\S.*");

    private final Set<String> words = new TreeSet<>();

    private CommandLineWords() {}

    /** Returns them all, each in a line: {@code --by program}, {@code psm growth --within=}. */
    static Set<String> all() {
        CommandLineWords all = new CommandLineWords();
        all.addOptions("psm");
        String help = Command.psm("--help").run().out();
        boolean isOfCommands = false;
        for (String line : help.lines().toList()) {
            Matcher command = COMMAND.matcher(line);
            if (line.endsWith(":")) {
                isOfCommands = line.equals("Commands:");
            } else if (isOfCommands && command.matches()) {
                all.words.add("psm " + command.group(1));
                all.addOptions("psm " + command.group(1));
            }
        }
        for (String list : new String[] {"--by", "-c"}) {
            for (String line : Command.psm(list, "help").run().out().lines().toList()) {
                all.words.add(list + ' ' + line.split(" ", 2)[0]);
            }
        }
        all.addListed("-o ", "-o", "help");
        all.addListed("psm diff --sort=", "diff", "--sort", "help");
        return all.words;
    }

    /** Adds what a message lists: the words that would have been right. */
    private void addListed(String start, String... wrong) {
        String message = Command.psm(wrong).run().err();
        for (String word : message.strip().replaceFirst(".*there are ", "").split(", ", -1)) {
            words.add(start + word);
        }
    }

    private void addOptions(String command) {
        String[] words = (command + " --help").split(" ", -1);
        String help = Command.psm(Arrays.copyOfRange(words, 1, words.length)).run().out();
        for (String line : help.lines().toList()) {
            Matcher option = OPTION.matcher(line);
            if (option.matches()) {
                add(command, option.group(1), option.group(3));
                add(command, option.group(2), option.group(3));
            }
        }
    }

    private void add(String command, String option, String label) {
        if (option == null) {
            return;
        }
        boolean takesValue = label != null && !label.startsWith("[");
        words.add(command + ' ' + option + (takesValue ? "=" : ""));
        if (label != null && label.contains("|")) {
            for (String choice : label.replaceAll("[\\[\\]=]", "").split("\\|", -1)) {
                words.add(command + ' ' + option + '=' + choice);
            }
        }
    }
}
