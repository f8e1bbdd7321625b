package psm.install;

import psm.cli.InstallArguments;
import psm.proc.OwnProcess;
import psm.text.Failure;
import psm.text.Text;
import psm.text.Version;
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
    private final InstallRecord record;

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
        this.record = new InstallRecord(prefix);
    }

    /** Returns the text of a dry run: the Java that psm would use, and the files. */
    String plan() throws Failure {
        JavaHome java = java();
        Path folder = prefix.home().resolve("...");
        List<Path> files = new ArrayList<>();
        files.add(prefix.launcher());
        for (Path jar : Jars.all()) {
            files.add(folder.resolve(Jars.installedName(jar)));
        }
        for (Archive archive : Archive.ALWAYS) {
            files.add(folder.resolve(java.archiveName(archive.stem())));
        }
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
    }

    /**
     * Installs psm, and replaces an older installation.
     *
     * @return the lines to print
     * @throws Failure if that fails; then an older installation is unchanged
     */
    String install() throws Failure {
        JavaHome java = java();
        String name = Version.CURRENT + "-" + Long.toHexString(System.nanoTime());
        Path folder = prefix.home().resolve(name);
        GroupAccess access = access(java, folder);
        try {
            return install(java, folder, access);
        } catch (IOException | UncheckedIOException e) {
            Uninstaller.deleteTree(folder);
            String reason = InstallCommand.reason(e);
            throw Failure.of("install: " + reason + "; nothing was changed", e);
        } catch (Failure e) {
            Uninstaller.deleteTree(folder);
            throw e;
        }
    }

    private String install(JavaHome java, Path folder, GroupAccess access)
            throws IOException, Failure {
        record.makeFolders(prefix.home());
        // Other users cannot open anything in it before it is complete.
        Files.createDirectory(folder, InstallRecord.atMost("rwx------"));
        List<String> classPath = Jars.writeAll(folder, main);
        Modernizer.modernize(java, folder);
        List<String> command = java.command(List.of(), classPath);
        boolean isArchived = new ArchiveWriter(java, folder, training).writeAll(command, access);
        prove(JavaHome.with(java.useArchive(folder, Archive.FORMATS.stem()), command));
        List<Path> written = writePages();
        record.makeFolders(prefix.launcher().getParent());
        written.add(prefix.launcher());
        record.write(written);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        if (access != null) {
            access.open();
        }
        String script = LauncherScript.text(java, folder, command, main, access);
        AtomicFile.replace(prefix.launcher(), script, "rwxr-xr-x");
        boolean wasOpen = access == null && GroupAccess.close(prefix);
        deleteOlder(folder);
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

    private JavaHome java() throws Failure {
        if (asked.java() != null) {
            return JavaHome.in(asked.java());
        }
        JavaHome java = JavaHome.newest(new OwnProcess().isRoot());
        if (java == null) {
            throw Failure.of("install: found no Java 17 or later with a file 'release'", null);
        }
        return java;
    }

    /**
     * Runs the new psm once.
     *
     * @throws Failure if it writes no report
     */
    private void prove(List<String> command) throws IOException, Failure {
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of(main.getName(), "-o", "json"));
        Subprocess psm = Subprocess.run(words);
        if (psm.exitCode() != 0 || !psm.output().startsWith("{\"schema\":")) {
            throw Failure.of(
                    "install: the new psm does not work: it prints '"
                            + Text.cut(psm.output(), 80)
                            + "'",
                    null);
        }
    }

    private List<Path> writePages() throws IOException {
        List<Path> written = new ArrayList<>();
        for (Map.Entry<Path, String> page : pages().entrySet()) {
            record.makeFolders(page.getKey().getParent());
            AtomicFile.replace(page.getKey(), page.getValue(), "rw-r--r--");
            written.add(page.getKey());
        }
        return written;
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

    private void deleteOlder(Path folder) throws IOException {
        List<Path> older;
        try (Stream<Path> all = Files.list(prefix.home())) {
            older = all.filter(each -> Files.isDirectory(each) && !each.equals(folder)).toList();
        }
        older.forEach(Uninstaller::deleteTree);
    }

    private boolean isOnPath() {
        String path = System.getenv("PATH");
        String folder = prefix.launcher().getParent().toString();
        return path != null && List.of(path.split(":", -1)).contains(folder);
    }
}
