# shellcheck shell=bash
# Measures times and peaks, and writes a line of raw results for each.
# Needs fail, say, attended, what commands.bash sets, $folder, $runs, $rounds, $processes and $psm.

# A command that takes longer than that has one run in each round: its times vary less, and the
# bench would take hours.
slow_us=1000000

# Writes a raw result, a JSON object. Its members are named arguments of jq.
record() { jq -cn "$@" '$ARGS.named' >>"$folder/raw"; }

array() { # array NUMBER...: prints them as JSON
    local IFS=,
    echo "[$*]"
}

take() { # take TABLE ROUND RUNS NAME [OPTION...]: runs hyperfine with the options
    attended hyperfine -N --style none --runs "$3" --command-name "$4" "${@:5}" \
        --export-json "$folder/times" "${commands[$4]}" 2>"$folder/said" ||
        fail "$4: $({ grep . "$folder/said" || true; } | tail -n 1)"
    # Omits what follows from the times, and rounds to microseconds: more digits are noise.
    jq -c --arg table "$1" --argjson round "$2" --arg command "$4" '
        def microseconds: . * 1000000 | round / 1000000;
        .results[0] | {$table, $round, $command, times: .times | map(microseconds),
            user: .user | microseconds, system: .system | microseconds,
            exit_codes: .exit_codes | unique}' "$folder/times" >>"$folder/raw"
}

take_turns() { # take_turns RUNS_EACH [OPTION...]: runs hyperfine with the options
    local round name each options
    for ((round = 1; round <= rounds; round++)); do
        say "    round $round of $rounds"
        for name in "${working[@]}"; do
            each=$1
            [ "${took[$name]}" -le "$slow_us" ] || each=1
            options=("${@:2}")
            [[ $name != cat* ]] || options+=(--ignore-failure)
            take times "$round" "$each" "$name" "${options[@]}"
        done
    done
}

take_peaks() { # take_peaks RUNS_EACH
    local name words kilobytes i
    say '    peak memory'
    for name in "${working[@]}"; do
        [[ $name != cat* ]] || continue
        set_words "$name"
        kilobytes=()
        for ((i = 0; i < $1; i++)); do
            attended /usr/bin/time -o "$folder/peak" -f %M "${words[@]}" >/dev/null 2>&1 ||
                fail "$name failed with exit code $?, but it worked before"
            kilobytes+=("$(<"$folder/peak")")
        done
        record --arg table peaks --arg command "$name" \
            --argjson kilobytes "$(array "${kilobytes[@]}")"
    done
}

stats_of_psm='([0-9]+) processes, .* ([0-9]+) workers?, ([0-9.]+) ms to scan'

# Measures psm's scan by --timing: each scan runs in a new Java, but the time includes neither the
# start of Java nor the report.
take_scan() { # take_scan ROUND RUNS SOURCE WORKERS
    local said milliseconds=() threads i
    for ((i = 0; i < $2; i++)); do
        said=$("$psm" --source "$3" -j "$4" --timing 2>&1 >/dev/null) || fail "psm: $said"
        [[ $said =~ $stats_of_psm ]] || fail "psm --timing does not show the time of the scan: $said"
        [ "${BASH_REMATCH[1]}" -gt "$processes" ] ||
            fail "psm measured ${BASH_REMATCH[1]} processes, but the load has more than $processes"
        threads=${BASH_REMATCH[2]}
        milliseconds+=("${BASH_REMATCH[3]}")
    done
    record --arg table scan --argjson round "$1" --arg command "psm --source $3 -j $4" \
        --argjson threads "$threads" --argjson milliseconds "$(array "${milliseconds[@]}")"
}

take_scans() { # take_scans RUNS_EACH
    local round source workers
    for ((round = 1; round <= rounds; round++)); do
        say "    the scan alone, round $round of $rounds"
        for source in rollup smaps; do
            for workers in 1 2 4; do
                take_scan "$round" "$1" "$source" "$workers"
            done
        done
        take scan "$round" "$1" 'cat of all smaps_rollup' --warmup 1 --ignore-failure
        take scan "$round" "$1" 'cat of all smaps' --warmup 1 --ignore-failure
    done
}

stall_line='^runs ([0-9]+), calls ([0-9]+), median ([0-9.]+) us, p99\.9 ([0-9.]+) us, '
stall_line+='worst ([0-9.]+) us'

take_stall() { # take_stall MEGABYTES SECONDS NAME [COMMAND...]
    attended "$folder/stall" "$1" "$2" ${4:+-- "${@:4}"} >"$folder/stalled" 2>"$folder/said" ||
        fail "stall, $3: $(head -n 1 "$folder/said")"
    [[ $(<"$folder/stalled") =~ $stall_line ]] ||
        fail "stall, $3: unexpected output: $(head -n 1 "$folder/stalled")"
    say "    $3: ${BASH_REMATCH[0]}"
    record --arg table stall --arg command "$3" --argjson megabytes "$1" --argjson seconds "$2" \
        --argjson runs "${BASH_REMATCH[1]}" --argjson calls "${BASH_REMATCH[2]}" \
        --argjson median_us "${BASH_REMATCH[3]}" --argjson p999_us "${BASH_REMATCH[4]}" \
        --argjson worst_us "${BASH_REMATCH[5]}"
}

# Measures a run for a user with that home.
take_first() { # take_first HOME NAME SCRIPT
    local word=TOTAL
    [ "$3" = psm.java ] || word=hello
    # shellcheck disable=SC2016
    attended "$folder/peak" "$folder/first" \
        env -u JBANG_CACHE_DIR HOME="$1" XDG_CACHE_HOME="$1/.cache" JBANG_DIR="$1/.jbang" \
        sh -c 'exec ./jbangw - <"$1"' sh "$folder/$3" \
        >"$folder/seen" 2>"$folder/said" || fail "$3, $2: $(tail -n 1 "$folder/said")"
    grep -q "$word" "$folder/seen" || fail "$3, $2: does not print $word"
    jq -c --arg command "$2" '{table: "first", $command, milliseconds: [.wall_seconds * 1000 | round],
        cpu_milliseconds: [.cpu_seconds * 1000 | round], kilobytes: [.peak_pss_kb]}' "$folder/first" >>"$folder/raw"
}

# Counts the downloaded files, without Maven's own files.
take_downloads() { # take_downloads REPOSITORY
    local sizes
    sizes=$(find "$1" -type f \( -name '*.jar' -o -name '*.pom' \) -printf '%s\n')
    record --arg table downloads --argjson files "$(wc -l <<<"$sizes")" \
        --argjson bytes "$(awk '{ sum += $1 } END { print sum }' <<<"$sizes")"
}
