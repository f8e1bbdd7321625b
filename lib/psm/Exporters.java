package psm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** The exporters on the class path, psm's own and anybody's, by name. */
final class Exporters {
    private static final String SERVICE_FILE = "META-INF/services/" + Psm.Exporter.class.getName();

    /**
     * No class path has so many broken plugins; it only ends a loader that fails without going on.
     */
    private static final int MAX_BROKEN = 100;

    private final Map<String, Psm.Exporter> byName = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    private Exporters() {}

    /** Loads all that ServiceLoader finds; those that fail are in {@link #problems}. */
    static Exporters find() {
        Exporters exporters = new Exporters();
        Iterator<Psm.Exporter> found = ServiceLoader.load(Psm.Exporter.class).iterator();
        for (int broken = 0; broken < MAX_BROKEN; ) {
            try {
                if (!found.hasNext()) {
                    break;
                }
                exporters.add(found.next());
            } catch (ServiceConfigurationError | LinkageError e) {
                exporters.problems.add(notLoaded(e));
                broken++;
            }
        }
        return exporters;
    }

    /** The exporter of that name, or {@code null}. */
    Psm.Exporter named(String name) {
        return byName.get(name);
    }

    /** The names of all exporters, sorted, for people. */
    String names() {
        return String.join(", ", byName.keySet());
    }

    /** One line for each exporter that was left out: which one, and why. */
    List<String> problems() {
        return problems;
    }

    /**
     * Whose exporter it is, for people: its class, and the jar or folder where that is not psm's
     * own.
     */
    static String describe(Psm.Exporter exporter) {
        String name = exporter.getClass().getName();
        URL location = location(exporter.getClass());
        return isOurs(exporter) || location == null ? name : name + " in " + fileName(location);
    }

    private void add(Psm.Exporter exporter) {
        String name;
        try {
            name = exporter.name();
        } catch (RuntimeException | LinkageError e) {
            problems.add(
                    "plugin "
                            + describe(exporter)
                            + " is left out: it does not tell its name: "
                            + e);
            return;
        }
        if (name == null || name.isBlank()) {
            problems.add("plugin " + describe(exporter) + " is left out: it has no name");
            return;
        }
        Psm.Exporter other = byName.get(name);
        if (other == null) {
            byName.put(name, exporter);
        } else if (isOurs(exporter)) {
            byName.put(name, exporter);
            problems.add(nameTaken(name, other, exporter));
        } else {
            problems.add(nameTaken(name, exporter, other));
        }
    }

    private static String nameTaken(String name, Psm.Exporter leftOut, Psm.Exporter owner) {
        return "plugin "
                + describe(leftOut)
                + " is left out: its name '"
                + name
                + "' is taken by "
                + describe(owner);
    }

    private static boolean isOurs(Psm.Exporter exporter) {
        URL ours = location(Exporters.class);
        return ours != null && ours.equals(location(exporter.getClass()));
    }

    private static URL location(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source == null ? null : source.getLocation();
    }

    private static String fileName(URL location) {
        String path = location.getPath();
        int end = path.endsWith("/") ? path.length() - 1 : path.length();
        return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    }

    private static String notLoaded(Throwable error) {
        String message =
                String.valueOf(error.getMessage()).replace(Psm.Exporter.class.getName() + ": ", "");
        Throwable cause = error.getCause();
        String why = cause == null ? message : message + ": " + cause;
        return "a plugin" + jarThatNames(message) + " cannot be loaded, it is left out: " + why;
    }

    /** ServiceLoader's message names the class alone; the service files tell who registered it. */
    private static String jarThatNames(String message) {
        try {
            for (URL file :
                    java.util.Collections.list(
                            Exporters.class.getClassLoader().getResources(SERVICE_FILE))) {
                if (registersAny(file, message)) {
                    String path =
                            file.getPath()
                                    .replace("!/" + SERVICE_FILE, "")
                                    .replace("/" + SERVICE_FILE, "");
                    return " in " + path.substring(path.lastIndexOf('/') + 1);
                }
            }
        } catch (IOException e) {
            return "";
        }
        return "";
    }

    private static boolean registersAny(URL file, String message) throws IOException {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(file.openStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String name = line.strip();
                if (!name.isEmpty()
                        && (message.contains(name) || message.contains(name.replace('.', '/')))) {
                    return true;
                }
            }
        }
        return message.contains(file.toString());
    }
}
