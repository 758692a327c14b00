package dev.hawser.benchmarks;

import dev.hawser.websocket.WebSocket;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** An echo with Hawser. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(HawserEcho.Echo.class)
public class HawserEcho {

    public static void main(String[] arguments) {
        SpringApplication.run(HawserEcho.class, arguments);
    }

    @RestController
    static class Echo {

        @GetMapping("/echo")
        void echo(WebSocket socket) {
            socket.onMessage(socket::send);
        }
    }
}
