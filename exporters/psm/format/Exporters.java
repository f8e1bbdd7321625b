package psm.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.json.PackageVersion;

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

/** The exporters on the class path by name: psm's own, plugins, and data formats of Jackson. */
public final class Exporters {
    /** The format without an exporter, since it contains the snapshot instead of a report. */
    public static final String SNAPSHOT = "snapshot";

    /** The data formats of Jackson that can represent each report, and need no other library. */
    private static final List<String> DATA_FORMATS = List.of("yaml", "cbor", "smile");

    /**
     * The limit for failures, since a loader may fail forever. No usual class path causes as many.
     */
    private static final int MAX_FAILURES = 100;

    private final Map<String, Psm.Exporter> byName = new TreeMap<>();
    private final Set<String> binary = new HashSet<>();
    private final List<String> problems = new ArrayList<>();

    /** The names of classes that could not be loaded and have already been reported. */
    private final Set<String> reported = new HashSet<>();

    private Exporters() {}

    /**
     * Loads the exporters that ServiceLoader finds; {@link #problems} names those that fail. It
     * searches for data formats of Jackson only if no exporter has the wanted name. An installed
     * psm without plugins loads only the table if that is wanted, as most runs do.
     *
     * @param trusted whether to run plugins; if not, only psm's own exporters are loaded
     */
    public static Exporters find(String wanted, boolean trusted) {
        Exporters exporters = new Exporters();
        if (isOneJar()) {
            if (wanted.equals(Formats.TABLE)) {
                exporters.add(new Formats.Table());
                return exporters;
            }
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
        for (int failures = 0; failures < MAX_FAILURES; ) {
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
                failures++;
            }
        }
    }

    /**
     * Returns whether the class path is only psm's own jar, with the libraries in its manifest.
     * Then there are no plugins, and the search of ServiceLoader, which takes a tenth of a run, is
     * not needed.
     */
    public static boolean isOneJar() {
        String classPath = System.getProperty("java.class.path");
        return classPath.endsWith(".jar") && classPath.indexOf(File.pathSeparatorChar) < 0;
    }

    /**
     * Returns psm's own providers, and {@code null} in place of each other one, whose code never
     * runs.
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
                if (type != JsonFactory.class) { // psm writes JSON itself
                    problems.add(
                            "plugin "
                                    + describe(type)
                                    + " is left out: run with sudo, psm loads no plugins");
                }
                return null;
            }
        };
    }

    /** Returns the exporter with a name; {@code null} if there is none. */
    public Psm.Exporter named(String name) {
        return byName.get(name);
    }

    /** Returns whether an exporter is known to write bytes that a terminal cannot show. */
    public boolean isBinary(String name) {
        return binary.contains(name);
    }

    /** Returns the names of all formats, sorted. */
    public List<String> names() {
        Set<String> names = new TreeSet<>(byName.keySet());
        names.add(SNAPSHOT);
        return List.copyOf(names);
    }

    /**
     * Returns the library that adds a data format of Jackson, as Maven and JBang name it; {@code
     * null} for another format.
     */
    public static String library(String format) {
        return DATA_FORMATS.contains(format)
                ? "com.fasterxml.jackson.dataformat:jackson-dataformat-"
                        + format
                        + ':'
                        + PackageVersion.VERSION
                : null;
    }

    /** Returns a line for each exporter that was left out: which one, and why. */
    public List<String> problems() {
        return problems;
    }

    /** Returns whether an exporter is psm's own, and not a plugin. */
    public static boolean isOurs(Psm.Exporter exporter) {
        return isOurs(type(exporter));
    }

    /** Returns an exporter's class, and its jar or folder unless it is psm's own. */
    public static String describe(Psm.Exporter exporter) {
        return describe(type(exporter));
    }

    /**
     * Returns the class that implements a format; for a data format of Jackson it is the factory.
     */
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

    /** Returns the message of a failure and of its causes. */
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
            leaveOut(exporter, "its name '" + name + "' is reserved for files that --from reads");
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
     * Adds a data format, unless an exporter has its name. Such a conflict is not reported:
     * Jackson's JSON or CSV may be on the class path for other reasons.
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
     * Returns an exporter's name; {@code null} if it is not valid. A plugin's code may throw
     * anything, and psm's own formats must still work.
     */
    private String nameOf(Psm.Exporter exporter) {
        String name;
        try {
            name = exporter.name();
        } catch (Throwable e) {
            leaveOut(exporter, "its name() failed: " + reason(e));
            return null;
        }
        if (name == null || !isName(name)) {
            leaveOut(
                    exporter,
                    "its name must be lower-case letters, digits and dashes: '" + name + "'");
            return null;
        }
        return name;
    }

    /**
     * Returns whether all is lower-case letters, digits and dashes, without a regular expression.
     */
    private static boolean isName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z')) {
                return false;
            }
        }
        return !name.isEmpty();
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

    /** Returns the last part of the URL of a jar or a folder. */
    private static String fileName(String url) {
        String path = URI.create(url).getPath();
        int end = path.endsWith("/") ? path.length() - 1 : path.length();
        return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    }

    private String notLoaded(Class<?> service, Throwable error) {
        Map<String, String> jars = registered(service);
        // ServiceLoader's message contains the class as a word. If a class cannot be linked, the
        // message may be anything.
        String message = String.valueOf(error.getMessage());
        List<String> words = Arrays.asList(message.split("[\\s:]+", -1));
        for (Map.Entry<String, String> plugin : jars.entrySet()) {
            boolean isIt =
                    words.contains(plugin.getKey())
                            || (error instanceof LinkageError && !links(plugin.getKey()));
            if (isIt && reported.add(plugin.getKey())) {
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
            return true; // ServiceLoader reports this failure itself
        } catch (LinkageError e) {
            return false;
        }
    }

    /** Returns the registered classes, each with the name of its jar or folder. */
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
            return jars; // return those that could be read: they are only used to name the plugin
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

    /** Returns the loader that {@link ServiceLoader} uses. */
    private static ClassLoader loader() {
        return Thread.currentThread().getContextClassLoader();
    }
}
