# shellcheck shell=bash
# Writes the files in bench/results, without the machine's name and paths.
# Needs what commands.bash sets, $folder, $results, $parts, $runs, $psm_hash and $load_average.

cpu_model() {
    local model
    model=$(awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo)
    echo "${model:-of an unknown model}"
}

# Prints, as JSON, when and on what a part was measured: parts may be from different days.
about() {
    jq -cn --arg taken "$(date -u +%Y-%m-%dT%H:%MZ)" --arg load_average "$load_average" \
        --arg psm_java_sha256 "$psm_hash" --arg kernel "$(uname -sr)" --argjson runs "$runs" \
        --argjson processes "${processes:-null}" --argjson mappings "${mappings:-null}" \
        --argjson lines "${lines:-null}" --arg cpus "$(nproc) $(cpu_model)" \
        --arg java "$java_version" '$ARGS.named'
}

# Writes one raw result on each line, so that people can read the file and git can compare it.
write_part() { # write_part PART
    jq -rs --arg part "$1" --argjson about "$(about)" '
        "{\"part\": \($part | tojson), \"about\": \($about | tojson), \"results\": [",
        (map(tojson) | join(",\n")),
        "]}"' "$folder/raw" >"$folder/part"
    mv "$folder/part" "$results/$1.json"
}

version_of_ps_mem() {
    local words version
    set_words ps_mem
    version=$("${words[@]}" --version 2>/dev/null) || version='of an unknown version'
    echo "ps_mem ${version#ps_mem }"
}

# Prints the version of Go that built it, because the binary contains no other.
version_of_go_psm() {
    local go
    go=$(LC_ALL=C grep -aom 1 'go1\.[0-9.]*[0-9]' "$go_psm" | head -n 1) || go=
    echo "Go's psm${go:+, built by $go}"
}

describe_machine() {
    local home
    date -u '+%Y-%m-%d %H:%M UTC'
    echo "$(uname -srm), $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release)"
    echo "$(nproc) CPUs: $(cpu_model)"
    awk '/^(MemTotal|SwapTotal):/ { printf "%s %.1f GB\n", $1, $2 / 1024 / 1024 }' /proc/meminfo
    echo "load average beforehand: $load_average"
    [ "$(id -u)" -eq 0 ] || echo 'not run as root: the processes of other users were not readable'
    echo "$("$psm" --version | head -n 1), psm.java of SHA-256 $psm_hash"
    for home in "$newest_java" ${java_17:+"$java_17"}; do
        "$home/bin/java" -version 2>&1 | sed -n 2p
    done
    [ -z "${commands[ps_mem]-}" ] || version_of_ps_mem
    # shellcheck disable=SC2016
    dpkg-query -W -f '${Package} ${Version}\n' smem smemstat hyperfine 2>/dev/null || true
    [ -z "$go_psm" ] || version_of_go_psm
}

# Writes the reports from all results, of this run and of earlier ones.
write_reports() {
    local part all=()
    describe_machine >"$folder/machine"
    mv "$folder/machine" "$results/machine.txt"
    for part in "${parts[@]}"; do
        [ ! -f "$results/$part.json" ] || all+=("$results/$part.json")
    done
    {
        cat <<'END'
# What bench/run found

The tables show the median, the shortest and the longest of all runs of a command. *psm / it* is the
median of `psm` divided by that of the command: below 1, psm is faster. `machine.txt` describes the
machine; the JSON files contain every time.
END
        jq -rs -L bench/lib -f bench/lib/table.jq "${all[@]}" </dev/null
    } >"$folder/table"
    mv "$folder/table" "$results/table.md"
    [ -f "$results/83.json" ] && [ -f "$results/1000.json" ] || return 0
    jq -rs -L bench/lib -f bench/lib/plot.jq "$results/83.json" "$results/1000.json" >"$folder/plot"
    mv "$folder/plot" "$results/plot.svg"
}
