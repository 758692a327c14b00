package dev.hawser.websocket.handshake;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Any text through the parsers of header values and of origins. */
public final class HttpTextFuzzer {

    private HttpTextFuzzer() {}

    /** Called by the fuzzer; throws where a promise is broken. */
    public static void fuzzerTestOneInput(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8);
        List<String> elements = HttpText.split(text);
        for (String element : elements) {
            if (element.isEmpty() || element.indexOf(',') >= 0 || !element.equals(element.strip())) {
                throw new AssertionError("An element " + element);
            }
            if (!HttpText.listContains(List.of("x", text), element)) {
                throw new AssertionError("Not found: " + element);
            }
        }
        if (!HttpText.split(String.join(" , ", elements)).equals(elements)) {
            throw new AssertionError("Joined and split again: " + elements);
        }
        if (HttpText.isToken(text) && (!text.matches("[!-~]+") || !HttpText.isHeaderValue(text))) {
            throw new AssertionError("A token " + text);
        }
        if (HttpText.isHeaderValue(text) && text.chars().anyMatch(c -> c < ' ' && c != '\t')) {
            throw new AssertionError("A header's value " + text);
        }
        if (!HttpText.quote(text).matches("\"[ -~]{0,43}\"")) {
            throw new AssertionError("Quoted: " + HttpText.quote(text));
        }
        try {
            OriginPolicy.allow(List.of(text));
        } catch (IllegalArgumentException notAnOrigin) {
            if (!notAnOrigin.getMessage().matches("[ -~]+")) {
                throw new AssertionError("A message with " + notAnOrigin.getMessage());
            }
        }
    }
}
