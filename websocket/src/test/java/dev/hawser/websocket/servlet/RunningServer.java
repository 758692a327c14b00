package dev.hawser.websocket.servlet;

/** A servlet container on a free port of the loopback interface. */
interface RunningServer extends AutoCloseable {

    int port();

    /** How many sockets are open. */
    long connections();

    /** Whether no thread handles a request. */
    boolean isIdle();

    @Override
    void close();
}
