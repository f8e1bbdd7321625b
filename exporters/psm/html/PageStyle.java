package psm.html;

import psm.svg.PictureStyle;

/** The style sheet of the page. It is the same for all reports, so that its hash is. */
final class PageStyle {
    static final String TEXT = ":root{color-scheme:light dark}" + PictureStyle.TEXT;

    private PageStyle() {}
}
