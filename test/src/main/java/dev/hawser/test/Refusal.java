package dev.hawser.test;

import dev.hawser.websocket.ConnectFailedException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The response of an endpoint that did not accept a WebSocket. Its expectations fail with an {@link AssertionError}. */
public final class Refusal {

    private static final String REASON = "X-WebSocket-Reject-Reason";

    private final String url;
    private final ConnectFailedException failure;
    private final TreeMap<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    Refusal(String url, ConnectFailedException failure) {
        this.url = url;
        this.failure = failure;
        headers.putAll(failure.headers());
    }

    /** The status, such as 403. */
    public int status() {
        return failure.statusCode();
    }

    /** Why: the header {@code X-WebSocket-Reject-Reason}, or else the body. */
    public String reason() {
        String reason = header(REASON);
        return reason == null ? body().strip() : reason;
    }

    /** The first header of this name, in any case; null if there is none. */
    public @Nullable String header(String name) {
        List<String> all = headers.getOrDefault(name, List.of());
        return all.isEmpty() ? null : all.get(0);
    }

    /** The body, at most 64 KiB of it, read as UTF-8. */
    public String body() {
        return new String(failure.body(), StandardCharsets.UTF_8);
    }

    /** Expects this status. */
    public Refusal expectStatus(int status) {
        return expect(status == status(), "status " + status, "was " + status());
    }

    /** Expects this {@link #reason()}. */
    public Refusal expectReason(String reason) {
        return expect(
                reason.equals(reason()), "the reason " + Transcript.quote(reason), "was " + Transcript.quote(reason()));
    }

    /** Expects a header of this name, in any case, and this value. */
    public Refusal expectHeader(String name, String value) {
        String was = header(name);
        return expect(
                value.equals(was),
                "the header " + name + ": " + value,
                was == null ? "there was none" : "was " + Transcript.quote(was));
    }

    /** Expects this body. */
    public Refusal expectBody(String body) {
        return expect(body.equals(body()), "the body " + Transcript.quote(body), "was " + Transcript.quote(body()));
    }

    private Refusal expect(boolean holds, String expected, String was) {
        if (!holds) {
            throw new AssertionError("Expected " + expected + " but " + was + "\n" + this, failure.getCause());
        }
        return this;
    }

    /** URL, status, headers and body. */
    @Override
    public String toString() {
        StringBuilder all = new StringBuilder(url)
                .append(", refused with ")
                .append(status())
                .append(':');
        headers.forEach((name, values) -> values.forEach(
                value -> all.append("\n  ").append(name).append(": ").append(value)));
        return all.append("\n  ").append(Transcript.quote(body())).toString();
    }
}
