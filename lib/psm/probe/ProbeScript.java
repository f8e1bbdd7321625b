package psm.probe;

import psm.scan.Detail;

import java.util.Set;

/**
 * The script that {@code psm probe} prints: a machine with sh and grep runs it, and needs neither
 * psm nor Java. It is a constant, so that it is in psm.java too. {@code docs/probe.md} describes
 * what it prints, which {@code ProbeReader} reads.
 */
public final class ProbeScript {
    /** The details of processes that need files which it does not read. */
    public static final Set<Detail> UNREAD =
            Set.of(Detail.MAPPINGS, Detail.GPU, Detail.DEVICE_MAPPINGS);

    /** The script for a POSIX shell. */
    public static final String TEXT =
            """
            # psm probe, version 1: prints what psm needs to know of this machine's memory.
            # Usage: psm probe | ssh HOST sudo sh > HOST.psm, and then psm --from HOST.psm
            # It reads files of /proc and /sys, and names in /etc/passwd and /etc/group. It writes
            # no file, changes nothing, needs no root, and ends by itself. It prints lines of these
            # files, each behind the name of its file, and lines of its own, which begin with #. So
            # nothing that a process can choose begins a line. docs/probe.md describes the format.

            # Starts a section, with the number of bytes at which it is cut.
            section() {
                sections=$((sections + 1))
                bytes=$2
                echo "#section $*"
            }

            # Prints names of files, such as 1/stat 2/stat: '&/stat' for each folder of $folders.
            each() {
                echo "$folders" | sed "s,[0-9].*,$1,"
            }

            # Prints the lines of such files that match. One grep reads thousands of files.
            lines() {
                each "$1" | xargs grep -aHE "$2"
            }

            # Reads such files with options of grep, whose errors go to 1 or 2. Fails if that takes
            # too long: the kernel can block a reader forever, and old ones do not end it even then.
            # Users choose how long files and lines are: bytes are limited, and so is grep's memory.
            guarded() {
                seconds=$1
                files=$2
                limited="ulimit -v 60000 2>&-; exec grep \\"\\$@\\" 2>&$3"
                shift 3
                if [ ! -c /dev/null ]; then # without it, a shell runs nothing in the background
                    each "$files" | xargs sh -c "$limited" sh "$@" | head -c "$bytes"
                    return
                fi
                each "$files" | xargs sh -c "$limited" sh "$@" | head -c "$bytes" &
                head=$!
                watch >/dev/null 2>&1 &
                watchdog=$!
                wait "$head" 2>/dev/null
                status=$?
                kill "$watchdog"
                wait "$watchdog"
                return "$status"
            }

            # Ends the readers when their time is over.
            watch() {
                trap 'kill $!; wait; exit' TERM
                sleep "$seconds" &
                wait $! || exit
                trap '' TERM # until all are killed
                kill "$head"
                for parent in $(children $$); do
                    for reader in $(children "$parent"); do
                        kill -9 "$reader" # the grep of xargs, which ends then
                    done
                done
            }

            children() {
                echo [0-9]*/status | xargs grep -l "^PPid:.$1\\$" | sed 's,/.*,,'
            }

            # Prints the folders of threads that show the memory of processes whose main thread has
            # exited: such a process has more than one thread, and shows no memory itself.
            threads() {
                for leader in $(each '&/statm' | xargs grep -l '^0 ' | sed 's/m$/us/' |
                    xargs grep -lE '^Threads:.([2-9]|1.)'); do
                    grep -l '^State:.[^ZX]' "${leader%/*}"/task/*/status | sed 's,/[a-z]*$,,;q'
                done
            }

            probe() {
                echo # what a login shell printed may have no end of line
                echo 'psm-probe 1'
                echo '#about'
                echo "#uid $(id -u)"
                echo "#pid $$"
                echo "#page $(($(sed -n '/^KernelPageSize:/{s/[^0-9]//g;p;q;}' self/smaps) * 1024))"
                echo "#time $(date +%s)"
                for tool in date find grep head id ls sed sleep xargs; do
                    command -v "$tool" >&2 || echo "#lacks $tool"
                done
                grep -azq '' self/cmdline || echo '#lacks grep-z'
                section host
                find ../sys/block ../sys/module ../sys/fs/cgroup/unified \\
                    ../sys/fs/cgroup/cgroup.controllers -prune | sed 's/$/:/' # those that are there
                grep -aH '' sys/kernel/hostname sys/kernel/osrelease sys/kernel/random/boot_id \\
                    sys/vm/swappiness uptime meminfo pressure/memory \\
                    ../sys/kernel/mm/hugepages/*/nr_hugepages \\
                    ../sys/kernel/mm/hugepages/*/free_hugepages \\
                    ../sys/block/zram*/mm_stat ../sys/block/zram*/mem_used_total \\
                    ../sys/kernel/debug/zswap/pool_* ../sys/module/zswap/parameters/enabled
                grep -aHE '^(TCP|UDP|FRAG):|^(|hdr_|dbuf_|dnode_|bonus_)size | - proc | count:' \\
                    net/sockstat spl/kstat/zfs/arcstats self/mountinfo zoneinfo
                section users
                for file in passwd group; do
                    sed -n "s,^\\([^:]*\\):[^:]*:\\([0-9]*\\):.*,../etc/$file:\\1::\\2:,p" "../etc/$file"
                done
                section stat
                [ -e self/oom_score_adj ] && adjustment=oom_score_adj || adjustment=oom_adj
                lines "&/stat &/cgroup &/oom_score &/$adjustment" ''
                section status
                lines '&/status' \\
                    '^(Name|[UG]id|PPid|Threads|RssFile|Huge.*|Vm(HWM|Size|RSS|Lck|PTE|Swap)):'
                [ -e self/smaps_rollup ] && file=smaps_rollup || file=smaps
                section "${file#smaps_}" 28000000
                sizes='Rss|Pss(_[AFS].*)?|Shared_.*|Private_.*|Swap(Pss)?|KSM|Locked'
                guarded 15 "&/$file" 1 -aHE "^([0-9a-f]+-|($sizes):)" || { echo && echo '#cut'; }
                echo
                section cgroups 4000000
                find ../sys/fs/cgroup '(' -name memory.max -o -name memory.high -o \\
                    -name memory.current -o -name memory.stat -o -name memory.events -o \\
                    -name 'memory.swap.[mc]*' -o -name 'memory.oom[._]*' -o \\
                    -name 'memory.[lu]*_in_bytes' -o -name 'memory.memsw.[lu]*' -o \\
                    -name memory.swappiness -o -name memory.use_hierarchy ')' -exec grep -aHE \\
                    '^([0-9]+|max)$|^(total_)?inactive_file |^hierarchical_mem|^oom_kill' {} + |
                    head -c "$bytes" # a user can make a million groups
                echo
                # Arguments and names of files can contain newlines, so a NUL ends each of them.
                section cmdline 5000000
                guarded 5 '&/cmdline' 2 -sazH '' || { head -c 1 /dev/zero && echo '#cut'; }
                head -c 1 /dev/zero
                if find . -prune -printf ''; then
                    section exe 2000000
                    each '&/exe' | xargs sh -c 'find "$@" -printf "%p\\0%l\\0"' sh | head -c "$bytes"
                    head -c 1 /dev/zero
                else
                    section exe-lines 3000000
                    each '&/exe' | xargs ls -ldn | head -c "$bytes"
                    echo
                fi
                section stat-again
                lines '&/stat' ''
                echo "#end $sections $#"
            }

            set +aefu # which the environment can set
            unset folders sections GREP_OPTIONS QUOTING_STYLE
            export LC_ALL=C
            cd /proc && set -- [0-9]*
            [ -e "$1" ] || { echo 'psm probe: no process in /proc' >&2 && exit 1; }
            [ ! -c /dev/null ] || exec 2>/dev/null
            renice -n 10 -p $$ >&2
            folders=$(for id; do echo "$id"; done)
            folders=$(echo "$folders" && threads)
            probe "$@"; exit
            """;

    private ProbeScript() {}
}
