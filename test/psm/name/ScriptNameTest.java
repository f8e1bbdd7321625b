package psm.name;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Command;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

class ScriptNameTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "java kafka.Kafka config/server.properties | java kafka.Kafka",
                "java -Xmx1g -Dx=y kafka.Kafka -cp z | java kafka.Kafka",
                "java -cp a.jar:b/* org.x.Main -jar c.jar | java org.x.Main",
                "java -classpath a Main | java Main",
                "java --class-path a Main | java Main",
                "java --class-path=a Main | java Main",
                "java -jar /opt/app.jar start | java app.jar",
                "java -jar -Xmx1g /opt/app.jar | java app.jar",
                "java @/etc/options Main | java Main",
                "java -p mods -m org.x/org.x.Main a | java org.x.Main",
                "java --module-path mods --module org.x | java org.x",
                "java --module=org.x/org.x.Main a | java org.x.Main",
                "java --add-opens java.base/java.lang=ALL-UNNAMED Main | java Main",
                "java --add-opens=java.base/java.lang=ALL-UNNAMED Main | java Main",
                "java --add-exports a/b=c --add-reads a=b --patch-module a=b Main | java Main",
                "java --add-modules a --limit-modules b --upgrade-module-path c Main | java Main",
                "java --enable-native-access a --illegal-native-access=deny Main | java Main",
                "java --source 17 /srv/Foo.java | java Foo.java",
                "java --enable-final-field-mutation ALL-UNNAMED Main | java Main",
                "java --enable-final-field-mutation=ALL-UNNAMED Main | java Main",
                "java -XX:+UseZGC --add-opens a/b=ALL-UNNAMED -Dx=y -jar app.jar | java app.jar",
                "java -Xbootclasspath/a:x --illegal-access=permit -ea -Xdebug Main | java Main",
                "java -javaagent:x.jar -agentlib:y -splash:z --enable-preview Main | java Main",
                "java --sun-misc-unsafe-memory-access allow Main |",
                "java --an-option-of-java-99 value Main |",
                "java --an-option-of-java-99=value Main | java Main",
                "java --an-option-of-java-99 -cp x Main | java Main",
                "java -XX:OnOutOfMemoryError=kill -9 %p Main |",
                "java -d64 Main | java Main",
                "java -version |",
                "java -cp a.jar |",
                "java -cp |",
                "java -jar |",
                "java -m |"
            })
    void javaRunsClassesModulesAndFiles(String command, String name) {
        assertEquals(name, ScriptName.of("java", words(command), false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "python manage.py runserver | python manage.py",
                "python /srv/shop/manage.py -m x | python manage.py",
                "python -m http.server 80 | python http.server",
                "python -u -m http.server | python http.server",
                "python /nix/store/x/bin/.nh-wrapped os | python nh",
                "python -mhttp.server | python http.server",
                "python -Im pip install | python pip",
                "python -uBm pip | python pip",
                "python -Es /usr/sbin/tuned -l | python tuned",
                "python -W ignore x.py | python x.py",
                "python -Wd -Xdev x.py | python x.py",
                "python -uW ignore -X dev x.py | python x.py",
                "python --check-hash-based-pycs always x.py | python x.py",
                "python -c print() x.py | python -c",
                "python -cprint() | python -c",
                "python -uc print() | python -c",
                "python -- -x.py | python -x.py",
                "python /srv/app/ | python app",
                "python . | python .",
                "python -Z value x.py |",
                "python --unknown value x.py |",
                "python -m |",
                "python - x.py |",
                "python -i |",
                "python --version |",
                "python / |",
                "python |"
            })
    void pythonRunsFilesModulesAndCode(String command, String name) {
        assertEquals(name, ScriptName.of("python3.11", words(command), false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "node server.js | node server.js",
                "node -r dotenv/config /srv/server.js | node server.js",
                "node --require ./a --import=./b --import ./c x.js | node x.js",
                "node --loader ts-node/esm --experimental-loader a x.ts | node x.ts",
                "node -C development --conditions=a --conditions b x.js | node x.js",
                "node --env-file .env --title shop x.js | node x.js",
                "node --max-old-space-size=4096 --expose-gc -expose_gc x.js | node x.js",
                "node --inspect --inspect-port 9230 --inspect-brk=0.0.0.0:1 x.js | node x.js",
                "node -i -- -x.js | node -x.js",
                "node -e 1 x.js | node -e",
                "node --eval=1 | node -e",
                "node -p 1 | node -e",
                "node -pe 1 | node -e",
                "node --print 1 | node -e",
                "node inspect x.js | node inspect",
                "node --experimental-config-file x.json app.js | node app.js",
                "node --localstorage-file x app.js | node app.js",
                "node --watch --env-file=.env src/index.js | node index.js",
                "node --no-warnings --trace-warnings --enable-source-maps x.js | node x.js",
                "node --experimental-vm-modules --harmony --use_strict x.js | node x.js",
                "node --run start | node start",
                "node --optimize_for_size --nouse-idle-notification x.js | node x.js",
                "node --test-reporter spec --test a.test.js | node a.test.js",
                "node --an-option-of-node-99 value x.js |",
                "node --trace-require-module all x.js |",
                "node - x.js |",
                "node -r |",
                "node |"
            })
    void nodeRunsAFileOrCode(String command, String name) {
        assertEquals(name, ScriptName.of("node", words(command), false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ruby /srv/app.rb | ruby app.rb",
                "ruby -I lib -Ispec -r set -rjson -C /srv -X /srv -E utf-8 x.rb | ruby x.rb",
                "ruby -F, -Ku -W:no-experimental -W0 -x/srv -i.e x.rb | ruby x.rb",
                "ruby --encoding utf-8 --disable gems --enable=jit --yjit x.rb | ruby x.rb",
                "ruby -S rake | ruby rake",
                "ruby -wS /usr/bin/rake | ruby rake",
                "ruby -ne print | ruby -e",
                "ruby -rset -e 1 x.rb | ruby -e",
                "ruby -- -x.rb | ruby -x.rb",
                "ruby -W:no-deprecated /usr/bin/fluentd -c x | ruby fluentd",
                "ruby -zI lib x.rb |",
                "ruby --unknown value x.rb |",
                "ruby -v |",
                "ruby - |"
            })
    void rubyRunsAFileOrCode(String command, String name) {
        assertEquals(name, ScriptName.of("ruby3.1", words(command), false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "perl -wT /usr/bin/x.pl a | perl x.pl",
                "perl -I lib -Ilib x.pl | perl x.pl",
                "perl -MCarp=verbose -mstrict -d:Trace -CSE -Dtls x.pl | perl x.pl",
                "perl -F: -pi.orig x.pl | perl x.pl",
                "perl -e 1 x.pl | perl -e",
                "perl -E say | perl -e",
                "perl -0777ne 1 | perl -e",
                "perl -lane 1 | perl -e",
                "perl -pi -e 1 | perl -e",
                // -i takes the e for the ending of its backups
                "perl -pie x.pl | perl x.pl",
                "perl -- x.pl | perl x.pl",
                "perl -I |",
                "perl - |",
                "perl -v |"
            })
    void perlRunsAFileOrCode(String command, String name) {
        assertEquals(name, ScriptName.of("perl", words(command), false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bash /usr/bin/x.sh -c | bash x.sh",
                "bash -c ls | bash -c",
                "bash -ec ls | bash -c",
                "bash -lic ls | bash -c",
                "bash --login -c ls | bash -c",
                "bash -sc ls | bash -c",
                "-bash -c ls | bash -c",
                "bash -o pipefail x.sh | bash x.sh",
                "bash -eo pipefail x.sh | bash x.sh",
                "bash -euox pipefail x.sh | bash x.sh",
                "bash -eo pipefail -c ls | bash -c",
                "bash -oo pipefail posix x.sh | bash x.sh",
                "bash +o posix +e x.sh | bash x.sh",
                "bash -O extglob +O nullglob x.sh | bash x.sh",
                "bash --rcfile a --init-file b --norc x.sh | bash x.sh",
                "bash -rcfile a -norc -login -restricted x.sh y | bash x.sh",
                "bash - x.sh | bash x.sh",
                "bash -- -x.sh | bash -x.sh",
                "bash -s x.sh |",
                "bash -es x.sh |",
                "bash -il |",
                "bash - |",
                "bash -o |",
                "-bash |",
                "bash |"
            })
    void aShellRunsAFileOrCode(String command, String name) {
        assertEquals(name, ScriptName.of("bash", words(command), false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "zsh -fo extendedglob x | zsh x",
                "zsh -oextendedglob x | zsh x",
                "zsh --emulate sh -c ls | zsh -c",
                "ksh93 -o pipefail x | ksh x",
                "mksh -ec ls | mksh -c",
                "zsh -s x |",
                "fish -C a -d b --init-command c --features=d x.fish | fish x.fish",
                "fish --command=ls | fish -c",
                "fish -lc ls | fish -c",
                "fish -l |"
            })
    void otherShellsHaveOptionsOfTheirOwn(String command, String name) {
        assertEquals(name, ScriptName.of(words(command).get(0), words(command), false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rbash /opt/r.sh | rbash r.sh",
                "tcsh -f /opt/x.csh | tcsh x.csh",
                "csh -c ls | csh -c",
                "csh -s x |",
                "rzsh x | rzsh x",
                "electron /usr/lib/element/app.asar --no-sandbox | electron element",
                "electron32 /opt/signal/resources/app.asar | electron signal",
                "electron --type=renderer --app-path=/usr/lib/element/app.asar | electron element",
                "electron --type=zygote --no-zygote-sandbox |",
                "electron /usr/lib/code/code.mjs | electron code.mjs",
                "gjs -m /usr/share/gnome-shell/org.gnome.ScreenSaver | gjs org.gnome.ScreenSaver",
                "gjs -I lib -c 1 | gjs -c",
                "julia -t 4 --project=/srv -O3 run.jl | julia run.jl",
                "julia -e 1 | julia -e",
                "julia --unknown value run.jl |",
                "pwsh -NoProfile -ExecutionPolicy Bypass -File /srv/a.ps1 | pwsh a.ps1",
                "pwsh -c ls | pwsh -c",
                "pwsh /srv/a.ps1 | pwsh a.ps1",
                "expect -d -f x.exp | expect x.exp",
                "expect x.exp a | expect x.exp",
                "beam.smp -W w -- -root /x -progname erl -- -home /x -sname rabbit@h -s rabbit boot"
                        + " | beam.smp rabbit",
                "beam.smp -- -root /x -progname erl -- -home /x -- -noshell -s rabbit boot |"
                        + " beam.smp rabbit",
                "beam.smp -K true -- -root /x/bin/.. -progname couchdb | beam.smp couchdb",
                "beam.smp -- -progname erl -- -s elixir start_cli -sname shop -extra --no-halt |"
                        + " beam.smp shop",
                "beam.smp -- -progname erl -- -s elixir start_cli -extra /bin/mix phx.server |"
                        + " beam.smp mix",
                "beam.smp -- -progname x/bin/riak -- -name riak@127.0.0.1 | beam.smp riak",
                "beam.smp -- -root /x -progname erl -- -home /x |",
                "beam.smp -sname |"
            })
    void programsThatAreLikeInterpretersAreKnown(String command, String name) {
        List<String> words = words(command);
        assertEquals(name, ScriptName.of(words.get(0), words, false));
        assertEquals(name, ScriptName.of(null, words, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "php artisan queue:work --sleep=3 | php artisan",
                "php7.4 /srv/app/artisan horizon:work redis | php artisan",
                "php -d memory_limit=1G /srv/bin/console x | php console",
                "php -dx=y -n -c /etc/php.ini -z x.so x.php | php x.php",
                "php -q -f /srv/x.php -- -a | php x.php",
                "php --file=x.php | php x.php",
                "php --define a=b --php-ini c x.php | php x.php",
                "php -S 0.0.0.0:80 -t public router.php | php router.php",
                "php -S 0.0.0.0:80 -t public |",
                "php -r echo x | php -r",
                "php --run echo | php -r",
                "php -Z value x.php |",
                "php -a |",
                "dotnet /srv/a/Billing.dll --urls x | dotnet Billing.dll",
                "dotnet exec --runtimeconfig x.json --depsfile y /srv/Shop.dll | dotnet Shop.dll",
                "dotnet --roll-forward Major Shop.dll | dotnet Shop.dll",
                "dotnet run --project x | dotnet run",
                "dotnet exec exec | dotnet exec",
                "dotnet --unknown value Shop.dll |",
                "dotnet --info |",
                "deno run --allow-net server.ts x | deno server.ts",
                "deno run -A --unstable-kv -c deno.json main.ts | deno main.ts",
                "deno -A --import-map x main.ts | deno main.ts",
                "deno serve --port 80 https://x.y/a/b.ts | deno b.ts",
                "deno task dev | deno dev",
                "deno lsp | deno lsp",
                "deno run --unknown value main.ts |",
                "deno run |",
                "bun run index.ts | bun index.ts",
                "bun --watch --cwd /srv run dev | bun dev",
                "bun index.ts run | bun index.ts",
                "bun -r ./x.ts index.ts | bun index.ts",
                "bun -e 1 | bun -e",
                "bunx cowsay | bun cowsay",
                "bun run --unknown value x.ts |",
                "mono --debug /opt/Radarr/Radarr.exe | mono Radarr.exe",
                "mono --gc=sgen --config x -O=all Sonarr.exe | mono Sonarr.exe",
                "mono --unknown value x.exe |",
                "R --no-echo --no-restore --file=/srv/model.R | R model.R",
                "R -f /srv/model.R --args a | R model.R",
                "R --slave -e 1+1 | R -e",
                "R --no-save x.R |",
                "R --no-save --args --file=x.R |",
                "Rscript --vanilla /srv/x.R a | Rscript x.R",
                "Rscript -e 1 | Rscript -e",
                "lua /etc/prosody/prosody.lua | lua prosody.lua",
                "lua5.4 -l x -ly -W z.lua | lua z.lua",
                "lua -e x=1 -l y /usr/bin/tool a | lua tool",
                "lua -e x=1 | lua -e",
                "lua -v |",
                "luajit -O3 -jon x.lua | luajit x.lua",
                "luajit-2.1.0-beta3 x.lua | luajit x.lua",
                "tclsh -encoding utf-8 x.tcl | tclsh x.tcl",
                "guile -L lib -s /usr/bin/x | guile x",
                "guile -e main x.scm | guile x.scm",
                "php-fpm: pool www |",
                "php-fpm8.2 x |"
            })
    void moreInterpretersAreKnown(String command, String name) {
        List<String> words = words(command);
        assertEquals(name, ScriptName.of(words.get(0), words, false));
        assertEquals(name, ScriptName.of(null, words, false));
    }

    /** Programs are started by links, and some with another name than their executable's. */
    @ParameterizedTest
    @CsvSource({
        "php8.2, /usr/bin/php, php y",
        "php82, php, php y",
        "lua5.4, lua, lua y",
        "mono-sgen, /usr/bin/mono, mono y",
        "tclsh8.6, tclsh, tclsh y",
        "bun, bunx, bun y",
        "gjs-console, /usr/bin/gjs, gjs y",
        "bash, rbash, rbash y",
        "bsd-csh, csh, csh y",
        "R, /usr/lib/R/bin/exec/R,",
        "php-fpm8.2, php-fpm8.2,",
        "php8.2, artisan,"
    })
    void linksToInterpretersAreKnown(String exe, String argument, String name) {
        assertEquals(name, ScriptName.of(exe, List.of(argument, "y"), false));
    }

    @ParameterizedTest
    @CsvSource({
        "python3.11, python",
        "python2, python",
        "python, python",
        "python3.13t, python",
        "platform-python3.6, python",
        "pypy3, pypy",
        "pypy3.10, pypy",
        "ruby3.1, ruby",
        "ruby-mri, ruby",
        "perl5.36.0, perl",
        "nodejs, node",
        "node-20, node",
        "java, java",
        "javaw, java",
        "sh, sh",
        "bash, bash",
        "bash5, bash",
        "dash, dash",
        "ash, ash",
        "zsh5, zsh",
        "ksh93, ksh",
        "mksh, mksh",
        "fish, fish"
    })
    void versionIsNotPartOfTheName(String exe, String name) {
        assertEquals(name + " x", ScriptName.of(exe, List.of("/usr/bin/" + exe, "x"), false));
        assertEquals(name + " x", ScriptName.of(null, List.of("/usr/bin/" + exe, "x"), false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pythonista",
                "python3-config",
                "javac",
                "nodejs-exporter",
                "perlbench",
                "bashtop",
                "t",
                "3",
                "-",
                "",
                "nginx"
            })
    void otherProgramsAreNotInterpreters(String exe) {
        assertNull(ScriptName.of(exe, List.of(exe, "x"), false));
        assertNull(ScriptName.of(exe, List.of("python", "x"), false));
        assertNull(ScriptName.of(null, List.of(exe, "x"), false));
    }

    @ParameterizedTest
    @CsvSource({
        // exe, first argument, name
        "python3.11, /srv/venv/bin/python, python x",
        "pypy3.10, python3, pypy x",
        "dash, /bin/sh, sh x",
        "bash, /opt/my tools/bin/sh, sh x",
        "node, python,",
        "python3.11, [celeryd: worker],",
        "python3.11, gunicorn: master [app],",
        "python3.11, python x.py: worker,",
        "python3.11, worker of python,",
        "python3.11, -worker,",
        "python3.11, '',",
        "postgres, postgres: x,",
        "java, tomcat,",
    })
    void chosenNameIsNotAnInterpreter(String exe, String argument, String name) {
        assertEquals(name, ScriptName.of(exe, List.of(argument, "x"), false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sh x.sh | sh x.sh",
                "/bin/ash x.sh | sh x.sh",
                "-sh -c ls | sh -c",
                "busybox sh -e x.sh | sh x.sh",
                "/bin/busybox ash -c ls | sh -c",
                "busybox sed x |",
                "busybox busybox sh |",
                "busybox |",
                "-sh |",
                "httpd x |"
            })
    void busyboxMayBeAShell(String command, String name) {
        assertEquals(name, ScriptName.of("busybox", words(command), false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "python /srv/man |",
                "python -m http.ser |",
                "python -W ign |",
                "python -c |",
                "pyth |",
                "python x.py ar | python x.py",
                "python -c pri | python -c",
                "python -m http.server 8 | python http.server"
            })
    void cutArgumentIsNotAName(String command, String name) {
        assertEquals(name, ScriptName.of("python3", words(command), true));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noArgumentsGiveNoName(boolean cut) {
        assertNull(ScriptName.of("python3", List.of(), cut));
        assertNull(ScriptName.of(null, List.of(), cut));
        assertNull(ScriptName.of("busybox", List.of("busybox"), cut));
    }

    /** A program that sets its title fills the rest of its command line with zero bytes. */
    @Test
    void emptyScriptGivesNoName() {
        assertNull(ScriptName.of("node", List.of("node", "", "", ""), false));
        assertNull(ScriptName.of("java", List.of("java", "--module=", "x"), false));
        assertNull(ScriptName.of("python3", List.of("python3", "-m", "", "x"), false));
    }

    @ParameterizedTest
    @CsvSource({
        "/dev/fd/63,",
        "/dev/stdin,",
        "/proc/self/fd/3,",
        "/dev/shm/x.sh, bash x.sh",
        "/proc/7/root/x.sh, bash x.sh"
    })
    void fileDescriptorIsNotAName(String path, String name) {
        assertEquals(name, ScriptName.of("bash", List.of("bash", path), false));
        assertEquals(name, ScriptName.of("bash", List.of("bash", "--", path), false));
    }

    @Test
    void scriptNameMayContainAnyCharacter() {
        List<String> arguments = List.of("python3", "/srv/my app/\udcff a\n=-.py");
        assertEquals("python \udcff a\n=-.py", ScriptName.of("python3", arguments, false));
        // One argument, as a script's first line gives it.
        arguments = List.of("perl", "-w -T", "/srv/a.pl");
        assertEquals("perl a.pl", ScriptName.of("perl", arguments, false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bash -euo pipefail ./x.sh a | x.sh | echo; read x | bash x.sh",
                "bash -norc x.sh a | x.sh | echo; read x | bash x.sh",
                "bash -c echo;read | x.sh | '' | bash -c",
                "python3 -uBW ignore ./x.py a | x.py | print(); input() | python x.py",
                "python3 -um x a | x.py | print(); input() | python x",
                "lua -e y=1 ./x.lua a | x.lua | print(); io.stdout:flush(); io.read() | lua x.lua",
                "php -d x=y ./x.php a | x.php | <?php echo 1; fgets(STDIN); | php x.php",
                "tclsh ./x.tcl a | x.tcl | puts 1; flush stdout; gets stdin | tclsh x.tcl",
                "perl -w -I lib ./x.pl a | x.pl | syswrite STDOUT, 1; <STDIN> | perl x.pl",
                "perl -0777 -ne syswrite(STDOUT,1);sleep(9) /etc/hosts | x.pl | '' | perl -e",
                "node -r fs ./x.js a | x.js | console.log(); process.stdin.resume() | node x.js",
                "node ./x.js a | x.js | process.title = 'shop'; console.log();"
                        + " process.stdin.resume() |",
                "java -Xint --source 17 ./X.java a | X.java | class X { public static void main("
                        + "String[] a) throws Exception { System.out.println(); System.in.read(); }"
                        + " } | java X.java"
            })
    void realInterpretersReadCommandLinesTheSame(
            String command, String file, String code, String name, @TempDir Path folder)
            throws Exception {
        assumeTrue(Command.exists(words(command).get(0)), "not here: " + command);
        Files.writeString(folder.resolve(file), code);
        Process process =
                new ProcessBuilder(words(command))
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        try {
            assertTrue(process.getInputStream().read() >= 0, "it has ended before its script ran");
            Path proc = Path.of("/proc", "" + process.pid());
            String exe = proc.resolve("exe").toRealPath().getFileName().toString();
            String arguments = Files.readString(proc.resolve("cmdline"));
            assertEquals(name, ScriptName.of(exe, List.of(arguments.split("\0", -1)), false));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static List<String> words(String command) {
        return List.of(command.split(" ", -1));
    }
}
