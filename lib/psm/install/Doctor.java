package psm.install;

import psm.cli.Option;
import psm.collect.CollectorClient;
import psm.proc.OwnProcess;
import psm.service.Findings;
import psm.service.ServiceCheck;
import psm.service.TextfileCheck;
import psm.service.UserGroup;
import psm.snapshot.SnapshotFormat;
import psm.text.Failure;
import psm.text.Problem;
import psm.text.Text;
import psm.trust.Capability;
import psm.trust.RootOwned;
import psm.trust.Subprocess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks an installation, and writes a line for each check: that all is well, or what is wrong and
 * how to fix it. It changes nothing.
 */
final class Doctor {
    private static final int WRITABLE_BY_OTHERS = 0022;

    private final Prefix prefix;

    /** The package that the prefix contains; {@code null} for an installation. */
    private final PackagedPsm packaged;

    private final boolean isRoot = new OwnProcess().isRoot();
    private final StringBuilder lines = new StringBuilder();
    private int problems;

    Doctor(Prefix prefix, PackagedPsm packaged) {
        this.prefix = prefix;
        this.packaged = packaged;
    }

    /** Returns all lines of {@link #examine}. */
    String lines() {
        return lines.toString();
    }

    /** Returns how many problems {@link #examine} has found. */
    int problems() {
        return problems;
    }

    /**
     * Runs all checks.
     *
     * @throws Failure if there is no installation
     */
    void examine() throws Failure {
        if (packaged == null && !Files.exists(prefix.record())) {
            throw Failure.usage("doctor: " + InstallCommand.notInstalled(prefix), null);
        }
        try {
            Path first = packaged == null ? prefix.record() : packaged.home();
            Problem problem = isRoot ? RootOwned.problemOfExisting(first) : null;
            if (problem != null) { // else another user could make root read and run anything
                add(new Problem(problem.what(), packaged == null ? elsewhere() : repair()));
                return;
            }
            Problem ofState = isRoot ? RootOwned.problem(prefix.state()) : null;
            if (ofState != null) {
                add(new Problem(ofState.what(), "move " + prefix.state() + " away"));
                return;
            }
            if (packaged == null) {
                List<Path> recorded = new InstallRecord(prefix).paths();
                checkFiles(recorded);
                checkLauncher(ownersProblem(recorded) == null);
            } else {
                checkPackage();
            }
            if (Files.exists(prefix.access())) {
                checkGroup();
            } else {
                checkNoAccessIsLeft();
            }
            Findings findings = new Findings(this::ok, this::add, this::note);
            new ServiceCheck(findings)
                    .run(prefix.mark(Option.RECORD), reinstall(" " + Option.RECORD));
            new TextfileCheck(
                            findings,
                            prefix.mark(Option.TEXTFILE),
                            folder -> reinstall(" " + Option.TEXTFILE + " " + folder))
                    .run();
        } catch (IOException e) {
            add(new Problem(InstallCommand.reason(e), reinstall("")));
        }
    }

    private String reinstall(String options) {
        if (packaged != null) {
            return options.isEmpty() ? repair() : "run 'psm install" + options + "'";
        }
        return "run 'psm install --prefix " + prefix.folder() + options + "'";
    }

    private String reinstallFor(String group, boolean withoutCommands) {
        return reinstall(" --group " + group + (withoutCommands ? " --no-commands" : ""));
    }

    /** Returns what puts the files of the package right. */
    private String repair() {
        return "run "
                + packaged.kind().repair
                + (packaged.kind() == PackagedPsm.Kind.TAR
                        ? ", where only you or root can write"
                        : "");
    }

    private void ok(String what) {
        lines.append("ok     ").append(Text.printable(what)).append('\n');
    }

    private void add(Problem problem) {
        problems++;
        lines.append("wrong  ").append(Text.printable(problem.line())).append('\n');
    }

    private void note(String what) {
        lines.append("note   ").append(Text.printable(what)).append('\n');
    }

    private void addOrOk(Problem problem, String what) {
        if (problem == null) {
            ok(what);
        } else {
            add(problem);
        }
    }

    // Files

    private void checkFiles(List<Path> recorded) throws IOException {
        for (Path file : recorded) {
            if (!Files.exists(file)) {
                add(new Problem(file + " is missing", reinstall("")));
            }
        }
        addOrOk(
                ownersProblem(recorded),
                "only the owner can write what is installed in " + prefix.folder());
    }

    /**
     * Returns the problem of the first file that other users can write. For an installation of
     * root, the folders above the files are checked too.
     */
    private Problem ownersProblem(List<Path> recorded) throws IOException {
        for (Path file : recorded) {
            Problem problem = isOfRoot() ? RootOwned.problem(file) : ownProblem(file);
            if (problem != null) {
                return new Problem(problem.what(), remedy(file));
            }
        }
        return null;
    }

    /**
     * Returns what to do about a file that others can write. To make it root's would be wrong: they
     * may have written it already.
     */
    private String remedy(Path file) throws IOException {
        return !Files.isDirectory(file) && RootOwned.problem(file.getParent()) == null
                ? reinstall("")
                : elsewhere();
    }

    private static String elsewhere() {
        return "install psm where only root can write, with " + Option.PREFIX;
    }

    private boolean isOfRoot() throws IOException {
        return Files.getAttribute(prefix.home(), "unix:uid").equals(0);
    }

    private static Problem ownProblem(Path file) throws IOException {
        if (!Files.exists(file)) {
            return null; // which is another problem
        }
        int mode = (Integer) Files.getAttribute(file, "unix:mode");
        return (mode & WRITABLE_BY_OTHERS) != 0 && !Files.isSymbolicLink(file)
                ? new Problem(file + " is writable by other users", "")
                : null;
    }

    // Java and its archives

    private void checkLauncher(boolean isSafe) throws IOException {
        if (!Files.isExecutable(prefix.launcher())) {
            return; // checkFiles has reported that it is missing
        }
        String script = Files.readString(prefix.launcher());
        String named = between(script, "\njava=", "\n").replace("'", "");
        if (!named.startsWith("/")) {
            add(new Problem(prefix.launcher() + " is not the launcher of psm", reinstall("")));
            return;
        }
        Path java = Path.of(named);
        if (!Files.isExecutable(java)) {
            add(new Problem("its Java, " + java + ", is missing", reinstall("")));
            return;
        }
        Problem problem = isOfRoot() ? problemOf(java) : null;
        if (problem != null) {
            String what = "its Java is not safe: " + problem.what();
            add(new Problem(what, reinstall(" --java HOME") + " with another Java"));
            return;
        }
        ok("its Java is " + java);
        // Java does not check an archive: a user who can write it could run code as root.
        if (isSafe && (!isRoot || (isOfRoot() && RootOwned.problem(java) == null))) {
            checkArchives(java);
        } else {
            ok("the archives were not tested, since other users can write them");
        }
    }

    /** Returns the problem of a Java: of the program, or of its home. */
    private static Problem problemOf(Path java) throws IOException {
        Problem problem = RootOwned.problem(java);
        return problem == null ? RootOwned.problemBelow(java.getParent().getParent()) : problem;
    }

    // The files of a package

    private void checkPackage() throws IOException {
        ok(packaged.description());
        List<Path> needed = new ArrayList<>();
        Path java = packaged.java().launcher();
        needed.add(prefix.launcher());
        for (Archive archive : Archive.values()) {
            needed.add(packaged.home().resolve(packaged.java().archiveName(archive.stem())));
        }
        for (Path file : needed) {
            if (!Files.exists(file)) {
                add(new Problem(file + " is missing", repair()));
            }
        }
        needed.add(packaged.home());
        Problem problem = packageOwnersProblem(needed);
        addOrOk(
                problem == null ? null : new Problem(problem.what(), repair()),
                "only the owner can write what is in " + packaged.home());
        if (!Files.isExecutable(java)) {
            add(new Problem("its Java, " + java + ", is missing", repair()));
            return;
        }
        ok("its Java is " + java);
        if (problem == null && (!isRoot || isOfRoot())) {
            for (Archive archive : Archive.values()) {
                Path file = packaged.home().resolve(packaged.java().archiveName(archive.stem()));
                if (Files.exists(file)) {
                    checkArchive(java, file);
                }
            }
        } else {
            ok("the archives were not tested, since other users can write them");
        }
    }

    /** Returns the first problem of the files of a package, and of all that its folder contains. */
    private Problem packageOwnersProblem(List<Path> needed) throws IOException {
        if (isOfRoot()) {
            Problem problem = ownersProblem(needed);
            return problem == null ? RootOwned.problemBelow(packaged.home()) : problem;
        }
        try (Stream<Path> all = Files.walk(packaged.home())) {
            return ownersProblem(Stream.concat(needed.stream(), all).toList());
        }
    }

    private void checkArchives(Path java) throws IOException {
        List<Path> archives = new ArrayList<>();
        try (Stream<Path> all = Files.walk(prefix.home())) {
            all.filter(file -> file.toString().matches(".*[.](aot|jsa)")).forEach(archives::add);
        }
        for (Path archive : archives) {
            checkArchive(java, archive);
        }
        int expected = Archive.ALWAYS.size() + (Files.exists(prefix.access()) ? 1 : 0);
        if (archives.size() < expected) {
            add(
                    new Problem(
                            "archives are missing in " + prefix.home() + ", so psm starts slower",
                            reinstall("")));
        }
    }

    private static String between(String text, String start, String end) {
        int from = text.indexOf(start);
        int to = text.indexOf(end, from + start.length());
        return from < 0 || to < 0 ? "" : text.substring(from + start.length(), to);
    }

    /** Starts Java with options that make it fail if it cannot use the archive. */
    private void checkArchive(Path java, Path archive) throws IOException {
        boolean isAot = archive.toString().endsWith(".aot");
        List<String> words = new ArrayList<>(List.of(java.toString()));
        words.add(isAot ? "-XX:AOTMode=on" : "-Xshare:on");
        words.add((isAot ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=") + archive);
        words.addAll(JavaHome.OPTIONS);
        words.addAll(List.of("-cp", archive.resolveSibling(Jars.OWN).toString(), "-version"));
        if (Subprocess.run(words).exitCode() == 0) {
            ok("Java can use " + archive);
        } else {
            add(
                    new Problem(
                            "Java cannot use " + archive + ", so psm starts slower",
                            reinstall("")));
        }
    }

    // The group's access

    private void checkGroup() throws Failure {
        GroupAccess access;
        try {
            access = GroupAccess.read(prefix);
        } catch (IOException e) {
            note(
                    "the group's access was not checked, since only root can read it; run 'sudo"
                            + " psm doctor'");
            return;
        } catch (Failure e) {
            String what = "the collector's Java is missing (" + e.getMessage() + ")";
            add(new Problem(what, reinstallFor("GROUP", false)));
            return;
        }
        String group = access.group();
        String remedy = reinstallFor(group, access.withoutCommands());
        try {
            if (UserGroup.find(group) == null) {
                add(new Problem("there is no group " + group, "run 'groupadd " + group + "'"));
                return;
            }
            ok("there is a group " + group);
            Problem problem = access.ownershipProblem();
            problem = problem == null ? null : new Problem(problem.what(), remedy);
            addOrOk(problem, "only root can change the collector");
            checkFile(prefix.members(), "rw-r-----", group, null, remedy);
            checkFile(prefix.access(), "rw-------", "root", null, remedy);
            checkRule(access, remedy);
            if (problem == null && isRoot) {
                checkCapability(access.capability(), remedy);
                checkCollector(remedy);
            }
        } catch (IOException e) {
            add(new Problem("the group's access: " + InstallCommand.reason(e), remedy));
        }
    }

    /** Compares a file's permissions, owner, group and, unless it is {@code null}, its text. */
    private void checkFile(Path file, String permissions, String group, String text, String remedy)
            throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            add(new Problem(file + " is missing", remedy));
            return;
        }
        PosixFileAttributes found = Files.readAttributes(file, PosixFileAttributes.class);
        String is = RootOwned.access(found);
        String expected = permissions + " root:" + group;
        if (!is.equals(expected)) {
            add(new Problem(file + " is " + is + ", not " + expected, remedy));
        } else if (text != null && !Files.readString(file).equals(text)) {
            add(new Problem(file + " was changed after the installation", remedy));
        } else {
            ok(file.toString());
        }
    }

    private void checkRule(GroupAccess access, String remedy) throws IOException {
        SudoRule rule = access.rule();
        checkFile(prefix.collectScript(), "rwx------", "root", access.collectScript(), remedy);
        checkFile(rule.file(), SudoRule.PERMISSIONS, "root", rule.text(), remedy);
        Problem problem = SudoRule.includeProblem();
        if (problem != null) {
            add(problem);
        }
        if (SudoRule.isGood(List.of())) {
            ok("'visudo -c' finds no errors");
        } else {
            add(
                    new Problem(
                            "'visudo -c' finds errors, so sudo may refuse every user",
                            "run 'visudo' and fix them"));
        }
    }

    /** Tries what the collector keeps of root's rights: hidepid may be new, or the kernel. */
    private void checkCapability(Capability capability, String remedy) throws IOException {
        Problem problem =
                new Problem(
                        "the collector's " + capability + " no longer shows all processes", remedy);
        addOrOk(
                capability.works() ? null : problem,
                "the collector runs as user nobody with " + capability);
    }

    /** Runs the collector as root, without sudo. */
    private void checkCollector(String remedy) throws IOException {
        Subprocess collector = Subprocess.run(List.of(prefix.collectScript().toString()));
        int exitCode = collector.exitCode();
        if (exitCode == 0 && collector.output().startsWith(SnapshotFormat.MAGIC)) {
            ok("the collector writes a snapshot");
        } else if (exitCode == CollectorClient.BUSY) {
            note("the collector was not tried, since it is busy; run this again");
        } else if (exitCode == CollectorClient.LIMITED) {
            String what = "limits are too low for the collector, and root cannot raise them here";
            add(new Problem(what, "see 'ulimit -Ha'"));
        } else {
            add(new Problem("the collector writes no snapshot and exits with " + exitCode, remedy));
        }
    }

    /** Reports a rule of this prefix, which an installation without a group must not have. */
    private void checkNoAccessIsLeft() throws IOException {
        Path file = SudoRule.file(prefix);
        if (Files.isReadable(file) && prefix.hasWritten(file)) {
            add(
                    new Problem(
                            file + " is left over from an installation for a group",
                            "run 'rm " + file + "'"));
        }
    }
}
