# Compares the first run, where JBang and psm's libraries are there, with its budget: a line each.
include "times";
def of($start; $key): [.[] | select(.table == "first" and (.command | startswith($start)))[$key][]] | median;
def line($what; $is; $most): "    budget: \($what) \($is | fixed(1)), of \($most) at most"
    + if $is > $most then ": EXCEEDED" else "" end;

line("MB of memory, all processes together"; of("JBang and"; "kilobytes") / 1024; 240),
line("times the CPU time of a hello world"; of("JBang and"; "cpu_milliseconds") / of("hello"; "cpu_milliseconds"); 3.5)
