package dev.hawser.websocket.extension;

import dev.hawser.websocket.extension.Extension.Session;
import dev.hawser.websocket.extension.ExtensionException.Kind;
import dev.hawser.websocket.handshake.ExtensionHeader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The extensions that were agreed on for one connection. Made of two lanes, one for each half of a driver:
 *
 * <pre>
 *   application ──► first ──► second ──► frames ──► peer
 *   application ◄── first ◄── second ◄── frames ◄── peer
 * </pre>
 */
public final class Pipeline {

    /** An extension that was agreed on, and its session. */
    record Stage(ExtensionHeader agreed, int reserved, Session session) {}

    /** Hears how long messages were that an extension has changed. */
    @FunctionalInterface
    public interface Sizes {

        /** Hears nothing. */
        Sizes NONE = (incoming, length, onWire) -> {};

        /**
         * A message was changed.
         *
         * @param incoming whether it came from the peer
         * @param length how long it is for the application, in bytes
         * @param onWire how long its payload is for the peer, in bytes
         */
        void changed(boolean incoming, int length, int onWire);
    }

    /** Nothing was agreed on. */
    public static final Pipeline NONE = new Pipeline(List.of(), Sizes.NONE);

    private final List<Stage> stages;
    private final Sizes sizes;
    private final int reserved;
    /** Whether there is an extension that changes messages without a reserved bit. */
    private final boolean unmarked;

    private final Lane incoming;
    private final Lane outgoing;
    private final @Nullable Object profile;
    private boolean closed;

    /** @param stages in the order in which they were agreed on */
    Pipeline(List<Stage> stages, Sizes sizes) {
        this.stages = List.copyOf(stages);
        this.sizes = sizes;
        List<Stage> reversed = new ArrayList<>(stages);
        Collections.reverse(reversed);
        incoming = new Lane(
                reversed, Session::incoming, Session::heldIncoming, (before, after) -> report(true, after, before));
        outgoing = new Lane(this.stages, Session::outgoing, Session::heldOutgoing, this::sent);
        reserved = stages.stream().mapToInt(Stage::reserved).reduce(0, (one, other) -> one | other);
        unmarked = stages.stream().anyMatch(stage -> stage.reserved() == 0);
        profile = profile(stages);
    }

    private static @Nullable Object profile(List<Stage> stages) {
        List<Object> profiles = new ArrayList<>();
        for (Stage stage : stages) {
            Object own = stage.session().profile();
            if (own == null) {
                return null;
            }
            profiles.add(stage.agreed().name()); // extensions need not know of each other's profiles
            profiles.add(own);
        }
        return profiles;
    }

    private void report(boolean fromPeer, ExtensionMessage plain, ExtensionMessage onWire) {
        if (plain.data() != onWire.data()) {
            sizes.changed(fromPeer, plain.data().length, onWire.data().length);
        }
    }

    private void sent(ExtensionMessage before, ExtensionMessage after) {
        if ((after.reserved() & ~reserved) != 0) {
            throw new ExtensionException(
                    Kind.BROKEN, "An extension has set reserved bits that none of " + agreed() + " may set");
        }
        report(false, before, after);
    }

    /** Whether nothing was agreed on. */
    public boolean isEmpty() {
        return stages.isEmpty();
    }

    /** What was agreed on, in this order. */
    public List<ExtensionHeader> agreed() {
        return stages.stream().map(Stage::agreed).toList();
    }

    /** The reserved bits that may be set on the first frame of a message; see {@link Extension#reserved}. */
    public int reserved() {
        return reserved;
    }

    /** Whether there is an extension that changes every message without saying so by a bit. */
    public boolean changesAll() {
        return unmarked;
    }

    /** Whether a message that came with these reserved bits may be another one than its frames say. */
    public boolean mayChange(int bits) {
        return bits != 0 || unmarked;
    }

    /** From the peer to the application. */
    public Lane incoming() {
        return incoming;
    }

    /** From the application to the peer. */
    public Lane outgoing() {
        return outgoing;
    }

    /**
     * Where what becomes of an outgoing message depends on nothing else: what equals the same of every connection on which
     * the same becomes of it. Otherwise null.
     */
    public @Nullable Object profile() {
        return profile;
    }

    /** Counts a message that did not have to go through the outgoing lane, because what becomes of it was known. */
    public void reused(ExtensionMessage before, ExtensionMessage after) {
        report(false, before, after);
    }

    /** Has {@code progress} called, on any thread, whenever a session has finished what took time. */
    public void onProgress(Runnable progress) {
        if (!isEmpty()) { // one without extensions is shared
            incoming.onProgress(progress);
            outgoing.onProgress(progress);
        }
    }

    /**
     * Closes all sessions, once; not yet if one is at work, which ends with a call of {@link #onProgress}.
     *
     * @throws ExtensionException if one of them fails to; all are closed then nevertheless
     */
    public void close() {
        if (!closed && !incoming.isWaiting() && !outgoing.isWaiting()) {
            closed = true;
            close(stages);
        }
    }

    /** @throws ExtensionException if a session throws; all are closed then nevertheless */
    static void close(List<Stage> stages) {
        ExtensionException broken = null;
        for (Stage stage : stages) {
            try {
                stage.session().close();
            } catch (Throwable thrown) {
                broken = new ExtensionException(
                        Kind.BROKEN, "Extension " + stage.agreed().name() + " failed to close", thrown);
            }
        }
        if (broken != null) {
            throw broken;
        }
    }
}
