package psm.svg;

/** The script of the pictures, a part of that of the page. */
public final class PictureScript {
    public static final String TEXT = "";

    private PictureScript() {}
}
