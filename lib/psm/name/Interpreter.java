package psm.name;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The options of one kind of interpreter: which of them take a value, and which none. An option
 * that is not listed may take a value, so what follows it is no script for certain.
 *
 * <p>The lists are those of Java 26, Python 3.14, Node 25, Ruby 3.4, Perl 5, PHP 8, .NET 10, Deno
 * 2, Bun 1, R 4, Mono 6, Lua 5, Julia 1, PowerShell 7, gjs 1 and the shells.
 */
final class Interpreter {
    private static final Interpreter JAVA =
            new Interpreter("-@", Letters.WORDS, "")
                    .with(Takes.SCRIPT, "-m --module")
                    .with(
                            Takes.VALUE,
                            """
                            -cp -classpath --class-path -p --module-path --source \
                            --upgrade-module-path --add-modules --limit-modules --add-exports \
                            --add-opens --add-reads --patch-module --enable-native-access -d \
                            --enable-final-field-mutation --describe-module\
                            """)
                    .with(
                            Takes.NOTHING,
                            """
                            -jar -d32 -d64 -server -client -minimal -zero -showversion --show-version \
                            --enable-preview --dry-run --validate-modules --disable-@files \
                            --show-module-resolution -noverify -noclassgc -verbosegc\
                            """)
                    .starting("@ -X -D -ea -da -esa -dsa -enable -disable -verbose -agent")
                    .starting("-javaagent -splash");

    private static final Interpreter PYTHON =
            new Interpreter("-", Letters.ATTACHED, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.SCRIPT, "-m")
                    .with(Takes.VALUE, "-W -X -Q --check-hash-based-pycs --jit")
                    .letters("3bBdEhiIJOPqRsStuUvVx?");

    private static final Interpreter NODE =
            new Interpreter("-", Letters.WORDS, "-e")
                    .with(Takes.CODE, "-e --eval -p --print -pe")
                    .with(Takes.SCRIPT, "--run")
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
                            --trace-event-categories --trace-event-file-pattern --cpu-prof-dir \
                            --cpu-prof-interval --cpu-prof-name --heap-prof-dir \
                            --heap-prof-interval --heap-prof-name --heapsnapshot-near-heap-limit \
                            --heapsnapshot-signal --snapshot-blob --build-snapshot-config \
                            --watch-path --watch-kill-signal --experimental-policy \
                            --policy-integrity --experimental-sea-config --allow-fs-read \
                            --allow-fs-write --test-concurrency --test-name-pattern \
                            --test-skip-pattern --test-reporter --test-reporter-destination \
                            --test-shard --test-timeout --test-isolation --test-global-setup \
                            --test-coverage-branches --test-coverage-exclude \
                            --test-coverage-functions --test-coverage-include \
                            --test-coverage-lines --test-random-seed --test-rerun-failures \
                            --experimental-test-isolation --experimental-test-tag-filter \
                            --experimental-config-file --experimental-package-map \
                            --experimental-specifier-resolution --es-module-specifier-resolution \
                            --localstorage-file --max-old-space-size-percentage \
                            --security-revert --build-sea\
                            """)
                    .with(
                            Takes.NOTHING,
                            """
                            -i --interactive -c --check --test --test-only --test-force-exit \
                            --test-update-snapshots --preserve-symlinks --preserve-symlinks-main \
                            --frozen-intrinsics --abort-on-uncaught-exception \
                            --insecure-http-parser --pending-deprecation --throw-deprecation \
                            --track-heap-objects --zero-fill-buffers --verify-base-objects \
                            --cpu-prof --heap-prof --entry-url --permission --permission-audit \
                            --openssl-legacy-provider --openssl-shared-config \
                            --node-memory-debug --interpreted-frames-native-stack \
                            --build-snapshot --debug --debug-brk --node-snapshot --warnings \
                            --deprecation --addons --global-search-paths \
                            --network-family-autoselection --async-context-frame --jitless \
                            --prof --single-threaded --lite-mode --nolazy --sparkplug \
                            --experimental-abortcontroller --experimental-addon-modules \
                            --experimental-async-context-frame \
                            --experimental-default-config-file --experimental-detect-module \
                            --experimental-eventsource --experimental-fetch \
                            --experimental-global-customevent --experimental-global-navigator \
                            --experimental-global-webcrypto --experimental-import-meta-resolve \
                            --experimental-inspector-network-resource \
                            --experimental-json-modules --experimental-modules \
                            --experimental-network-imports --experimental-network-inspection \
                            --experimental-permission --experimental-print-required-tla \
                            --experimental-quic --experimental-repl-await \
                            --experimental-report --experimental-require-module \
                            --experimental-shadow-realm --experimental-sqlite \
                            --experimental-storage-inspection --experimental-strip-types \
                            --experimental-test-coverage --experimental-test-module-mocks \
                            --experimental-test-snapshots --experimental-transform-types \
                            --experimental-vm-modules --experimental-wasi-unstable-preview1 \
                            --experimental-wasm-modules --experimental-webstorage \
                            --experimental-websocket --experimental-worker \
                            --experimental-worker-inspection\
                            """)
                    // Its value may follow, or all modules are meant.
                    .with(Takes.UNKNOWN, "--trace-require-module")
                    .starting("--no- --trace --harmony --expose -expose --inspect --watch --tls-m")
                    .starting("--report- --use --allow --enable- --force- --perf-")
                    .starting("--optimize --nouse --abort --always --maglev --gc");

    private static final Interpreter RUBY =
            new Interpreter("-", Letters.ATTACHED, "-e")
                    .with(Takes.CODE, "-e")
                    .with(Takes.VALUE, "-C -E -I -X -r --encoding --external-encoding")
                    .with(Takes.VALUE, "--internal-encoding --enable --disable --parser --dump")
                    .with(Takes.VALUE, "--backtrace-limit --crash-report")
                    .with(Takes.ATTACHED_VALUE, "-F -K -T -W -i -x")
                    .with(Takes.NOTHING, "--yydebug --verbose --debug")
                    .with(Takes.NOTHING, "--debug-frozen-string-literal")
                    .letters("01234567acdhlnpsSUvwy -")
                    .starting("--yjit --jit --mjit --rjit --zjit --enable- --disable-");

    private static final Interpreter PERL =
            new Interpreter("-", Letters.ATTACHED, "-e")
                    .with(Takes.CODE, "-e -E")
                    .with(Takes.VALUE, "-I")
                    .with(Takes.ATTACHED_VALUE, "-C -D -F -M -V -d -i -m -x")
                    // A script's first line may contain several switches: -w -T
                    .letters("0123456789acfghlnpsStTuUvwWX -");

    private static final Interpreter PHP =
            new Interpreter("-", Letters.ATTACHED, "-r")
                    .with(Takes.CODE, "-r -B -R -E --run --process-begin --process-code")
                    .with(Takes.CODE, "--process-end")
                    .with(Takes.SCRIPT, "-f -F --file --process-file")
                    .with(Takes.VALUE, "-c -d -S -t -z --php-ini --define --server --docroot")
                    .with(Takes.VALUE, "--zend-extension --rf --rc --re --rz --ri")
                    .with(Takes.NOTHING, "--interactive --no-php-ini --profile-info --syntax-check")
                    .with(Takes.NOTHING, "--no-header --hide-args --strip --syntax-highlight")
                    .letters("aehHilmnqsvw");

    private static final Interpreter DOTNET =
            new Interpreter("-", Letters.WORDS, "")
                    .with(Takes.VALUE, "--additionalprobingpath --depsfile --runtimeconfig")
                    .with(Takes.VALUE, "--fx-version --roll-forward --additional-deps")
                    .with(Takes.VALUE, "--roll-forward-on-no-candidate-fx")
                    .with(Takes.NOTHING, "-d --diagnostics")
                    .before("exec");

    private static final Interpreter DENO =
            new Interpreter("-", Letters.WORDS, "")
                    .with(
                            Takes.VALUE,
                            """
                            -c --config --import-map --cert --location --seed -L --log-level \
                            --port --host --ext --preload --import --require --conditions \
                            --minimum-dependency-age --cwd\
                            """)
                    .with(Takes.NOTHING, "--quiet --cached-only --vendor --parallel --open --eval")
                    .with(Takes.NOTHING, "--hmr --no-prompt --frozen --reload --check --watch")
                    .starting("-A -R -W -N -E -S -I -r -q -P --allow- --deny- --no- --unstable")
                    .starting("--inspect --node-modules --watch- --cpu-prof")
                    .before("run serve task");

    private static final Interpreter BUN =
            new Interpreter("-", Letters.WORDS, "-e")
                    .with(Takes.CODE, "-e --eval -p --print")
                    .with(
                            Takes.VALUE,
                            """
                            --cwd --env-file -r --preload --require --import -F --filter --port \
                            --conditions -d --define --external -l --loader --tsconfig-override \
                            --main-fields --extension-order --jsx-factory --jsx-fragment \
                            --jsx-import-source --jsx-runtime --elide-lines \
                            --max-http-header-size --dns-result-order --title --fetch-preconnect \
                            --unhandled-rejections --install -u --origin --shell --user-agent \
                            --console-depth --drop --feature --cpu-prof-name --cpu-prof-dir \
                            --heap-prof-name --heap-prof-dir\
                            """)
                    .with(Takes.NOTHING, "--watch --hot --smol -b --bun --silent --if-present -i")
                    .with(Takes.NOTHING, "--throw-deprecation --zero-fill-buffers --cpu-prof")
                    .with(Takes.NOTHING, "--sql-preconnect --redis-preconnect --heap-prof")
                    .with(Takes.NOTHING, "--prefer-offline --prefer-latest --preserve-symlinks")
                    .starting("--no- --inspect --expose")
                    .before("run x");

    /** R ignores words that follow no option. */
    private static final Interpreter R =
            new Interpreter("-", Letters.WORDS, "-e")
                    .with(Takes.CODE, "-e")
                    .with(Takes.SCRIPT, "-f --file")
                    .with(Takes.VALUE, "-g --gui --encoding")
                    .with(Takes.STANDARD_INPUT, "--args")
                    .withoutWords();

    private static final Interpreter RSCRIPT =
            new Interpreter("-", Letters.WORDS, "-e").with(Takes.CODE, "-e").starting("--");

    private static final Interpreter MONO =
            new Interpreter("-", Letters.WORDS, "")
                    .with(Takes.VALUE, "--config --compile --ncompile --break")
                    .with(Takes.NOTHING, "-v --verbose --server --desktop --stats --jitmap")
                    .with(Takes.NOTHING, "--breakonex --break-on-gc --interpreter")
                    .starting("-O --optimize --debug --aot --full-aot --llvm --nollvm --trace")
                    .starting("--profile --gc --runtime --security --verify --attach --no-");

    private static final Interpreter LUA =
            new Interpreter("-", Letters.ATTACHED, "-e")
                    .with(Takes.CODE_BEFORE, "-e")
                    .with(Takes.VALUE, "-l -j")
                    .with(Takes.ATTACHED_VALUE, "-O")
                    .letters("ivEW");

    private static final Interpreter TCL =
            new Interpreter("-", Letters.WORDS, "").with(Takes.VALUE, "-encoding");

    private static final Interpreter GUILE =
            new Interpreter("-", Letters.WORDS, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.SCRIPT, "-s")
                    .with(Takes.VALUE, "-l -e -L -C -x --language")
                    .with(Takes.NOTHING, "-q -ds --debug --no-debug --auto-compile --r6rs --r7rs")
                    .with(Takes.NOTHING, "--no-auto-compile --fresh-auto-compile --listen");

    /** The packages of Electron's apps; switches of Chromium have their values after "=". */
    private static final Interpreter ELECTRON =
            new Interpreter("-", Letters.WORDS, "-e")
                    .with(Takes.SCRIPT, "--app-path")
                    .with(Takes.VALUE, "-r --require")
                    .with(Takes.NOTHING, "-i --interactive -a --abi")
                    .starting("--");

    private static final Interpreter GJS =
            new Interpreter("-", Letters.ATTACHED, "-c")
                    .with(Takes.CODE, "-c --command")
                    .with(Takes.VALUE, "-I -C --include-path --coverage-prefix --coverage-output")
                    .with(Takes.NOTHING, "--module --debugger --profile")
                    .letters("md");

    private static final Interpreter JULIA =
            new Interpreter("-", Letters.ATTACHED, "-e")
                    .with(Takes.CODE, "-e -E --eval --print")
                    .with(Takes.VALUE, "-C -H -J -L -m -p -t --cpu-target --home --load --module")
                    .with(Takes.VALUE, "--machine-file --procs --sysimage --threads --gcthreads")
                    .with(Takes.ATTACHED_VALUE, "-O -g")
                    .with(Takes.NOTHING, "--quiet --project --optimize --lisp --bug-report")
                    .letters("iq");

    /** PowerShell's options may be cut, in any case; these are the usual spellings. */
    private static final Interpreter POWERSHELL =
            new Interpreter("-", Letters.WORDS, "-c")
                    .with(Takes.CODE, "-Command -command -c -EncodedCommand -encodedcommand -ec -e")
                    .with(Takes.SCRIPT, "-File -file -f")
                    .with(
                            Takes.VALUE,
                            "-ExecutionPolicy -executionpolicy -ex -ep -Version -version")
                    .with(Takes.VALUE, "-WorkingDirectory -workingdirectory -wd -WindowStyle")
                    .with(
                            Takes.VALUE,
                            "-InputFormat -OutputFormat -SettingsFile -ConfigurationName")
                    .with(Takes.NOTHING, "-NoProfile -noprofile -nop -NoLogo -nologo -nol -NoExit")
                    .with(Takes.NOTHING, "-NonInteractive -noninteractive -noni -Login -login -l");

    private static final Interpreter EXPECT =
            new Interpreter("-", Letters.ATTACHED, "-c")
                    .with(Takes.CODE_BEFORE, "-c")
                    .with(Takes.SCRIPT, "-f -b")
                    .with(Takes.VALUE, "-D")
                    .letters("dinN");

    private static final Interpreter CSH =
            new Interpreter("-+", Letters.ATTACHED, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.STANDARD_INPUT, "-s")
                    .with(Takes.ATTACHED_VALUE, "-D")
                    .letters("bdefFilmnqtvVxX");

    private static final Interpreter SH =
            new Interpreter("-+", Letters.SEPARATE, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.STANDARD_INPUT, "-s")
                    .with(Takes.VALUE, "-o -O --rcfile --init-file -rcfile -init-file")
                    // bash accepts these words after a single hyphen too.
                    .with(Takes.NOTHING, "-login -noediting -noprofile -norc -posix")
                    .with(Takes.NOTHING, "-restricted -verbose")
                    .with(Takes.NOTHING, "--login --noediting --noprofile --norc --posix")
                    .with(Takes.NOTHING, "--restricted --verbose --debug --debugger --protected")
                    .letters("abBCdDeEfhHiIklmnpPqrtTuvVxX");

    private static final Interpreter KSH =
            new Interpreter("-+", Letters.ATTACHED, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.STANDARD_INPUT, "-s")
                    .with(Takes.VALUE, "-o --emulate")
                    .letters("0123456789abCdDeEfFgGhHiIJklLmMnNpPqQrRStTuUvVwWxXyYZ")
                    .starting("--");

    private static final Interpreter FISH =
            new Interpreter("-", Letters.ATTACHED, "-c")
                    .with(Takes.CODE, "-c --command")
                    .with(Takes.VALUE, "-C -D -d -f -o -p --init-command --features --profile")
                    .with(Takes.VALUE, "--debug --debug-output --debug-stack-frames")
                    .with(Takes.VALUE, "--profile-startup")
                    .with(Takes.NOTHING, "--login --interactive --no-config --no-execute --private")
                    .letters("hilnNPv");

    /** The kind of value that an option takes. */
    enum Takes {
        NOTHING,
        /** A value that is not a script, in the same argument or else in the next one. */
        VALUE,
        /** An optional value that is not a script, always in the same argument. */
        ATTACHED_VALUE,
        /** The name of the script, in the same argument or else in the next one. */
        SCRIPT,
        /** The source code to run. */
        CODE,
        /** Source code to run before a script, if there is one. */
        CODE_BEFORE,
        /** No value; the source code comes from the standard input. */
        STANDARD_INPUT,
        /** Perhaps a value: the next argument may be that, or the script. */
        UNKNOWN
    }

    /** The ways to read the letters after a single hyphen. */
    enum Letters {
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

    /** The characters that an option may start with. */
    private final String marks;

    final Letters letters;

    /** The name to show for source code on the command line: the option that takes it. */
    final String code;

    private final Map<String, Takes> options = new HashMap<>();

    /** The starts of options that take no value unless they are in the map. */
    private String[] starts = {};

    /** The commands that the script follows. */
    private final Set<String> commands = new HashSet<>();

    private boolean hasWords = true;

    private Interpreter(String marks, Letters letters, String code) {
        this.marks = marks;
        this.letters = letters;
        this.code = code;
    }

    private Interpreter with(Takes takes, String names) {
        for (String name : names.split(" ", -1)) {
            options.put(name, takes);
        }
        return this;
    }

    /** Adds options of one letter that take no value. */
    private Interpreter letters(String all) {
        for (int i = 0; i < all.length(); i++) {
            options.put("-" + all.charAt(i), Takes.NOTHING);
        }
        return this;
    }

    /** Adds starts of options that take no value, or only one in the same argument. */
    private Interpreter starting(String all) {
        starts = (String.join(" ", starts) + ' ' + all).strip().split(" ", -1);
        return this;
    }

    /** Adds commands that the script follows; another command is itself what runs. */
    private Interpreter before(String all) {
        commands.addAll(Set.of(all.split(" ", -1)));
        return this;
    }

    private Interpreter withoutWords() {
        hasWords = false;
        return this;
    }

    /** Returns the interpreter of a name without a version; {@code null} for other programs. */
    static Interpreter named(String program) {
        return switch (program) {
            case "java" -> JAVA;
            case "python", "pypy" -> PYTHON;
            case "node" -> NODE;
            case "ruby" -> RUBY;
            case "perl" -> PERL;
            case "php" -> PHP;
            case "dotnet" -> DOTNET;
            case "deno" -> DENO;
            case "bun" -> BUN;
            case "R" -> R;
            case "Rscript" -> RSCRIPT;
            case "mono" -> MONO;
            case "lua", "luajit" -> LUA;
            case "tclsh", "wish" -> TCL;
            case "guile" -> GUILE;
            case "electron" -> ELECTRON;
            case "gjs" -> GJS;
            case "julia" -> JULIA;
            case "pwsh" -> POWERSHELL;
            case "expect" -> EXPECT;
            case "sh", "bash", "rbash", "dash", "ash" -> SH;
            case "ksh", "rksh", "mksh", "lksh", "oksh", "zsh", "rzsh" -> KSH;
            case "csh", "tcsh" -> CSH;
            case "fish" -> FISH;
            default -> null;
        };
    }

    /** Returns the kind of value that an option takes. */
    Takes takes(String option) {
        Takes takes = options.get(option);
        if (takes != null) {
            return takes;
        }
        for (String start : starts) {
            if (option.startsWith(start)) {
                return Takes.NOTHING;
            }
        }
        return Takes.UNKNOWN;
    }

    boolean isOption(String argument) {
        return !argument.isEmpty() && marks.indexOf(argument.charAt(0)) >= 0;
    }

    /** Returns whether an option is one word, not one letter for each option. */
    boolean isWord(String option) {
        return letters == Letters.WORDS || option.startsWith("--") || options.containsKey(option);
    }

    /** Returns whether an argument is a command that the script follows. */
    boolean isCommand(String argument) {
        return commands.contains(argument);
    }

    /** Returns whether an argument that is no option can be a script. */
    boolean hasWords() {
        return hasWords;
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
