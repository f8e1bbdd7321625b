package psm.cli;

import psm.name.UserNames;
import psm.proc.InvokingUser;
import psm.proc.OwnProcess;
import psm.scan.Selection;
import psm.text.Failure;
import psm.text.Nearest;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the options that choose processes by their properties. */
final class SelectionArguments {
    private static final Pattern ID = Pattern.compile("[0-9]{1,10}");
    private static final Pattern PID = Pattern.compile("[1-9][0-9]{0,8}");

    private final ParsedOptions parsed;

    SelectionArguments(ParsedOptions parsed) {
        this.parsed = parsed;
    }

    /** Returns which processes are wanted. */
    Selection selection() throws Failure {
        List<Selection.Rule> rules = new ArrayList<>();
        for (Selection.By by : Selection.By.values()) {
            Option option = Option.choosing(by);
            if (!parsed.has(option)) {
                continue;
            }
            String value = parsed.value(option, "");
            boolean isNot = value.startsWith("!");
            Set<String> wanted = new LinkedHashSet<>();
            String list = isNot ? value.substring(1) : value;
            for (String name : parsed.split(option, value, list)) {
                boolean isPid = by == Selection.By.PID || by == Selection.By.ANCESTOR;
                wanted.add(isPid ? pid(option, name) : name);
            }
            boolean isOfThisHost = !parsed.has(Option.FROM) && !parsed.has(Option.PROC);
            if (by == Selection.By.USER && isOfThisHost) {
                requireUsers(wanted);
            }
            rules.add(new Selection.Rule(by, wanted, isNot));
        }
        if (parsed.has(Option.MINE)) {
            rules.add(new Selection.Rule(Selection.By.USER, Set.of(InvokingUser.user()), false));
        }
        return rules.isEmpty() ? Selection.ALL : new Selection(rules);
    }

    private void requireUsers(Set<String> wanted) throws Failure {
        UserNames names = UserNames.ofThisHost();
        for (String user : wanted) {
            if (!isId(user) && !names.hasUser(user)) {
                throw parsed.refused(
                        Option.USER,
                        user,
                        "no such user; "
                                + (user.startsWith("!") ? "! goes before the whole list; " : "")
                                + "there are "
                                + Nearest.some(user, names.users()));
            }
        }
    }

    /** Returns whether a text is a user id; the user need not have a name. */
    static boolean isId(String user) {
        return ID.matcher(user).matches();
    }

    private String pid(Option option, String name) throws Failure {
        if (name.equals("self")) {
            if (parsed.has(Option.FROM)) {
                throw parsed.refused(
                        option, name, "is this psm, which is not in a snapshot; leave it out");
            }
            return Integer.toString(new OwnProcess().pid());
        }
        if (!PID.matcher(name).matches()) {
            throw parsed.refused(option, name, "takes pids, such as 42,4711, or self");
        }
        return name;
    }
}
