package psm.html;

/** The script of the pictures, a part of that of the page. */
final class PictureScript {
    static final String TEXT = "";

    private PictureScript() {}
}
