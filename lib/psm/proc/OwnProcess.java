package psm.proc;

import psm.text.Text;

import java.io.IOException;

/** What this process knows of itself, from its own folder in {@code /proc}. */
public final class OwnProcess {
    /** Times in /proc are in hundredths of a second on all of today's machines (USER_HZ). */
    private static final int MS_PER_TICK = 10;

    private static final int BUFFER_BYTES = 8192;

    private final ProcFs proc = new ProcFs(ProcFs.DEFAULT_ROOT);

    /** Whether it runs with root's user id; that it has root's capabilities too is not said. */
    public boolean isRoot() {
        return userIds().effective() == 0;
    }

    /** Its process id, as it is in this {@code /proc}; 0 where that is not this process's. */
    public int pid() {
        try {
            return Integer.parseInt(proc.link("self"));
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    ProcStatus.Ids userIds() {
        return ProcStatus.userIds(status());
    }

    /** The largest its resident set has been (VmHWM), with its unit, or "?". */
    public String peakMemory() {
        String peak = ProcStatus.value(status(), "VmHWM");
        return peak == null ? "?" : peak;
    }

    /**
     * How many milliseconds ago it was started, by whoever became it with exec(2), to 10 ms, the
     * kernel's own grain; "?" where /proc does not tell (subset=pid), or tells of another time (a
     * container's uptime).
     */
    public String millisecondsSinceStart() {
        byte[] buffer = new byte[BUFFER_BYTES];
        String uptime = proc.firstLine("uptime");
        try {
            ProcStat stat = ProcStat.parse(buffer, proc.read("self/stat", buffer));
            if (uptime == null || stat == null) {
                return "?";
            }
            double seconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
            long milliseconds = Math.round(seconds * 1000) - stat.startTime() * MS_PER_TICK;
            return milliseconds < 0 ? "?" : Long.toString(milliseconds);
        } catch (IOException e) {
            return "?";
        }
    }

    private String status() {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            return Text.decode(buffer, 0, proc.read("self/status", buffer));
        } catch (IOException e) {
            return "";
        }
    }
}
