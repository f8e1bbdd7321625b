package psm.name;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the name of an interpreter together with what it runs, such as {@code java kafka.Kafka},
 * {@code python manage.py} and {@code sh -c}. It reads {@code /proc/PID/cmdline} as the interpreter
 * itself does.
 *
 * <p>The argument after an option may be its value, or the script. So this class lists the options
 * that take a value, for Java 24, Python 3, Node 20, Ruby 3.4, Perl 5 and the shells. All other
 * options are assumed to take none.
 */
public final class ScriptName {
    private static final String BUSYBOX = "busybox";

    private static final Interpreter JAVA =
            new Interpreter("-@", Letters.WORDS, "")
                    .with(Takes.SCRIPT, "-m --module")
                    .with(
                            Takes.VALUE,
                            """
                            -cp -classpath --class-path -p --module-path --source \
                            --upgrade-module-path --add-modules --limit-modules --add-exports \
                            --add-opens --add-reads --patch-module --enable-native-access -d \
                            --describe-module\
                            """);

    private static final Interpreter PYTHON =
            new Interpreter("-", Letters.ATTACHED, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.SCRIPT, "-m")
                    .with(Takes.VALUE, "-W -X -Q --check-hash-based-pycs");

    private static final Interpreter NODE =
            new Interpreter("-", Letters.WORDS, "-e")
                    .with(Takes.CODE, "-e --eval -p --print -pe")
                    .with(
                            Takes.VALUE,
                            """
                            -r --require --import --loader --experimental-loader -C --conditions \
                            --env-file --env-file-if-exists --title --inspect-port --debug-port \
                            --inspect-publish-uid --input-type --experimental-default-type \
                            --icu-data-dir --openssl-config --tls-cipher-list --tls-keylog \
                            --secure-heap --secure-heap-min --v8-pool-size --max-http-header-size \
                            --dns-result-order --network-family-autoselection-attempt-timeout \
                            --unhandled-rejections --use-largepages --disable-proto \
                            --disable-warning --redirect-warnings --diagnostic-dir --report-dir \
                            --report-directory --report-filename --report-signal \
                            --trace-require-module --trace-event-categories \
                            --trace-event-file-pattern --cpu-prof-dir --cpu-prof-interval \
                            --cpu-prof-name --heap-prof-dir --heap-prof-interval --heap-prof-name \
                            --heapsnapshot-near-heap-limit --heapsnapshot-signal --snapshot-blob \
                            --build-snapshot-config --watch-path --experimental-policy \
                            --policy-integrity --experimental-sea-config --allow-fs-read \
                            --allow-fs-write --test-concurrency --test-name-pattern \
                            --test-reporter --test-reporter-destination --test-shard \
                            --test-timeout\
                            """);

    private static final Interpreter RUBY =
            new Interpreter("-", Letters.ATTACHED, "-e")
                    .with(Takes.CODE, "-e")
                    .with(Takes.VALUE, "-C -E -I -X -r --encoding --external-encoding")
                    .with(Takes.VALUE, "--internal-encoding --enable --disable --parser")
                    .with(Takes.ATTACHED_VALUE, "-F -K -T -W -i -x");

    private static final Interpreter PERL =
            new Interpreter("-", Letters.ATTACHED, "-e")
                    .with(Takes.CODE, "-e -E")
                    .with(Takes.VALUE, "-I")
                    .with(Takes.ATTACHED_VALUE, "-C -D -F -M -V -d -i -m -x");

    private static final Interpreter SH =
            new Interpreter("-+", Letters.SEPARATE, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.STANDARD_INPUT, "-s")
                    .with(Takes.VALUE, "-o -O --rcfile --init-file -rcfile -init-file")
                    // bash accepts these words after a single hyphen too.
                    .with(Takes.NOTHING, "-login -noediting -noprofile -norc -posix")
                    .with(Takes.NOTHING, "-restricted -verbose");

    private static final Interpreter KSH =
            new Interpreter("-+", Letters.ATTACHED, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.STANDARD_INPUT, "-s")
                    .with(Takes.VALUE, "-o --emulate");

    private static final Interpreter FISH =
            new Interpreter("-", Letters.ATTACHED, "-c")
                    .with(Takes.CODE, "-c --command")
                    .with(Takes.VALUE, "-C -D -d -f -o -p --init-command --features --profile")
                    .with(Takes.VALUE, "--debug --debug-output --debug-stack-frames")
                    .with(Takes.VALUE, "--profile-startup");

    private final Interpreter interpreter;
    private final List<String> arguments;

    /** The index of the next argument to read. */
    private int next;

    private ScriptName(Interpreter interpreter, List<String> arguments, int first) {
        this.interpreter = interpreter;
        this.arguments = arguments;
        this.next = first;
    }

    /**
     * Returns the name of an interpreter and of what it runs.
     *
     * @param exe the base name of the executable; {@code null} if permission was denied
     * @param arguments the arguments in {@code /proc/PID/cmdline}; the first is the program's own
     *     name
     * @param cut whether more arguments follow, so that the last one may be incomplete
     * @return {@code null} if the process is not an interpreter, has set a title, or runs nothing
     *     that has a name
     */
    public static String of(String exe, List<String> arguments, boolean cut) {
        int count = arguments.size();
        List<String> whole = cut && count > 0 ? arguments.subList(0, count - 1) : arguments;
        return whole.isEmpty() ? null : ofWhole(exe, whole);
    }

    private static String ofWhole(String exe, List<String> arguments) {
        int first = 1;
        String started = program(startedAs(arguments.get(0)));
        String running = exe == null ? started : program(exe);
        boolean isBusybox = running.equals(BUSYBOX);
        if (isBusybox) {
            if (started.equals(BUSYBOX) && arguments.size() > first) {
                started = arguments.get(first++);
            }
            running = "sh";
        }
        Interpreter interpreter = interpreter(running);
        // A program that was started under another name than its executable's has that name.
        if (interpreter == null || interpreter != interpreter(started)) {
            return null;
        }
        String script = new ScriptName(interpreter, arguments, first).script();
        String shown = isBusybox || !interpreter.isShell() ? running : started;
        return script == null || script.isEmpty() ? null : shown + ' ' + script;
    }

    /** Returns the name in the first argument; that of a login shell starts with a hyphen. */
    private static String startedAs(String argument) {
        return baseName(argument.startsWith("-") ? argument.substring(1) : argument);
    }

    /**
     * Returns the name without the version, {@code python} for {@code python3.11}: a script is one
     * program, whichever version runs it.
     */
    private static String program(String baseName) {
        String name = withoutVersion(baseName);
        return switch (name) {
            case "javaw" -> "java";
            case "nodejs" -> "node";
            case "platform-python" -> "python";
            case "ruby-mri" -> "ruby";
            default -> name;
        };
    }

    static String withoutVersion(String name) {
        int end = name.length();
        // The t of python3.13t stands for a build with free threading.
        if (end > 1 && name.charAt(end - 1) == 't' && isOfVersion(name.charAt(end - 2))) {
            end--;
        }
        while (end > 0 && isOfVersion(name.charAt(end - 1))) {
            end--;
        }
        return name.substring(0, end);
    }

    private static boolean isOfVersion(char c) {
        return (c >= '0' && c <= '9') || c == '.' || c == '-';
    }

    private static Interpreter interpreter(String program) {
        return switch (program) {
            case "java" -> JAVA;
            case "python", "pypy" -> PYTHON;
            case "node" -> NODE;
            case "ruby" -> RUBY;
            case "perl" -> PERL;
            case "sh", "bash", "dash", "ash" -> SH;
            case "ksh", "mksh", "zsh" -> KSH;
            case "fish" -> FISH;
            default -> null;
        };
    }

    private String script() {
        while (next < arguments.size()) {
            String argument = arguments.get(next++);
            if (!interpreter.isOption(argument)) {
                return scriptName(argument);
            }
            if (argument.equals("--") || argument.equals("-")) {
                return afterOptions(argument);
            }
            String script = interpreter.isWord(argument) ? ofWord(argument) : ofLetters(argument);
            if (script != null) {
                return script;
            }
        }
        return null;
    }

    /**
     * Returns the script after the end of the options. A single hyphen ends the options of a shell;
     * for other interpreters it means that the script comes from standard input.
     */
    private String afterOptions(String end) {
        return end.equals("--") || interpreter.isShell() ? nextName() : null;
    }

    /** Reads an option of a whole word; returns the script if the option contains it. */
    private String ofWord(String argument) {
        int equals = argument.indexOf('=');
        String option = equals < 0 ? argument : argument.substring(0, equals);
        String attached = equals < 0 ? null : argument.substring(equals + 1);
        return take(interpreter.takes(option), attached);
    }

    /** Reads options of one letter each; returns the script if one of them contains it. */
    private String ofLetters(String argument) {
        for (int i = 1; i < argument.length(); i++) {
            Takes takes = interpreter.takes("-" + argument.charAt(i));
            if (takes != Takes.NOTHING) {
                String script = take(takes, interpreter.attached(argument, i + 1));
                if (script != null || interpreter.letters != Letters.SEPARATE) {
                    return script;
                }
            }
        }
        return null;
    }

    /**
     * Reads the value of an option.
     *
     * @param attached the value in the same argument; {@code null} if there is none
     * @return the script; {@code null} if the value is something else
     */
    private String take(Takes takes, String attached) {
        return switch (takes) {
            case CODE -> interpreter.code;
            case SCRIPT -> attached == null ? nextName() : scriptName(attached);
            case VALUE -> {
                next += attached == null ? 1 : 0;
                yield null;
            }
            case STANDARD_INPUT -> {
                next = arguments.size();
                yield null;
            }
            case NOTHING, ATTACHED_VALUE -> null;
        };
    }

    private String nextName() {
        return next < arguments.size() ? scriptName(arguments.get(next++)) : null;
    }

    /**
     * Returns the base name of a script; empty if the path is a file descriptor, as in {@code bash
     * <(curl ...)}, which is no name.
     */
    private static String scriptName(String path) {
        boolean isDescriptor =
                path.startsWith("/dev/fd/")
                        || path.startsWith("/proc/self/fd/")
                        || path.equals("/dev/stdin");
        return isDescriptor ? "" : baseName(path);
    }

    /** Returns the last part of a path, which is the class for {@code module/class}. */
    private static String baseName(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    }

    /** The kind of value that an option takes. */
    private enum Takes {
        NOTHING,
        /** A value that is not a script, in the same argument or else in the next one. */
        VALUE,
        /** An optional value that is not a script, always in the same argument. */
        ATTACHED_VALUE,
        /** The name of the script, in the same argument or else in the next one. */
        SCRIPT,
        /** The source code to run. */
        CODE,
        /** No value; the source code comes from the standard input. */
        STANDARD_INPUT
    }

    /** The ways to read the letters after a single hyphen. */
    private enum Letters {
        /** The letters are one word. */
        WORDS,
        /**
         * Each letter is an option. The value of the first one that takes a value is the rest of
         * the argument, or if nothing is left, the next argument.
         */
        ATTACHED,
        /** Each letter is an option, and the values follow one by one: {@code -euxo pipefail}. */
        SEPARATE
    }

    /** The options of one kind of interpreter. */
    private static final class Interpreter {
        /** The characters that an option may start with. */
        private final String marks;

        private final Letters letters;

        /** The name to show for source code on the command line: the option that takes it. */
        private final String code;

        private final Map<String, Takes> options = new HashMap<>();

        Interpreter(String marks, Letters letters, String code) {
            this.marks = marks;
            this.letters = letters;
            this.code = code;
        }

        Interpreter with(Takes takes, String names) {
            for (String name : names.split(" ", -1)) {
                options.put(name, takes);
            }
            return this;
        }

        /** Returns the kind of value that an option takes. */
        Takes takes(String option) {
            return options.getOrDefault(option, Takes.NOTHING);
        }

        boolean isOption(String argument) {
            return !argument.isEmpty() && marks.indexOf(argument.charAt(0)) >= 0;
        }

        boolean isWord(String option) {
            return letters == Letters.WORDS
                    || option.startsWith("--")
                    || options.containsKey(option);
        }

        boolean isShell() {
            return marks.equals("-+");
        }

        /** Returns the value that follows a letter in the same argument, or {@code null}. */
        String attached(String argument, int start) {
            boolean none = letters == Letters.SEPARATE || start == argument.length();
            return none ? null : argument.substring(start);
        }
    }
}
