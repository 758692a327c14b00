package dev.hawser.test;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.client.WebSocketClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;

/** A server with a port. */
final class ServerBinding implements Binding {

    private static final Pattern URL = Pattern.compile("(?i)(?:ws|http)(s?)(://.*)");

    private final Supplier<String> root;
    private final WebSocketClient webSockets = WebSocketClient.create();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** @param root the URL of the application's root, asked for when there is something to connect */
    ServerBinding(Supplier<String> root) {
        this.root = root;
    }

    @Override
    public String url(String path, String scheme) {
        Matcher whole = URL.matcher(path);
        Matcher matcher = whole.matches() ? whole : URL.matcher(root.get().replaceFirst("/$", "") + path);
        if (!matcher.matches() || (!whole.matches() && !path.startsWith("/"))) {
            throw new IllegalArgumentException("Expected a path that begins with / or a URL but was " + path);
        }
        return scheme + matcher.group(1) + matcher.group(2);
    }

    @Override
    public RawOutput connect(Request request, Consumer<ClientWebSocket> ready) {
        requireNoProcessors(request);
        ready.accept(webSockets.connect(url(request.path(), "ws"), request.options()));
        return bytes -> {
            throw new UnsupportedOperationException(
                    "Bytes that break the protocol can be sent without a port only: WebSocketTestClient.bindTo(mockMvc)");
        };
    }

    private static void requireNoProcessors(Request request) {
        if (!request.processors().isEmpty()) {
            throw new UnsupportedOperationException("A request to a server with a port is not made by MockMvc, and no"
                    + " RequestPostProcessor can change it: use its headers");
        }
    }

    @Override
    public Runnable stream(Request request, Duration timeout, StreamListener listener) {
        requireNoProcessors(request);
        String url = url(request.path(), "http");
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(url));
        HttpHeaders headers = new HttpHeaders();
        headers.set("Accept", "text/event-stream");
        request.headers().accept(headers);
        headers.forEach((name, values) -> values.forEach(value -> builder.header(name, value)));
        CompletableFuture<HttpResponse.ResponseInfo> head = new CompletableFuture<>();
        CompletableFuture<HttpResponse<String>> whole = http.sendAsync(builder.build(), info -> {
            if (info.statusCode() != 200) {
                return BodyHandlers.ofString(StandardCharsets.UTF_8).apply(info);
            }
            head.complete(info);
            return BodySubscribers.mapping(
                    BodySubscribers.ofByteArrayConsumer(
                            piece -> piece.ifPresentOrElse(listener::received, listener::ended)),
                    nothing -> "");
        });
        whole.whenComplete((refused, failure) -> {
            if (refused == null) {
                listener.ended();
                head.completeExceptionally(failure);
            }
        });
        try {
            CompletableFuture.anyOf(head, whole).get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            if (head.isDone()) {
                HttpResponse.ResponseInfo info = head.get();
                Binding.requireEventStream(url, info.statusCode(), contentType(info.headers()), "");
            } else {
                HttpResponse<String> refused = whole.get();
                Binding.requireEventStream(url, refused.statusCode(), contentType(refused.headers()), refused.body());
            }
        } catch (AssertionError other) {
            whole.cancel(true);
            throw other;
        } catch (TimeoutException late) {
            whole.cancel(true);
            throw new AssertionError("Expected an event stream but there was no response within "
                    + Transcript.shown(timeout) + "\n" + url);
        } catch (ExecutionException failed) {
            throw new AssertionError("Expected an event stream but " + failed.getCause() + "\n" + url, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Expected an event stream but this thread was interrupted\n" + url);
        }
        return () -> whole.cancel(true);
    }

    private static String contentType(java.net.http.HttpHeaders headers) {
        return headers.firstValue("Content-Type").orElse("");
    }

    @Override
    public void close() {
        webSockets.close();
    }
}
