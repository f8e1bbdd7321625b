package psm.install;

import psm.proc.OwnProcess;
import psm.snapshot.SnapshotFormat;
import psm.text.Failure;
import psm.text.Text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks an installation: a line for each check, which says how to mend what is wrong. It changes
 * nothing.
 */
public final class Doctor {
    private static final String MENDED_BY = "; mend it by ";

    private final Path prefix;
    private final Path home;
    private final boolean isRoot = new OwnProcess().isRoot();
    private final StringBuilder lines = new StringBuilder();
    private int wrong;

    public Doctor(Path prefix) {
        this.prefix = prefix;
        this.home = prefix.resolve("lib/psm");
    }

    /** All lines, once it has looked. */
    public String lines() {
        return lines.toString();
    }

    /** How many things are wrong. */
    public int wrong() {
        return wrong;
    }

    /**
     * Looks at everything.
     *
     * @throws Failure where there is no installation
     */
    public void look() throws Failure {
        Path record = home.resolve(Installer.RECORD);
        if (!Files.exists(record)) {
            throw Failure.usage(
                    "doctor: no psm was installed in " + prefix + "; --prefix DIR names another",
                    null);
        }
        try {
            files(Files.readAllLines(record));
            launcher();
            if (Files.exists(GroupAccess.accessFile(prefix))) {
                group();
            } else {
                strayAccess();
            }
        } catch (IOException e) {
            tell(home + ": " + e, "'" + reinstall() + "'");
        }
    }

    private String reinstall() {
        return "psm install --prefix " + prefix;
    }

    private void ok(String what) {
        lines.append("ok     ").append(Text.printable(what)).append('\n');
    }

    private void tell(String problem, String remedy) {
        wrong++;
        lines.append("wrong  ").append(Text.printable(problem));
        lines.append(MENDED_BY).append(Text.printable(remedy)).append('\n');
    }

    /** Tells a problem that names its remedy, after a semicolon; or that there is none. */
    private void tellOrOk(String problem, String what) {
        if (problem == null) {
            ok(what);
        } else {
            int remedy = problem.lastIndexOf("; ");
            tell(problem.substring(0, remedy), problem.substring(remedy + 2));
        }
    }

    private void files(List<String> recorded) throws IOException {
        for (String file : recorded) {
            if (!Files.exists(prefix.resolve(file))) {
                tell(prefix.resolve(file) + " is gone", "'" + reinstall() + "'");
            }
        }
        String problem = ownersProblem(recorded);
        tellOrOk(problem, "nobody but its owner may write what is installed in " + prefix);
    }

    /** Of root's installations, the folders above them too. */
    private String ownersProblem(List<String> recorded) throws IOException {
        if (Files.getAttribute(home, "unix:uid").equals(0)) {
            String problem = RootOwned.problemBelow(home);
            for (String file : recorded) {
                problem = problem == null ? RootOwned.problem(prefix.resolve(file)) : problem;
            }
            return problem;
        }
        try (Stream<Path> all = Files.walk(home)) {
            for (Path path : all.toList()) {
                int mode = (Integer) Files.getAttribute(path, "unix:mode");
                if ((mode & 0022) != 0 && !Files.isSymbolicLink(path)) {
                    return path + " may be written by others; 'chmod go-w " + path + "'";
                }
            }
        }
        return null;
    }

    /** What it starts, and with what. */
    private void launcher() throws IOException {
        Path launcher = prefix.resolve("bin/psm");
        if (!Files.isExecutable(launcher)) {
            return; // it has been told that it is gone
        }
        String script = Files.readString(launcher);
        Path java = Path.of(between(script, "\njava=", "\n").replace("'", ""));
        if (!Files.isExecutable(java)) {
            tell("its Java, " + java + ", is gone", "'" + reinstall() + "'");
            return;
        }
        String problem = isRoot ? RootOwned.problem(java) : null;
        if (problem != null) {
            ok("its Java is " + java + ", which root does not run here, for others may change it");
            return;
        }
        ok("its Java is " + java);
        if (isRoot && RootOwned.problemBelow(home) != null) {
            ok("no archive is tried by root, for others may change them"); // Java trusts them
            return;
        }
        List<Path> archives = new ArrayList<>();
        try (Stream<Path> all = Files.walk(home)) {
            all.filter(file -> file.toString().matches(".*[.](aot|jsa)")).forEach(archives::add);
        }
        for (Path archive : archives) {
            archive(java, archive);
        }
        boolean hasCollector = Files.exists(GroupAccess.accessFile(prefix));
        if (archives.size() < Archives.ALL.size() + (hasCollector ? 1 : 0)) {
            tell(
                    "there are archives missing in " + home + ", so it starts slower",
                    "'" + reinstall() + "'");
        }
    }

    private static String between(String text, String start, String end) {
        int from = text.indexOf(start);
        int to = text.indexOf(end, from + start.length());
        return from < 0 || to < 0 ? "" : text.substring(from + start.length(), to);
    }

    /** Java is told to take it or to fail. */
    private void archive(Path java, Path archive) throws IOException {
        boolean isAot = archive.toString().endsWith(".aot");
        List<String> words = new ArrayList<>(List.of(java.toString()));
        words.add(isAot ? "-XX:AOTMode=on" : "-Xshare:on");
        words.add((isAot ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=") + archive);
        words.addAll(Installer.JAVA_OPTIONS);
        words.addAll(List.of("-cp", archive.resolveSibling("psm.jar").toString(), "-version"));
        if (Installer.run(words).exitCode() == 0) {
            ok("Java takes " + archive);
        } else {
            tell(
                    "Java does not take " + archive + ", so it starts slower",
                    "'" + reinstall() + "'");
        }
    }

    private void group() throws Failure {
        GroupAccess access;
        try {
            access = GroupAccess.read(prefix);
        } catch (IOException e) {
            lines.append("unseen what the group may do here, which root alone can check;")
                    .append(" 'sudo psm doctor' does\n");
            return;
        } catch (Failure e) {
            tell("the collector's Java is gone (" + e.getMessage() + ")", remedy("GROUP", false));
            return;
        }
        String remedy = remedy(access.group(), access.bySocket());
        try {
            if (access.groupPrincipal() == null) {
                tell("there is no group " + access.group(), "'groupadd " + access.group() + "'");
                return;
            }
            ok("there is a group " + access.group());
            String problem = access.ownershipProblem();
            tellOrOk(problem, "root alone can change what the collector is");
            is(GroupAccess.membersFile(prefix), "rw-r-----", access.group(), null, remedy);
            is(GroupAccess.accessFile(prefix), "rw-------", "root", null, remedy);
            if (access.bySocket()) {
                socket(access, remedy);
            } else {
                sudo(access, remedy);
            }
            if (problem == null && isRoot) {
                collector(access, remedy);
            }
        } catch (IOException e) {
            tell("the group's way: " + e, remedy);
        }
    }

    private String remedy(String group, boolean bySocket) {
        return "'" + reinstall() + " --group " + group + (bySocket ? " --socket'" : "'");
    }

    /** Holds a file to its permissions, owner, group and text. */
    private void is(Path file, String permissions, String group, String text, String remedy)
            throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            tell(file + " is gone", remedy);
            return;
        }
        PosixFileAttributes found = Files.readAttributes(file, PosixFileAttributes.class);
        String mode = PosixFilePermissions.toString(found.permissions());
        if (!mode.equals(permissions)
                || !found.owner().getName().equals("root")
                || !found.group().getName().equals(group)) {
            tell(
                    file
                            + " is "
                            + mode
                            + ' '
                            + found.owner()
                            + ':'
                            + found.group()
                            + ", not "
                            + permissions
                            + " root:"
                            + group,
                    remedy);
        } else if (text != null && !Files.readString(file).equals(text)) {
            tell(file + " is not as it was written", remedy);
        } else {
            ok(file.toString());
        }
    }

    private void sudo(GroupAccess access, String remedy) throws IOException {
        is(access.collectFile(), "rwx------", "root", access.collectScript(), remedy);
        is(access.rule().file(), SudoRule.PERMISSIONS, "root", access.rule().text(), remedy);
        String problem = SudoRule.includeProblem();
        if (problem != null) {
            tell(problem, "that line, by 'visudo'");
        }
        if (SudoRule.isGood(List.of())) {
            ok("'visudo -c' finds no fault");
        } else {
            tell("'visudo -c' finds faults, so sudo may refuse everybody", "'visudo'");
        }
    }

    private void socket(GroupAccess access, String remedy) throws IOException {
        SocketUnits units = access.units();
        is(units.socketFile(), "rw-r--r--", "root", units.socketText(), remedy);
        is(units.serviceFile(), "rw-r--r--", "root", units.serviceText(), remedy);
        String unit = SocketUnits.socketUnit(prefix);
        List<String> words = List.of(SudoRule.program("systemctl"), "-q", "is-active", unit);
        if (Installer.run(words).exitCode() == 0) {
            ok(unit + " is active");
        } else {
            tell(unit + " is not active", "'systemctl restart " + unit + "'");
        }
    }

    /** Starts it as its callers do, without going their way. */
    private void collector(GroupAccess access, String remedy) throws IOException {
        Installer.Ran ran =
                Installer.run(
                        access.bySocket()
                                ? access.command()
                                : List.of(access.collectFile().toString()));
        if (ran.exitCode() == 0 && ran.out().startsWith(SnapshotFormat.MAGIC)) {
            ok("the collector writes a snapshot");
        } else {
            tell("the collector ends with " + ran.exitCode() + " and no snapshot", remedy);
        }
    }

    /** What an installation without a group must not have. */
    private void strayAccess() throws IOException {
        for (Path file :
                List.of(
                        SudoRule.file(prefix),
                        SocketUnits.FOLDER.resolve(SocketUnits.socketUnit(prefix)),
                        SocketUnits.FOLDER.resolve(SocketUnits.serviceUnit(prefix)))) {
            if (Files.isReadable(file) && SudoRule.isOurs(file, prefix)) {
                tell(file + " is left of an installation for a group", "'rm " + file + "'");
            }
        }
    }
}
