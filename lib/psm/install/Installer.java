package psm.install;

import psm.cli.InstallArguments;
import psm.cli.Option;
import psm.proc.OwnProcess;
import psm.text.Failure;
import psm.text.Problem;
import psm.text.Text;
import psm.text.Version;
import psm.trust.AtomicFile;
import psm.trust.Capability;
import psm.trust.RootOwned;
import psm.trust.Subprocess;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Installs psm below a prefix such as {@code /usr/local}: a launcher, the jars, archives of loaded
 * classes that make Java start fast, a man page and completions.
 *
 * <p>Each installation has its own folder in {@code lib/psm}. The launcher is replaced last, in one
 * step, and only after the new psm has run. So there is a working psm at any time.
 */
final class Installer {
    private final Prefix prefix;
    private final InstallArguments asked;
    private final Class<?> main;
    private final Class<?> training;

    /**
     * Makes an installer.
     *
     * @param asked the Java and the group to use
     * @param main the class that the installed psm starts
     * @param training the class that does the runs from which Java makes its archives
     */
    Installer(Prefix prefix, InstallArguments asked, Class<?> main, Class<?> training) {
        this.prefix = prefix;
        this.asked = asked;
        this.main = main;
        this.training = training;
    }

    /** Returns the text of a dry run: the Java that psm would use, and the files. */
    String plan() throws Failure {
        try {
            requireOfRoot();
            JavaHome java = java();
            Path folder = prefix.home().resolve("...");
            List<Path> files = new ArrayList<>(List.of(prefix.launcher()));
            files.addAll(filesIn(folder, java));
            files.addAll(pages().keySet());
            GroupAccess access = access(java, folder);
            if (access != null) {
                files.addAll(access.files());
            }
            StringBuilder plan = new StringBuilder();
            plan.append("Java ").append(java.version()).append(" in ").append(java.folder());
            plan.append("\nwould write\n");
            for (Path file : files) {
                plan.append("    ").append(file).append('\n');
            }
            return plan.toString();
        } catch (IOException e) {
            throw Failure.of("install: " + InstallCommand.reason(e), e);
        }
    }

    /** Lists the jars and the archives in the folder of an installation. */
    private static List<Path> filesIn(Path folder, JavaHome java) throws IOException, Failure {
        List<Path> files = new ArrayList<>();
        for (Path jar : Jars.all()) {
            files.add(folder.resolve(Jars.installedName(jar)));
        }
        for (Archive archive : Archive.ALWAYS) {
            files.add(folder.resolve(java.archiveName(archive.stem())));
        }
        return files;
    }

    /**
     * Installs psm, and replaces an older installation.
     *
     * @return the lines to print
     * @throws Failure if that fails; then an older installation is unchanged
     */
    String install() throws Failure {
        try {
            requireOfRoot();
            JavaHome java = java();
            String name = Version.CURRENT + "-" + Long.toHexString(System.nanoTime());
            Path folder = prefix.home().resolve(name);
            GroupAccess access = access(java, folder);
            try (InstallLock lock = InstallLock.take(prefix)) {
                return install(java, folder, access, lock);
            }
        } catch (IOException | UncheckedIOException e) {
            String reason = InstallCommand.reason(e);
            throw Failure.of("install: " + reason + "; nothing was changed", e);
        }
    }

    private String install(JavaHome java, Path folder, GroupAccess access, InstallLock lock)
            throws IOException, Failure {
        InstallRecord record = new InstallRecord(prefix);
        try {
            record.addFolders(lock.folders());
            record.addFiles(List.of(prefix.lock()));
            requireOfRoot(); // another user may have made a folder first, where all can write
            record.addFolders(List.of(folder));
            record.addFiles(filesIn(folder, java));
            record.writeBoth();
            return install(java, folder, access, record);
        } catch (IOException | UncheckedIOException | Failure e) {
            Uninstaller.deleteTree(folder);
            record.undo();
            throw e;
        }
    }

    private String install(JavaHome java, Path folder, GroupAccess access, InstallRecord record)
            throws IOException, Failure {
        // Other users cannot open anything in it before it is complete.
        Files.createDirectory(folder, AtomicFile.atMost("rwx------"));
        List<String> classPath = Jars.writeAll(java, folder, main);
        List<String> command = java.command(List.of(), classPath);
        boolean isArchived = new ArchiveWriter(java, folder, training).writeAll(command, access);
        try (Stream<Path> all = Files.list(folder)) {
            record.addFiles(all.toList());
        }
        String script = LauncherScript.text(java, folder, command, main, access);
        boolean wasOpen;
        record.addFolders(InstallRecord.makeFolders(prefix.launcher().getParent()));
        try (AtomicFile launcher = AtomicFile.beside(prefix.launcher(), script, "rwxr-xr-x")) {
            prove(launcher.part());
            record.addFiles(List.of(prefix.launcher()));
            writePages(record);
            record.writeBoth();
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            if (access != null) {
                access.open();
            }
            launcher.replace();
            wasOpen = access == null && GroupAccess.close(prefix);
        }
        record.complete();
        return report(java, access, wasOpen, isArchived);
    }

    private String report(JavaHome java, GroupAccess access, boolean wasOpen, boolean isArchived) {
        return "psm "
                + Version.CURRENT
                + " is installed as "
                + prefix.launcher()
                + ", on Java "
                + java.version()
                + " in "
                + java.folder()
                + '\n'
                + (access == null ? "" : access.summary())
                + (wasOpen ? "no group can see all processes any more (no --group)\n" : "")
                + (isArchived ? "" : "Java could not write all archives, so psm starts slower\n")
                + (isOnPath() ? "" : prefix.launcher().getParent() + " is not on your PATH\n");
    }

    /**
     * Refuses to write as root where another user can: that user could make root write, and run,
     * anything.
     */
    private void requireOfRoot() throws IOException, Failure {
        if (!new OwnProcess().isRoot()) {
            return;
        }
        List<Path> written = new ArrayList<>(pages().keySet());
        written.addAll(List.of(prefix.launcher(), prefix.record(), prefix.lock()));
        for (Path file : written) {
            Problem problem = RootOwned.problem(file.getParent());
            if (problem != null) {
                throw Failure.usage(
                        Option.PREFIX
                                + " "
                                + prefix.folder()
                                + ": root installs nothing where others can write: "
                                + problem.what()
                                + "; choose another folder, such as /usr/local",
                        null);
            }
        }
    }

    /** Returns the access for the requested group, after checking that it is possible. */
    private GroupAccess access(JavaHome java, Path folder) throws Failure {
        if (asked.group() == null) {
            return null;
        }
        Capability capability;
        try {
            capability = new OwnProcess().isRoot() ? Capability.first() : null;
        } catch (IOException e) {
            throw Failure.of("install: " + InstallCommand.reason(e), e);
        }
        GroupAccess access =
                new GroupAccess(
                        prefix, asked.group(), folder, java, capability, asked.noCommands());
        access.check();
        return access;
    }

    private JavaHome java() throws IOException, Failure {
        boolean isRoot = new OwnProcess().isRoot();
        return asked.java() == null ? JavaHome.newest(isRoot) : JavaHome.in(asked.java(), isRoot);
    }

    /**
     * Runs the new psm once, by its launcher.
     *
     * @throws Failure if it writes no report
     */
    private static void prove(Path launcher) throws Failure {
        Subprocess psm;
        try {
            psm = Subprocess.run(List.of(launcher.toString(), "-o", "json"));
        } catch (IOException e) {
            throw Failure.of(
                    "install: no program can run in "
                            + launcher.getParent()
                            + " (is it mounted noexec?); choose another folder with "
                            + Option.PREFIX,
                    e);
        }
        if (psm.exitCode() != 0 || !psm.output().startsWith("{\"schema\":")) {
            throw Failure.of(
                    "install: the new psm does not work: it prints '"
                            + Text.cut(psm.output(), 80)
                            + "'",
                    null);
        }
    }

    private void writePages(InstallRecord record) throws IOException {
        for (Map.Entry<Path, String> page : pages().entrySet()) {
            record.addFolders(InstallRecord.makeFolders(page.getKey().getParent()));
            record.addFiles(List.of(page.getKey()));
            AtomicFile.replace(page.getKey(), page.getValue(), "rw-r--r--");
        }
    }

    /** Returns the man page and the completions by path. */
    private Map<Path, String> pages() {
        Map<Path, String> pages = new LinkedHashMap<>();
        Path share = prefix.folder().resolve("share");
        pages.put(share.resolve("man/man1/psm.1"), Manual.page(prefix));
        pages.put(share.resolve("bash-completion/completions/psm"), Completions.bash());
        pages.put(share.resolve("zsh/site-functions/_psm"), Completions.zsh());
        pages.put(share.resolve("fish/vendor_completions.d/psm.fish"), Completions.fish());
        return pages;
    }

    private boolean isOnPath() {
        String path = System.getenv("PATH");
        String folder = prefix.launcher().getParent().toString();
        return path != null && List.of(path.split(":", -1)).contains(folder);
    }
}
