package psm.name;

import psm.proc.ProcFs;
import psm.text.Missing;
import psm.text.Text;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * The names of users and groups by their ids: from {@code /etc/passwd} and {@code /etc/group}, and
 * for ids that these files lack, from getent(1), which also knows other sources (LDAP, systemd's
 * dynamic users). The names of another host are in those files beside its {@code /proc}. May be
 * shared between threads.
 */
public final class UserNames {
    /** The databases; each name is that of the file and of getent's argument. */
    enum Database {
        PASSWD("passwd"),
        GROUP("group");

        final String name;

        Database(String name) {
            this.name = name;
        }
    }

    private static final Path GETENT = Path.of("/usr/bin/getent");

    /**
     * The largest number of calls of getent; each starts a process. If it is too low, some users
     * have no names; if it is too high, psm takes long on a host with many unknown users.
     */
    private static final int MAX_GETENT = 64;

    private static final long GETENT_SECONDS = 2;

    /**
     * The limit for a file of another host. If it is too low, some users of a large host have no
     * names; if it is too high, the owner of that folder fills the heap.
     */
    private static final int MAX_FILE_BYTES = 1 << 21;

    /** The limit for a name, the same as in Linux (LOGIN_NAME_MAX). */
    private static final int MAX_NAME_CHARS = 256;

    private final boolean isOfThisHost;

    /** The processes of the host to whose files the names belong; {@code null} for none. */
    private final ProcFs proc;

    /** The names of users; {@code null} until one is needed. */
    private Map<Long, String> users;

    /** The names of groups; {@code null} until one is needed. */
    private Map<Long, String> groups;

    /** The number of calls of getent so far. */
    private int getentCalls;

    private UserNames(
            Map<Long, String> users, Map<Long, String> groups, boolean isOfThisHost, ProcFs proc) {
        this.users = users;
        this.groups = groups;
        this.isOfThisHost = isOfThisHost;
        this.proc = proc;
    }

    /** Returns the names on this host. */
    public static UserNames ofThisHost() {
        return new UserNames(null, null, true, null);
    }

    /**
     * Returns the names on the host of these processes: for another folder than {@code /proc}, from
     * {@code etc/passwd} and {@code etc/group} beside that folder. Where there are none, users have
     * only ids, since the names on this host are others'.
     */
    public static UserNames of(ProcFs proc) {
        return proc.isLive() ? ofThisHost() : new UserNames(null, null, false, proc);
    }

    /** Returns names of another host, or of another time. */
    public static UserNames of(Map<Long, String> users, Map<Long, String> groups) {
        return new UserNames(new HashMap<>(users), new HashMap<>(groups), false, null);
    }

    /** Returns the name of a user, else the id in digits; {@code null} if the id is missing. */
    public synchronized String user(long id) {
        if (users == null) {
            users = file(Database.PASSWD);
        }
        return name(Database.PASSWD, users, id);
    }

    /** Returns whether there is a user of that name. */
    public synchronized boolean hasUser(String name) {
        if (users == null) {
            users = file(Database.PASSWD);
        }
        return users.containsValue(name)
                || (isOfThisHost
                        && !name.startsWith("-") // getent would take it for an option
                        && name.equals(getent(Database.PASSWD, name)));
    }

    /** Returns the names of the users in {@code /etc/passwd}, and of those looked up so far. */
    public synchronized List<String> users() {
        if (users == null) {
            users = file(Database.PASSWD);
        }
        return new ArrayList<>(new TreeSet<>(users.values()));
    }

    /** Returns the name of a group, else the id in digits; {@code null} if the id is missing. */
    public synchronized String group(long id) {
        if (groups == null) {
            groups = file(Database.GROUP);
        }
        return name(Database.GROUP, groups, id);
    }

    private String name(Database database, Map<Long, String> names, long id) {
        if (id == Missing.VALUE) {
            return null;
        }
        String name = names.get(id);
        if (name == null) {
            name =
                    isOfThisHost && getentCalls++ < MAX_GETENT
                            ? getent(database, Long.toString(id))
                            : null;
            name = name == null ? Long.toString(id) : name;
            names.put(id, name);
        }
        return name;
    }

    /**
     * Reads the lines {@code name:password:id:...} of a file. The first line of each id counts, as
     * for getpwuid(3).
     */
    private Map<Long, String> file(Database database) {
        Map<Long, String> names = new HashMap<>();
        try {
            byte[] bytes =
                    isOfThisHost
                            ? Files.readAllBytes(Path.of("/etc", database.name))
                            : proc.hostFile("etc", database.name, MAX_FILE_BYTES);
            for (int from = 0; from < bytes.length; ) {
                int to = from;
                while (to < bytes.length && bytes[to] != '\n') {
                    to++;
                }
                add(Text.decode(bytes, from, to), names);
                from = to + 1;
            }
        } catch (IOException e) {
            return names; // getent may find them elsewhere
        }
        return names;
    }

    private static void add(String line, Map<Long, String> names) {
        String[] fields = line.split(":", 4);
        if (fields.length == 4 && !fields[0].isEmpty() && fields[0].length() <= MAX_NAME_CHARS) {
            try {
                names.putIfAbsent(Long.parseLong(fields[2]), fields[0]);
            } catch (NumberFormatException e) {
                return; // it is a comment, or a line of NIS
            }
        }
    }

    /** Looks up the name of the user or group with an id or a name, or {@code null}. */
    private String getent(Database database, String key) {
        if (!Files.isExecutable(GETENT)) {
            return null;
        }
        Map<Long, String> names = new HashMap<>();
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(GETENT.toString(), database.name, key)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .directory(new File("/"));
            builder.environment().clear(); // psm may have more rights than the user who set it
            Process process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(GETENT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                getentCalls = MAX_GETENT; // the server does not answer, so make no further calls
                return null;
            }
            byte[] line = process.getInputStream().readNBytes(4096);
            add(new String(line, StandardCharsets.UTF_8).strip(), names);
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
        return names.isEmpty() ? null : names.values().iterator().next();
    }
}
