package psm.name;

import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.text.Text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Names one process after the other, by {@code exe} and {@code cmdline} in its folder. Owns an
 * array, so it belongs to one thread.
 */
public final class ProgramReader {
    /** What the kernel puts behind the path of a file that has no name any more. */
    private static final String DELETED = " (deleted)";

    /**
     * Room for a first argument, which may be a path. It is cut there: anybody may start a thousand
     * processes with one of 2 MB.
     */
    private static final int FIRST_ARGUMENT_BYTES = 4096;

    /**
     * Where command lines are cut. Too low, and those that differ late become one; too high, and
     * those of all processes do not fit into the heap.
     */
    static final int MAX_COMMAND_CHARS = 1024;

    /** At four bytes a character. */
    private static final int MAX_COMMAND_BYTES = 4 * MAX_COMMAND_CHARS;

    /**
     * How much of command lines one reader keeps; later ones are left out. Too low, and a large box
     * lacks some; too high, and anybody who starts ten thousand processes has them not fit into the
     * heap, which four readers share.
     */
    private static final int MAX_KEPT_CHARS = 1 << 20;

    /**
     * How much of names, likewise; later ones are cut shorter. All names have to have room in a
     * snapshot, see {@code SnapshotFormat.MAX_CHARS}.
     */
    private static final int MAX_KEPT_NAME_CHARS = 1 << 18;

    /** What names are cut to then: as long as the kernel's own. */
    private static final int SHORT_NAME_CHARS = 15;

    private static final byte[] NO_ARGUMENTS = {};

    /** Room for the options of an interpreter; class paths of Java programs have some 10 kB. */
    private static final int ARGUMENTS_BYTES = 128 * 1024;

    private final ProcFs proc;
    private final boolean byTitle;
    private final boolean scripts;

    /** Whether all names are wanted, whatever the rule. */
    private final boolean allNames;

    /** Whether the whole command line is wanted. */
    private final boolean commands;

    private byte[] buffer = new byte[FIRST_ARGUMENT_BYTES];

    // What was read of the process that was named last.
    private ProcStat stat;
    private String exe;
    private Program.File file;
    private Program program;

    /** Its arguments, where it is a fork; empty else. */
    private byte[] arguments = NO_ARGUMENTS;

    private boolean isWhole;
    private String command;
    private int keptOfNames;
    private int keptOfCommands;

    public ProgramReader(ProcFs proc, NameRule rule) {
        this.proc = proc;
        this.byTitle = rule.byTitle();
        this.scripts = rule.scripts();
        this.allNames = rule.allNames();
        this.commands = rule.commands();
    }

    /**
     * The program, as well as it can be told. Whether the process is still there shows later.
     *
     * @param folder the process's, or one of its threads'
     * @param of what that folder's stat said, with the kernel's name, the last resort; may be
     *     {@code null}
     */
    public Program read(String folder, ProcStat of) {
        boolean isSameExecutable = isOfTheSameExecutable(of);
        if (!isSameExecutable) {
            readExecutable(folder);
        }
        int length = isByExecutable() ? 0 : arguments(folder);
        isWhole = exe != null && (isByExecutable() || length > 0);
        if (!isSameExecutable || !hasTheSameArguments(length)) {
            program = program(of == null ? null : of.comm(), length);
            boolean isFork = of != null && of.isForkWithoutExec();
            arguments = isFork ? Arrays.copyOf(buffer, length) : NO_ARGUMENTS;
        }
        stat = of;
        return program;
    }

    /**
     * What was read of the last process may be of what it became meanwhile: then it is nothing to
     * go by.
     */
    public void forget() {
        stat = null;
    }

    /** Whether executables are all that is wanted, and this one is known. */
    private boolean isByExecutable() {
        return !byTitle && !scripts && !allNames && !commands && exe != null;
    }

    private boolean hasTheSameArguments(int length) {
        return length > 0 && Arrays.equals(buffer, 0, length, arguments, 0, arguments.length);
    }

    private Program program(String comm, int length) {
        command = commands ? command(length) : null;
        return allNames
                ? named(names(exe, comm, length), file)
                : new Program(cut(name(exe, comm, length)), file);
    }

    /**
     * The command line of the last process, see {@code ProcessDetails.command}; {@code null} where
     * it was not asked for.
     */
    public String command() {
        return command;
    }

    /** Whether all was there that the last process was to be named by. */
    public boolean isWhole() {
        return isWhole;
    }

    /** The name by the rule that was asked for. */
    private String name(String exe, String comm, int length) {
        if (scripts) {
            String script = script(exe, length);
            if (script != null) {
                return script;
            }
        }
        return byTitle || exe == null
                ? ProgramName.of(exe, argument(0, length), comm)
                : ProgramName.ofExecutable(exe);
    }

    private Program.Names names(String exe, String comm, int length) {
        String title = kept(ProgramName.of(exe, argument(0, length), comm));
        String script = script(exe, length);
        return new Program.Names(
                title,
                exe == null ? title : kept(ProgramName.ofExecutable(exe)),
                script == null ? null : kept(script));
    }

    private String kept(String name) {
        boolean isRoom = keptOfNames < MAX_KEPT_NAME_CHARS;
        String cut = Text.cut(name, isRoom ? Text.MAX_NAME_CHARS : SHORT_NAME_CHARS);
        keptOfNames += isRoom ? cut.length() : 0;
        return cut;
    }

    private Program named(Program.Names names, Program.File file) {
        return new Program(names.by(byTitle, scripts), file, names);
    }

    private static String cut(String name) {
        return Text.cut(name, Text.MAX_NAME_CHARS);
    }

    /** The arguments with blanks between them, and nothing of what programs leave after them. */
    private String command(int length) {
        int to = Math.min(length, MAX_COMMAND_BYTES);
        while (to > 0 && (buffer[to - 1] == 0 || buffer[to - 1] == ' ')) {
            to--;
        }
        if (to == 0 || keptOfCommands > MAX_KEPT_CHARS) {
            return null;
        }
        byte[] line = Arrays.copyOf(buffer, to);
        for (int i = 0; i < to; i++) {
            line[i] = line[i] == 0 ? (byte) ' ' : line[i];
        }
        String cut = Text.cut(Text.decode(line, 0, to), MAX_COMMAND_CHARS);
        keptOfCommands += cut.length();
        return cut;
    }

    /**
     * A fork that has not called exec(2) since runs what the process did that it is of: and of that
     * process, or of another fork of it, is a stat with the same addresses and name.
     */
    private boolean isOfTheSameExecutable(ProcStat of) {
        return exe != null
                && stat != null
                && of != null
                && of.isForkWithoutExec()
                && of.addresses() != 0
                && of.addresses() == stat.addresses()
                && of.isStackAtRandom()
                && of.comm().equals(stat.comm());
    }

    private void readExecutable(String folder) {
        exe = exe(folder);
        file = Program.File.CURRENT;
        if (exe != null && exe.endsWith(DELETED) && isDeleted(folder, exe)) {
            exe = exe.substring(0, exe.length() - DELETED.length());
            file = successor(folder, exe);
        }
    }

    private String exe(String folder) {
        try {
            return proc.link(folder + "/exe");
        } catch (IOException e) {
            return null; // may be read by root and the process's owner alone
        }
    }

    /**
     * A file's own name may end as a deleted one's does. That is not found out where no path may be
     * followed: whoever names a file so could have named it otherwise, too.
     */
    private boolean isDeleted(String folder, String exe) {
        return proc.isConfined() || !proc.isSameFile(folder + "/exe", folder + "/root" + exe);
    }

    private Program.File successor(String folder, String exe) {
        if (exe.startsWith(ProgramName.MEMFD)) {
            return Program.File.CURRENT; // it never had a path that it could have lost
        }
        return !proc.isConfined() && proc.exists(folder + "/root" + exe)
                ? Program.File.UPDATED
                : Program.File.DELETED;
    }

    /** Reads the command line into the buffer; returns its length there, 0 where it has none. */
    private int arguments(String folder) {
        try {
            int length = proc.read(folder + "/cmdline", buffer);
            if ((scripts || allNames) && length == buffer.length && length < ARGUMENTS_BYTES) {
                buffer = new byte[ARGUMENTS_BYTES];
                length = proc.read(folder + "/cmdline", buffer);
            }
            return length;
        } catch (IOException e) {
            return 0;
        }
    }

    private String script(String exe, int length) {
        List<String> arguments = new ArrayList<>();
        int from = 0;
        while (from < length) {
            String argument = argument(from, length);
            arguments.add(argument);
            from = end(from, length) + 1;
        }
        boolean cut = length == buffer.length;
        String executable = exe == null ? null : ProgramName.ofExecutable(exe);
        return arguments.isEmpty() ? null : ScriptName.of(executable, arguments, cut);
    }

    private String argument(int from, int length) {
        int to = end(from, Math.min(length, from + FIRST_ARGUMENT_BYTES));
        return Text.decode(buffer, from, to);
    }

    private int end(int from, int length) {
        int end = from;
        while (end < length && buffer[end] != 0) {
            end++;
        }
        return end;
    }
}
