package dev.hawser.websocket.servlet;

/** A servlet container on a free port of the loopback interface. */
interface RunningServer extends AutoCloseable {

    int port();

    @Override
    void close();
}
