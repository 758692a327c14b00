package dev.hawser.autoconfigure;

import dev.hawser.websocket.servlet.ServletUpgrade;

/** Spring's observation of a request that becomes a connection; an attribute of the request where there is one. */
interface RequestObservation {

    String ATTRIBUTE = RequestObservation.class.getName();

    /** The request asks for a WebSocket, and nobody has decided yet. */
    void asked(ServletUpgrade upgrade);

    /** The request's thread goes on, and the decision comes later. */
    void deferred();

    /** The response has begun, and goes on for as long as the stream is open. */
    void streaming();
}
