package psm.html;

/** The style sheet of the pictures, a part of that of the page. */
final class PictureStyle {
    static final String TEXT = "";

    private PictureStyle() {}
}
