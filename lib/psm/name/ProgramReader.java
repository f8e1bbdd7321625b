package psm.name;

import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.text.Text;

import java.io.IOException;

/**
 * Finds the names of one process after the other, from {@code exe} and {@code cmdline} in its
 * folder. All processes use the same array, so it belongs to one thread.
 */
public final class ProgramReader {
    /** The suffix that the kernel appends to the path of a deleted file. */
    private static final String DELETED = " (deleted)";

    /**
     * The limit for all names together: later names are cut to {@link #SHORT_NAME_CHARS}. All names
     * must fit into a snapshot, see {@code SnapshotFormat.MAX_CHARS}.
     */
    private static final int MAX_ALL_NAMES_CHARS = 1 << 18;

    /** The length of names beyond that limit; the kernel's own names have the same limit. */
    private static final int SHORT_NAME_CHARS = 15;

    private static final byte[] NO_ARGUMENTS = {};

    private final ProcFs proc;
    private final NameRule rule;
    private final Cmdline cmdline = new Cmdline();

    /** The length of all names so far; each process has several. */
    private int nameChars;

    // The process that was read last.
    private ProcStat stat;
    private String exe;
    private Program.File file;
    private Program program;

    /** The bytes of its arguments if it is a fork without exec(2), else empty. */
    private byte[] forkArguments = NO_ARGUMENTS;

    private boolean isWhole;
    private String command;

    public ProgramReader(ProcFs proc, NameRule rule) {
        this.proc = proc;
        this.rule = rule;
    }

    /**
     * Reads the program of a process; a file that cannot be read is ignored. The caller has to
     * check afterwards that the process is still the same.
     *
     * @param folder the folder of the process, or of one of its threads
     * @param now the stat in that folder, whose name is used if there is no other; may be {@code
     *     null}
     */
    public Program read(String folder, ProcStat now) {
        boolean isSameExecutable = isOfTheSameExecutable(now);
        if (!isSameExecutable) {
            readExecutable(folder);
        }
        boolean isEnough = !rule.arguments() || (exe != null && rule.needsExecutableOnly());
        if (isEnough) {
            cmdline.clear();
        } else {
            cmdline.read(proc, folder, rule.needsAllArguments());
        }
        isWhole = exe != null && (isEnough || !cmdline.isEmpty());
        if (!isSameExecutable || cmdline.isEmpty() || !cmdline.isSame(forkArguments)) {
            program = program(now == null ? null : now.comm());
            boolean isFork = now != null && now.isForkWithoutExec();
            forkArguments = isFork ? cmdline.bytes() : NO_ARGUMENTS;
        }
        stat = now;
        return program;
    }

    /**
     * Forgets the last process, so that no fork is named after it: it may have become another
     * program while it was read.
     */
    public void forget() {
        stat = null;
    }

    /**
     * Returns the command line of the last process, cut to 1,024 characters; {@code null} if it has
     * none, or the rule does not request it.
     */
    public String command() {
        return command;
    }

    /** Returns whether all files with names of the last process could be read. */
    public boolean isWhole() {
        return isWhole;
    }

    private Program program(String comm) {
        command = rule.commands() ? cmdline.joined() : null;
        if (rule.allNames()) {
            Program.Names names = names(comm);
            return new Program(names.by(rule.byTitle(), rule.scripts()), file, names);
        }
        return new Program(Text.cut(name(comm), Text.MAX_NAME_CHARS), file);
    }

    private String name(String comm) {
        String script = rule.scripts() ? script() : null;
        if (script != null) {
            return script;
        }
        String title = ProgramName.of(exe, cmdline.first(), comm);
        return rule.byTitle() ? title : executable(title, comm);
    }

    /**
     * Returns the name of the executable. Without permission to read exe, it is the name that the
     * kernel took from the executable; unlike the title, a program rarely sets another.
     */
    private String executable(String title, String comm) {
        if (exe == null) {
            return comm == null ? title : comm;
        }
        return ProgramName.ofExecutable(exe);
    }

    private Program.Names names(String comm) {
        String title = cut(ProgramName.of(exe, cmdline.first(), comm));
        String script = script();
        return new Program.Names(
                title, cut(executable(title, comm)), script == null ? null : cut(script));
    }

    private String cut(String name) {
        boolean fits = nameChars < MAX_ALL_NAMES_CHARS;
        String cut = Text.cut(name, fits ? Text.MAX_NAME_CHARS : SHORT_NAME_CHARS);
        nameChars += fits ? cut.length() : 0;
        return cut;
    }

    private String script() {
        String executable = exe == null ? null : ProgramName.ofExecutable(exe);
        return ScriptName.of(executable, cmdline.arguments(), cmdline.isCut());
    }

    /**
     * Returns whether a process runs the executable that was read last. A fork that has not called
     * exec(2) runs the executable of its parent; if the last process has the same addresses and
     * name, it is the parent, or another fork of it.
     */
    private boolean isOfTheSameExecutable(ProcStat now) {
        return exe != null
                && stat != null
                && now != null
                && now.isForkWithoutExec()
                && now.addresses() != 0
                && now.addresses() == stat.addresses()
                && now.isStackAtRandom()
                && now.comm().equals(stat.comm());
    }

    private void readExecutable(String folder) {
        exe = exe(folder);
        file = exe == null ? Program.File.UNKNOWN : Program.File.CURRENT;
        if (exe != null && exe.endsWith(DELETED) && isDeleted(folder, exe)) {
            exe = exe.substring(0, exe.length() - DELETED.length());
            file = successor(folder, exe);
        }
    }

    private String exe(String folder) {
        try {
            return proc.link(folder + "/exe");
        } catch (IOException e) {
            return null; // permission denied, for other users than root and the process's owner
        }
    }

    /**
     * Returns whether an executable was deleted. The name of an existing file may end with the same
     * suffix. This is not checked if no path may be followed: a user who chooses such a name could
     * as well choose any other.
     */
    private boolean isDeleted(String folder, String exe) {
        return proc.isConfined() || !proc.isSameFile(folder + "/exe", folder + "/root" + exe);
    }

    /** Finds out whether another file replaces a deleted executable. */
    private Program.File successor(String folder, String exe) {
        if (exe.startsWith(ProgramName.MEMFD)) {
            return Program.File.CURRENT; // a file in memory has no path, so it cannot be deleted
        }
        return !proc.isConfined() && proc.exists(folder + "/root" + exe)
                ? Program.File.UPDATED
                : Program.File.DELETED;
    }
}
