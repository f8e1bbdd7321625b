package psm.svg;

/** The style sheet of the pictures, a part of that of the page. */
public final class PictureStyle {
    public static final String TEXT = "";

    private PictureStyle() {}
}
