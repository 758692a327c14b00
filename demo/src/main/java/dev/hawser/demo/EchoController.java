package dev.hawser.demo;

import dev.hawser.websocket.WebSocket;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Sends back what it gets, text as text and binary as binary. */
@RestController
class EchoController {

    @GetMapping("/echo")
    void echo(WebSocket socket) {
        socket.onMessage(socket::send);
    }
}
