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
        int taken = 0;
        for (Extension extension : extensions) {
            List<ExtensionHeader> own = offers.stream()
                    .filter(offer -> offer.name().equals(extension.name()))
                    .toList();
            if (own.isEmpty() || (extension.reserved() & taken) != 0 || has(stages, extension.name())) {
                continue;
            }
            ServerSession session = extension.accept(own, maxLength);
            if (session != null) {
                taken |= extension.reserved();
                stages.add(new Pipeline.Stage(
                        new ExtensionHeader(extension.name(), session.answer()), extension.reserved(), session));
            }
        }
        return stages.isEmpty() ? Pipeline.NONE : new Pipeline(stages, sizes);
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
            } catch (NegotiationException refused) {
                stages.forEach(stage -> stage.session().close());
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
            for (Pipeline.Stage other : before) {
                if ((other.reserved() & reserved) != 0) {
                    throw new NegotiationException("Expected extensions that can work together, but was "
                            + HttpText.quote(other.agreed().name()) + " and " + HttpText.quote(name)
                            + ", which use the same reserved bit");
                }
            }
            List<Parameter> parameters = agreed.parameters();
            return new Pipeline.Stage(agreed, reserved, offer.accept(parameters));
        }
    }
}
