package psm.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;

import psm.Psm;
import psm.text.Text;

import java.io.IOException;

/**
 * A JSON document for programs, see {@link JsonDocument}. It is one line, or indented on a
 * terminal, and ends with a newline. Characters that could harm a terminal are escaped as {@code
 * \\u001b}, which is the same to a program.
 */
final class JsonFormat {
    private JsonFormat() {}

    /** Writes a report as one document. */
    static void write(Psm.Report report, Psm.Output output) throws IOException {
        JsonGenerator json = generator(new JsonFactory(), output);
        if (output.terminal()) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
        }
        new JsonDocument(json, report, false).write();
        json.writeRaw('\n');
        json.close();
    }

    /** Returns a generator of JSON that is harmless to a terminal; it does not close the stream. */
    static JsonGenerator generator(JsonFactory factory, Psm.Output output) throws IOException {
        JsonGenerator json = factory.createGenerator(output.stream());
        json.setCharacterEscapes(new HarmfulEscapes());
        return json.configure(JsonGenerator.Feature.AUTO_CLOSE_TARGET, false);
    }

    /** Escapes harmful characters; Jackson itself escapes those below 0x20 and beyond 0xFFFF. */
    private static final class HarmfulEscapes extends CharacterEscapes {
        private static final long serialVersionUID = 1;

        @Override
        public int[] getEscapeCodesForAscii() {
            int[] codes = standardAsciiEscapesForJSON();
            codes[0x7F] = ESCAPE_STANDARD;
            return codes;
        }

        @Override
        public SerializableString getEscapeSequence(int c) {
            return Text.isHarmful(c) ? new SerializedString(String.format("\\u%04x", c)) : null;
        }
    }
}
