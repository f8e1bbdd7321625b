package psm.remote;

import psm.text.Failure;

import java.nio.charset.Charset;
import java.nio.charset.CharsetEncoder;
import java.util.ArrayList;
import java.util.List;

/**
 * The command that reaches a machine: the user's own ssh(1), or any other program that passes
 * standard input and output on to {@code sh} there.
 *
 * @param words the program and its arguments
 * @param isSsh whether the program is ssh, which gets more arguments
 */
public record Transport(List<String> words, boolean isSsh) {
    /** Stands for the machine in the words of another program than ssh. */
    public static final String MACHINE = "{}";

    /** The program that is run if the user names none. */
    public static final Transport SSH = new Transport(List.of("ssh"), true);

    /** How Java encodes the words of a command; what it cannot encode becomes a question mark. */
    private static final CharsetEncoder ENCODER =
            Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8")).newEncoder();

    /**
     * The arguments for ssh behind the user's own, which count first: no question, no terminal, a
     * dead connection ends, nothing is forwarded, and no file is changed. A user's own control
     * socket is used where it exists, but none is made, since its ssh would stay.
     */
    private static final List<String> OPTIONS =
            List.of(
                    "-T",
                    "-oBatchMode=yes",
                    "-oConnectTimeout=10",
                    "-oServerAliveInterval=5",
                    "-oServerAliveCountMax=3",
                    "-oCompression=yes",
                    "-oForwardAgent=no",
                    "-oForwardX11=no",
                    "-oClearAllForwardings=yes",
                    "-oControlMaster=no",
                    "-oUpdateHostKeys=no",
                    "-oPermitLocalCommand=no",
                    "-oRemoteCommand=none");

    /**
     * Returns ssh as the user's words start it.
     *
     * @param option the option with the words, for messages
     */
    public static Transport ssh(String option, String command) throws Failure {
        return new Transport(split(option, command), true);
    }

    /**
     * Returns another program than ssh.
     *
     * @param option the option with the words, for messages
     */
    public static Transport via(String option, String command) throws Failure {
        List<String> words = split(option, command);
        if (words.get(0).contains(MACHINE)) {
            throw refused(option, command, "begins with a program, and {} is an argument");
        }
        return new Transport(words, false);
    }

    /** Returns whether the words name the machine; if not, all machines are the same one. */
    public boolean namesMachine() {
        return isSsh || words.stream().anyMatch(word -> word.contains(MACHINE));
    }

    /**
     * Returns the command for a machine.
     *
     * @param remote what ssh starts there
     */
    List<String> command(String host, String remote) {
        List<String> command = new ArrayList<>();
        if (isSsh) {
            command.addAll(words);
            command.addAll(OPTIONS);
            command.add("--");
            command.add(host);
            command.add(remote);
        } else {
            for (String word : words) {
                command.add(word.replace(MACHINE, host));
            }
        }
        return command;
    }

    /**
     * Splits a command into words as a shell does: at blanks, but not within quotes, nor behind a
     * backslash. Nothing else of a shell has a meaning.
     */
    static List<String> split(String option, String command) throws Failure {
        List<String> words = new ArrayList<>();
        StringBuilder word = null;
        char quote = 0;
        for (int i = 0; i < command.length(); i++) {
            char c = command.charAt(i);
            if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
                if (word != null) {
                    words.add(word.toString());
                    word = null;
                }
                continue;
            }
            word = word == null ? new StringBuilder() : word;
            boolean isEscape = c == '\\' && i + 1 < command.length() && quote != '\'';
            if (isEscape && (quote == 0 || "\\\"".indexOf(command.charAt(i + 1)) >= 0)) {
                word.append(command.charAt(++i));
            } else if (quote == 0 && (c == '\'' || c == '"')) {
                quote = c;
            } else if (c == quote) {
                quote = 0;
            } else {
                word.append(c);
            }
        }
        if (quote != 0) {
            throw refused(option, command, "has a quote without its end");
        }
        if (word != null) {
            words.add(word.toString());
        }
        if (words.isEmpty() || words.get(0).isEmpty()) {
            throw refused(option, "'" + command + "'", "names no program");
        }
        if (!ENCODER.canEncode(command)) {
            throw refused(
                    option, command, "cannot be passed on in this locale; set LC_ALL=C.UTF-8");
        }
        return words;
    }

    private static Failure refused(String option, String command, String problem) {
        return Failure.usage(option + " " + command + ": " + problem, null);
    }
}
