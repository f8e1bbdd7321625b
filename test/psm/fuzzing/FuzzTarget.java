package psm.fuzzing;

import java.util.Locale;

/**
 * The parts of psm that are fuzzed, each with what must be true for any bytes. Jazzer's driver
 * starts at {@link #fuzzerTestOneInput}; {@link KnownInputsTest} runs all targets with the known
 * inputs.
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
    PROBE {
        @Override
        void check(byte[] input) throws Exception {
            ProbeChecks.check(input);
        }
    },
    SAMPLE {
        @Override
        void check(byte[] input) throws Exception {
            SampleChecks.check(input);
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
    },
    PROMETHEUS {
        @Override
        void check(byte[] input) throws Exception {
            FormatChecks.prometheus(FuzzedReport.of(input));
        }
    },
    HTML {
        @Override
        void check(byte[] input) throws Exception {
            HtmlChecks.check(FuzzedReport.of(input));
        }
    };

    /** The system property with the target that Jazzer's driver runs. */
    private static final String CHOICE = "psm.fuzz";

    private static final FuzzTarget CHOSEN =
            valueOf(System.getProperty(CHOICE, "smaps").toUpperCase(Locale.ROOT));

    /**
     * Checks what must be true for any input.
     *
     * @throws AssertionError if it is not
     * @throws Exception if psm throws an exception that it must not throw
     */
    abstract void check(byte[] input) throws Exception;

    /** The name for {@code test/fuzz}, and of the folder with regression inputs. */
    String lowerCase() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Called by Jazzer's driver, for each input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        CHOSEN.check(input);
    }

    /** Fails with a message. Jazzer distinguishes findings by the line that calls this. */
    static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }
}
