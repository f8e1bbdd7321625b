package psm.proc;

import psm.text.Missing;
import psm.text.Text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The process that psm runs in, by its own folder in {@code /proc}. */
public final class OwnProcess {

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private static final int BUFFER_BYTES = 8192;

    private static final String UNKNOWN = "?";

    private final ProcFs proc;

    public OwnProcess() {
        this(new ProcFs(ProcFs.DEFAULT_ROOT));
    }

    /** Makes the same process as another tree shows it, such as the host's in a container. */
    public OwnProcess(ProcFs proc) {
        this.proc = proc;
    }

    /** Returns whether it runs with root's user id; it may still lack root's capabilities. */
    public boolean isRoot() {
        return user() == 0;
    }

    /** Returns its effective user id, or {@link Missing#VALUE}. */
    public long user() {
        return status().effectiveUserId();
    }

    /**
     * Returns its process id in this {@code /proc}; 0 if that is mounted for another namespace, or
     * is a copy.
     */
    public int pid() {
        if (!proc.isProcFileSystem()) {
            return 0;
        }
        try {
            return Integer.parseInt(proc.link("self"));
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    /** Returns the peak of its resident set (VmHWM), with the unit, or "?". */
    public String peakMemory() {
        String peak = new KeyedLines(statusText()).value("VmHWM");
        return peak == null ? UNKNOWN : peak;
    }

    /**
     * Returns how many milliseconds ago it was started, including the time before exec(2), to the
     * kernel's precision of 10 ms; "?" if /proc does not show it (subset=pid), or shows the uptime
     * of a container.
     */
    public String millisecondsSinceStart() {
        byte[] buffer = new byte[BUFFER_BYTES];
        long uptime = Host.uptimeMillis(proc);
        try {
            ProcStat stat = ProcStat.parse(buffer, proc.read("self/stat", buffer));
            if (Missing.is(uptime) || stat == null) {
                return UNKNOWN;
            }
            long milliseconds = uptime - stat.startTime() * ClockTicks.MILLIS;
            return milliseconds < 0 ? UNKNOWN : Long.toString(milliseconds);
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    /**
     * Returns the CPU time that all of its threads have used so far, in nanoseconds, to the
     * kernel's precision of a clock tick; 0 if {@code /proc} does not show it.
     */
    public long cpuNanos() {
        try {
            String stat = proc.text("self/stat");
            // After the name: the state is field 3, utime 14 and stime 15.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", 14);
            long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
            return ticks * (NANOS_PER_SECOND / ClockTicks.perSecond(proc));
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return 0;
        }
    }

    /**
     * Returns the arguments of the command line as they were typed. Java decodes them by the
     * locale, and loses what that does not have: in the locale C, all but ASCII.
     *
     * @param decoded the arguments as Java has decoded them
     */
    public String[] arguments(String... decoded) {
        boolean isWhole = true;
        for (String argument : decoded) {
            isWhole &= FileName.isUtf8() ? argument.indexOf('\uFFFD') < 0 : isAscii(argument);
        }
        if (isWhole) {
            return decoded;
        }
        String line;
        try {
            byte[] bytes = Files.readAllBytes(Path.of(ProcFs.DEFAULT_ROOT, "self", "cmdline"));
            line = Text.decode(bytes, 0, bytes.length);
        } catch (IOException e) {
            return decoded;
        }
        String[] words = line.split("\0", -1); // the last one is empty
        String[] typed = decoded.clone();
        int first = words.length - 1 - decoded.length;
        for (int i = 0; i < decoded.length; i++) {
            if (first < 0 || (isAscii(decoded[i]) && !decoded[i].equals(words[first + i]))) {
                return decoded; // it is the /proc of other processes
            }
            typed[i] = words[first + i];
        }
        return typed;
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    /** Returns whether its terminal belongs to another job of the shell now. */
    public boolean isInBackground() {
        try {
            String stat = proc.text("self/stat");
            // After the name: state, ppid, pgrp, session, tty_nr, tpgid.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", 7);
            return Long.parseLong(fields[5]) > 0 && !fields[5].equals(fields[2]);
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return false; // without /proc, psm cannot know
        }
    }

    ProcStatus status() {
        return new ProcStatus(statusText());
    }

    private String statusText() {
        try {
            return proc.text("self/status");
        } catch (IOException e) {
            return "";
        }
    }
}
