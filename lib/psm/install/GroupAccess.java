package psm.install;

import psm.cli.Option;
import psm.collect.Collector;
import psm.proc.OwnProcess;
import psm.service.UserGroup;
import psm.snapshot.SnapshotFormat;
import psm.text.Failure;
import psm.text.Problem;
import psm.trust.AtomicFile;
import psm.trust.Capability;
import psm.trust.RootOwned;
import psm.trust.Subprocess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets the members of a group see all processes through the {@link Collector}, which sudo(8) starts
 * by a {@link SudoRule}, and which keeps one {@link Capability} of root's. The file {@code
 * lib/psm/access} stores these values for {@code psm doctor} and {@code psm uninstall}.
 *
 * @param prefix the prefix of the installation
 * @param group the group whose members see all processes
 * @param folder the folder of the installation that contains the jars
 * @param java the Java that runs the collector
 * @param capability what the collector keeps of root's rights
 * @param withoutCommands whether its snapshots contain no command lines and titles
 */
record GroupAccess(
        Prefix prefix,
        String group,
        Path folder,
        JavaHome java,
        Capability capability,
        boolean withoutCommands) {
    /** The pattern of paths without characters that are special in a shell or in sudoers. */
    private static final String PLAIN_PATH = "[A-Za-z0-9_/.+-]+";

    /** The options for the collector's Java, in addition to {@link JavaHome#OPTIONS}. */
    private static final List<String> JAVA_OPTIONS =
            List.of(
                    // Signals have their default effect; without this, one makes Java print its
                    // threads.
                    "-Xrs",
                    // Java opens no socket, whatever files are in the temporary or current folder.
                    "-XX:+DisableAttachMechanism",
                    // Java would open a file in /proc for writing, to choose what a core contains.
                    "-XX:-DumpPrivateMappingsInCore",
                    "-XX:-DumpSharedMappingsInCore",
                    // The caller may control its cgroup, so Java must not read the limits there.
                    "-XX:-UseContainerSupport");

    /**
     * Checks that the group can get this access, before anything is written.
     *
     * @throws Failure if it cannot
     */
    void check() throws Failure {
        String asked = Option.GROUP + " " + group + ": ";
        if (!new OwnProcess().isRoot()) {
            throw Failure.usage(asked + "only root can give a group this access; use sudo", null);
        }
        UserGroup.require(group);
        for (Path path : List.of(prefix.folder(), java.folder())) {
            if (!path.toString().matches(PLAIN_PATH)) {
                throw Failure.usage(
                        asked + path + " contains characters that are special in sudoers", null);
            }
        }
        Problem problem = problemOfLasting();
        if (problem != null) {
            throw Failure.usage(asked + problem.line(), null);
        }
        rule().check();
        if (capability == null) {
            throw Failure.usage(
                    asked
                            + "neither CAP_PERFMON nor CAP_SYS_PTRACE shows user nobody the memory"
                            + " of other processes here; it takes setpriv of util-linux 2.33 or"
                            + " later, and a container needs --cap-add SYS_PTRACE",
                    null);
        }
    }

    /**
     * Returns the problem of a folder in which other users could put a collector of their own once
     * psm is gone there, or {@code null}: the sudo rule may live longer than a file in {@code
     * /tmp}.
     */
    private Problem problemOfLasting() throws Failure {
        try {
            for (Path path : List.of(prefix.collectScript(), folder, java.folder())) {
                Problem problem = RootOwned.problemOfLasting(path);
                if (problem != null) {
                    return problem;
                }
            }
            return null;
        } catch (IOException e) {
            throw unchecked(e);
        }
    }

    private Failure unchecked(IOException e) {
        String reason = InstallCommand.reason(e);
        return Failure.of(Option.GROUP + " " + group + ": cannot check the owners: " + reason, e);
    }

    /**
     * Returns the problem of the first file of the collector that other users than root can change,
     * or {@code null}.
     */
    Problem ownershipProblem() throws Failure {
        try {
            Problem lasting = problemOfLasting();
            if (lasting != null) {
                return lasting;
            }
            for (Path file : files()) {
                Problem problem = RootOwned.problem(file);
                if (problem != null) {
                    return problem;
                }
            }
            Problem problem = RootOwned.problemBelow(folder);
            return problem == null ? RootOwned.problemBelow(java.folder()) : problem;
        } catch (IOException e) {
            throw unchecked(e);
        }
    }

    /** Lists the files that {@link #open} writes. */
    List<Path> files() {
        List<Path> files = new ArrayList<>();
        files.addAll(List.of(prefix.access(), prefix.members(), prefix.collectScript()));
        files.add(rule().file());
        if (java.isOfPackage()) {
            files.add(prefix.group());
        }
        return files;
    }

    /** Returns the line that install prints. */
    String summary() {
        return "members of group "
                + group
                + " can see all processes, through the sudo rule "
                + rule().file()
                + '\n';
    }

    SudoRule rule() {
        return new SudoRule(this);
    }

    /** Returns the start of the collector's command line, up to the main class. */
    List<String> javaCommand() {
        return java.command(JAVA_OPTIONS, List.of(folder.resolve(Jars.OWN).toString()));
    }

    /** Returns the collector's whole command line, with its archive. */
    List<String> command() {
        String archive = java.useArchive(folder, Archive.COLLECTOR.stem());
        List<String> words = JavaHome.with(archive, javaCommand());
        words.add(Collector.class.getName());
        if (withoutCommands) {
            words.add(Collector.WITHOUT_COMMANDS);
        }
        return words;
    }

    /** Returns the script that sudo starts. */
    String collectScript() {
        return new CollectorScript(this).text();
    }

    /** Returns the text of the file {@code lib/psm/access}. */
    private String text() {
        return "group "
                + group
                + "\nfolder "
                + folder
                + "\njava "
                + java.folder()
                + "\ncapability "
                + capability
                + "\ncommands "
                + (withoutCommands ? "no" : "yes")
                + '\n';
    }

    /**
     * Reads the access that a prefix gives; returns {@code null} if it gives none.
     *
     * @throws IOException if the file cannot be read, for example by a user who is not root
     * @throws Failure if its Java is missing
     */
    static GroupAccess read(Prefix prefix) throws IOException, Failure {
        Path file = prefix.access();
        if (!Files.exists(file)) {
            return null;
        }
        String[] values = new String[5];
        List<String> lines = Files.readAllLines(file);
        List<String> keys = List.of("group ", "folder ", "java ", "capability ", "commands ");
        for (int i = 0; i < values.length; i++) {
            if (i >= lines.size() || !lines.get(i).startsWith(keys.get(i))) {
                throw new IOException(file + " was changed after the installation");
            }
            values[i] = lines.get(i).substring(keys.get(i).length());
        }
        Capability capability = Capability.named(values[3]);
        if (capability == null) {
            throw new IOException(file + " was changed after the installation");
        }
        return new GroupAccess(
                prefix,
                values[0],
                Path.of(values[1]),
                PackagedPsm.in(prefix.folder()) != null
                        ? JavaHome.ofPackage(Path.of(values[2]))
                        : JavaHome.in(values[2], false),
                capability,
                values[4].equals("no"));
    }

    /** Returns the folder of the jars that a prefix gave its access; {@code null} for none. */
    static Path home(Prefix prefix) throws IOException {
        if (!Files.exists(prefix.access())) {
            return null;
        }
        String start = "folder ";
        for (String line : Files.readAllLines(prefix.access())) {
            if (line.startsWith(start)) {
                return Path.of(line.substring(start.length()));
            }
        }
        return null;
    }

    /** Writes all files but the launcher. */
    void open() throws IOException, Failure {
        prove();
        rule().install(); // the rule comes before the script, since visudo may refuse it
        AtomicFile.replace(prefix.collectScript(), collectScript(), "rwx------");
        AtomicFile.replace(prefix.access(), text(), "rw-------");
        if (java.isOfPackage()) {
            AtomicFile.replace(prefix.group(), group + '\n', "rw-r--r--");
        }
        Path members = prefix.members();
        AtomicFile.replace(
                members, "Users who can read this file see all processes.\n", "rw-------");
        Files.getFileAttributeView(members, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setGroup(UserGroup.find(group));
        Files.setPosixFilePermissions(members, PosixFilePermissions.fromString("rw-r-----"));
    }

    /**
     * Runs the collector once, as sudo will run it but for the script.
     *
     * @throws Failure if it writes no snapshot
     */
    private void prove() throws IOException, Failure {
        List<String> words = new ArrayList<>(capability.words());
        words.addAll(command());
        Subprocess collector = Subprocess.run(words);
        if (collector.exitCode() != 0 || !collector.output().startsWith(SnapshotFormat.MAGIC)) {
            throw Failure.usage(
                    Option.GROUP
                            + " "
                            + group
                            + ": the collector does not work as user nobody; choose a "
                            + Option.PREFIX
                            + " and a "
                            + Option.JAVA
                            + " that every user can read",
                    null);
        }
    }

    /**
     * Removes the files that {@link #open} writes, inside and outside the prefix.
     *
     * @return whether there were any
     */
    static boolean close(Prefix prefix) throws IOException {
        boolean wasOpen = SudoRule.remove(prefix);
        for (Path file : List.of(prefix.members(), prefix.access(), prefix.group())) {
            wasOpen |= Files.deleteIfExists(file);
        }
        if (!Files.isDirectory(prefix.collectScript(), LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(prefix.collectScript());
        }
        Uninstaller.deleteTree(CollectorScript.slots(prefix));
        return wasOpen;
    }
}
