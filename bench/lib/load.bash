# shellcheck shell=bash
# Processes that stand still, those of bench/load.c, and whether psm measures them right.
# Wants fail, say, $folder, $load and $psm; start_load sets $processes, $mappings and $load_pid.

# Figures move by themselves: the processes that share libc with the load come and go. Too low, and
# a small load can fail for that; too high, and a small load is not checked.
libc_kb=256

start_load() { # start_load PROCESSES MAPPINGS [KB]: and sets first_pid
    local ready
    exec {from_load}< <(exec "$load" "$@")
    load_pid=$!
    read -r ready <&"$from_load" || exit # it has said why
    first_pid=${ready#*pid }
    first_pid=${first_pid%% *}
    processes=$1
    mappings=$2
}

# Its children go with it. It is no job of this shell's, so that there is no word of its end.
stop_load() {
    [ -n "${load_pid-}" ] || return 0
    { kill "$load_pid" && wait "$load_pid"; } 2>/dev/null || true
    exec {from_load}<&-
    load_pid=
}

count_lines() { { cat /proc/[0-9]*/smaps 2>/dev/null || true; } | wc -l; }

# How many mappings each process needs for so many lines of smaps on the whole machine. What lines
# an entry has, and what entries a process has anyhow, depends on the kernel and libc.
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
        fail "the machine has $others lines of smaps already, and shall have $2: end something"
}

# The load's own figures: how many Pss it has in these files, and the kB of Pss and private memory.
sums() { # sums smaps|smaps_rollup
    local files
    files=$({ grep -slxF "${load##*/}" /proc/[0-9]*/comm || true; } | sed "s/comm\$/$1/")
    # shellcheck disable=SC2086
    awk '
        /^Pss:/ { count++; pss += $2 }
        /^Private_(Clean|Dirty):/ { private += $2 }
        END { printf "%d %d %d\n", count, pss, private }' $files </dev/null
}

# The same by psm, in kB: the number of processes, Pss, private memory.
psm_sums() { # psm_sums SOURCE
    "$psm" -o json --source "$1" >"$folder/json" 2>"$folder/said" || fail "psm: $(<"$folder/said")"
    jq -r --arg load "${load##*/}" '
        [.rows[] | select(.program == $load)][0] // {count: 0, pss_bytes: 0, shared_bytes: 0}
        | "\(.count) \(.pss_bytes / 1024 | floor) \((.pss_bytes - .shared_bytes) / 1024 | floor)"
        ' "$folder/json"
}

hold() { # hold WHAT PSM_KB OUR_KB TOLERATED_KB
    local difference=$(($2 - $3))
    [ "${difference#-}" -le "$4" ] ||
        fail "psm $1 is $2 kB and should be $3, give or take $4: not timed, since it is not right"
}

check_source() { # check_source SOURCE MAPPINGS_CUT: psm's figures against count, pss, private
    local figures psm_count psm_pss psm_private
    # The kernel cuts each figure to whole kB. psm adds half a kB for each mapping's, which is wrong
    # by another half at most.
    local tolerated=$((libc_kb + count)) tolerated_pss=$((libc_kb + count + $2 / 2))
    figures=$(psm_sums "$1")
    read -r psm_count psm_pss psm_private <<<"$figures"
    [ "$psm_count" -eq "$count" ] ||
        fail "psm --source $1 counts $psm_count processes of the load, not $count"
    hold "--source $1: Pss" "$psm_pss" "$pss" "$tolerated_pss"
    hold "--source $1: Pss without what is shared" "$psm_private" "$private" "$tolerated"
    say "    its Pss is $pss kB, by psm --source $1 $psm_pss, which may be off by $tolerated_pss"
}

check_figures() {
    local figures count pss private all_mappings
    figures=$(sums smaps)
    read -r all_mappings _ <<<"$figures"
    figures=$(sums smaps_rollup)
    read -r count pss private <<<"$figures"
    [ "$count" -eq $((processes + 1)) ] ||
        fail "of the load's $processes processes and itself, $count are there"
    check_source rollup 0
    check_source smaps "$all_mappings"
}

# A load of which psm's figures are known to be right.
prepare_load() { # prepare_load PROCESSES MAPPINGS [KB]: and sets lines
    start_load "$@"
    lines=$(count_lines)
    say "    $1 processes of $2 mappings, $lines lines of smaps on the machine"
    check_figures
}
