package psm.name;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds the program that another one runs inside its own process: an emulator of other processors
 * (qemu-user, Rosetta, FEX, box64), the dynamic linker that was started as a program, or one
 * executable that contains many programs (busybox, coreutils).
 */
final class Wrapper {
    /** The options of qemu-user that are followed by a value, besides {@code -0}. */
    private static final String QEMU_VALUES =
            " g L s cpu E U r B R d dfilter D p seed trace plugin tb-size ";

    private static final String QEMU_FLAGS =
            " strace singlestep one-insn-per-tb perfmap jitdump guest-base-hugepages ";

    /** The options of glibc's and musl's linker that are followed by a value. */
    private static final String LINKER_VALUES =
            " --library-path --inhibit-rpath --preload --audit --glibc-hwcaps-prepend"
                    + " --glibc-hwcaps-mask ";

    private static final String LINKER_FLAGS = " --inhibit-cache --list --verify -- ";

    private static final String COREUTILS_PROGRAM = "--coreutils-prog";

    /**
     * The program inside.
     *
     * @param exe the path of its executable
     * @param arguments its own arguments; the first is the name by which it was started
     */
    record Wrapped(String exe, List<String> arguments) {}

    /** The ways in which arguments name the program inside. */
    private enum Kind {
        NONE,
        QEMU,
        /** Another emulator, which takes few options. */
        EMULATOR,
        LINKER,
        /** The first argument may be the wrapper, followed by the program's name. */
        BUSYBOX,
        COREUTILS
    }

    private final List<String> arguments;

    /** The index of the next argument to read. */
    private int next = 1;

    /** The first argument that an option gives to the program, or {@code null}. */
    private String first;

    private Wrapper(List<String> arguments) {
        this.arguments = arguments;
    }

    /** Returns whether an executable, by its base name, may run another program. */
    static boolean is(String executable) {
        return kind(executable) != Kind.NONE;
    }

    private static Kind kind(String executable) {
        return switch (executable) {
            case "rosetta", "box64", "box86", "FEX", "FEXInterpreter", "FEXLoader" -> Kind.EMULATOR;
            case ".buildkit_qemu_emulator" -> Kind.QEMU;
            case "busybox", "busybox.static", "toybox" -> Kind.BUSYBOX;
            case "coreutils" -> Kind.COREUTILS;
            case "linker64" -> Kind.LINKER; // Android's
            case "ld.so", "ld64.so.1", "ld64.so.2", "libc.so" -> Kind.LINKER; // libc.so is musl's
            default -> {
                if (executable.startsWith("ld-")) {
                    yield executable.indexOf(".so") > 0 ? Kind.LINKER : Kind.NONE;
                }
                yield isQemu(executable) ? Kind.QEMU : Kind.NONE;
            }
        };
    }

    /** Returns whether it is qemu-user, not qemu-img or an emulator of whole machines. */
    private static boolean isQemu(String executable) {
        if (!executable.startsWith("qemu-")) {
            return false;
        }
        int from = "qemu-".length();
        int dash = executable.indexOf('-', from);
        String suffix = dash < 0 ? "" : executable.substring(dash);
        if (!suffix.isEmpty() && !suffix.equals("-static")) {
            return false;
        }
        return switch (executable.substring(from, dash < 0 ? executable.length() : dash)) {
            case "ga", "img", "io", "nbd", "kvm", "edid", "keymap", "system" -> false;
            default -> true;
        };
    }

    /**
     * Returns the program inside.
     *
     * @param exe the path of the wrapper
     * @param executable the base name of the wrapper
     * @param arguments the arguments of the process
     * @return {@code null} if it runs no other program, or the arguments are not understood
     */
    static Wrapped of(String exe, String executable, List<String> arguments) {
        return arguments.isEmpty()
                ? null
                : new Wrapper(arguments).wrapped(exe, kind(executable), executable);
    }

    private Wrapped wrapped(String exe, Kind kind, String executable) {
        return switch (kind) {
            case NONE -> null;
            case QEMU, EMULATOR -> {
                if (!isEmulator(kind)) {
                    yield own();
                }
                boolean isUnderstood = kind == Kind.EMULATOR || skipQemuOptions();
                yield isUnderstood && hasNext() && !isOption() ? emulated() : null;
            }
            case LINKER -> skipLinkerOptions() ? linked() : null;
            case BUSYBOX -> {
                boolean isNamed = ProgramName.baseName(arguments.get(0)).equals(executable);
                yield isNamed && hasNext() && !isOption()
                        ? new Wrapped(exe, arguments.subList(next, arguments.size()))
                        : null;
            }
            case COREUTILS -> contained(exe);
        };
    }

    /**
     * Returns whether the first argument is the emulator: by a name of its own, as {@code
     * [rosetta]}, or by any other if an option of qemu-user follows that sets the program's.
     */
    private boolean isEmulator(Kind kind) {
        String argument = arguments.get(0);
        return kind(ProgramName.baseName(argument)) == kind
                || (argument.startsWith("[") && argument.endsWith("]"))
                || (kind == Kind.QEMU && hasNext() && arguments.get(next).equals("-0"));
    }

    /** Returns the program of an emulator that removes itself from the arguments. */
    private Wrapped own() {
        String argument = arguments.get(0);
        return new Wrapped(argument.startsWith("-") ? argument.substring(1) : argument, arguments);
    }

    private boolean hasNext() {
        return next < arguments.size();
    }

    private boolean isOption() {
        return arguments.get(next).startsWith("-");
    }

    /** Returns whether the arguments are understood. */
    private boolean skipQemuOptions() {
        while (hasNext() && isOption()) {
            String argument = arguments.get(next++);
            String option = ' ' + argument.substring(argument.startsWith("--") ? 2 : 1) + ' ';
            if (option.equals(" 0 ")) {
                first = hasNext() ? arguments.get(next++) : null;
            } else if (QEMU_VALUES.contains(option)) {
                next++;
            } else if (!QEMU_FLAGS.contains(option)) {
                return false;
            }
        }
        return hasNext();
    }

    /** Returns whether the arguments are understood. */
    private boolean skipLinkerOptions() {
        while (hasNext() && isOption()) {
            String argument = arguments.get(next++);
            String option = ' ' + argument + ' ';
            if (argument.equals("--argv0")) {
                first = hasNext() ? arguments.get(next++) : null;
            } else if (LINKER_VALUES.contains(option)) {
                next++;
            } else if (argument.indexOf('=') < 0 && !LINKER_FLAGS.contains(option)) {
                return false;
            }
        }
        return hasNext();
    }

    /**
     * Returns the program that is emulated. If the kernel started the emulator, the program's first
     * argument may follow its path (flag P of binfmt_misc).
     */
    private Wrapped emulated() {
        String exe = arguments.get(next++);
        if (first != null) {
            return wrapped(exe, first);
        }
        return hasNext() && isFirst(exe, arguments.get(next))
                ? new Wrapped(exe, arguments.subList(next, arguments.size()))
                : wrapped(exe, exe);
    }

    /**
     * Returns whether an argument is the name of a program, as its own first argument is, or a
     * title that starts with the name.
     */
    private static boolean isFirst(String exe, String argument) {
        int title = argument.indexOf(": ");
        String name = ProgramName.baseName(title < 0 ? argument : argument.substring(0, title));
        String plain = name.startsWith("-") ? name.substring(1) : name;
        return ScriptName.withoutVersion(plain)
                .equals(ScriptName.withoutVersion(ProgramName.baseName(exe)));
    }

    private Wrapped linked() {
        String exe = arguments.get(next++);
        return wrapped(exe, first == null ? exe : first);
    }

    private Wrapped wrapped(String exe, String firstArgument) {
        List<String> own = new ArrayList<>();
        own.add(firstArgument);
        own.addAll(arguments.subList(next, arguments.size()));
        return new Wrapped(exe, own);
    }

    /** Returns the program in {@code coreutils --coreutils-prog-shebang=sleep /usr/bin/sleep}. */
    private Wrapped contained(String exe) {
        boolean isNamed = hasNext() && arguments.get(next).startsWith(COREUTILS_PROGRAM);
        int equals = isNamed ? arguments.get(next).indexOf('=') : -1;
        return equals < 0 ? null : wrapped(exe, arguments.get(next++).substring(equals + 1));
    }
}
