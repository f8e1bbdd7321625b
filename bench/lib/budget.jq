# Compares the first run, with JBang and psm's libraries in place, with its budget. Prints a line for
# each limit.
include "times";
def of($start; $key): [.[] | select(.table == "first" and (.command | startswith($start)))[$key][]] | median;
def line($what; $is; $most): "    budget: \($what) \($is | fixed(1)) of at most \($most)"
    + if $is > $most then ": EXCEEDED" else "" end;

line("MB of memory, all processes together"; of("JBang and"; "kilobytes") / 1024; 240),
line("times the CPU time of a hello world"; of("JBang and"; "cpu_milliseconds") / of("hello"; "cpu_milliseconds"); 3.5)
