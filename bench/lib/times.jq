# Functions for table.jq, plot.jq and budget.jq.

def median: sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2;

# Converts hyperfine's seconds.
def milliseconds: .milliseconds // (.times | map(. * 1000));

def of($table): [.results[] | select(.table == $table)];

# Joins the rounds of each command, in the order in which the commands were first measured.
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

# Shows three digits: more of them differ from run to run.
def figure: fixed(if . >= 99.95 then 0 elif . >= 9.995 then 1 else 2 end);
