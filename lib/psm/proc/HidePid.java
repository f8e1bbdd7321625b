package psm.proc;

import psm.text.Text;

import java.io.IOException;

/**
 * The mount option {@code hidepid} of {@code /proc}. With 2 (invisible) and 4 (ptraceable, 5.8), a
 * user sees only the processes that the user may trace; the others are not listed.
 */
public final class HidePid {
    /** The bit of CAP_SYS_PTRACE in {@code CapEff} of status: its holders see all processes. */
    private static final long CAP_SYS_PTRACE = 1L << 19;

    /** The limit for mountinfo; a host of many containers has some hundred mounts. */
    private static final int MAX_MOUNTS_BYTES = 1 << 16;

    private HidePid() {}

    /**
     * Returns whether the option hides processes from psm. Process 1 always exists: if it is not
     * listed, processes are hidden. If it is listed, all others are listed too, unless the user
     * owns process 1, as in many containers; then the mount option decides.
     *
     * @param pids the ids that are listed, ascending
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
            String status = new ProcFs(ProcFs.DEFAULT_ROOT).text("self/status");
            String effective = new KeyedLines(status).value("CapEff");
            return effective != null
                    && (Long.parseUnsignedLong(effective, 16) & CAP_SYS_PTRACE) != 0;
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }

    /** Returns whether psm may trace process 1, which it may if the user owns it. */
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

    /**
     * Returns whether the option is set to any value: each of them hides at least command lines.
     */
    public static boolean isOn(ProcFs proc) {
        return options(proc).contains("hidepid="); // the kernel does not print hidepid=0
    }

    /**
     * Returns the mount options of /proc, from mountinfo, see proc(5). They look like {@code - proc
     * proc rw,hidepid=invisible}.
     */
    private static String options(ProcFs proc) {
        StringBuilder options = new StringBuilder();
        byte[] bytes = new byte[MAX_MOUNTS_BYTES];
        try {
            int length = proc.readList("self/mountinfo", bytes);
            for (String line : Text.decode(bytes, 0, length).split("\n", -1)) {
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
}
