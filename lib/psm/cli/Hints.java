package psm.cli;

import psm.format.Formats;
import psm.report.Figure;
import psm.report.Grouping;
import psm.text.Nearest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Guesses what a user meant who typed an argument that psm does not take. */
final class Hints {
    static final String HELP = "help";

    /** The options of similar programs, and psm's for the same. */
    private static final Map<String, String> OF_OTHERS =
            Map.ofEntries(
                    Map.entry("--limit", "-n 10"),
                    Map.entry("--top", "-n 10"),
                    Map.entry("--head", "-n 10"),
                    Map.entry("--lines", "-n 10"),
                    Map.entry("--interval", "-w 5"),
                    Map.entry("--delay", "-w 5"),
                    Map.entry("-k", "--units k"),
                    Map.entry("-g", "--units g"),
                    Map.entry("-H", "--units auto"),
                    Map.entry("--human", "--units auto"),
                    Map.entry("--human-readable", "--units auto"),
                    Map.entry("--color", "NO_COLOR=1 psm"),
                    Map.entry("--no-color", "NO_COLOR=1 psm"),
                    Map.entry("--kill", "psm oom"));

    /** The dashes of typeset text: an en dash, an em dash and a minus sign. */
    private static final String LONG_DASHES = "\u2013\u2014\u2212";

    private final List<String> args;
    private final Topic topic;

    Hints(Topic topic, String... args) {
        this.topic = topic;
        this.args = List.of(args);
    }

    /** Returns the command that the first argument may stand for, or {@code null}. */
    static String command(String typed) {
        List<String> commands = new ArrayList<>(OptionSpecs.OTHER_COMMANDS);
        for (Topic topic : Topic.COMMANDS) {
            commands.add(topic.command);
        }
        commands.add(HELP);
        return Nearest.meant(typed, commands);
    }

    /** Returns what is wrong with an argument that is no option, and what would work. */
    String forWord(String word) {
        String psm =
                topic.command == null ? OptionSpecs.PSM : OptionSpecs.PSM + ' ' + topic.command;
        if (word.equals(HELP)) {
            return "did you mean " + psm + " --help?";
        }
        if (word.equals("version")) {
            return "did you mean " + OptionSpecs.PSM + " --version?";
        }
        if (!word.isEmpty() && LONG_DASHES.indexOf(word.charAt(0)) >= 0) {
            return "begins with a long dash; type -- or -";
        }
        if (word.matches("-[0-9]+")) {
            return "no such option; did you mean "
                    + Option.ROWS.brief()
                    + ' '
                    + word.substring(1)
                    + '?';
        }
        int at = args.indexOf(word);
        String advice = at > 0 ? afterOption(word, at) : null;
        if (advice != null) {
            return advice;
        }
        String command = at == 0 ? command(word) : null;
        return psm
                + " takes only options; "
                + (command == null ? "" : "did you mean psm " + command + "? ")
                + toChoose(word, at);
    }

    /** Returns the option that may be meant by a word at a place: a format, or a filter. */
    private String toChoose(String word, int at) {
        if (isFormat(word)) {
            return "did you mean " + Option.OUTPUT.brief() + ' ' + word + '?';
        }
        String filter = Option.FILTER.brief() + ' ';
        boolean isSecond = at > 1 && Option.named(args.get(at - 2), topic) == Option.FILTER;
        return isSecond
                ? "to choose several programs, use "
                        + filter
                        + ("'" + args.get(at - 1) + '|' + word + "'")
                : "to choose programs, use " + filter + word;
    }

    private boolean isFormat(String word) {
        return topic == Topic.PROCESSES && List.of(Formats.names().split(", ", -1)).contains(word);
    }

    /** Returns advice for a word that may be the value of the option before it, or {@code null}. */
    private String afterOption(String word, int at) {
        String before = args.get(at - 1);
        Option flag = Option.named(before, topic);
        if (flag == null || flag.takesValue()) {
            return inList(word, at);
        }
        Option meant =
                switch (flag) {
                    case BY_USER -> Option.USER;
                    case BY_PID -> word.matches("[0-9,]+|self") ? Option.PID : null;
                    case BY_COMMAND -> Figure.named(word) == null ? null : Option.SORT;
                    default -> null;
                };
        return before
                + " takes no value; "
                + (meant == null ? toChoose(word, at) : "did you mean " + meant + ' ' + word + '?');
    }

    /** Returns advice for a word that may belong to the list before it, or {@code null}. */
    private String inList(String word, int at) {
        int first = at - 1;
        while (first > 0 && !args.get(first).startsWith("-")) {
            first--;
        }
        String[] start = args.get(first).split("=", 2);
        Option option = Option.named(start[0], topic);
        boolean isOfPids = option == Option.PID || option == Option.CHILDREN_OF;
        boolean isGoingOn = args.get(at - 1).endsWith(",") || word.startsWith(",");
        boolean isPid = isOfPids && word.matches("[0-9]+");
        boolean isOfList = option != null && option.isOfList();
        if (!isOfList || !(isGoingOn || isPid || option == Option.HOSTS)) {
            return null;
        }
        StringBuilder list = new StringBuilder(start.length < 2 ? "" : start[1]);
        for (int i = first + 1; i < args.size() && !args.get(i).startsWith("-"); i++) {
            list.append(',').append(args.get(i));
        }
        String joined = list.toString().replaceAll(",+", ",").replaceAll("^,|,$", "");
        return "a list has commas and no blanks: " + start[0] + ' ' + joined;
    }

    /** Returns the value of an option that psm does not have; an empty text if it has none. */
    private String valueOf(String typed) {
        int equals = typed.indexOf('=');
        int next = args.indexOf(typed) + 1;
        return equals >= 0
                ? typed.substring(equals + 1)
                : next > 0 && next < args.size() ? args.get(next) : "";
    }

    /** Returns advice for an option that psm does not have, or {@code null}. */
    String forOption(String typed) {
        String name = typed.split("=", 2)[0];
        String other = OF_OTHERS.get(name);
        String word = name.replaceFirst("^-+", "");
        if (other != null) {
            String value = valueOf(typed);
            return value.matches("[0-9]+") ? other.replaceFirst("[0-9]+$", value) : other;
        }
        boolean isOption = Option.HOSTS.toString().startsWith(name); // host is a column, too
        if (name.startsWith("--") && topic == Topic.PROCESSES && !isOption) {
            if (isFormat(word)) {
                return Option.OUTPUT.brief() + ' ' + word;
            }
            if (Grouping.named(word) != null) {
                return Option.BY + " " + word;
            }
            if (Figure.named(word) != null) {
                return Option.SORT + " " + word + ", or " + Option.COLUMNS.brief() + " +" + word;
            }
        }
        return null;
    }
}
