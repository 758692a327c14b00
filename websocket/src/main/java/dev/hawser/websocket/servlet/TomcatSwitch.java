package dev.hawser.websocket.servlet;

import dev.hawser.websocket.connection.WebSocketConnection;
import dev.hawser.websocket.handshake.Version;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Tomcat's own upgrade: see the package for why it is not the servlet API's. */
record TomcatSwitch(HttpServletRequest request, HttpServletResponse response) implements ProtocolSwitch {

    @Override
    public void accept(Answer answer, WebSocketConnection connection) throws IOException, ServletException {
        answer.headers().forEach(response::setHeader);
        request.upgrade(TomcatUpgradeHandler.class).connect(connection);
        HandshakeValve.accept(request, connection);
        if (answer.version() == Version.HIXIE_75) {
            HandshakeValve.write(request, response, answer);
        }
    }

    @Override
    public Deferred defer() throws IOException, ServletException {
        TomcatDeferred deferred = new TomcatDeferred();
        if (!HandshakeValve.defer(request, deferred)) {
            throw new IllegalStateException("To decide on a WebSocket later, Tomcat needs a HandshakeValve:"
                    + " tomcat.getEngine().getPipeline().addValve(new HandshakeValve())");
        }
        request.upgrade(TomcatUpgradeHandler.class).await(deferred);
        return deferred;
    }
}
