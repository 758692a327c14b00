package dev.hawser.autoconfigure;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * The endpoint {@code hawser}: connections and topics at a glance. Lists, and what closes, are in the {@linkplain HawserEndpointWebExtension
 * extension} for the web. Who wants to close connections must be allowed to: by default this can only be read.
 */
@Endpoint(id = "hawser", defaultAccess = Access.READ_ONLY)
final class HawserEndpoint {

    /** An application without patterns may have as many endpoints as connections. */
    private static final int MOST_ENDPOINTS = 100;

    private static final OpenConnections.Filter ANY = new OpenConnections.Filter(null, null, null, null, null);

    private final OpenConnections connections;
    private final OpenTopics topics;

    HawserEndpoint(OpenConnections connections, OpenTopics topics) {
        this.connections = connections;
        this.topics = topics;
    }

    /** What there is now. */
    @ReadOperation
    HawserDescriptor hawser() {
        Map<String, EndpointDescriptor> endpoints = new HashMap<>();
        connections
                .list(ANY)
                .forEach(one -> endpoints.merge(
                        one.kind() + ' ' + one.endpoint(), EndpointDescriptor.of(one), EndpointDescriptor::and));
        List<EndpointDescriptor> most = endpoints.values().stream()
                .sorted(Comparator.comparingLong(EndpointDescriptor::connections)
                        .reversed()
                        .thenComparing(EndpointDescriptor::endpoint)
                        .thenComparing(EndpointDescriptor::kind))
                .limit(MOST_ENDPOINTS)
                .toList();
        return new HawserDescriptor(
                endpoints.values().stream()
                        .mapToLong(EndpointDescriptor::connections)
                        .sum(),
                most,
                new TopicsDescriptor(topics.count(), topics.members(), topics.lag()));
    }

    /**
     * Connections and topics at a glance.
     *
     * @param connections how many are open
     * @param endpoints those with the most connections first, at most 100
     */
    record HawserDescriptor(long connections, List<EndpointDescriptor> endpoints, TopicsDescriptor topics) {}

    /**
     * The connections of one kind at one endpoint.
     *
     * @param slow how many of them read so slowly that senders are asked to wait
     * @param buffered how many bytes wait for them
     */
    record EndpointDescriptor(String endpoint, String kind, long connections, long slow, long buffered) {

        static EndpointDescriptor of(ConnectionDescriptor one) {
            return new EndpointDescriptor(one.endpoint(), one.kind(), 1, one.slow() ? 1 : 0, one.buffered());
        }

        EndpointDescriptor and(EndpointDescriptor other) {
            return new EndpointDescriptor(
                    endpoint,
                    kind,
                    connections + other.connections(),
                    slow + other.slow(),
                    buffered + other.buffered());
        }
    }

    /**
     * All topics.
     *
     * @param topics how many have members on this node
     * @param members how many those are
     * @param lag how many messages this node was not told of yet
     */
    record TopicsDescriptor(int topics, int members, long lag) {}
}
