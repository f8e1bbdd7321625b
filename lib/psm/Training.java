package psm;

/**
 * Runs what users run, for Java to keep what it had to load for it; {@link Installer} starts it.
 */
final class Training {
    private Training() {}

    public static void main(String[] args) {
        String[][] runs = {
            {},
            {"-o", "json", "--heap", "--host"},
            {"-o", "csv", "-f", ".", "--stats"},
            {"--version"},
            {"--help"}
        };
        for (String[] run : runs) {
            Main.run(run);
        }
    }
}
