package psm;

import java.util.List;
import java.util.Map;

/**
 * Runs what users run, for Java to keep what it had to load for it; {@link Installer} starts it.
 *
 * <p>Java takes all of an archive in at each start. So there is one for each of what users do most,
 * and none has a library that is not used then.
 */
final class Training {
    /** The archive for runs without options. */
    static final String PLAIN = "plain";

    /** The one for runs with options that write a table. */
    static final String OPTIONS = "options";

    /** The one for runs that write another format. */
    static final String FORMATS = "formats";

    static final List<String> ARCHIVES = List.of(PLAIN, OPTIONS, FORMATS);

    /** By archive: the command lines. */
    private static final Map<String, String[][]> RUNS =
            Map.of(
                    PLAIN,
                    new String[][] {{}},
                    OPTIONS,
                    new String[][] {
                        {"-f", "psm: [a-z]+|^java.*|\\."},
                        {"--heap", "--host", "--stats"},
                        {"--scripts", "-j", "1"},
                        {"--version"},
                        {"--help"}
                    },
                    FORMATS,
                    new String[][] {
                        {"-o", "json", "--heap", "--host"},
                        {"-o", "csv", "-f", "psm: [a-z]+|^java.*|\\."},
                        {"-o", "table", "--stats"}
                    });

    private Training() {}

    /** Does the runs for the archive of that name. */
    public static void main(String[] args) {
        for (String[] run : RUNS.get(args[0])) {
            Main.run(run);
        }
    }
}
