package psm.cli;

import psm.name.UserNames;
import psm.proc.InvokingUser;
import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.scan.Selection;
import psm.text.Failure;
import psm.text.Nearest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the options that choose processes by their properties. */
public final class SelectionArguments {
    private static final Pattern ID = Pattern.compile("[0-9]{1,10}");
    private static final Pattern PID = Pattern.compile("[1-9][0-9]{0,8}");

    private static final String PIDS_WANTED = "takes pids, such as 42,4711, or self";

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
            boolean isPid = by == Selection.By.PID || by == Selection.By.ANCESTOR;
            String list = isNot ? value.substring(1) : value;
            if (isPid && list.isBlank()) {
                throw parsed.refused(option, value, "no pid; " + PIDS_WANTED);
            }
            // pgrep(1) prints a pid in each line.
            for (String name : parsed.split(option, value, isPid ? commas(list) : list)) {
                wanted.add(isPid ? pid(option, name) : name);
            }
            boolean isHere = !parsed.isOfFiles() && !parsed.has(Option.HOSTS);
            if (by == Selection.By.USER && isHere) {
                requireUsers(wanted, isNot ? "!" : "");
            }
            rules.add(new Selection.Rule(by, wanted, isNot));
        }
        if (parsed.has(Option.MINE)) {
            rules.add(new Selection.Rule(Selection.By.USER, Set.of(InvokingUser.user()), false));
        }
        return rules.isEmpty() ? Selection.ALL : new Selection(rules);
    }

    private void requireUsers(Set<String> wanted, String not) throws Failure {
        UserNames names = UserNames.of(proc());
        for (String user : wanted) {
            if (!isId(user) && !names.hasUser(user)) {
                String hint = user.startsWith("!") ? "! goes before the whole list; " : "";
                String advice = hint + known(user, names.users());
                throw parsed.refused(Option.USER, not + user, "no such user; " + advice);
            }
        }
    }

    private String known(String user, List<String> names) throws Failure {
        return names.isEmpty()
                ? Options.proc(parsed.value(Option.PROC))
                        + "/../etc/passwd names no users, so give ids, such as 0"
                : "there are " + Nearest.some(user, names);
    }

    private ProcFs proc() throws Failure {
        return new ProcFs(Options.proc(parsed.value(Option.PROC)));
    }

    /** Returns whether a text is a user id; the user need not have a name. */
    public static boolean isId(String user) {
        return ID.matcher(user).matches();
    }

    private static String commas(String list) {
        return list.strip().replaceAll("[,\\s]*\\s[,\\s]*", ",");
    }

    private String pid(Option option, String name) throws Failure {
        if (name.equals("self")) {
            if (parsed.isOfFiles()) {
                throw parsed.refused(
                        option,
                        name,
                        "self is this psm; give the pid of the one that wrote the snapshot");
            }
            if (parsed.has(Option.HOSTS)) {
                throw parsed.refused(
                        option, name, "self is this psm; give the pid of a process there");
            }
            return parsed.has(Option.PROC)
                    ? self(option)
                    : Integer.toString(new OwnProcess().pid());
        }
        if (!PID.matcher(name).matches()) {
            throw parsed.refused(option, name, PIDS_WANTED);
        }
        return name;
    }

    /** Returns the process that another tree's link {@code self} leads to. */
    private String self(Option option) throws Failure {
        String pid;
        try {
            pid = proc().link("self");
        } catch (IOException e) {
            pid = "";
        }
        if (!PID.matcher(pid).matches()) {
            throw parsed.refused(
                    option,
                    "self",
                    parsed.value(Option.PROC) + "/self names no process; give a pid");
        }
        return pid;
    }
}
