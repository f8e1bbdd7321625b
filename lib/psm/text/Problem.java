package psm.text;

/**
 * Something that is wrong with the host or an installation.
 *
 * @param what the file or setting that is wrong, and how
 * @param remedy what the user has to do, such as {@code run 'chmod o-w /opt'}
 */
public record Problem(String what, String remedy) {
    /** Returns both in one line; what is wrong alone if nothing is known to help. */
    public String line() {
        return remedy == null || remedy.isEmpty() ? what : what + "; " + remedy;
    }
}
