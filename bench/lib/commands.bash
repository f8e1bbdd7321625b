# shellcheck shell=bash
# Chooses the commands to time: psm in several ways, its peers, and cat.
# Needs fail, say, attended, $folder and $psm; sets $names and $commands.

declare -A commands took
names=()

# Prints the version and home of each JDK, the newest last.
jdks() {
    local home
    for home in ${JAVA_HOME:+"$JAVA_HOME"} /usr/lib/jvm/*; do
        if [ -x "$home/bin/javac" ] && [ -f "$home/release" ]; then
            sed -n "s|^JAVA_VERSION=\"\([0-9]*\).*|\1 $home|p" "$home/release"
        fi
    done | sort -n
}

choose_javas() {
    local all
    all=$(jdks)
    java_version=$(tail -n 1 <<<"$all" | cut -d ' ' -f 1)
    newest_java=$(tail -n 1 <<<"$all" | cut -d ' ' -f 2-)
    [ -n "$newest_java" ] || fail 'needs a JDK 17 or later, in /usr/lib/jvm or JAVA_HOME'
    java_17=$(sed -n 's/^17 //p' <<<"$all" | head -n 1)
    [ "$java_17" != "$newest_java" ] || java_17=
    export JAVA_HOME=$newest_java # for JBang
}

install_psm() { # install_psm JAVA_HOME PREFIX
    attended ./jbangw "$folder/psm.java" install --prefix "$2" --java "$1" >"$folder/said" 2>&1 ||
        fail "psm install: $(tail -n 1 "$folder/said")"
}

add() { # add NAME COMMAND: is split into words as in a shell, but runs without a shell
    names+=("$1")
    commands[$1]=$2
}

add_peer() { # add_peer NAME COMMAND: adds it if it is installed
    local program=${2%% *}
    if command -v "$program" >/dev/null; then
        add "$1" "$2"
    else
        say "$1 is skipped: ${program:-it} is not installed"
    fi
}

# Finds Go's psm. The psm on the PATH may be this one, which is a script.
find_go_psm() {
    go_psm=${GO_PSM-$(command -v psm || true)}
    [ "$(head -c 4 "${go_psm:-/dev/null}" 2>/dev/null)" = $'\x7fELF' ] || go_psm=
}

# Compiles a program that does nothing, for the start of Java alone.
compile_nothing() {
    echo 'class Nothing { public static void main(String[] words) {} }' >"$folder/Nothing.java"
    "$newest_java/bin/javac" -d "$folder" "$folder/Nothing.java" || fail 'javac failed'
}

choose_commands() {
    add psm "$psm"
    compile_nothing
    add 'Java alone' "$newest_java/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp $folder Nothing"
    [ -z "$java_17" ] || add 'psm, Java 17' "$folder/java-17/bin/psm"
    add 'psm by JBang' "./jbangw $folder/psm.java"
    add 'psm --heap' "$psm --heap"
    add_peer ps_mem "${PS_MEM-ps_mem}"
    add_peer smem smem
    add_peer smemstat smemstat
    find_go_psm
    add_peer "Go's psm" "$go_psm"
    add_peer "Go's psm -heap" "${go_psm:+$go_psm -heap}"
    # cat exits with 1, because it cannot read the files of kernel threads.
    add 'cat of all smaps_rollup' "sh -c 'exec cat /proc/[0-9]*/smaps_rollup'"
    add 'cat of all smaps' "sh -c 'exec cat /proc/[0-9]*/smaps'"
}

set_words() { eval "words=(${commands[$1]})"; }

# Runs each command once, to see whether it works and how long it takes. Skips peers that fail, but
# psm must work.
try() { # try NAME...: sets working, and took (in microseconds)
    local name start status words
    working=()
    for name in "$@"; do
        [ -n "${commands[$name]-}" ] || continue
        set_words "$name"
        status=0
        start=$(now_us)
        attended "${words[@]}" >/dev/null 2>"$folder/said" || status=$?
        took[$name]=$(($(now_us) - start))
        case $name,$status in
        *,0 | cat*,1) working+=("$name") ;;
        psm*) fail "$name failed with exit code $status: $(head -n 1 "$folder/said")" ;;
        *) say "    $name is skipped: it failed with exit code $status ($(head -n 1 "$folder/said"))" ;;
        esac
    done
}
