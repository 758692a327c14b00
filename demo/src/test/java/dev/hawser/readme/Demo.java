package dev.hawser.readme;

import dev.hawser.websocket.WebSocket;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class Demo {

    @GetMapping("/echo")
    void echo(WebSocket socket) {
        socket.onMessage(socket::send);
    }
}
