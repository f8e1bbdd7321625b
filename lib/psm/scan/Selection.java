package psm.scan;

import psm.cgroup.Cgroup;
import psm.cgroup.SystemdUnit;
import psm.name.UserNames;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Selects processes: those that match all of its rules. May be shared between threads.
 *
 * @param rules the rules; none to select all processes
 */
public record Selection(List<Rule> rules) {
    /** The length of a container's id as docker(1) shows it, which is the start of the whole id. */
    private static final int MIN_ID_CHARS = 12;

    /** The shortest start of an id: a shorter one could be a name. */
    private static final int MIN_START_CHARS = 4;

    /** All processes. */
    public static final Selection ALL = new Selection(List.of());

    /** The property that a rule checks. */
    public enum By {
        /** The pid. */
        PID(null),
        /** The pids of the process and of its ancestors. */
        ANCESTOR(Detail.STAT),
        /** The effective user's name or id. */
        USER(Detail.STATUS),
        /** The path of the control group, or of one above it. */
        CGROUP(Detail.CGROUP),
        /** The systemd unit, slice or session, see {@link SystemdUnit#isIn}. */
        UNIT(Detail.CGROUP),
        /** The container's name, a word of it, or the start of its id. */
        CONTAINER(Detail.CGROUP);

        /** The detail of a process that the rule needs; {@code null} for none. */
        public final Detail needs;

        By(Detail needs) {
            this.needs = needs;
        }
    }

    /**
     * One option of the command line.
     *
     * @param wanted the values; a process matches if it has one of them
     * @param isNot whether a process matches if it has none of them instead
     */
    public record Rule(By by, Set<String> wanted, boolean isNot) {}

    /** Returns whether all processes are wanted. */
    public boolean isAll() {
        return rules.isEmpty();
    }

    /** Returns whether a rule needs a detail. */
    public boolean needs(Detail detail) {
        for (Rule rule : rules) {
            if (rule.by.needs == detail) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether a process is asked for by its pid. */
    public boolean names(int pid) {
        for (Rule rule : rules) {
            boolean isOfPids = rule.by == By.PID || rule.by == By.ANCESTOR;
            if (isOfPids && !rule.isNot && rule.wanted.contains(Integer.toString(pid))) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether a process may be wanted, by its pid alone. */
    boolean takesPid(int pid) {
        for (Rule rule : rules) {
            if (rule.by == By.PID && rule.wanted.contains(Integer.toString(pid)) == rule.isNot) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns the processes that the rules about ancestors select.
     *
     * @param parents the parents that are known, by pid
     */
    Set<Integer> takenDescendants(int[] pids, Map<Integer, Integer> parents) {
        Set<Integer> taken = new HashSet<>();
        for (int pid : pids) {
            taken.add(pid);
        }
        for (Rule rule : rules) {
            if (rule.by == By.ANCESTOR) {
                Set<Integer> descendants = descendants(rule, pids, parents);
                taken.removeIf(pid -> descendants.contains(pid) == rule.isNot);
            }
        }
        return taken;
    }

    /**
     * Returns the descendants of the wanted processes. It follows each line of ancestors only to
     * the first one whose result is known, since a line may contain all processes, or be a circle.
     */
    private static Set<Integer> descendants(Rule rule, int[] pids, Map<Integer, Integer> parents) {
        Map<Integer, Boolean> known = new HashMap<>();
        List<Integer> line = new ArrayList<>();
        Set<Integer> descendants = new HashSet<>();
        for (int pid : pids) {
            line.clear();
            Integer ancestor = pid;
            while (ancestor != null && !known.containsKey(ancestor)) {
                known.put(ancestor, rule.wanted.contains(ancestor.toString()));
                line.add(ancestor);
                ancestor = known.get(ancestor) ? null : parents.get(ancestor);
            }
            Integer top = ancestor == null ? line.get(line.size() - 1) : ancestor;
            boolean isDescendant = known.get(top);
            for (Integer descendant : line) {
                known.put(descendant, isDescendant);
            }
            if (isDescendant) {
                descendants.addAll(line);
            }
        }
        return descendants;
    }

    /** Returns whether a process is wanted, by its details. */
    boolean takes(ProcessDetails details, UserNames users) {
        Cgroup cgroup = null;
        for (Rule rule : rules) {
            if (rule.by.needs == Detail.CGROUP && cgroup == null) {
                cgroup = Cgroup.parse(details.cgroup());
            }
            boolean isIt =
                    switch (rule.by) {
                        case PID, ANCESTOR -> !rule.isNot;
                        case USER -> isUser(rule.wanted, details.status().user(), users);
                        case CGROUP, UNIT, CONTAINER -> isIn(rule.by, rule.wanted, cgroup);
                    };
            if (isIt == rule.isNot) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns whether a control group, its unit or its container is one of those that are wanted.
     */
    public static boolean isIn(By by, Set<String> wanted, Cgroup cgroup) {
        return switch (by) {
            case CGROUP -> isBelow(wanted, cgroup.path());
            case UNIT -> cgroup.path() != null && SystemdUnit.isIn(cgroup.path(), wanted);
            case CONTAINER -> isContainer(wanted, cgroup);
            case PID, ANCESTOR, USER -> false;
        };
    }

    private static boolean isUser(Set<String> wanted, long user, UserNames users) {
        return user != Missing.VALUE
                && (wanted.contains(Long.toString(user)) || wanted.contains(users.user(user)));
    }

    private static boolean isBelow(Set<String> wanted, String path) {
        if (path == null) {
            return false;
        }
        for (String group : wanted) {
            String top = (group.startsWith("/") ? "" : "/") + group;
            String below = top.endsWith("/") ? top : top + '/'; // as shells complete it
            if ((path + '/').startsWith(below)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isContainer(Set<String> wanted, Cgroup cgroup) {
        for (String name : wanted) {
            if (cgroup.containsId(name)) {
                return true;
            }
        }
        String container = cgroup.container();
        if (container == null || wanted.contains(container)) {
            return container != null;
        }
        for (String word : container.split(" ", -1)) {
            for (String name : wanted) {
                if (word.equals(name) || isSameId(word, name)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Returns whether one id starts with the other: users copy whole ids, or type the first digits.
     */
    private static boolean isSameId(String id, String start) {
        boolean isId = isHex(id, MIN_ID_CHARS);
        return isId
                && isHex(start, MIN_START_CHARS)
                && (id.startsWith(start) || start.startsWith(id));
    }

    private static boolean isHex(String id, int minChars) {
        for (int i = 0; i < id.length(); i++) {
            boolean isHex = Character.digit(id.charAt(i), 16) >= 0 || id.charAt(i) == '-';
            if (!isHex) {
                return false;
            }
        }
        return id.length() >= minChars;
    }

    /**
     * Returns the wanted pids that do not exist, in the order of the command line. It returns none
     * if another rule may also be the reason.
     */
    public Set<String> missing(int[] pids) {
        Set<String> missing = new LinkedHashSet<>();
        for (Rule rule : rules) {
            boolean isOfPids = rule.by == By.PID || rule.by == By.ANCESTOR;
            if (isOfPids && rules.size() == 1 && !rule.isNot) {
                missing.addAll(rule.wanted);
            }
        }
        for (int i = 0; i < pids.length && !missing.isEmpty(); i++) {
            missing.remove(Integer.toString(pids[i]));
        }
        return missing;
    }

    /** Returns the parents of processes, by pid. */
    static Map<Integer, Integer> parents(List<ProcessMemory> processes) {
        Map<Integer, Integer> parents = new HashMap<>();
        for (ProcessMemory process : processes) {
            parents.put(process.pid(), process.details().parent());
        }
        return parents;
    }
}
