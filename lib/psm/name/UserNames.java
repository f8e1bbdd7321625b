package psm.name;

import psm.text.Missing;
import psm.text.Text;

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
 * The names of users and groups, by their ids: those of {@code /etc/passwd} and {@code /etc/group},
 * and, where these have none, what getent(1) finds elsewhere (LDAP, systemd's dynamic users). May
 * be shared between threads.
 */
public final class UserNames {
    /** The database's file, and what getent calls it. */
    enum Database {
        PASSWD("passwd"),
        GROUP("group");

        final String name;

        Database(String name) {
            this.name = name;
        }
    }

    private static final Path GETENT = Path.of("/usr/bin/getent");

    /** Each costs a process: too many of them, and a box of many unknown users waits for long. */
    private static final int MAX_GETENT = 64;

    private static final long GETENT_SECONDS = 2;

    private final boolean isOfThisHost;

    /** {@code null} until somebody asks. */
    private Map<Long, String> users;

    /** Likewise. */
    private Map<Long, String> groups;

    private int asked;

    private UserNames(Map<Long, String> users, Map<Long, String> groups, boolean isOfThisHost) {
        this.users = users;
        this.groups = groups;
        this.isOfThisHost = isOfThisHost;
    }

    /** Those that are known here. */
    public static UserNames ofThisHost() {
        return new UserNames(null, null, true);
    }

    /** Those that were known elsewhere. */
    public static UserNames of(Map<Long, String> users, Map<Long, String> groups) {
        return new UserNames(new HashMap<>(users), new HashMap<>(groups), false);
    }

    /** The name of a user, or the id in digits; {@code null} for nobody. */
    public synchronized String user(long id) {
        if (users == null) {
            users = file(Database.PASSWD);
        }
        return name(Database.PASSWD, users, id);
    }

    /** Whether there is a user of that name. */
    public synchronized boolean hasUser(String name) {
        if (users == null) {
            users = file(Database.PASSWD);
        }
        return users.containsValue(name) || (isOfThisHost && getent(Database.PASSWD, name) != null);
    }

    /** The names of the users that have been met, and of those that have files. */
    public synchronized List<String> users() {
        return new ArrayList<>(new TreeSet<>(users.values()));
    }

    /** The name of a group, or the id in digits; {@code null} for none. */
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
                    isOfThisHost && asked++ < MAX_GETENT
                            ? getent(database, Long.toString(id))
                            : null;
            name = name == null ? Long.toString(id) : name;
            names.put(id, name);
        }
        return name;
    }

    /** Lines of {@code name:password:id:...}; the first of an id counts, as for getpwuid(3). */
    private static Map<Long, String> file(Database database) {
        Map<Long, String> names = new HashMap<>();
        try {
            byte[] bytes = Files.readAllBytes(Path.of("/etc", database.name));
            for (String line : Text.decode(bytes, 0, bytes.length).split("\n", -1)) {
                add(line, names);
            }
        } catch (IOException e) {
            return names; // then getent may know
        }
        return names;
    }

    private static void add(String line, Map<Long, String> names) {
        String[] fields = line.split(":", 4);
        if (fields.length == 4 && !fields[0].isEmpty()) {
            try {
                names.putIfAbsent(Long.parseLong(fields[2]), fields[0]);
            } catch (NumberFormatException e) {
                return; // a comment, or a line of NIS
            }
        }
    }

    /** The name of whoever has that id or name. */
    private String getent(Database database, String key) {
        if (!Files.isExecutable(GETENT)) {
            return null;
        }
        Map<Long, String> names = new HashMap<>();
        try {
            Process process =
                    new ProcessBuilder(GETENT.toString(), database.name, key)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            process.getOutputStream().close();
            if (!process.waitFor(GETENT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                asked = MAX_GETENT; // whom it asks is away, and would be for each of them
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
