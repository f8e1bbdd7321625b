# Functions for table.jq and scale.jq.

def cell($width; $align): (" " * ($width - length)) as $blanks
    | if $align == "left" then . + $blanks else $blanks + . end;

# Converts rows of cells to lines, the head first. The first column contains words, the others figures.
def table:
    . as $rows
    | [range(.[0] | length) as $column | [$rows[][$column] | length] | max] as $widths
    | def line: [range($widths | length) as $column
            | .[$column] | cell($widths[$column]; if $column == 0 then "left" else "right" end)]
        | "| " + join(" | ") + " |";
    (.[0] | line),
    ([range($widths | length) as $column
        | if $column == 0 then "-" * $widths[0] else "-" * ($widths[$column] - 1) + ":" end]
        | "| " + join(" | ") + " |"),
    (.[1:][] | line);
