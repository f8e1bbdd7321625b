package psm.svg;

import psm.cell.HtmlText;

/** Writes the figures of a picture as a table, closed until the reader opens it. */
final class PictureTable {
    private final StringBuilder out;

    /**
     * Begins a table.
     *
     * @param caption what it shows; it is markup already
     * @param titles the titles of its columns; the first one has names, the others have figures
     */
    PictureTable(StringBuilder out, String caption, String... titles) {
        this.out = out;
        out.append("<details><summary>As a table</summary><section class=\"wide\" tabindex=\"0\"");
        out.append(" aria-label=\"Table: ").append(caption);
        out.append("\"><table class=\"pt\"><thead><tr>");
        for (String title : titles) {
            out.append("<th scope=\"col\">").append(title).append("</th>");
        }
        out.append("</tr></thead><tbody>");
    }

    /**
     * Appends a row.
     *
     * @param depth its indentation
     * @param name a name that is safe to print, and not yet markup
     * @param figures the other columns; they are markup already
     */
    void row(int depth, String name, String... figures) {
        out.append("<tr><th scope=\"row\"");
        if (depth > 0) {
            out.append(" class=\"i").append(depth).append('"');
        }
        out.append("><bdi>");
        HtmlText.escape(out, name);
        out.append("</bdi></th>");
        for (String figure : figures) {
            out.append("<td>").append(figure).append("</td>");
        }
        out.append("</tr>");
    }

    /** Ends the table. */
    void end() {
        out.append("</tbody></table></section></details>");
    }
}
