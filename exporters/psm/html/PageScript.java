package psm.html;

import psm.svg.PictureScript;

/** The script of the page. It is the same for all reports, so that its hash is. */
final class PageScript {
    static final String TEXT = "" + PictureScript.TEXT;

    private PageScript() {}
}
