package dev.hawser.websocket.servlet;

import dev.hawser.websocket.connection.Transport;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A socket that Tomcat may end, too. */
interface TomcatSocket extends Transport {

    boolean isClosed();

    /** Why it has failed; null if that is not known. */
    @Nullable
    IOException error();

    /** Has the connection read soon, though what there is may be in Tomcat's buffers, of which no poller knows. */
    void readAgain();
}
