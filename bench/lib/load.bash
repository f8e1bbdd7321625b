# shellcheck shell=bash
# Starts idle processes, by bench/load.c, and checks that psm measures them correctly.
# Needs fail, say, $folder, $load and $psm; start_load sets $processes, $mappings and $load_pid.

# How much figures may differ because other processes, which share libc with the load, start and
# end. If it is too low, a small load can fail; if too high, errors in a small load stay hidden.
libc_kb=256

# If memory is short all the same, the kernel kills the load before anything else.
start_load() { # start_load PROCESSES MAPPINGS [KB]: sets first_pid
    local ready
    exec {from_load}< <(
        echo 1000 >/proc/self/oom_score_adj || true
        exec "$load" "$@"
    )
    load_pid=$!
    read -r ready <&"$from_load" || exit # it has printed the reason
    first_pid=${ready#*pid }
    first_pid=${first_pid%% *}
    processes=$1
    mappings=$2
}

# Ends the load and its children. It is not a job of this shell, so the shell prints nothing.
stop_load() {
    [ -n "${load_pid-}" ] || return 0
    { kill "$load_pid" && wait "$load_pid"; } 2>/dev/null || true
    exec {from_load}<&-
    load_pid=
}

# Counts the lines of smaps on the machine.
count_lines() { { cat /proc/[0-9]*/smaps 2>/dev/null || true; } | wc -l; }

# Computes how many mappings each process needs for LINES lines of smaps on the whole machine. The
# number of lines per entry, and of a process's other entries, depends on the kernel and libc.
find_mappings() { # find_mappings PROCESSES LINES: sets mappings
    local per_mapping one others
    start_load 1 1
    per_mapping=$(awk '/^[0-9a-f]+-/ { entries++ } END { print int(NR / entries) }' \
        "/proc/$first_pid/smaps")
    one=$(wc -l <"/proc/$first_pid/smaps")
    others=$(($(count_lines) - one))
    stop_load
    mappings=$((1 + (($2 - others) / $1 - one + per_mapping / 2) / per_mapping))
    [ "$mappings" -gt 0 ] ||
        fail "the machine has $others lines of smaps, too many for $2 in all: end some processes"
}

# Prints the load's figures from /proc: the number of Pss lines, and Pss and private memory in kB.
sums() { # sums smaps|smaps_rollup
    local files
    files=$({ grep -slxF "${load##*/}" /proc/[0-9]*/comm || true; } | sed "s/comm\$/$1/")
    # shellcheck disable=SC2086
    awk '
        /^Pss:/ { count++; pss += $2 }
        /^Private_(Clean|Dirty):/ { private += $2 }
        END { printf "%d %d %d\n", count, pss, private }' $files </dev/null
}

# Prints the load's figures from psm: the number of processes, and Pss and private memory in kB.
psm_sums() { # psm_sums SOURCE
    # On a busy machine, psm estimates a large process when its default timeout has passed.
    "$psm" -o json --source "$1" --timeout 100 >"$folder/json" 2>"$folder/said" || fail "psm: $(<"$folder/said")"
    jq -r --arg load "${load##*/}" '
        [.rows[] | select(.program == $load)][0] // {count: 0, pss_bytes: 0, shared_bytes: 0}
        | "\(.count) \(.pss_bytes / 1024 | floor) \((.pss_bytes - .shared_bytes) / 1024 | floor)"
        ' "$folder/json"
}

compare() { # compare WHAT PSM_KB OUR_KB TOLERATED_KB: compares two figures
    local difference=$(($2 - $3))
    [ "${difference#-}" -le "$4" ] ||
        fail "psm $1 is $2 kB, but should be $3 kB, plus or minus $4: wrong, so not timed"
}

check_source() { # check_source SOURCE MAPPINGS_CUT: compares psm with count, pss and private
    local figures psm_count psm_pss psm_private
    # The kernel cuts each figure to whole kB. psm adds half a kB for each mapping, so it is wrong
    # by at most half a kB for each.
    local tolerated=$((libc_kb + count)) tolerated_pss=$((libc_kb + count + $2 / 2))
    figures=$(psm_sums "$1")
    read -r psm_count psm_pss psm_private <<<"$figures"
    [ "$psm_count" -eq "$count" ] ||
        fail "psm --source $1 counts $psm_count processes of the load, not $count"
    compare "--source $1: Pss" "$psm_pss" "$pss" "$tolerated_pss"
    compare "--source $1: Pss without what is shared" "$psm_private" "$private" "$tolerated"
    say "    its Pss is $pss kB; psm --source $1 reports $psm_pss kB, within $tolerated_pss kB"
}

check_figures() {
    local figures count pss private all_mappings
    figures=$(sums smaps)
    read -r all_mappings _ <<<"$figures"
    figures=$(sums smaps_rollup)
    read -r count pss private <<<"$figures"
    [ "$count" -eq $((processes + 1)) ] ||
        fail "the load has $count processes, not $((processes + 1))"
    check_source rollup 0
    check_source smaps "$all_mappings"
}

# Starts a load, and checks psm's figures.
prepare_load() { # prepare_load PROCESSES MAPPINGS [KB]: sets lines
    start_load "$@"
    lines=$(count_lines)
    say "    $1 processes of $2 mappings, $lines lines of smaps on the machine"
    check_figures
}
