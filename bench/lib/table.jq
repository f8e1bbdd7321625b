# Prints the results as tables in Markdown, aligned so that the source is readable too:
#   jq -rs -L bench/lib -f bench/lib/table.jq bench/results/83.json bench/results/1000.json ...
include "times";
include "markdown";

def range_of: "\(min | figure) – \(max | figure)";

# Includes peak memory if it was measured.
def times_table:
    (of("peaks") | map({(.command): "\(.kilobytes | median / 1024 | figure)"}) | add) as $peaks
    | (of("times") | pooled) as $commands
    | ($commands[] | select(.name == "psm").median) as $psm
    | [
        ["", "median ms", "min – max", "runs", "psm / it", ("peak MB" | select($peaks))],
        ($commands[] | [
            .name, (.median | figure), (.times | range_of), (.times | length | tostring),
            ($psm / .median | figure), (($peaks[.name]? // "") | select($peaks))])
      ]
    | table;

# Divides each time by that of the cat that reads the same files.
def scan_table:
    (of("scan") | map({(.command): .threads}) | add) as $threads
    | (of("scan") | pooled) as $commands
    | def beside($source): $commands | map(select(.name | endswith($source)))[0].median;
    [
        ["", "threads", "median ms", "min – max", "runs", "by cat"],
        ($commands[]
            | beside(if .name | test("rollup") then "smaps_rollup" else "all smaps" end) as $cat
            | [.name, ($threads[.name] // 1 | tostring), (.median | figure), (.times | range_of),
                (.times | length | tostring), (.median / $cat | figure)])
    ]
    | table;

def stall_table:
    [
        ["reader", "runs", "calls", "median µs", "99.9 % µs", "worst µs"],
        (of("stall")[] | [.command, (.runs | grouped), (.calls | grouped), (.median_us | figure),
            (.p999_us | figure), (.worst_us | figure)])
    ]
    | table;

# Names the methods of ParserBench.
def parser_name:
    {
        feedAlone: "smaps, feed() alone",
        rollup: "smaps_rollup",
        sum: "bytes added up",
        widened: "smaps, layout changing"
    }[.] // .;

def parser_table:
    [
        ["", "MB/s", "±", "bytes allocated per file"],
        (of("parser")[]
            | (.secondaryMetrics.files.score / .primaryMetric.score) as $files
            | .secondaryMetrics.bytes as $bytes
            | [(.benchmark | split(".")[-1] | parser_name), ($bytes.score / 1000000 | figure),
                ($bytes.scoreError | if type == "number" then . / 1000000 | figure else "" end),
                (if $files == 0 then ""
                    else .secondaryMetrics["gc.alloc.rate.norm"].score / $files | figure end)])
    ]
    | table;

# Divides the CPU time by that of a hello world, which the same JBang builds and runs.
def first_table:
    def medians($key): [.[][$key][]] | median;
    (of("first") | group_by(.command)
        | map({name: .[0].command, wall: medians("milliseconds"), cpu: medians("cpu_milliseconds"),
            kilobytes: medians("kilobytes"), runs: length})
        | (map(select(.name | startswith("hello")))[0].cpu) as $hello
        | sort_by(-.wall)
        | [["from", "median s", "CPU s", "CPU, hello world = 1", "peak of all processes, MB", "runs"],
            (.[] | [.name, (.wall / 1000 | figure), (.cpu / 1000 | figure), (.cpu / $hello | fixed(1)),
                (.kilobytes / 1024 | fixed(0)), (.runs | tostring)])]
        | table),
    (of("downloads")[] | "",
        "psm's libraries are \(.files) files with \(.bytes / 1000000 | figure) MB, including their POMs."),
    "", "The memory is the sum of Pss over all processes that run at the same time, read every 10 ms."
    + " With JBang and psm's libraries in place, the limits are 240 MB of memory and 3.5 times the CPU time"
    + " of a hello world.";

def heading:
    {
        "8g": "One process of 8 GB in small pages",
        cold: "\(.about.processes) processes, with an empty page cache",
        stall: "How long mmap and munmap wait in a process of \(.results[0].megabytes) MB while its memory is read",
        parser: "The parser alone",
        first: "The first run, from standard input"
    }[.part] // "\(.about.processes | grouped) processes";

def load: .about | if .processes == null then "" else
    "\(.mappings | grouped) additional mappings each; \(.lines | grouped) lines of smaps on the whole machine. "
    end;

.[]
| "", "## \(heading)", "",
    "\(load)\(.about.taken[:10]), psm.java \(.about.psm_java_sha256), load average \(.about.load_average) beforehand.",
    "",
    if .part == "stall" then stall_table
    elif .part == "parser" then parser_table
    elif .part == "first" then first_table
    else times_table end,
    if of("scan") == [] then empty else "", "The scan alone:", "", scan_table end
