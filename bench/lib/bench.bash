# shellcheck shell=bash
# Prepares bench/run and bench/scale, and ends what they have started. Needs usage, $parts and the
# default of $runs; sets $chosen, $rounds, $each_round, $folder, $psm, $psm_hash, $load and
# $load_average.

bench=bench/${0##*/}

# The speed of a machine changes over time. So all commands take turns, with a few runs each, in
# several rounds.
rounds=5

fail() {
    printf '%s: %s\n' "$bench" "$*" >&2
    exit 1
}

refuse() {
    printf '%s: %s; see %s --help\n' "$bench" "$*" "$bench" >&2
    exit 2
}

say() { printf '%s\n' "$*"; }

now_us() { echo "${EPOCHREALTIME//[!0-9]/}"; }

# Runs a command in its own session, so that clean_up can end all processes that it has started.
# Waits for it in the background, because bash handles no signal while it waits for a foreground
# command.
attended() {
    local status=0
    setsid "$@" </dev/null &
    child=$!
    wait "$child" || status=$?
    child=
    return "$status"
}

end_child() {
    local i
    [ -n "${child-}" ] || return 0
    {
        kill -- "$child" "-$child"
        for ((i = 0; i < 100; i++)); do
            kill -0 -- "-$child" || break
            sleep 0.05
        done
        kill -KILL -- "-$child"
        wait "$child"
    } 2>/dev/null || true
}

clean_up() {
    trap '' HUP INT PIPE TERM
    end_child
    stop_load
    rm -rf "$folder"
}

compile() { # compile SOURCE PROGRAM
    "${CC:-cc}" -O2 -std=c11 -pthread -o "$2" "bench/$1" || fail "bench/$1 could not be compiled"
}

leave_out() { # leave_out WHY: skips this part
    say "    skipped: $*"
    is_left_out=yes
}

# Reads --runs N and the names of parts.
parse_options() {
    chosen=()
    while [ $# -gt 0 ]; do
        case $1 in
        -h | --help)
            usage
            exit
            ;;
        --runs)
            [[ ${2-} =~ ^[1-9][0-9]{0,5}$ ]] ||
                refuse "--runs is '${2-}', but must be a whole number from 1"
            runs=$2
            shift
            ;;
        *)
            [[ $1 != *' '* && " ${parts[*]} " == *" $1 "* ]] || refuse "there is no part '$1'"
            chosen+=("$1")
            ;;
        esac
        shift
    done
    [ "${#chosen[@]}" -gt 0 ] || chosen=("${parts[@]}")
    [ "$runs" -ge "$rounds" ] || rounds=$runs
    each_round=$((runs / rounds))
}

# Checks what a bench needs, and makes its folder, which clean_up removes.
prepare_bench() {
    local program
    [ -n "${EPOCHREALTIME-}" ] || fail "needs bash 5 or later, but this is $BASH_VERSION"
    [ -e /proc/self/smaps_rollup ] || fail 'needs /proc/PID/smaps_rollup (Linux 4.14 or later)'
    for program in hyperfine jq "${CC:-cc}" /usr/bin/time; do
        command -v "$program" >/dev/null ||
            fail "needs $program; on Debian: apt-get install hyperfine jq gcc libc6-dev time"
    done

    # Not in /tmp, which may be in memory and so would not be dropped with the page cache.
    folder=$(mktemp -d "${TMPDIR:-/var/tmp}/psm-bench.XXXXXX")
    trap clean_up EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 141' PIPE
    trap 'exit 143' TERM
    folder=$(cd "$folder" && pwd -P) # psm regards a path with a symbolic link as a title
    load=$folder/load-$$             # a name that no other process has
    psm=$folder/newest/bin/psm
    export JBANG_CACHE_DIR=$folder/jbang # clean_up removes it with the folder
    read -r load_average _ </proc/loadavg

    compile load.c "$load"
    cp psm.java "$folder" # a copy, so that all runs use the same psm
    psm_hash=$(sha256sum <"$folder/psm.java" | cut -c 1-16)
}
