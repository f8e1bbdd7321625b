///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Writes the bill of materials of a release, for ./release
//JAVA 17+
//DEPS org.cyclonedx:cyclonedx-core-java:12.2.0

import org.cyclonedx.Version;
import org.cyclonedx.generators.BomGeneratorFactory;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.model.Dependency;
import org.cyclonedx.model.Hash;
import org.cyclonedx.model.License;
import org.cyclonedx.model.LicenseChoice;
import org.cyclonedx.model.Metadata;
import org.cyclonedx.model.OrganizationalEntity;
import org.cyclonedx.model.Property;
import org.cyclonedx.model.license.Expression;
import org.cyclonedx.parsers.JsonParser;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;

/**
 * Writes the CycloneDX bill of materials: psm, its libraries, and the Java runtime with its
 * modules. Its serial number and time are those of the commit, so that two builds of a commit are
 * equal.
 */
class Sbom {
    /** The licence of each library, by the start of its Maven coordinates. */
    private static final Map<String, String> LICENCES =
            Map.of(
                    "info.picocli:picocli:", "Apache-2.0",
                    "com.fasterxml.jackson.core:jackson-core:", "Apache-2.0",
                    "org.apache.commons:commons-csv:", "Apache-2.0",
                    "commons-io:commons-io:", "Apache-2.0",
                    "commons-codec:commons-codec:", "Apache-2.0");

    private static final String RUNTIME_LICENCE = "GPL-2.0-only WITH Classpath-exception-2.0";

    private final Bom bom = new Bom();
    private final Dependency needed;

    private Sbom(String version, String commit, long seconds) {
        String name = "psm " + version + " " + commit;
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        bom.setSerialNumber("urn:uuid:" + UUID.nameUUIDFromBytes(bytes));
        Component psm = component(Component.Type.APPLICATION, "psm", version, "MIT");
        psm.setPurl("pkg:generic/psm@" + version);
        psm.setBomRef(psm.getPurl());
        psm.setDescription("Who uses how much RAM and swap on this Linux machine, or on others");
        Metadata metadata = new Metadata();
        metadata.setTimestamp(Date.from(Instant.ofEpochSecond(seconds)));
        metadata.setComponent(psm);
        metadata.addProperty(new Property("psm:commit", commit));
        bom.setMetadata(metadata);
        needed = new Dependency(psm.getPurl());
        bom.addDependency(needed);
    }

    /**
     * Writes the bill, and checks it against the schema of CycloneDX.
     *
     * @param args the file to write, the version of psm, the commit, its time in seconds, the file
     *     {@code release} of the JDK, the modules with commas between them, the local repository,
     *     and the paths of the libraries below it
     */
    public static void main(String[] args) throws Exception {
        Sbom sbom = new Sbom(args[1], args[2], Long.parseLong(args[3]));
        Path repository = Path.of(args[6]).toAbsolutePath();
        for (String jar : List.of(args).subList(7, args.length)) {
            sbom.addLibrary(repository, Path.of(jar).toAbsolutePath());
        }
        sbom.addRuntime(Path.of(args[4]), args[5].split(",", -1));
        Path file = Path.of(args[0]);
        String text = BomGeneratorFactory.createJson(Version.VERSION_16, sbom.bom).toJsonString();
        Files.writeString(file, text.stripTrailing() + '\n');
        List<?> problems = new JsonParser().validate(file.toFile(), Version.VERSION_16);
        if (!problems.isEmpty()) {
            throw new IOException(file + " is not valid CycloneDX: " + problems);
        }
    }

    private static Component component(
            Component.Type type, String name, String version, String licence) {
        Component component = new Component();
        component.setType(type);
        component.setName(name);
        component.setVersion(version);
        LicenseChoice choice = new LicenseChoice();
        License license = new License();
        license.setId(licence);
        choice.addLicense(license);
        component.setLicenses(choice);
        return component;
    }

    /** Adds a library, whose coordinates are its path in the repository. */
    private void addLibrary(Path repository, Path jar)
            throws IOException, GeneralSecurityException {
        Path folder = repository.relativize(jar).getParent();
        int names = folder.getNameCount();
        String group = folder.subpath(0, names - 2).toString().replace('/', '.');
        String name = folder.getName(names - 2).toString();
        String version = folder.getName(names - 1).toString();
        String licence = LICENCES.get(group + ':' + name + ':');
        if (licence == null) {
            throw new IOException(group + ':' + name + ": add its licence to packaging/Sbom.java");
        }
        Component library = component(Component.Type.LIBRARY, name, version, licence);
        library.setGroup(group);
        library.setPurl("pkg:maven/" + group + '/' + name + '@' + version + "?type=jar");
        byte[] sum = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar));
        library.setHashes(List.of(new Hash(Hash.Algorithm.SHA_256, HexFormat.of().formatHex(sum))));
        add(library, library.getPurl());
    }

    /** Adds the Java runtime, as the file {@code release} of its JDK describes it. */
    private void addRuntime(Path release, String... modules) throws IOException {
        Properties properties = new Properties();
        try (var in = Files.newBufferedReader(release)) {
            properties.load(in);
        }
        String version = value(properties, "JAVA_RUNTIME_VERSION", "JAVA_VERSION");
        Component runtime = new Component();
        runtime.setType(Component.Type.PLATFORM);
        runtime.setName("OpenJDK");
        runtime.setVersion(version);
        LicenseChoice choice = new LicenseChoice();
        choice.setExpression(new Expression(RUNTIME_LICENCE));
        runtime.setLicenses(choice);
        OrganizationalEntity vendor = new OrganizationalEntity();
        vendor.setName(value(properties, "IMPLEMENTOR", "IMPLEMENTOR"));
        runtime.setSupplier(vendor);
        List<Property> more = new ArrayList<>();
        for (String key : List.of("IMPLEMENTOR_VERSION", "SOURCE_REPO", "SOURCE", "OS_ARCH")) {
            if (properties.getProperty(key) != null) {
                more.add(new Property("psm:" + key, value(properties, key, key)));
            }
        }
        runtime.setProperties(more);
        runtime.setComponents(modules(version, modules));
        add(runtime, "runtime:" + version);
    }

    private static List<Component> modules(String version, String... names) {
        List<Component> modules = new ArrayList<>();
        for (String name : names) {
            Component module = new Component();
            module.setType(Component.Type.LIBRARY);
            module.setName(name);
            module.setVersion(version);
            module.setBomRef("module:" + name);
            modules.add(module);
        }
        return modules;
    }

    private static String value(Properties properties, String key, String other) {
        String value = properties.getProperty(key, properties.getProperty(other, "unknown"));
        return value.replace("\"", "");
    }

    private void add(Component component, String reference) {
        component.setBomRef(reference);
        bom.addComponent(component);
        needed.addDependency(new Dependency(reference));
        bom.addDependency(new Dependency(reference));
    }
}
