package psm.proc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * How much of the time tasks waited for memory: {@code /proc/pressure/memory} (4.20, where the
 * kernel has CONFIG_PSI; Documentation/accounting/psi.rst). Lines of {@code some avg10=0.12
 * avg60=0.05 avg300=0.00 total=4711}, and of {@code full} likewise.
 *
 * <p>Where it is switched off ({@code psi=0}, and the default of some distributions), the file
 * cannot be opened, or can be and not be read (EOPNOTSUPP). May be shared between threads.
 *
 * @param text the file; {@code null} where there is none, or it cannot be read
 */
public record Pressure(String text) {
    /** Two lines of some 70 bytes. */
    private static final int BUFFER_BYTES = 1024;

    /** Whose waiting is told. */
    public enum Who {
        /** At least one task waited. */
        SOME("some"),
        /** All tasks that had something to do waited at once: nothing got done. */
        FULL("full");

        public final String kernelName;

        Who(String kernelName) {
            this.kernelName = kernelName;
        }
    }

    static Pressure read(ProcFs proc) {
        byte[] bytes = new byte[BUFFER_BYTES];
        try {
            int length = proc.read("pressure/memory", bytes);
            return new Pressure(new String(bytes, 0, length, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return new Pressure(null);
        }
    }

    /**
     * The part of the last seconds that they waited: 100 is all.
     *
     * @param seconds 10, 60 or 300
     * @return {@code null} where it is not told
     */
    public Double percent(Who who, int seconds) {
        String lines = text == null ? "" : '\n' + text;
        int line = lines.indexOf('\n' + who.kernelName + ' ');
        if (line < 0) {
            return null;
        }
        int newline = lines.indexOf('\n', line + 1);
        String fields = lines.substring(line, newline < 0 ? lines.length() : newline) + ' ';
        String name = " avg" + seconds + '=';
        int field = fields.indexOf(name);
        return field < 0 ? null : number(fields, field + name.length());
    }

    private static Double number(String fields, int from) {
        try {
            double value = Double.parseDouble(fields.substring(from, fields.indexOf(' ', from)));
            return value >= 0 && value <= 100 ? value : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
