package dev.hawser.websocket.client;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What Netty writes to the log, which users would see: in these tests it writes to that of the JDK. */
final class NettyLog extends Handler implements AutoCloseable {

    private static final Logger NETTY = Logger.getLogger("io.netty"); // held, since loggers are only weakly known

    private final List<String> records = new CopyOnWriteArrayList<>();

    NettyLog() {
        NETTY.addHandler(this);
    }

    List<String> records() {
        return records;
    }

    @Override
    public void publish(LogRecord entry) {
        records.add(entry.getLoggerName() + ": " + entry.getMessage() + " " + entry.getThrown());
    }

    @Override
    public void flush() {
        // nothing is kept back
    }

    @Override
    public void close() {
        NETTY.removeHandler(this);
    }
}
