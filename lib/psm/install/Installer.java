package psm.install;

import psm.cli.InstallArguments;
import psm.cli.Option;
import psm.proc.OwnProcess;
import psm.service.RecordService;
import psm.service.RecorderUnit;
import psm.service.TextfileService;
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
import java.nio.charset.StandardCharsets;
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
    private static final String SLOWER =
            "Java could not write all archives, so psm starts slower: ";

    /** The option for the Java of a service to open no socket in the temporary folder. */
    private static final String WITHOUT_SOCKET = "-XX:+DisableAttachMechanism";

    /**
     * The option for the Java of the recorder to leave the archive at its own address: to put it at
     * another, Java writes to all of its pages, 13 MB that a process would keep for as long as the
     * machine runs.
     */
    private static final String FIXED_ARCHIVE = "-XX:ArchiveRelocationMode=0";

    /**
     * What else an installation sets up on the host.
     *
     * @param access the access of a group to the collector, or {@code null}
     * @param recorder the service that records, or {@code null}
     * @param textfile the service that writes a file for node_exporter, or {@code null}
     */
    record Services(GroupAccess access, RecordService recorder, TextfileService textfile) {
        /** Lists the files that they consist of. */
        List<Path> files() {
            List<Path> files = new ArrayList<>();
            if (access != null) {
                files.addAll(access.files());
            }
            if (recorder != null) {
                files.add(RecorderUnit.FILE.path());
            }
            if (textfile != null) {
                files.addAll(TextfileService.files());
            }
            return files;
        }

        /** Returns the lines that install prints about them. */
        String summary() {
            return (access == null ? "" : access.summary())
                    + (recorder == null ? "" : recorder.summary())
                    + (textfile == null ? "" : textfile.summary());
        }

        /** Removes what was new, and puts back what there was before. */
        void undo(Prefix prefix, boolean wasOpen) throws IOException {
            if (access != null && !wasOpen) {
                GroupAccess.close(prefix);
            }
            if (textfile != null) {
                textfile.undo();
            }
            if (recorder != null) {
                recorder.undo();
            }
        }
    }

    private final Prefix prefix;
    private final InstallCommand command;
    private final InstallArguments asked;

    /** The man page and the completions by path. */
    private final Map<Path, String> pages;

    /** Makes an installer for a command. */
    Installer(Prefix prefix, InstallCommand command) {
        this.prefix = prefix;
        this.command = command;
        this.asked = command.asked();
        this.pages = pages();
    }

    /** Returns the text of a dry run: the Java that psm would use, and the files. */
    String plan() throws Failure {
        try {
            requireOfRoot();
            JavaHome java = java();
            Path folder = prefix.home().resolve("...");
            List<Path> files = new ArrayList<>(List.of(prefix.launcher()));
            files.addAll(filesIn(folder, java));
            files.addAll(pages.keySet());
            files.addAll(services(java, folder).files());
            return plan(java, files);
        } catch (IOException e) {
            throw Failure.of("install: " + InstallCommand.reason(e), e);
        }
    }

    /** Returns the text of a dry run. */
    static String plan(JavaHome java, List<Path> files) {
        StringBuilder plan = new StringBuilder();
        plan.append("Java ").append(java.version()).append(" in ").append(java.folder());
        plan.append("\nwould write\n");
        for (Path file : files) {
            plan.append("    ").append(file).append('\n');
        }
        return plan.toString();
    }

    /** Returns what the command line requests, and the services that there are already. */
    Services services(JavaHome java, Path folder) throws IOException, Failure {
        GroupAccess access = access(java, folder);
        RecordService recorder = recorder(java);
        return new Services(access, recorder, textfile(java, recorder));
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
            Services services = services(java, folder);
            try (InstallLock lock = InstallLock.take(prefix, command.remarks())) {
                return install(java, folder, services, lock);
            }
        } catch (IOException | UncheckedIOException e) {
            String reason = InstallCommand.reason(e);
            throw Failure.of("install: " + reason + "; nothing was changed", e);
        }
    }

    private String install(JavaHome java, Path folder, Services services, InstallLock lock)
            throws IOException, Failure {
        InstallRecord record = new InstallRecord(prefix);
        boolean wasOpen = Files.exists(prefix.access());
        try {
            record.addFolders(lock.folders());
            record.addFiles(List.of(prefix.lock()));
            for (Path file : written()) {
                record.makeFolders(file.getParent());
            }
            requireOfRoot();
            requireOwnFiles(record);
            record.addFolders(List.of(folder));
            record.addFiles(filesIn(folder, java));
            record.writeBoth();
            String unarchived = install(java, folder, services, record);
            wasOpen &= services.access() == null && GroupAccess.close(prefix);
            record.complete();
            return report(java, services, wasOpen, unarchived);
        } catch (IOException | UncheckedIOException | Failure e) {
            try {
                services.undo(prefix, wasOpen);
            } finally {
                Uninstaller.deleteTree(folder);
                record.undo();
            }
            throw e;
        }
    }

    /** Writes all files; returns why Java could not write all archives, or {@code null}. */
    private String install(JavaHome java, Path folder, Services services, InstallRecord record)
            throws IOException, Failure {
        // Other users cannot open anything in it before it is complete.
        Files.createDirectory(folder, AtomicFile.atMost("rwx------"));
        List<String> classPath = Jars.writeAll(java, folder, command.main());
        List<String> words = java.command(List.of(), classPath);
        ArchiveWriter archives =
                new ArchiveWriter(java, folder, command.training(), command.debug());
        GroupAccess access = services.access();
        String unarchived = archives.writeAll(words, access);
        try (Stream<Path> all = Files.list(folder)) {
            record.addFiles(all.toList());
        }
        List<AtomicFile> parts = new ArrayList<>();
        try {
            String script = LauncherScript.text(java, folder, words, command.main(), access);
            parts.add(AtomicFile.beside(prefix.launcher(), script, "rwxr-xr-x"));
            prove(parts.get(0).part());
            for (Map.Entry<Path, String> page : pages.entrySet()) {
                parts.add(AtomicFile.beside(page.getKey(), page.getValue(), "rw-r--r--"));
            }
            record.addFiles(written());
            record.writeBoth();
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            if (access != null) {
                access.open();
            }
            start(services, java, folder, words);
            for (AtomicFile part : parts) {
                part.replace();
            }
        } finally {
            for (AtomicFile part : parts) {
                part.close();
            }
        }
        return unarchived;
    }

    /**
     * Starts the services with a psm.
     *
     * @param words its command line, up to the main class
     */
    void start(Services services, JavaHome java, Path folder, List<String> words)
            throws IOException, Failure {
        if (services.recorder() != null) {
            services.recorder().start(recorder(java, folder, words));
        }
        if (services.textfile() != null) {
            services.textfile().start(service(java, folder, words, List.of()));
        }
    }

    /** Returns the command line of the psm that records, without its options. */
    private List<String> recorder(JavaHome java, Path folder, List<String> words) {
        List<String> options = new ArrayList<>(JavaHome.FOR_RECORDER);
        options.add(FIXED_ARCHIVE);
        return service(java, folder, words, options);
    }

    /**
     * Returns the command line of the psm that a service runs, without its options.
     *
     * @param options the options for its Java, in addition to the usual ones
     */
    private List<String> service(
            JavaHome java, Path folder, List<String> words, List<String> options) {
        String archive = java.useArchive(folder, Archive.PLAIN.stem()); // the smallest
        List<String> service = JavaHome.with(archive, words);
        service.addAll(service.indexOf("-cp"), options);
        service.add(service.indexOf("-cp"), WITHOUT_SOCKET);
        service.add(command.main().getName());
        return service;
    }

    private String report(JavaHome java, Services services, boolean wasOpen, String unarchived) {
        return "psm "
                + Version.CURRENT
                + " is installed as "
                + prefix.launcher()
                + ", on Java "
                + java.version()
                + " in "
                + java.folder()
                + '\n'
                + services.summary()
                + (wasOpen ? withoutGroup() : "")
                + (unarchived == null ? "" : SLOWER + Text.printable(unarchived) + '\n')
                + (isOnPath() ? "" : prefix.launcher().getParent() + " is not on your PATH\n")
                + zshHint();
    }

    private String withoutGroup() {
        return asked.services().recording() == null
                ? "no group can see all processes any more (no --group)\n"
                : "no group can see all processes with sudo any more; 'psm install --group NAME'"
                        + " allows that beside the recorder\n";
    }

    /** Returns how zsh finds its completions; empty if it does, or the user has another shell. */
    private String zshHint() {
        String shell = System.getenv("SHELL");
        boolean isFound = prefix.folder().startsWith("/usr");
        return shell == null || !shell.endsWith("/zsh") || isFound
                ? ""
                : "zsh completes psm if ~/.zshrc says, before compinit: fpath=("
                        + prefix.folder()
                        + "/share/zsh/site-functions $fpath)\n";
    }

    /**
     * Refuses to write as root where another user can: that user could make root write, and run,
     * anything.
     */
    private void requireOfRoot() throws IOException, Failure {
        if (!new OwnProcess().isRoot()) {
            return;
        }
        for (Path file : written()) {
            Problem problem = RootOwned.problem(file.getParent());
            if (problem != null) {
                throw Failure.usage(
                        Option.PREFIX
                                + " "
                                + prefix.folder()
                                + ": root installs nothing where others can write: "
                                + problem.what()
                                + "; choose another folder, such as "
                                + (prefix.folder().startsWith("/usr") ? "/opt/psm" : "/usr/local"),
                        null);
            }
        }
    }

    /** Returns the access for the requested group, after checking that it is possible. */
    private GroupAccess access(JavaHome java, Path folder) throws Failure {
        if (asked.group() == null || asked.services().recording() != null) {
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

    /** Returns the requested recorder, or the one that there is; {@code null} for none. */
    private RecordService recorder(JavaHome java) throws IOException, Failure {
        String mark = prefix.mark(Option.RECORD);
        List<String> options = asked.services().recording();
        return options == null
                ? RecordService.kept(mark)
                : RecordService.requested(
                        mark, asked.group(), options, placesOf(java), prefix.launcher());
    }

    /** Returns the requested file for node_exporter, or the one that there is, or {@code null}. */
    private TextfileService textfile(JavaHome java, RecordService recorder)
            throws IOException, Failure {
        String mark = prefix.mark(Option.TEXTFILE);
        InstallArguments.Textfile file = asked.services().textfile();
        boolean isRecorded = recorder != null && recorder.isFrequent();
        return file == null
                ? TextfileService.kept(mark, isRecorded)
                : TextfileService.requested(
                        mark, file, isRecorded, placesOf(java), prefix.launcher());
    }

    /** Lists the folders that services must be able to read. */
    private List<Path> placesOf(JavaHome java) {
        return List.of(prefix.folder(), java.folder());
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
                    "install: the new psm does not work: it exits with "
                            + psm.exitCode()
                            + " and prints '"
                            + Text.cut(psm.output(), 80)
                            + "'",
                    null);
        }
    }

    /**
     * Refuses to replace what another program has installed under a name of psm's, such as another
     * psm.
     */
    private void requireOwnFiles(InstallRecord record) throws IOException, Failure {
        boolean isOurs =
                Files.isRegularFile(prefix.launcher())
                        && Files.readString(prefix.launcher(), StandardCharsets.ISO_8859_1)
                                .contains(LauncherScript.MARK);
        for (Path file : written()) {
            boolean isLock = file.equals(prefix.lock());
            if (!isLock && !isOurs && Files.exists(file) && !record.contains(file)) {
                throw Failure.usage(
                        "install: "
                                + file
                                + " is not from 'psm install'; move it away, or choose another"
                                + " folder with "
                                + Option.PREFIX,
                        null);
            }
        }
    }

    /** Lists the files outside the folder of the installation. */
    private List<Path> written() {
        List<Path> written = new ArrayList<>(List.of(prefix.launcher(), prefix.lock()));
        written.addAll(pages.keySet());
        return written;
    }

    /** Returns the man page and the completions by path. */
    private Map<Path, String> pages() {
        Map<Path, String> pages = new LinkedHashMap<>();
        Path share = prefix.folder().resolve("share");
        pages.put(share.resolve("man/man1/psm.1"), Manual.page(prefix));
        pages.put(share.resolve("bash-completion/completions/psm"), Completions.bash());
        pages.put(share.resolve("zsh/site-functions/_psm"), Completions.zsh());
        pages.put(prefix.fish(), Completions.fish());
        return pages;
    }

    private boolean isOnPath() {
        String path = System.getenv("PATH");
        String folder = prefix.launcher().getParent().toString();
        return path != null && List.of(path.split(":", -1)).contains(folder);
    }
}
