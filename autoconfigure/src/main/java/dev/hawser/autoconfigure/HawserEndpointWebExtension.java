package dev.hawser.autoconfigure;

import dev.hawser.autoconfigure.ConnectionDescriptor.Kind;
import dev.hawser.autoconfigure.OpenConnections.Filter;
import dev.hawser.websocket.protocol.CloseCode;
import dev.hawser.websocket.protocol.ReadyState;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.annotation.RegisterReflectionForBinding;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * What the endpoint has below its address: {@code connections} and {@code topics}, each as a list, and one by its id or name. It is all
 * one endpoint, so that one property says who may use it.
 */
@EndpointWebExtension(endpoint = HawserEndpoint.class)
@RegisterReflectionForBinding({
    HawserEndpointWebExtension.ConnectionsDescriptor.class,
    HawserEndpointWebExtension.TopicsDescriptor.class,
    HawserEndpointWebExtension.ClosingDescriptor.class,
    HawserEndpointWebExtension.ProblemDescriptor.class,
    ConnectionDetails.class
})
final class HawserEndpointWebExtension {

    private static final String CONNECTIONS = "connections";
    private static final String TOPICS = "topics";
    private static final String REASON = "Closed by an operator";
    private static final int MAX_REASON_BYTES = 123;

    private final OpenConnections connections;
    private final OpenTopics topics;

    HawserEndpointWebExtension(OpenConnections connections, OpenTopics topics) {
        this.connections = connections;
        this.topics = topics;
    }

    /**
     * A page of connections.
     *
     * @param total how many there are on all pages
     */
    record ConnectionsDescriptor(int total, int page, int size, List<ConnectionDescriptor> connections) {}

    /**
     * A page of topics.
     *
     * @param total how many there are on all pages
     * @param lag how many messages, of whatever topics, this node was not told of yet
     */
    record TopicsDescriptor(int total, int page, int size, long lag, List<TopicDescriptor> topics) {}

    /** @param closing how many connections are told to close */
    record ClosingDescriptor(int closing) {}

    /** @param message what is wrong, and how it would be right */
    record ProblemDescriptor(int status, String message) {}

    /** Lists connections or topics. */
    @ReadOperation
    WebEndpointResponse<Object> list(
            @Selector String resource,
            @Nullable String endpoint,
            @Nullable String principal,
            @Nullable String kind,
            @Nullable String state,
            @Nullable String slow,
            @Nullable String prefix,
            @Nullable String sort,
            @Nullable String page,
            @Nullable String size) {
        return answer(() -> switch (resource) {
            case CONNECTIONS ->
                Optional.of(connections(filter(endpoint, principal, kind, state, slow), sort, Paging.of(page, size)));
            case TOPICS -> Optional.of(topics(prefix == null ? "" : prefix, sort, Paging.of(page, size)));
            default -> Optional.empty();
        });
    }

    private ConnectionsDescriptor connections(Filter filter, @Nullable String sort, Paging paging) {
        ConnectionDescriptor.Order order = Objects.requireNonNullElse(
                Paging.choice("sort", sort, ConnectionDescriptor.Order.class), ConnectionDescriptor.Order.AGE);
        Paging.Part<ConnectionDescriptor> part = paging.of(connections.list(filter), order.comparator(), one -> one);
        return new ConnectionsDescriptor(part.total(), paging.number(), paging.size(), part.content());
    }

    private TopicsDescriptor topics(String prefix, @Nullable String sort, Paging paging) {
        TopicDescriptor.Order order = Objects.requireNonNullElse(
                Paging.choice("sort", sort, TopicDescriptor.Order.class), TopicDescriptor.Order.NAME);
        Paging.Part<TopicDescriptor> part = paging.of(topics.list(prefix), order.comparator(), one -> one);
        return new TopicsDescriptor(
                part.total(), paging.number(), paging.size(), topics.lag(), topics.withHistory(part.content()));
    }

    /** One connection by its id, or one topic by its name, which may have slashes. */
    @ReadOperation
    WebEndpointResponse<Object> one(
            @Selector String resource, @Selector(match = Selector.Match.ALL_REMAINING) String... name) {
        String wanted = String.join("/", name);
        return answer(() -> switch (resource) {
            case CONNECTIONS -> connections.find(wanted, topics::joined);
            case TOPICS -> topics.find(wanted);
            default -> Optional.empty();
        });
    }

    /** Closes the connections of an endpoint, of a principal, or of a principal at an endpoint: those that a list with the same filters has. */
    @DeleteOperation
    WebEndpointResponse<Object> closeAll(
            @Selector String resource,
            @Nullable String endpoint,
            @Nullable String principal,
            @Nullable String kind,
            @Nullable String state,
            @Nullable String slow,
            @Nullable String code,
            @Nullable String reason) {
        return answer(() -> {
            if (!resource.equals(CONNECTIONS)) {
                return Optional.empty();
            }
            if (endpoint == null && principal == null) {
                throw new InvalidParameterException("One of the parameters 'endpoint' and 'principal' must be there:"
                        + " nothing closes all connections at once");
            }
            Filter filter = filter(selector("endpoint", endpoint), selector("principal", principal), kind, state, slow);
            return Optional.of(new ClosingDescriptor(connections.close(filter, code(code), reason(reason))));
        });
    }

    /** Closes one connection. */
    @DeleteOperation
    WebEndpointResponse<Object> close(
            @Selector String resource, @Selector String id, @Nullable String code, @Nullable String reason) {
        return answer(() -> resource.equals(CONNECTIONS) && connections.close(id, code(code), reason(reason))
                ? Optional.of(new ClosingDescriptor(1))
                : Optional.empty());
    }

    private static WebEndpointResponse<Object> answer(Supplier<Optional<? extends Object>> found) {
        try {
            return found.get()
                    .<WebEndpointResponse<Object>>map(WebEndpointResponse::new)
                    .orElseGet(() -> problem(WebEndpointResponse.STATUS_NOT_FOUND, "There is nothing of this name"));
        } catch (InvalidParameterException wrong) {
            return problem(WebEndpointResponse.STATUS_BAD_REQUEST, String.valueOf(wrong.getMessage()));
        }
    }

    private static WebEndpointResponse<Object> problem(int status, String message) {
        return new WebEndpointResponse<>(new ProblemDescriptor(status, message), status);
    }

    private static Filter filter(
            @Nullable String endpoint,
            @Nullable String principal,
            @Nullable String kind,
            @Nullable String state,
            @Nullable String slow) {
        return new Filter(
                endpoint,
                principal,
                Paging.choice("kind", kind, Kind.class),
                Paging.choice("state", state, ReadyState.class),
                flag("slow", slow));
    }

    private static @Nullable Boolean flag(String parameter, @Nullable String value) {
        if (value == null) {
            return null;
        }
        if (!value.equals("true") && !value.equals("false")) {
            throw new InvalidParameterException(parameter, value, "must be 'true' or 'false'");
        }
        return Boolean.valueOf(value);
    }

    /** An empty one, such as that of a script whose variable is not set, must not be taken for none. */
    private static @Nullable String selector(String parameter, @Nullable String value) {
        if (value != null && value.isEmpty()) {
            throw new InvalidParameterException(parameter, value, "must not be empty");
        }
        return value;
    }

    private static int code(@Nullable String value) {
        if (value == null) {
            return CloseCode.GOING_AWAY;
        }
        try {
            int code = Integer.parseInt(value);
            if (CloseCode.isValid(code)) {
                return code;
            }
        } catch (NumberFormatException notANumber) {
            // said below
        }
        throw new InvalidParameterException("code", value, "must be 1000 to 1003, 1007 to 1014, or 3000 to 4999");
    }

    private static String reason(@Nullable String value) {
        String reason = value == null ? REASON : value;
        if (reason.getBytes(StandardCharsets.UTF_8).length > MAX_REASON_BYTES) {
            throw new InvalidParameterException(
                    "reason", reason, "must be at most " + MAX_REASON_BYTES + " bytes of UTF-8");
        }
        return reason;
    }
}
