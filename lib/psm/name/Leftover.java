package psm.name;

/**
 * The names that executables get when they are replaced or deleted while they run: those of package
 * managers, of programs that copy files, and of file systems of the network.
 */
final class Leftover {
    // What package managers append to the name of a file while they replace it.
    private static final String PRELINK = ".#prelink#.";
    private static final int PRELINK_CHARS = PRELINK.length() + 6;
    private static final int RPM_CHARS = 9;
    private static final String[] DPKG = {".dpkg-new", ".dpkg-tmp"};

    // The number of random characters after .NAME.: rsync appends six, others fewer or more.
    private static final int MIN_RANDOM_CHARS = 4;
    private static final int MAX_RANDOM_CHARS = 10;

    private static final String ANSIBLE = ".ansible_tmp";
    private static final int ANSIBLE_CHARS = ANSIBLE.length() + 8;

    /** The starts of names that NFS and FUSE give to a deleted file that is in use. */
    private static final String[] HIDDEN = {".nfs", ".fuse_hidden"};

    /** The number of hexadecimal digits that follow at least. */
    private static final int HIDDEN_DIGITS = 16;

    private Leftover() {}

    /**
     * Returns the path that a file had before a package manager replaced it: prelink, rpm and dpkg
     * rename a file before they delete it.
     *
     * @return the same object if nothing was appended
     */
    static String removed(String path) {
        int end = path.length() - appendedChars(path);
        return end == path.length() || end <= 0 || path.charAt(end - 1) == '/'
                ? path
                : path.substring(0, end);
    }

    private static int appendedChars(String path) {
        int length = path.length();
        if (length > RPM_CHARS && path.charAt(length - RPM_CHARS) == ';') {
            return areHex(path, length - RPM_CHARS + 1) ? RPM_CHARS : 0;
        }
        if (path.startsWith(PRELINK, length - PRELINK_CHARS)) {
            return PRELINK_CHARS;
        }
        for (String suffix : DPKG) {
            if (path.endsWith(suffix)) {
                return suffix.length();
            }
        }
        return 0;
    }

    /**
     * Returns the path that a deleted file had before another one was renamed to it. Before 3.18,
     * the kernel shows the temporary name of that other one: {@code .NAME.aB3xY9} of rsync, {@code
     * .ansible_tmpab12cd_xNAME}.
     *
     * @return the same object if the name is not temporary
     */
    static String replaced(String path) {
        int start = path.lastIndexOf('/') + 1;
        int dot = path.lastIndexOf('.');
        int random = path.length() - dot - 1;
        String folder = path.substring(0, start);
        if (path.startsWith(ANSIBLE, start) && path.length() > start + ANSIBLE_CHARS) {
            return folder + path.substring(start + ANSIBLE_CHARS);
        }
        boolean isTemporary =
                dot > start + 1
                        && path.charAt(start) == '.'
                        && random >= MIN_RANDOM_CHARS
                        && random <= MAX_RANDOM_CHARS
                        && isRandom(path, dot + 1);
        return isTemporary ? folder + path.substring(start + 1, dot) : path;
    }

    /** Returns whether letters and digits follow, and not only lower case, as in a plain suffix. */
    private static boolean isRandom(String path, int from) {
        boolean isWord = true;
        for (int i = from; i < path.length(); i++) {
            char c = path.charAt(i);
            boolean isLower = c >= 'a' && c <= 'z';
            if (!isLower && (c < 'A' || c > 'Z') && (c < '0' || c > '9')) {
                return false;
            }
            isWord &= isLower;
        }
        return !isWord;
    }

    /** Returns whether a base name replaces that of a deleted file, which nothing shows then. */
    static boolean isHidden(String name) {
        for (String start : HIDDEN) {
            if (name.startsWith(start)) {
                return name.length() >= start.length() + HIDDEN_DIGITS
                        && areHex(name, start.length());
            }
        }
        return false;
    }

    private static boolean areHex(String text, int from) {
        int at = from;
        while (at < text.length() && Character.digit(text.charAt(at), 16) >= 0) {
            at++;
        }
        return at == text.length();
    }
}
