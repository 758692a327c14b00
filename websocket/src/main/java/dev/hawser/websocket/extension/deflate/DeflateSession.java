package dev.hawser.websocket.extension.deflate;

import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.extension.ExtensionMessage;
import dev.hawser.websocket.handshake.ExtensionHeader.Parameter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** permessage-deflate at work on one connection. Its two directions share nothing that changes. */
final class DeflateSession implements Extension.ServerSession {

    /** What the same becomes of a message with, whatever went before. */
    private record Profile(DeflateOptions options, int windowBits) {}

    private final PermessageDeflate extension;
    private final DeflateParameters answer;
    private final int maxLength;
    private final boolean forgetOutgoing;
    private final boolean forgetIncoming;
    private final int outgoingBits;

    /** This connection's own, where context is taken over; null until they are needed. */
    private @Nullable Compressor compressor;

    private @Nullable Decompressor decompressor;

    private DeflateSession(PermessageDeflate extension, DeflateParameters answer, int maxLength, boolean server) {
        this.extension = extension;
        this.answer = answer;
        this.maxLength = maxLength;
        DeflateOptions options = extension.options();
        if (server) {
            forgetOutgoing = answer.serverNoContextTakeover();
            forgetIncoming = answer.clientNoContextTakeover();
            outgoingBits = DeflateParameters.orMost(answer.serverMaxWindowBits());
        } else {
            // "the client is not going to use" more than it has announced, whatever the server answers (7.1.1.2,
            // 7.1.2.2)
            forgetOutgoing = answer.clientNoContextTakeover() || options.clientNoContextTakeover();
            forgetIncoming = answer.serverNoContextTakeover();
            outgoingBits =
                    Math.min(DeflateParameters.orMost(answer.clientMaxWindowBits()), options.clientMaxWindowBits());
        }
    }

    static DeflateSession ofServer(PermessageDeflate extension, DeflateParameters answer, int maxLength) {
        return new DeflateSession(extension, answer, maxLength, true);
    }

    static DeflateSession ofClient(PermessageDeflate extension, DeflateParameters answer, int maxLength) {
        return new DeflateSession(extension, answer, maxLength, false);
    }

    @Override
    public List<Parameter> answer() {
        return answer.toParameters(false);
    }

    @Override
    public void incoming(ExtensionMessage message, Extension.Result result) {
        if ((message.reserved() & Extension.RSV1) == 0) {
            result.done(message);
            return;
        }
        result.done(message.with(message.reserved() & ~Extension.RSV1, decompress(message.data(), result)));
    }

    private byte[] decompress(byte[] data, Extension.Result result) {
        if (forgetIncoming) {
            Decompressor shared = extension.decompressors().take();
            try {
                return shared.decompress(data, maxLength, result::allows);
            } finally {
                shared.forget();
                extension.decompressors().giveBack(shared);
            }
        }
        Decompressor own = decompressor;
        if (own == null) {
            own = new Decompressor();
            decompressor = own;
        }
        return own.decompress(data, maxLength, result::allows);
    }

    @Override
    public void outgoing(ExtensionMessage message, Extension.Result result) {
        byte[] data = message.data();
        if (!message.compress() || data.length < extension.options().threshold()) {
            result.done(message);
            return;
        }
        byte[] compressed = data.length == 0 ? Compressor.EMPTY : compress(data);
        // What the next message may refer to has to go out as it is, even if it has become longer.
        boolean inVain = forgetOutgoing && compressed.length >= data.length;
        result.done(inVain ? message : message.with(message.reserved() | Extension.RSV1, compressed));
    }

    private byte[] compress(byte[] data) {
        if (forgetOutgoing) {
            Pool<Compressor> pool = extension.compressors(outgoingBits);
            Compressor shared = pool.take();
            byte[] compressed = shared.compress(data, true);
            pool.giveBack(shared);
            return compressed;
        }
        Compressor own = compressor;
        if (own == null) {
            own = Compressor.of(extension.options(), outgoingBits);
            compressor = own;
        }
        return own.compress(data, false);
    }

    @Override
    public @Nullable Object profile() {
        return forgetOutgoing ? new Profile(extension.options(), outgoingBits) : null;
    }

    @Override
    public long heldIncoming() {
        return decompressor == null ? 0 : decompressor.memory();
    }

    @Override
    public long heldOutgoing() {
        return compressor == null ? 0 : compressor.memory();
    }

    @Override
    public void close() {
        if (compressor != null) {
            compressor.end();
            compressor = null;
        }
        if (decompressor != null) {
            decompressor.end();
            decompressor = null;
        }
    }
}
