package dev.hawser.spring;

import java.util.List;

/** The endpoints without a controller: those that were beans when the application started, and those mounted since. Thread-safe. */
public interface WebSocketEndpoints {

    /**
     * Mounts an endpoint: requests that come from now on find it.
     *
     * @throws IllegalStateException if there is an endpoint or a controller with this pattern already
     * @throws IllegalArgumentException if the pattern is none, or an option is wrong
     */
    void mount(WebSocketEndpoint endpoint);

    /**
     * Unmounts an endpoint: further requests are answered with 404. Its connections stay.
     *
     * @param pattern the pattern that it was mounted with
     * @return whether there was such an endpoint
     */
    boolean unmount(String pattern);

    /** The patterns of the endpoints that are mounted. */
    List<String> patterns();
}
