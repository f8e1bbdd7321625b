package psm.proc;

import psm.text.Text;

import java.io.IOException;

/**
 * Whether the mount option {@code hidepid} of {@code /proc} hides processes from psm. With 2
 * (invisible) and 4 (ptraceable, 5.8), those that one may not trace are not listed at all.
 */
public final class HidePid {
    /**
     * The bit of CAP_SYS_PTRACE in {@code CapEff} of status: nothing is hidden from its holders.
     */
    private static final long CAP_SYS_PTRACE = 1L << 19;

    private static final int BUFFER_BYTES = 1 << 16;

    private HidePid() {}

    /**
     * Pid 1 is always there: whoever does not see it does not see all. Whoever sees it sees the
     * others too, unless it is his own, as it often is in a container; then the option tells.
     *
     * @param pids those that are listed, ascending
     */
    public static boolean hidesOthers(ProcFs proc, int[] pids) {
        if (pids.length == 0) {
            return false;
        }
        if (pids[0] != 1) {
            return proc.isProcFileSystem();
        }
        return proc.isLive() && !mayTraceAll() && isOwn(proc) && hasOption(proc);
    }

    private static boolean mayTraceAll() {
        try {
            String effective =
                    ProcStatus.value(
                            text(new ProcFs(ProcFs.DEFAULT_ROOT), "self/status"), "CapEff");
            return effective != null
                    && (Long.parseUnsignedLong(effective, 16) & CAP_SYS_PTRACE) != 0;
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }

    private static boolean isOwn(ProcFs proc) {
        try {
            proc.link("1/exe");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean hasOption(ProcFs proc) {
        String options = options(proc);
        return options.contains("hidepid=2")
                || options.contains("hidepid=invisible")
                || options.contains("hidepid=4")
                || options.contains("hidepid=ptraceable");
    }

    /** Whether the option is there with any value: not even their names are for all to see then. */
    public static boolean isOn(ProcFs proc) {
        return options(proc).contains("hidepid="); // off is not shown
    }

    /** Lines of mountinfo end in {@code - proc proc rw,hidepid=invisible}, see proc(5). */
    private static String options(ProcFs proc) {
        StringBuilder options = new StringBuilder();
        try {
            for (String line : text(proc, "self/mountinfo").split("\n", -1)) {
                int type = line.indexOf(" - proc ");
                if (type > 0 && line.contains(" " + ProcFs.DEFAULT_ROOT + " ")) {
                    options.append(line, type, line.length());
                }
            }
        } catch (IOException e) {
            return "";
        }
        return options.toString();
    }

    private static String text(ProcFs proc, String file) throws IOException {
        byte[] bytes = new byte[BUFFER_BYTES];
        return Text.decode(bytes, 0, proc.readList(file, bytes));
    }
}
