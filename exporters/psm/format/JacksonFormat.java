package psm.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;

import psm.Psm;

import java.io.IOException;
import java.util.Locale;

/**
 * A data format of Jackson on the class path, for example YAML or CBOR. It contains the document of
 * {@link JsonDocument}. If the format cannot represent it (XML needs the name of a root, Avro a
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

    /** Returns Jackson's name for the format, in lower case and with dashes for underscores. */
    @Override
    public String name() {
        return factory.getFormatName().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns whether the format is not text, so that a terminal cannot show it. */
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
