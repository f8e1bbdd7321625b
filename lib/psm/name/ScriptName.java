package psm.name;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What an interpreter runs, as {@code java kafka.Kafka}, {@code python manage.py} or {@code sh -c}:
 * told from {@code /proc/PID/cmdline}, as the interpreter itself reads it.
 *
 * <p>What follows an option may be its value or the script. So the options with a value are listed:
 * of Java 24, Python 3, Node 20, Ruby 3.4, Perl 5 and the shells. Any other option has none.
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
            new Interpreter("-", Letters.GLUED, "-c")
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
            new Interpreter("-", Letters.GLUED, "-e")
                    .with(Takes.CODE, "-e")
                    .with(Takes.VALUE, "-C -E -I -X -r --encoding --external-encoding")
                    .with(Takes.VALUE, "--internal-encoding --enable --disable --parser")
                    .with(Takes.REST, "-F -K -T -W -i -x");

    private static final Interpreter PERL =
            new Interpreter("-", Letters.GLUED, "-e")
                    .with(Takes.CODE, "-e -E")
                    .with(Takes.VALUE, "-I")
                    .with(Takes.REST, "-C -D -F -M -V -d -i -m -x");

    private static final Interpreter SH =
            new Interpreter("-+", Letters.APART, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.STANDARD_INPUT, "-s")
                    .with(Takes.VALUE, "-o -O --rcfile --init-file -rcfile -init-file")
                    // To bash, a single hyphen is as good before these.
                    .with(Takes.NOTHING, "-login -noediting -noprofile -norc -posix")
                    .with(Takes.NOTHING, "-restricted -verbose");

    private static final Interpreter KSH =
            new Interpreter("-+", Letters.GLUED, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.STANDARD_INPUT, "-s")
                    .with(Takes.VALUE, "-o --emulate");

    private static final Interpreter FISH =
            new Interpreter("-", Letters.GLUED, "-c")
                    .with(Takes.CODE, "-c --command")
                    .with(Takes.VALUE, "-C -D -d -f -o -p --init-command --features --profile")
                    .with(Takes.VALUE, "--debug --debug-output --debug-stack-frames")
                    .with(Takes.VALUE, "--profile-startup");

    private final Interpreter interpreter;
    private final List<String> arguments;

    /** The index of the argument that is read next. */
    private int next;

    private ScriptName(Interpreter interpreter, List<String> arguments, int first) {
        this.interpreter = interpreter;
        this.arguments = arguments;
        this.next = first;
    }

    /**
     * The interpreter and its script.
     *
     * @param exe the base name of the executable, {@code null} where that may not be read
     * @param arguments of {@code /proc/PID/cmdline}, the first being the program's own name
     * @param cut whether the command line goes on after these: then the last of them is not whole
     * @return {@code null} where the process is no interpreter, has set a title, or runs nothing
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
        // A program that goes by another name than its executable's was given that: it says more.
        if (interpreter == null || interpreter != interpreter(started)) {
            return null;
        }
        String script = new ScriptName(interpreter, arguments, first).script();
        String shown = isBusybox || !interpreter.isShell() ? running : started;
        return script == null || script.isEmpty() ? null : shown + ' ' + script;
    }

    /** Login shells have a hyphen before their name. */
    private static String startedAs(String argument) {
        return baseName(argument.startsWith("-") ? argument.substring(1) : argument);
    }

    /** {@code python} for {@code python3.11}: the same script of two versions is one program. */
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

    private static String withoutVersion(String name) {
        int end = name.length();
        // The t of python3.13t, which is built for free threads.
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

    /** A hyphen alone ends the options of a shell; elsewhere the script is the standard input. */
    private String afterOptions(String end) {
        return end.equals("--") || interpreter.isShell() ? nextName() : null;
    }

    private String ofWord(String argument) {
        int equals = argument.indexOf('=');
        String option = equals < 0 ? argument : argument.substring(0, equals);
        String glued = equals < 0 ? null : argument.substring(equals + 1);
        return take(interpreter.takes(option), glued);
    }

    private String ofLetters(String argument) {
        for (int i = 1; i < argument.length(); i++) {
            Takes takes = interpreter.takes("-" + argument.charAt(i));
            if (takes != Takes.NOTHING) {
                String glued = interpreter.glued(argument, i + 1);
                String script = take(takes, glued);
                if (script != null || interpreter.letters != Letters.APART) {
                    return script;
                }
            }
        }
        return null;
    }

    /**
     * Reads an option.
     *
     * @param glued the value that stands in the same argument, {@code null} where there is none
     * @return the script, {@code null} where the option does not tell it
     */
    private String take(Takes takes, String glued) {
        return switch (takes) {
            case CODE -> interpreter.code;
            case SCRIPT -> glued == null ? nextName() : scriptName(glued);
            case VALUE -> {
                next += glued == null ? 1 : 0;
                yield null;
            }
            case STANDARD_INPUT -> {
                next = arguments.size();
                yield null;
            }
            case NOTHING, REST -> null;
        };
    }

    private String nextName() {
        return next < arguments.size() ? scriptName(arguments.get(next++)) : null;
    }

    /** Empty where it is a file descriptor, as of {@code bash <(curl ...)}: that is no name. */
    private static String scriptName(String path) {
        boolean isDescriptor =
                path.startsWith("/dev/fd/")
                        || path.startsWith("/proc/self/fd/")
                        || path.equals("/dev/stdin");
        return isDescriptor ? "" : baseName(path);
    }

    /** Of {@code module/class} it is the class; a class or module alone has no slash. */
    private static String baseName(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    }

    /** What an option takes. */
    private enum Takes {
        NOTHING,
        /** A value, of no interest: in the same argument or else the next. */
        VALUE,
        /** The same, only that it may be missing, and is never the next argument. */
        REST,
        /** The name of what is run, where a {@link #VALUE} would be. */
        SCRIPT,
        /** The program itself. */
        CODE,
        /** The program comes from the standard input. */
        STANDARD_INPUT
    }

    /** How the letters after a single hyphen are read. */
    private enum Letters {
        /** As one word. */
        WORDS,
        /** As an option each, up to the first with a value: that is the rest, or else follows. */
        GLUED,
        /** As an option each, and their values follow one by one: {@code -euxo pipefail}. */
        APART
    }

    /** How one kind of interpreter reads its command line. */
    private static final class Interpreter {
        /** What an option may start with. */
        private final String marks;

        private final Letters letters;

        /** What stands for a script that is an argument itself. */
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

        String glued(String argument, int start) {
            boolean none = letters == Letters.APART || start == argument.length();
            return none ? null : argument.substring(start);
        }
    }
}
