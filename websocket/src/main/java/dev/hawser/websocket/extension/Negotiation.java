package dev.hawser.websocket.extension;

import dev.hawser.websocket.extension.Extension.ClientOffer;
import dev.hawser.websocket.extension.Extension.ServerSession;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.ExtensionHeader.Parameter;
import dev.hawser.websocket.handshake.HttpText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How both sides agree on extensions (RFC 6455, section 9.1). */
public final class Negotiation {

    private Negotiation() {}

    /**
     * The server's side: accepts what it can.
     *
     * @param extensions in the order in which messages are to pass them on their way out; one whose reserved bits are taken
     *     by one before it is declined
     * @param offers the client's, most wanted first
     * @param maxLength the longest message that is accepted, in bytes
     */
    public static Pipeline accept(
            List<Extension> extensions, List<ExtensionHeader> offers, int maxLength, Pipeline.Sizes sizes) {
        List<Pipeline.Stage> stages = new ArrayList<>();
        try {
            for (Extension extension : extensions) {
                List<ExtensionHeader> own = offers.stream()
                        .filter(offer -> offer.name().equals(extension.name()))
                        .toList();
                if (own.isEmpty() || has(stages, extension.name()) || rival(stages, extension.reserved()) != null) {
                    continue;
                }
                ServerSession session = extension.accept(own, maxLength);
                if (session != null) {
                    stages.add(new Pipeline.Stage(
                            new ExtensionHeader(extension.name(), session.answer()), extension.reserved(), session));
                }
            }
        } catch (Throwable broken) {
            closeAfter(broken, stages);
            throw broken;
        }
        return stages.isEmpty() ? Pipeline.NONE : new Pipeline(stages, sizes);
    }

    /** One that uses some of the same reserved bits. */
    private static Pipeline.@Nullable Stage rival(List<Pipeline.Stage> stages, int reserved) {
        return stages.stream()
                .filter(stage -> (stage.reserved() & reserved) != 0)
                .findFirst()
                .orElse(null);
    }

    private static void closeAfter(Throwable cause, List<Pipeline.Stage> stages) {
        try {
            Pipeline.close(stages);
        } catch (ExtensionException another) {
            cause.addSuppressed(another);
        }
    }

    private static boolean has(List<Pipeline.Stage> stages, String name) {
        return stages.stream().anyMatch(stage -> stage.agreed().name().equals(name));
    }

    /** The client's side, for one connection: offers what it has, and checks what is answered. */
    public static final class Client {

        private final List<Extension> extensions;
        private final Map<String, ClientOffer> offers = new LinkedHashMap<>();

        /**
         * An offer of these extensions.
         *
         * @param extensions most wanted first
         * @param maxLength the longest message that is accepted, in bytes
         */
        public Client(List<Extension> extensions, int maxLength) {
            this.extensions = List.copyOf(extensions);
            extensions.forEach(extension -> offers.putIfAbsent(extension.name(), extension.offer(maxLength)));
        }

        /** What to offer, most wanted first. */
        public List<ExtensionHeader> offers() {
            List<ExtensionHeader> all = new ArrayList<>();
            offers.forEach((name, offer) ->
                    offer.parameters().forEach(parameters -> all.add(new ExtensionHeader(name, parameters))));
            return all;
        }

        /**
         * Takes the server's answer.
         *
         * @throws NegotiationException if it holds what was not offered, twice the same, extensions that need the same
         *     reserved bit, or parameters that an extension refuses; sessions that were made are closed
         */
        public Pipeline activate(List<ExtensionHeader> answer, Pipeline.Sizes sizes) throws NegotiationException {
            List<Pipeline.Stage> stages = new ArrayList<>();
            try {
                for (ExtensionHeader agreed : answer) {
                    stages.add(stage(agreed, stages));
                }
            } catch (Throwable refused) {
                closeAfter(refused, stages);
                throw refused;
            }
            return stages.isEmpty() ? Pipeline.NONE : new Pipeline(stages, sizes);
        }

        private Pipeline.Stage stage(ExtensionHeader agreed, List<Pipeline.Stage> before) throws NegotiationException {
            String name = agreed.name();
            ClientOffer offer = offers.get(name);
            if (offer == null || has(before, name)) {
                throw new NegotiationException("Expected extensions that were offered, once each, but was "
                        + HttpText.quote(agreed.toString()));
            }
            int reserved = extensions.stream()
                    .filter(extension -> extension.name().equals(name))
                    .findFirst()
                    .orElseThrow()
                    .reserved();
            Pipeline.Stage rival = rival(before, reserved);
            if (rival != null) {
                throw new NegotiationException("Expected extensions that can work together, but was "
                        + HttpText.quote(rival.agreed().name()) + " and " + HttpText.quote(name)
                        + ", which use the same reserved bit");
            }
            List<Parameter> parameters = agreed.parameters();
            return new Pipeline.Stage(agreed, reserved, offer.accept(parameters));
        }
    }
}
