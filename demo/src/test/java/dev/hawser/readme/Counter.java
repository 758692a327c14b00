package dev.hawser.readme;

import dev.hawser.spring.WebSocketHandler;
import dev.hawser.spring.WebSocketMapping;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;

@WebSocketMapping("/count/{start}")
class Counter implements WebSocketHandler {

    private int count;

    @Override
    public void onRequest(WebSocketRequest request) {
        count = Integer.parseInt(request.pathVariables().get("start"));
        request.accept();
    }

    @Override
    public void onMessage(WebSocket socket, Message message) {
        socket.send(message.text() + " " + ++count);
    }
}
