package dev.hawser.topic;

/** Hears what topics do, for metrics. Called on many threads, sometimes under locks: return quickly and throw nothing. */
public interface TopicObserver {

    /** Hears nothing. */
    TopicObserver NONE = new TopicObserver() {};

    /** From now on there are topics; they end with the application. */
    default void started(Topics topics) {}

    /** A message was sent on this node. */
    default void sent() {}

    /** A message was refused, since too much waits. */
    default void refused() {}

    /** So many messages went to members, each counted for each. */
    default void delivered(int count) {}

    /** So many messages did not go to a member that reads too slowly, or were missed by all before they could be told. */
    default void dropped(int count) {}

    /** A member was closed since it reads too slowly, or since what it missed could not be read. */
    default void closed() {}

    /** A member that came back was sent so many messages that it had missed. */
    default void replayed(int count) {}

    /** A member that came back was told that what it missed is kept no more. */
    default void reset() {}
}
