package dev.hawser.websocket.extension;

import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.ExtensionHeader.Parameter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that changes the messages of a connection on their way, if both sides agree to it in the handshake (RFC 6455,
 * section 9). Thread-safe: one extension serves all connections, each with a session of its own.
 */
public interface Extension {

    /** The first reserved bit of a frame. */
    int RSV1 = 4;

    /** The second reserved bit. */
    int RSV2 = 2;

    /** The third reserved bit. */
    int RSV3 = 1;

    /** The name by which it is negotiated: a token, such as {@code permessage-deflate}. */
    String name();

    /**
     * The reserved bits that it sets on the first frame of messages that it has changed: a sum of {@link #RSV1} and the
     * others. Two extensions with a bit in common are never agreed on together. Zero for one that changes every message.
     */
    int reserved();

    /**
     * The server's answer to what a client offers.
     *
     * @param offers those with the name of this extension, most wanted first; at least one
     * @param maxLength the longest message that may come out of {@link Session#incoming}, in bytes
     * @return the session of a connection for the first offer that will do; null to decline them all
     */
    @Nullable
    ServerSession accept(List<ExtensionHeader> offers, int maxLength);

    /**
     * What a client offers, for one connection.
     *
     * @param maxLength as for {@link #accept}
     */
    ClientOffer offer(int maxLength);

    /** A client's side of the negotiation. */
    interface ClientOffer {

        /** Sets of parameters, most wanted first; the server chooses one of them. */
        List<List<Parameter>> parameters();

        /**
         * Takes the server's answer.
         *
         * @return the session of the connection
         * @throws NegotiationException if the server must not answer so; the connection fails
         */
        Session accept(List<Parameter> answer) throws NegotiationException;
    }

    /** A session on the server's side. */
    interface ServerSession extends Session {

        /** The parameters of the answer. */
        List<Parameter> answer();
    }

    /**
     * An extension at work on one connection. {@link #incoming} and {@link #outgoing} are each called for one message after
     * another, never before the result for the last one is there; but one may run while the other does.
     */
    interface Session {

        /**
         * Turns a message as it came into what the sender meant.
         *
         * @param result to be told once, before this returns or later, on any thread
         */
        void incoming(ExtensionMessage message, Result result);

        /**
         * Turns a message into what is to go on the wire. Called on the thread of a sender, without locks.
         *
         * @param result to be told once, before this returns or later, on any thread. Messages that are sent meanwhile wait,
         *     and so does a close frame
         */
        void outgoing(ExtensionMessage message, Result result);

        /**
         * If {@link #outgoing} makes the same of a message whatever went before, something that equals the same of every
         * session that would make the same of it: a broadcast is then worked on once for all of them. Otherwise null.
         */
        default @Nullable Object profile() {
            return null;
        }

        /** How much memory it holds for messages that come, between them, in bytes, about. Asked after {@link #incoming}. */
        default long heldIncoming() {
            return 0;
        }

        /** How much memory it holds for messages that are sent, between them, in bytes, about. Asked after {@link #outgoing}. */
        default long heldOutgoing() {
            return 0;
        }

        /** Frees what the session holds. Called exactly once, when no message is being worked on, nor ever will be. */
        void close();
    }

    /**
     * Hears what becomes of a message. Thread-safe; all calls but the first are ignored. Hold no lock that {@link Session}
     * needs while you call it: the connection goes on from here.
     */
    interface Result {

        /**
         * Asked before what becomes of a message that has come takes so many bytes of memory in all, if that is much more than
         * the message itself.
         *
         * @return false if the process has no memory to spare: fail with {@link ExtensionException.Kind#NO_MEMORY}
         */
        default boolean allows(long bytes) {
            return true;
        }

        /** The message goes on, as it is now. */
        void done(ExtensionMessage message);

        /** Nothing can be made of it: the connection fails. */
        void failed(ExtensionException failure);
    }
}
