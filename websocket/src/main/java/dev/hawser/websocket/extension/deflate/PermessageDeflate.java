package dev.hawser.websocket.extension.deflate;

import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.extension.NegotiationException;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.ExtensionHeader.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The extension {@code permessage-deflate} (RFC 7692), for both sides. Thread-safe: make one for all connections. Those that
 * forget each message before the next ({@code no_context_takeover}) share the compressors and decompressors that it keeps,
 * as many as there are processors; the others have their own, from their first compressed message until they end.
 */
public final class PermessageDeflate implements Extension {

    /** By this name it is negotiated. */
    public static final String NAME = "permessage-deflate";

    private static final int LEAST_BITS = 8;

    private final DeflateOptions options;
    private final Pool<Decompressor> decompressors = new Pool<>(Decompressor::new, Decompressor::end);
    /** For each window, from 2^8 bytes on. */
    private final List<Pool<Compressor>> compressors = new ArrayList<>();

    /** With these options. */
    public PermessageDeflate(DeflateOptions options) {
        this.options = options;
        for (int bits = LEAST_BITS; bits <= DeflateParameters.MAX_BITS; bits++) {
            int windowBits = bits;
            compressors.add(new Pool<>(() -> Compressor.of(options, windowBits), Compressor::end));
        }
    }

    /** With {@link DeflateOptions#DEFAULT}. */
    public PermessageDeflate() {
        this(DeflateOptions.DEFAULT);
    }

    /** How this is set up. */
    public DeflateOptions options() {
        return options;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int reserved() {
        return RSV1;
    }

    /**
     * {@inheritDoc}
     *
     * <p>An offer is declined for what RFC 7692 does not define: another parameter, one that comes twice, a value that is
     * missing, not wanted, or not a number from 8 to 15 (section 7.1).
     */
    @Override
    public @Nullable ServerSession accept(List<ExtensionHeader> offers, int maxLength) {
        for (ExtensionHeader offer : offers) {
            try {
                DeflateParameters answer =
                        DeflateParameters.parse(offer.parameters(), true).answer(options);
                return DeflateSession.ofServer(this, answer, maxLength);
            } catch (NegotiationException declined) {
                // the next may do
            }
        }
        return null;
    }

    /**
     * {@inheritDoc}
     *
     * <p>There is one offer, with {@code client_max_window_bits}, so that the server may choose.
     */
    @Override
    public ClientOffer offer(int maxLength) {
        DeflateParameters offer = DeflateParameters.offer(options);
        return new ClientOffer() {
            @Override
            public List<List<Parameter>> parameters() {
                return List.of(offer.toParameters(true));
            }

            @Override
            public Session accept(List<Parameter> answer) throws NegotiationException {
                DeflateParameters agreed = DeflateParameters.parse(answer, false);
                offer.check(agreed);
                return DeflateSession.ofClient(PermessageDeflate.this, agreed, maxLength);
            }
        };
    }

    Pool<Decompressor> decompressors() {
        return decompressors;
    }

    Pool<Compressor> compressors(int windowBits) {
        return compressors.get(windowBits - LEAST_BITS);
    }
}
