# What table.jq and plot.jq have in common.

def median: sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2;

# hyperfine has seconds.
def milliseconds: .milliseconds // (.times | map(. * 1000));

def of($table): [.results[] | select(.table == $table)];

# The rounds of each command put together, in the order in which they were first taken.
def pooled:
    reduce .[] as $taken ({names: [], times: {}};
        if .times[$taken.command] == null then .names += [$taken.command] else . end
        | .times[$taken.command] += ($taken | milliseconds))
    | . as {$names, $times}
    | $names | map({name: ., times: $times[.], median: ($times[.] | median)});

def grouped: tostring | [while(. != ""; .[:-3]) | .[-3:]] | reverse | join(",");

def fixed($digits):
    (. * pow(10; $digits) | round) as $all
    | ($all % pow(10; $digits) | tostring) as $decimals
    | ($all / pow(10; $digits) | floor | grouped)
        + if $digits == 0 then "" else "." + "0" * ($digits - ($decimals | length)) + $decimals end;

# Three digits tell enough of a time; no more of them come out the same twice.
def figure: fixed(if . >= 99.95 then 0 elif . >= 9.995 then 1 else 2 end);
