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
 * A JSON document for programs, schema {@code psm/1}, as {@link JsonDocument} has it. One line, but
 * on a terminal; a newline at the end either way. What could do harm to a terminal is written by
 * its number, which is the same to a program.
 */
public final class JsonFormat {
    private JsonFormat() {}

    public static void write(Psm.Report report, Psm.Output output) throws IOException {
        JsonGenerator json = generator(new JsonFactory(), output);
        if (output.terminal()) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
        }
        new JsonDocument(json, report, false).write();
        json.writeRaw('\n');
        json.close();
    }

    /** Writes JSON that is fit for a terminal, to a stream that it does not close. */
    static JsonGenerator generator(JsonFactory factory, Psm.Output output) throws IOException {
        JsonGenerator json = factory.createGenerator(output.stream());
        json.setCharacterEscapes(new HarmfulEscapes());
        return json.configure(JsonGenerator.Feature.AUTO_CLOSE_TARGET, false);
    }

    /** Jackson escapes control characters below 0x20 by itself, and all beyond 0xFFFF. */
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
