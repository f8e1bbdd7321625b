package psm.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;

import psm.Psm;

import java.io.IOException;
import java.util.Locale;

/**
 * A data format of Jackson's that is on the class path, YAML or CBOR for example: the document of
 * {@link JsonDocument} in it. Where it cannot carry that (XML wants the name of a root, Avro a
 * schema), its generator throws.
 */
final class JacksonFormat implements Psm.Exporter {
    private final JsonFactory factory;

    JacksonFormat(JsonFactory factory) {
        this.factory = factory;
    }

    JsonFactory factory() {
        return factory;
    }

    /** As Jackson calls it, but that formats of psm have no capitals and underscores. */
    @Override
    public String name() {
        return factory.getFormatName().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether no terminal can show it. */
    boolean isBinary() {
        return factory.canHandleBinaryNatively();
    }

    @Override
    public void export(Psm.Report report, Psm.Output output) throws IOException {
        JsonGenerator json = factory.createGenerator(output.stream());
        json.configure(JsonGenerator.Feature.AUTO_CLOSE_TARGET, false);
        new JsonDocument(json, report, output.terminal()).write();
        json.close();
    }
}
