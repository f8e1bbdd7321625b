package psm;

/** Reads {@code /proc/PID/status}, lines of {@code Name:<TAB>value}; anybody may read that file. */
final class ProcStatus {
    private ProcStatus() {}

    /**
     * The value of one line as it is there, such as {@code 45320 kB} for VmHWM, the peak resident
     * set.
     *
     * @param status the file's content
     * @return {@code null} where the kernel has no such line
     */
    static String value(String status, String name) {
        String start = name + ":\t";
        for (String line : status.split("\n", -1)) {
            if (line.startsWith(start)) {
                return line.substring(start.length()).strip();
            }
        }
        return null;
    }

    /** The effective user id, the second of {@code Uid:}; -1 where it cannot be told. */
    static long effectiveUid(String status) {
        String uids = value(status, "Uid");
        return uids == null ? -1 : Long.parseLong(uids.split("\t", -1)[1]);
    }
}
