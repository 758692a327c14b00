package dev.hawser.topic;

/** What becomes of a member for which more waits than {@link TopicOptions#maxQueued}; the others do not notice. */
public enum SlowReceivers {
    /** Its connection is closed, a WebSocket with 1013: it may come back, and gets what it missed where that is kept. */
    CLOSE,
    /** What has waited longest is dropped. */
    DROP_OLDEST,
    /** What comes is dropped. */
    DROP_NEWEST
}
