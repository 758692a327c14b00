package dev.hawser.topic;

/** A message of a topic with its id, for a WebSocket: a JSON object (RFC 8259) of strings. */
final class Envelope {

    private Envelope() {}

    /** @param text whether {@code data} is the message itself; otherwise it is Base64 */
    static String of(String id, String name, String data, boolean text) {
        StringBuilder json = new StringBuilder(data.length() + 64);
        json.append("{\"id\":");
        quote(json, id);
        if (!name.isEmpty()) {
            quote(json.append(",\"event\":"), name);
        }
        quote(json.append(text ? ",\"data\":" : ",\"base64\":"), data);
        return json.append('}').toString();
    }

    /** No message, but an id to come back with. */
    static String position(String id) {
        StringBuilder json = new StringBuilder("{\"id\":");
        quote(json, id);
        return json.append('}').toString();
    }

    /** "characters that MUST be escaped: quotation mark, reverse solidus, and the control characters" (section 7). */
    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
