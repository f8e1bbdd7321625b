package psm.format;

import com.fasterxml.jackson.core.JsonFactory;

import psm.Psm;

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
import java.util.TreeSet;

/**
 * The exporters on the class path, psm's own and anybody's, by name; and Jackson's data formats.
 */
public final class Exporters {
    /** The format that is no exporter's: it contains the snapshot, not a report. */
    public static final String SNAPSHOT = "snapshot";

    /**
     * No class path has so many broken plugins; it only ends a loader that fails without going on.
     */
    private static final int MAX_BROKEN = 100;

    private final Map<String, Psm.Exporter> byName = new TreeMap<>();
    private final Set<String> binary = new HashSet<>();
    private final List<String> problems = new ArrayList<>();

    /** Classes that could not be loaded, each of which has been told. */
    private final Set<String> blamed = new HashSet<>();

    private Exporters() {}

    /**
     * Loads all that ServiceLoader finds; those that fail are in {@link #problems}. Jackson is
     * asked for its data formats only where there is no exporter of the name that is wanted.
     *
     * @param trusted whether whoever chose the class path may have anything run; else only psm's
     *     own are loaded
     */
    public static Exporters find(String wanted, boolean trusted) {
        Exporters exporters = new Exporters();
        if (isOneJar()) {
            for (Psm.Exporter exporter : Formats.all()) {
                exporters.add(exporter);
            }
            return exporters;
        }
        exporters.load(Psm.Exporter.class, trusted);
        if (exporters.named(wanted) == null) {
            exporters.load(JsonFactory.class, trusted);
        }
        return exporters;
    }

    private <S> void load(Class<S> service, boolean trusted) {
        ServiceLoader<S> loader = ServiceLoader.load(service);
        Iterator<S> found = trusted ? loader.iterator() : ours(loader);
        for (int broken = 0; broken < MAX_BROKEN; ) {
            try {
                if (!found.hasNext()) {
                    break;
                }
                S provider = found.next();
                if (provider instanceof Psm.Exporter exporter) {
                    add(exporter);
                } else if (provider != null) {
                    addDataFormat((JsonFactory) provider);
                }
            } catch (ServiceConfigurationError | LinkageError e) {
                problems.add(notLoaded(service, e));
                broken++;
            }
        }
    }

    /**
     * Whether there is no jar but psm's own, with what its manifest names: then ServiceLoader would
     * search them all, for a tenth of the time of a run, to find psm's own formats.
     */
    public static boolean isOneJar() {
        String classPath = System.getProperty("java.class.path");
        return classPath.endsWith(".jar") && classPath.indexOf(File.pathSeparatorChar) < 0;
    }

    /**
     * The same, with {@code null} for those that are not psm's: none of their code has run then.
     */
    private <S> Iterator<S> ours(ServiceLoader<S> loader) {
        Iterator<ServiceLoader.Provider<S>> providers = loader.stream().iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return providers.hasNext();
            }

            @Override
            public S next() {
                ServiceLoader.Provider<S> provider = providers.next();
                Class<? extends S> type = provider.type();
                if (isOurs(type)) {
                    return provider.get();
                }
                if (type != JsonFactory.class) { // JSON, which psm writes by itself
                    problems.add(
                            "plugin "
                                    + describe(type)
                                    + " is left out: run by sudo, psm loads no plugins");
                }
                return null;
            }
        };
    }

    /** The exporter of that name, or {@code null}. */
    public Psm.Exporter named(String name) {
        return byName.get(name);
    }

    /** Whether no terminal can show what the exporter of that name writes, as far as it is told. */
    public boolean isBinary(String name) {
        return binary.contains(name);
    }

    /** The names of all exporters, sorted, for people. */
    public String names() {
        Set<String> names = new TreeSet<>(byName.keySet());
        names.add(SNAPSHOT);
        return String.join(", ", names);
    }

    /** One line for each exporter that was left out: which one, and why. */
    public List<String> problems() {
        return problems;
    }

    /**
     * Whose exporter it is, for people: its class, and the jar or folder where that is not psm's
     * own.
     */
    public static String describe(Psm.Exporter exporter) {
        return describe(type(exporter));
    }

    /** The class that somebody wrote for the format. */
    private static Class<?> type(Psm.Exporter exporter) {
        return exporter instanceof JacksonFormat format
                ? format.factory().getClass()
                : exporter.getClass();
    }

    private static String describe(Class<?> type) {
        String name = type.getName();
        URL location = location(type);
        return isOurs(type) || location == null
                ? name
                : name + " in " + fileName(location.toString());
    }

    /** What a failure says of itself, with what it was caused by. */
    public static String reason(Throwable failure) {
        String reason = failure.toString();
        Throwable cause = failure.getCause();
        return cause == null || reason.contains(cause.toString())
                ? reason
                : reason + ": " + reason(cause);
    }

    private void add(Psm.Exporter exporter) {
        String name = nameOf(exporter);
        if (name == null) {
            return;
        }
        if (name.equals(SNAPSHOT)) {
            leaveOut(exporter, "its name '" + name + "' is taken by what psm --from reads");
            return;
        }
        Psm.Exporter other = byName.get(name);
        if (other == null || isOurs(exporter.getClass())) {
            byName.put(name, exporter);
        }
        if (other != null) {
            Psm.Exporter owner = byName.get(name);
            leaveOut(owner == exporter ? other : exporter, taken(name, owner));
        }
    }

    /**
     * A name that an exporter has stays the exporter's, without a word: who has Jackson's JSON or
     * CSV on his class path did not put it there for psm.
     */
    private void addDataFormat(JsonFactory factory) {
        JacksonFormat format = new JacksonFormat(factory);
        String name = nameOf(format);
        Psm.Exporter other = name == null ? null : byName.putIfAbsent(name, format);
        if (other instanceof JacksonFormat) {
            leaveOut(format, taken(name, other));
        } else if (name != null && other == null && format.isBinary()) {
            binary.add(name);
        }
    }

    /**
     * A plugin's code may throw anything, and psm's own formats must still work.
     *
     * @return {@code null} where it has no name that is fit for one
     */
    private String nameOf(Psm.Exporter exporter) {
        String name;
        try {
            name = exporter.name();
        } catch (Throwable e) {
            leaveOut(exporter, "it does not tell its name: " + reason(e));
            return null;
        }
        if (name == null || !name.matches("[a-z0-9-]+")) {
            leaveOut(
                    exporter,
                    "its name is not of lower-case letters, digits and dashes: '" + name + "'");
            return null;
        }
        return name;
    }

    private static String taken(String name, Psm.Exporter owner) {
        return "its name '" + name + "' is taken by " + describe(owner);
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

    private String notLoaded(Class<?> service, Throwable error) {
        Map<String, String> jars = registered(service);
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
                        + why(service, error);
            }
        }
        return "a plugin is left out: " + why(service, error);
    }

    private static String why(Class<?> service, Throwable error) {
        if (error instanceof ServiceConfigurationError) {
            String message = String.valueOf(error.getMessage());
            String prefix = service.getName() + ": ";
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
    private static Map<String, String> registered(Class<?> service) {
        Map<String, String> jars = new LinkedHashMap<>();
        String serviceFile = "META-INF/services/" + service.getName();
        try {
            for (URL file : Collections.list(loader().getResources(serviceFile))) {
                String owner =
                        file.toString()
                                .replaceFirst("!?/" + serviceFile.replace("$", "\\$") + "$", "");
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
