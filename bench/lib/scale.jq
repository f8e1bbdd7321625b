# Prints how psm's cost grows as tables in Markdown:
#   jq -r -L bench/lib -f bench/lib/scale.jq bench/results/scale.json
include "times";
include "markdown";

def kernel: "cat of all smaps_rollup";

def loaded:
    {mappings: "1 of \(.about.mappings | grouped) mappings", "16g": "1 of 16 GB"}[.part]
        // (.about.processes | grouped);

# These are null for a command that was not measured.
def wall($command): of("times") | pooled | map(select(.name == $command))[0].median;
def peak($command): of("peaks") | map(select(.command == $command) | .kilobytes | median / 1024)[0];

# Returns the median of the rounds, each of which is the mean of its runs, in milliseconds.
def cpu($command):
    of("times") | map(select(.command == $command) | (.user + .system) * 1000)
        | if . == [] then null else median end;

def cost($command): [wall($command), cpu($command), peak($command)];

def shown: map(if . == null then "" else figure end);

# Divides psm's time by that of a peer.
def ratio($psm; $peer): if $peer == null then "" else $psm / $peer | figure end;

def cost_table:
    [
        ["processes", "psm, ms", "CPU ms", "peak MB", "cat, ms", "CPU ms", "psm / cat",
            "ps_mem, ms", "CPU ms", "peak MB", "psm / ps_mem", "Go's psm, ms", "psm / Go's psm"],
        (.parts[]
            | wall("psm") as $psm
            | [loaded, (cost("psm") | shown[]), (cost(kernel)[:2] | shown[]), ratio($psm; wall(kernel)),
                (cost("ps_mem") | shown[]), ratio($psm; wall("ps_mem")),
                ([wall("Go's psm")] | shown[]), ratio($psm; wall("Go's psm"))])
    ]
    | table;

def part($name): .parts[] | select(.part == $name);

# Returns what one more process costs between two numbers of processes, in microseconds.
def slope($from; $to; f):
    ((part($to) | f) - (part($from) | f)) * 1000
        / ((part($to).about.processes) - (part($from).about.processes));

def slopes(f): [slope("1000"; "5000"; f), slope("5000"; "20000"; f)];

def slope_row($name; f):
    if (part("1000") | f) == null then empty
    else slopes(f) as [$low, $high] | [$name, ($low | figure), ($high | figure), ($high / $low | figure)] end;

def slope_table:
    [
        ["µs a process", "1,000 to 5,000", "5,000 to 20,000", "ratio"],
        slope_row("psm"; wall("psm")), slope_row("psm, CPU"; cpu("psm")),
        slope_row("cat"; wall(kernel)), slope_row("cat, CPU"; cpu(kernel)),
        slope_row("ps_mem"; wall("ps_mem")), slope_row("ps_mem, CPU"; cpu("ps_mem")),
        slope_row("Go's psm"; wall("Go's psm")), slope_row("Go's psm, CPU"; cpu("Go's psm"))
    ]
    | table;

cost_table,
"",
"The slope says what one more process costs. A straight line has a ratio of 1.",
"",
(if ([.parts[].part] | contains(["1000", "5000", "20000"])) then slope_table else "Not all parts were measured." end),
"",
(.parts[]
    | "- \(.part): \(.about.taken[:10]), psm.java \(.about.psm_java_sha256), load average \(.about.load_average)"
        + " beforehand; \(.about.mappings | grouped) additional mappings each;"
        + " \(.about.lines | grouped) lines of smaps on the whole machine; \(.about.runs) runs.")
