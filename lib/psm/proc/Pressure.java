package psm.proc;

import java.io.IOException;

/**
 * The share of time in which tasks waited for memory: {@code /proc/pressure/memory} (4.20, if the
 * kernel has CONFIG_PSI; Documentation/accounting/psi.rst). The file contains the line {@code some
 * avg10=0.12 avg60=0.05 avg300=0.00 total=4711}, and one that starts with {@code full}.
 *
 * <p>If pressure is switched off ({@code psi=0}, the default of some distributions), the file
 * cannot be opened, or it can be opened but not read (EOPNOTSUPP). May be shared between threads.
 *
 * @param text the content of the file; {@code null} if there is none, or it cannot be read
 */
public record Pressure(String text) {
    /** The tasks that waited. */
    public enum Who {
        /** At least one task waited. */
        SOME("some"),
        /** All tasks that had work to do waited at once, so that nothing got done. */
        FULL("full");

        public final String kernelName;

        Who(String kernelName) {
            this.kernelName = kernelName;
        }
    }

    /** Reads the pressure of the host. */
    public static Pressure read(ProcFs proc) {
        try {
            return new Pressure(proc.text("pressure/memory"));
        } catch (IOException e) {
            return new Pressure(null);
        }
    }

    /**
     * Returns the share of the last seconds in which tasks waited, in percent.
     *
     * @param seconds 10, 60 or 300
     * @return {@code null} if the kernel does not report it
     */
    public Double percent(Who who, int seconds) {
        String averages = text == null ? null : new KeyedLines(text).value(who.kernelName);
        if (averages == null) {
            return null;
        }
        String fields = ' ' + averages + ' ';
        String name = " avg" + seconds + '=';
        int field = fields.indexOf(name);
        return field < 0 ? null : parse(fields, field + name.length());
    }

    private static Double parse(String fields, int from) {
        try {
            double value = Double.parseDouble(fields.substring(from, fields.indexOf(' ', from)));
            return value >= 0 && value <= 100 ? value : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
