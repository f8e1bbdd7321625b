# Draws the times of some parts as bars in an SVG:
#   jq -rs -L bench/lib -f bench/lib/plot.jq bench/results/83.json bench/results/1000.json
# Each part has its own scale, which starts at zero: a bar of twice the length took twice the time.
include "times";

# Hides the runs with --heap, which answer another question; the table shows them.
def is_shown: test(" -+heap$") | not;

def kind: if . == "psm" then "psm" elif startswith("psm") then "other psm" elif startswith("cat") then "kernel" else "peer" end;

# All sizes are in pixels. Names are to the left of the bars, figures to the right.
def width: 760;
def bars_left: 176;
def bars_width: 400;
def row_height: 26;
def bar_height: 16;
def head_height: 54;

def escaped: gsub("&"; "&amp;") | gsub("<"; "&lt;");

def element($x; $y; $class): "<text x=\"\($x)\" y=\"\($y)\" class=\"\($class)\">\(escaped)</text>";

def bar($y; $longest; $psm):
    ([.median / $longest * bars_width, 2] | max | . * 10 | round / 10) as $length
    | (bars_left + $length + 8) as $after
    | (.name | kind) as $kind
    | ($y + 13) as $base
    | (.name | element(bars_left - 10; $base; "name \($kind)")),
        "<rect x=\"\(bars_left)\" y=\"\($y)\" width=\"\($length)\" height=\"\(bar_height)\" rx=\"2\" class=\"\($kind)\"/>",
        "<text x=\"\($after)\" y=\"\($base)\"><tspan class=\"time\">\(.median | figure) ms</tspan>"
            + if .name == "psm" then "" else
                "<tspan dx=\"8\" class=\"ratio\">\(.median / $psm | figure) ×</tspan>" end
            + "</text>";

def panel($top):
    .bars as $bars
    | ($bars[] | select(.name == "psm").median) as $psm
    | (.title | element(0; $top + 20; "title")),
        (.subtitle | element(0; $top + 39; "ratio")),
        (range($bars | length) as $i
            | $bars[$i] | bar($top + head_height + $i * row_height; $bars[-1].median; $psm));

def panel_height: head_height + (.bars | length) * row_height + 18;

map({
    title: "\(.about.processes | grouped) processes",
    subtitle: "\(.about.lines | grouped) lines of smaps; median time, and how many times that of psm",
    bars: (of("times") | pooled | map(select(.name | is_shown)) | sort_by(.median))
})
| . as $panels
| (map(panel_height) | add) as $height
| "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-12 0 \(width) \($height)\" width=\"\(width)\" height=\"\($height)\" role=\"img\">",
    "<title>How long psm and its peers take</title>",
    # Viewers without a color scheme, or with the wrong one, use colors that are readable on white and black.
    "<style>
text { font: 13px -apple-system, \"Segoe UI\", \"Noto Sans\", \"DejaVu Sans\", Arial, sans-serif; fill: #768390 }
.name { text-anchor: end }
text.psm:not(.other), .title { font-weight: 600 }
.title { font-size: 16px }
rect.psm { fill: #2f81f7 }
rect.other { fill-opacity: 0.5 }
rect.peer { fill: #8b949e }
rect.kernel { fill: none; stroke: #8b949e; stroke-dasharray: 3 2 }
@media (prefers-color-scheme: light) { .name, .title, .time { fill: #1f2328 } .ratio { fill: #59636e } }
@media (prefers-color-scheme: dark) { .name, .title, .time { fill: #e6edf3 } .ratio { fill: #9198a1 } }
</style>",
    (range($panels | length) as $i
        | $panels[$i] | panel($panels[:$i] | map(panel_height) | add // 0)),
    "</svg>"
