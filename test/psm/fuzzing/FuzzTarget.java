package psm.fuzzing;

import java.util.Locale;

/**
 * What is fuzzed, and what must hold of it for any bytes. Jazzer's driver starts at {@link
 * #fuzzerTestOneInput}; {@link KnownInputsTest} runs all of them over the inputs that are known.
 */
public enum FuzzTarget {
    SMAPS {
        @Override
        void check(byte[] input) throws Exception {
            SmapsChecks.check(input);
        }
    },
    STAT {
        @Override
        void check(byte[] input) throws Exception {
            NameChecks.stat(input);
        }
    },
    NAMES {
        @Override
        void check(byte[] input) throws Exception {
            NameChecks.names(input);
        }
    },
    MEMINFO {
        @Override
        void check(byte[] input) throws Exception {
            MeminfoChecks.check(input);
        }
    },
    JSON {
        @Override
        void check(byte[] input) throws Exception {
            FormatChecks.json(FuzzedReport.of(input));
        }
    },
    CSV {
        @Override
        void check(byte[] input) throws Exception {
            FormatChecks.csv(FuzzedReport.of(input));
        }
    },
    TABLE {
        @Override
        void check(byte[] input) throws Exception {
            FormatChecks.table(FuzzedReport.of(input));
        }
    },
    SNAPSHOT {
        @Override
        void check(byte[] input) throws Exception {
            SnapshotChecks.check(input);
        }
    },
    MARKDOWN {
        @Override
        void check(byte[] input) throws Exception {
            FormatChecks.markdown(FuzzedReport.of(input));
        }
    },
    TSV {
        @Override
        void check(byte[] input) throws Exception {
            FormatChecks.tsv(FuzzedReport.of(input));
        }
    },
    NDJSON {
        @Override
        void check(byte[] input) throws Exception {
            FormatChecks.ndjson(FuzzedReport.of(input));
        }
    };

    /** The system property that says which target Jazzer's driver shall run. */
    private static final String CHOICE = "psm.fuzz";

    private static final FuzzTarget CHOSEN =
            valueOf(System.getProperty(CHOICE, "smaps").toUpperCase(Locale.ROOT));

    /**
     * Holds psm to what must be so, whatever the input is.
     *
     * @throws AssertionError where it is not
     * @throws Exception where psm threw what it must not
     */
    abstract void check(byte[] input) throws Exception;

    /** The name by which {@code test/fuzz} knows it, and its folder of regression inputs. */
    String lowerCase() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Called by Jazzer's driver, for each input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        CHOSEN.check(input);
    }

    /** Fails with a message; the line that calls it tells Jazzer one finding from another. */
    static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
