package dev.hawser.test;

import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import java.security.Principal;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** Every kind of WebSocket. */
@RestController
class SocketController {

    /** What the endpoints have heard, such as {@code closed 1000}. */
    static final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    @GetMapping("/echo")
    void echo(WebSocket socket) {
        socket.onMessage(socket::send);
        socket.onClose(
                (code, reason) -> heard.add("closed " + code + socket.url().replaceFirst("[^?]*", "")));
    }

    @GetMapping("/cookies")
    void cookies(WebSocketRequest request) {
        String cookies = request.cookies().toString();
        request.accept().send(cookies);
    }

    @GetMapping("/greeting")
    void greeting(WebSocket socket) {
        socket.send("one");
        socket.send("two");
        socket.onMessage(message -> socket.close(4001, "enough"));
    }

    @GetMapping({"/chat/{room}", "/secret/chat/{room}"})
    void chat(@PathVariable String room, WebSocketRequest request, Principal user) {
        if (user == null) {
            request.reject(401, "Log in first", Map.of("WWW-Authenticate", "Basic"));
            return;
        }
        WebSocket socket = request.accept("chat.v2", options -> options.headers(Map.of("X-Room", room)));
        socket.onMessage(message -> socket.send(user.getName() + ": " + message.text()));
    }

    @GetMapping("/later/{answer}")
    void later(@PathVariable String answer, WebSocketRequest request) {
        request.defer(Duration.ofMillis(answer.equals("never") ? 1 : 10_000));
        CompletableFuture.runAsync(() -> {
            switch (answer) {
                case "yes" -> request.accept().send("let in");
                case "no" -> request.reject(403, "Not you");
                default -> {
                    // nothing is decided
                }
            }
        });
    }

    @GetMapping("/throws")
    void fails(WebSocket socket) {
        socket.onClose((code, reason) -> heard.add("thrown, closed " + code));
        throw new IllegalStateException("thrown by the controller");
    }

    @GetMapping("/elsewhere")
    ResponseEntity<String> elsewhere(WebSocketRequest request) {
        return ResponseEntity.status(404).body("no such room");
    }

    /** Sends much for every message, as if nobody had to read it. */
    @GetMapping("/flood")
    void flood(WebSocketRequest request) {
        WebSocket socket = request.accept(null, options -> options.maxBuffered(1 << 20));
        socket.onClose((code, reason) -> heard.add("flood closed " + code + " " + reason));
        socket.onMessage(message -> socket.send(new byte[1 << 16]));
    }

    @GetMapping("/fragile")
    void fragile(WebSocket socket) {
        socket.onError(error -> heard.add(error.getMessage()));
        socket.onMessage(message -> {
            throw new IllegalStateException("thrown by a listener");
        });
    }
}
