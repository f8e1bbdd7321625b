package psm;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
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

    /** Classes that could not be loaded, each of which has been told. */
    private final Set<String> blamed = new HashSet<>();

    private Exporters() {}

    /**
     * Loads all that ServiceLoader finds; those that fail are in {@link #problems}.
     *
     * @param trusted whether whoever chose the class path may have anything run; else only psm's
     *     own are loaded
     */
    static Exporters find(boolean trusted) {
        Exporters exporters = new Exporters();
        if (isOneJar()) {
            for (Psm.Exporter exporter : Formats.all()) {
                exporters.add(exporter);
            }
            return exporters;
        }
        ServiceLoader<Psm.Exporter> loader = ServiceLoader.load(Psm.Exporter.class);
        Iterator<Psm.Exporter> found = trusted ? loader.iterator() : exporters.ours(loader);
        for (int broken = 0; broken < MAX_BROKEN; ) {
            try {
                if (!found.hasNext()) {
                    break;
                }
                Psm.Exporter exporter = found.next();
                if (exporter != null) {
                    exporters.add(exporter);
                }
            } catch (ServiceConfigurationError | LinkageError e) {
                exporters.problems.add(exporters.notLoaded(e));
                broken++;
            }
        }
        return exporters;
    }

    /**
     * Whether there is no jar but psm's own, with what its manifest names: then ServiceLoader would
     * search them all, for a tenth of the time of a run, to find psm's own formats.
     */
    static boolean isOneJar() {
        String classPath = System.getProperty("java.class.path");
        return classPath.endsWith(".jar") && classPath.indexOf(File.pathSeparatorChar) < 0;
    }

    /**
     * The same, with {@code null} for those that are not psm's: none of their code has run then.
     */
    private Iterator<Psm.Exporter> ours(ServiceLoader<Psm.Exporter> loader) {
        Iterator<ServiceLoader.Provider<Psm.Exporter>> providers = loader.stream().iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return providers.hasNext();
            }

            @Override
            public Psm.Exporter next() {
                ServiceLoader.Provider<Psm.Exporter> provider = providers.next();
                if (isOurs(provider.type())) {
                    return provider.get();
                }
                problems.add(
                        "plugin "
                                + describe(provider.type())
                                + " is left out: run by sudo, psm loads no plugins");
                return null;
            }
        };
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
        return describe(exporter.getClass());
    }

    private static String describe(Class<?> type) {
        String name = type.getName();
        URL location = location(type);
        return isOurs(type) || location == null
                ? name
                : name + " in " + fileName(location.toString());
    }

    /** What a failure says of itself, with what it was caused by. */
    static String reason(Throwable failure) {
        String reason = failure.toString();
        Throwable cause = failure.getCause();
        return cause == null || reason.contains(cause.toString())
                ? reason
                : reason + ": " + reason(cause);
    }

    /** A plugin's code may throw anything, and psm's own formats must still work. */
    private void add(Psm.Exporter exporter) {
        String name;
        try {
            name = exporter.name();
        } catch (Throwable e) {
            leaveOut(exporter, "it does not tell its name: " + reason(e));
            return;
        }
        if (name == null || !name.matches("[a-z0-9-]+")) {
            leaveOut(
                    exporter,
                    "its name is not of lower-case letters, digits and dashes: '" + name + "'");
            return;
        }
        Psm.Exporter other = byName.get(name);
        if (other == null || isOurs(exporter.getClass())) {
            byName.put(name, exporter);
        }
        if (other != null) {
            Psm.Exporter owner = byName.get(name);
            leaveOut(
                    owner == exporter ? other : exporter,
                    "its name '" + name + "' is taken by " + describe(owner));
        }
    }

    private void leaveOut(Psm.Exporter exporter, String why) {
        problems.add("plugin " + describe(exporter) + " is left out: " + why);
    }

    private static boolean isOurs(Class<?> type) {
        URL ours = location(Exporters.class);
        return ours != null && ours.equals(location(type));
    }

    private static URL location(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source == null ? null : source.getLocation();
    }

    /** The last part of a URL of a jar or a folder. */
    private static String fileName(String url) {
        String path = URI.create(url).getPath();
        int end = path.endsWith("/") ? path.length() - 1 : path.length();
        return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    }

    private String notLoaded(Throwable error) {
        Map<String, String> jars = registered();
        // ServiceLoader's message has the class as a word; a class that does not link may say
        // anything.
        String message = String.valueOf(error.getMessage());
        List<String> words = Arrays.asList(message.split("[\\s:]+", -1));
        for (Map.Entry<String, String> plugin : jars.entrySet()) {
            boolean isIt =
                    words.contains(plugin.getKey())
                            || (error instanceof LinkageError && !links(plugin.getKey()));
            if (isIt && blamed.add(plugin.getKey())) {
                return "plugin "
                        + plugin.getKey()
                        + " in "
                        + plugin.getValue()
                        + " is left out: "
                        + why(error);
            }
        }
        return "a plugin is left out: " + why(error);
    }

    private static String why(Throwable error) {
        if (error instanceof ServiceConfigurationError) {
            String message = String.valueOf(error.getMessage());
            String prefix = Psm.Exporter.class.getName() + ": ";
            String what = message.startsWith(prefix) ? message.substring(prefix.length()) : message;
            return error.getCause() == null ? what : what + ": " + reason(error.getCause());
        }
        return reason(error);
    }

    private static boolean links(String className) {
        try {
            return Class.forName(className, false, loader()) != null;
        } catch (ClassNotFoundException e) {
            return true; // that is another failure, which ServiceLoader tells by itself
        } catch (LinkageError e) {
            return false;
        }
    }

    /** The registered classes, each with the name of the jar or folder that registers it. */
    private static Map<String, String> registered() {
        Map<String, String> jars = new LinkedHashMap<>();
        try {
            for (URL file : Collections.list(loader().getResources(SERVICE_FILE))) {
                String owner =
                        file.toString()
                                .replaceFirst("!?/" + SERVICE_FILE.replace("$", "\\$") + "$", "");
                for (String line : lines(file)) {
                    jars.putIfAbsent(
                            line.replaceFirst("#.*", "").strip(),
                            fileName(owner.replaceFirst("^jar:", "")));
                }
            }
        } catch (IOException e) {
            return jars; // as far as they could be read: it is only to name who is to blame
        }
        return jars;
    }

    private static List<String> lines(URL file) throws IOException {
        try (BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(file.openStream(), StandardCharsets.UTF_8))) {
            return in.lines().toList();
        }
    }

    /** The loader that {@link ServiceLoader} uses. */
    private static ClassLoader loader() {
        return Thread.currentThread().getContextClassLoader();
    }
}
