package dev.hawser.websocket.extension.deflate;

import dev.hawser.websocket.extension.NegotiationException;
import dev.hawser.websocket.handshake.ExtensionHeader.Parameter;
import dev.hawser.websocket.handshake.HttpText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The four parameters of permessage-deflate, as offered or as agreed on (RFC 7692, section 7.1).
 *
 * @param serverMaxWindowBits 8 to 15; null where it is not there
 * @param clientMaxWindowBits the same; 15 also for an offer that names no value
 */
record DeflateParameters(
        boolean serverNoContextTakeover,
        boolean clientNoContextTakeover,
        @Nullable Integer serverMaxWindowBits,
        @Nullable Integer clientMaxWindowBits) {

    static final int MAX_BITS = 15;

    private static final String SERVER_NO_CONTEXT_TAKEOVER = "server_no_context_takeover";
    private static final String CLIENT_NO_CONTEXT_TAKEOVER = "client_no_context_takeover";
    private static final String SERVER_MAX_WINDOW_BITS = "server_max_window_bits";
    private static final String CLIENT_MAX_WINDOW_BITS = "client_max_window_bits";

    /** Nothing but the name of the extension. */
    static final DeflateParameters NONE = new DeflateParameters(false, false, null, null);

    /**
     * Reads an offer, or an answer.
     *
     * @throws NegotiationException for what section 7.1 does not define: another name, a name twice, a value that must not
     *     be there, none where there must be one, or one that is not a number from 8 to 15 without leading zeros
     */
    static DeflateParameters parse(List<Parameter> parameters, boolean offer) throws NegotiationException {
        boolean server = false;
        boolean client = false;
        Integer serverBits = null;
        Integer clientBits = null;
        Set<String> seen = new HashSet<>();
        for (Parameter parameter : parameters) {
            if (!seen.add(parameter.name())) {
                throw unexpected("each parameter once", parameter);
            }
            switch (parameter.name()) {
                case SERVER_NO_CONTEXT_TAKEOVER -> server = flag(parameter);
                case CLIENT_NO_CONTEXT_TAKEOVER -> client = flag(parameter);
                case SERVER_MAX_WINDOW_BITS -> serverBits = bits(parameter);
                case CLIENT_MAX_WINDOW_BITS ->
                    // "may be a value or no value" in an offer (7.1.2.2)
                    clientBits = offer && parameter.value() == null ? Integer.valueOf(MAX_BITS) : bits(parameter);
                default -> throw unexpected("a parameter of RFC 7692", parameter);
            }
        }
        return new DeflateParameters(server, client, serverBits, clientBits);
    }

    private static boolean flag(Parameter parameter) throws NegotiationException {
        if (parameter.value() != null) {
            throw unexpected("no value", parameter);
        }
        return true;
    }

    /** "a decimal integer value without leading zeroes between 8 to 15, inclusive" (7.1.2.1) */
    private static Integer bits(Parameter parameter) throws NegotiationException {
        String value = parameter.value();
        if (value == null || !value.matches("[89]|1[0-5]")) {
            throw unexpected("a value from 8 to 15", parameter);
        }
        return Integer.valueOf(value);
    }

    private static NegotiationException unexpected(String expected, Parameter parameter) {
        return new NegotiationException("Expected " + expected + " in " + PermessageDeflate.NAME + " but was "
                + HttpText.quote(parameter.toString()));
    }

    /** The server's answer to this offer (section 7.1: each parameter tells what an answer may say to it). */
    DeflateParameters answer(DeflateOptions options) {
        Integer serverBits = options.serverMaxWindowBits() < MAX_BITS || serverMaxWindowBits != null
                ? Math.min(options.serverMaxWindowBits(), orMost(serverMaxWindowBits))
                : null;
        // "a server MUST NOT include it" unless the client has offered it (7.1.2.2)
        Integer clientBits = clientMaxWindowBits != null && options.clientMaxWindowBits() < clientMaxWindowBits
                ? Integer.valueOf(options.clientMaxWindowBits())
                : null;
        return new DeflateParameters(
                serverNoContextTakeover || options.serverNoContextTakeover(),
                clientNoContextTakeover || options.clientNoContextTakeover(),
                serverBits,
                clientBits);
    }

    /** What a client offers. */
    static DeflateParameters offer(DeflateOptions options) {
        return new DeflateParameters(
                options.serverNoContextTakeover(),
                options.clientNoContextTakeover(),
                options.serverMaxWindowBits() < MAX_BITS ? Integer.valueOf(options.serverMaxWindowBits()) : null,
                options.clientMaxWindowBits());
    }

    /**
     * Checks the answer to this offer.
     *
     * @throws NegotiationException if it takes back what the offer asks for
     */
    void check(DeflateParameters answer) throws NegotiationException {
        // "accepts by including it": without it, the server has not accepted what was offered (7.1.1.1)
        if (serverNoContextTakeover && !answer.serverNoContextTakeover) {
            throw new NegotiationException("Expected " + SERVER_NO_CONTEXT_TAKEOVER + ", as was asked for");
        }
        // "with the same or smaller value as the offer" (7.1.2.1)
        if (serverMaxWindowBits != null && orMost(answer.serverMaxWindowBits) > serverMaxWindowBits) {
            throw new NegotiationException("Expected " + SERVER_MAX_WINDOW_BITS + " of at most " + serverMaxWindowBits
                    + ", as was asked for, but was " + orMost(answer.serverMaxWindowBits));
        }
        if (answer.clientMaxWindowBits != null && answer.clientMaxWindowBits > orMost(clientMaxWindowBits)) {
            throw new NegotiationException("Expected " + CLIENT_MAX_WINDOW_BITS + " of at most "
                    + orMost(clientMaxWindowBits) + ", as was offered, but was " + answer.clientMaxWindowBits);
        }
    }

    static int orMost(@Nullable Integer bits) {
        return bits == null ? MAX_BITS : bits;
    }

    /** As they stand in the header; {@code client_max_window_bits} of an offer without a value where it is 15. */
    List<Parameter> toParameters(boolean offer) {
        List<Parameter> parameters = new ArrayList<>();
        if (serverNoContextTakeover) {
            parameters.add(new Parameter(SERVER_NO_CONTEXT_TAKEOVER, null));
        }
        if (clientNoContextTakeover) {
            parameters.add(new Parameter(CLIENT_NO_CONTEXT_TAKEOVER, null));
        }
        if (serverMaxWindowBits != null) {
            parameters.add(new Parameter(SERVER_MAX_WINDOW_BITS, serverMaxWindowBits.toString()));
        }
        if (clientMaxWindowBits != null) {
            boolean noValue = offer && clientMaxWindowBits == MAX_BITS;
            parameters.add(new Parameter(CLIENT_MAX_WINDOW_BITS, noValue ? null : clientMaxWindowBits.toString()));
        }
        return parameters;
    }
}
