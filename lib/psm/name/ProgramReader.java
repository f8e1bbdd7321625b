package psm.name;

import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.proc.ProcStatus;
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

    /** The size of a buffer that the start of status fits into, with the name. */
    private static final int STATUS_BYTES = 256;

    private static final byte[] NO_ARGUMENTS = {};

    private final ProcFs proc;
    private final NameRule rule;
    private final Cmdline cmdline = new Cmdline();

    /** The length of all names so far; each process has several. */
    private int nameChars;

    // The process that was read last.
    private ProcStat stat;
    private String exe;

    /** The name of its executable; {@code null} if permission was denied, or the name is lost. */
    private String executable;

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
        boolean isEnough = !rule.arguments() || (executable != null && rule.needsExecutableOnly());
        if (isEnough) {
            cmdline.clear();
        } else {
            boolean isWrapper = executable != null && Wrapper.is(executable);
            cmdline.read(proc, folder, isWrapper || rule.needsAllArguments());
        }
        isWhole = exe != null && (isEnough || !cmdline.isEmpty());
        if (!isSameExecutable || cmdline.isEmpty() || !cmdline.isSame(forkArguments)) {
            String comm = now == null ? comm(folder) : now.comm();
            if (exe != null && executable == null) {
                file = renamed(folder, comm);
            }
            program = program(comm);
            boolean isFork = now != null && now.isForkWithoutExec();
            forkArguments = isFork ? cmdline.bytes() : NO_ARGUMENTS;
        }
        stat = now;
        return program;
    }

    /** Returns the kernel's name in a tree without stat; {@code null} if there is none either. */
    private String comm(String folder) {
        byte[] buffer = new byte[STATUS_BYTES];
        try {
            String comm = instant(folder + "/comm", buffer);
            int end = comm.endsWith("\n") ? comm.length() - 1 : comm.length();
            return end == 0 ? nameInStatus(folder, buffer) : comm.substring(0, end);
        } catch (IOException e) {
            return nameInStatus(folder, buffer);
        }
    }

    private String nameInStatus(String folder, byte[] buffer) {
        try {
            return new ProcStatus(instant(folder + "/status", buffer)).name();
        } catch (IOException e) {
            return null;
        }
    }

    /** Reads a file that may be a pipe: for a name alone, the process is not skipped. */
    private String instant(String file, byte[] buffer) throws IOException {
        if (proc.mayBlock(file)) {
            throw new IOException(file);
        }
        return proc.text(file, buffer);
    }

    /**
     * Forgets the last process, so that no fork is named after it: it may have become another
     * program while it was read.
     */
    public void forget() {
        stat = null;
    }

    /**
     * Returns the command line of the last process, without its middle if it is long; {@code null}
     * if it has none, or the rule does not request it.
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
        Wrapper.Wrapped wrapped = wrapped();
        String script = rule.scripts() ? script(wrapped) : null;
        if (script != null) {
            return script;
        }
        return rule.byTitle() ? title(wrapped, comm) : executable(wrapped, comm);
    }

    private String title(Wrapper.Wrapped wrapped, String comm) {
        return wrapped == null
                ? ProgramName.of(exe, executable, cmdline.first(), comm)
                : ProgramName.of(wrapped.exe(), wrapped.arguments().get(0), comm);
    }

    /**
     * Returns the name of the executable. Without permission to read exe, it is the name that the
     * kernel took from the executable; unlike the title, a program rarely sets another. The kernel
     * cuts it, so the argument it was cut from is better.
     */
    private String executable(Wrapper.Wrapped wrapped, String comm) {
        if (executable != null && !executable.isEmpty()) {
            return executable;
        }
        String title = title(wrapped, comm);
        boolean isUncut = title.indexOf(' ') < 0 && ProgramName.isOfKernel(title, comm);
        return comm == null || comm.isEmpty() || isUncut ? title : comm;
    }

    private Program.Names names(String comm) {
        Wrapper.Wrapped wrapped = wrapped();
        String title = cut(title(wrapped, comm));
        String script = script(wrapped);
        return new Program.Names(
                title, cut(executable(wrapped, comm)), script == null ? null : cut(script));
    }

    /** Returns the program that the process runs inside its executable, or {@code null}. */
    private Wrapper.Wrapped wrapped() {
        if (cmdline.isEmpty()) {
            return null;
        }
        String name = executable == null ? ProgramName.baseName(cmdline.first()) : executable;
        return Wrapper.is(name)
                ? Wrapper.of(exe == null ? name : exe, name, cmdline.arguments())
                : null;
    }

    private String cut(String name) {
        boolean fits = nameChars < MAX_ALL_NAMES_CHARS;
        String cut = Text.cut(name, fits ? Text.MAX_NAME_CHARS : SHORT_NAME_CHARS);
        nameChars += fits ? cut.length() : 0;
        return cut;
    }

    private String script(Wrapper.Wrapped wrapped) {
        return wrapped == null
                ? ScriptName.of(executable, cmdline.arguments(), cmdline.isCut())
                : ScriptName.of(
                        ProgramName.ofExecutable(wrapped.exe()),
                        wrapped.arguments(),
                        cmdline.isCut());
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
            exe = Leftover.replaced(exe.substring(0, exe.length() - DELETED.length()));
            file = successor(folder, exe);
        }
        executable = exe == null ? null : ProgramName.ofExecutable(exe);
    }

    /** Returns what happened to a file that was renamed, by the name of the program it had. */
    private Program.File renamed(String folder, String comm) {
        String path = exe.substring(0, exe.lastIndexOf('/') + 1) + executable(null, comm);
        boolean isReplaced = !proc.isConfined() && proc.exists(folder + "/root" + path);
        return isReplaced ? Program.File.UPDATED : Program.File.DELETED;
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

    /**
     * Finds out whether another file replaces a deleted executable. If no path can be followed, as
     * in a copy of /proc, the name that a package manager has given to it shows that one did.
     */
    private Program.File successor(String folder, String exe) {
        if (exe.startsWith(ProgramName.MEMFD)) {
            return Program.File.CURRENT; // a file in memory has no path, so it cannot be deleted
        }
        if (proc.isConfined()) {
            return Program.File.DELETED;
        }
        String path = Leftover.removed(exe);
        String root = folder + "/root";
        boolean isReplaced = proc.exists(root + path) || (!path.equals(exe) && !proc.exists(root));
        return isReplaced ? Program.File.UPDATED : Program.File.DELETED;
    }
}
