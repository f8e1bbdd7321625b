package psm.proc;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * The mount option {@code hidepid} of {@code /proc}. With 2 (invisible) and 4 (ptraceable, 5.8), a
 * user sees only the processes that the user may trace; the others are not listed.
 */
public final class HidePid {
    /** The bit of CAP_SYS_PTRACE in {@code CapEff} of status: its holders see all processes. */
    private static final long CAP_SYS_PTRACE = 1L << 19;

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
        boolean isOfReader = proc.isLive() || new OwnProcess(proc).pid() != 0;
        return isOfReader && !mayTraceAll(proc) && isOwn(proc) && hasOption(proc);
    }

    private static boolean mayTraceAll(ProcFs proc) {
        try {
            String status = proc.text("self/status");
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
     * Returns whether the option is set to any value, or cannot be read: each value hides at least
     * command lines.
     */
    public static boolean isOn(ProcFs proc) {
        String options = options(proc);
        return options.isEmpty() || options.contains("hidepid="); // never printed: hidepid=0
    }

    /**
     * Returns the mount options of /proc, from mountinfo, see proc(5). They look like {@code - proc
     * proc rw,hidepid=invisible}. Users can mount file systems too, so the line may be far down.
     *
     * @return an empty string if they cannot be read
     */
    private static String options(ProcFs proc) {
        StringBuilder options = new StringBuilder();
        try (InputStream in = proc.openUnblocked("self/mountinfo");
                BufferedReader lines =
                        new BufferedReader(
                                new InputStreamReader(in, StandardCharsets.ISO_8859_1))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
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
