package dev.hawser.websocket.connection;

/** Hears when a connection begins and ends; called by the mailbox's runner without its lock. */
interface Lifecycle {

    /** The connection is open. */
    void opened();

    /** The connection has ended. */
    void closed(int code, String reason);
}
