package dev.hawser.autoconfigure;

import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.spring.WebSocketEndpoints;
import dev.hawser.websocket.WebSocketOptions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Mounts endpoints among the controllers of Spring MVC. */
final class MountedEndpoints implements WebSocketEndpoints, SmartInitializingSingleton {

    private final Supplier<RequestMappingHandlerMapping> mapping;
    private final WebSocketOptions defaults;
    private final Supplier<Stream<WebSocketEndpoint>> beans;
    private final boolean autoAccept;
    /** Held while an endpoint is mounted or unmounted, so that both maps agree. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<String, RequestMappingInfo> mounted = new ConcurrentSkipListMap<>();

    /**
     * Mounts nothing yet.
     *
     * @param beans those to mount first, once all beans are there
     * @param autoAccept whether requests that nobody else answers are accepted
     */
    MountedEndpoints(
            Supplier<RequestMappingHandlerMapping> mapping,
            WebSocketOptions defaults,
            Supplier<Stream<WebSocketEndpoint>> beans,
            boolean autoAccept) {
        this.mapping = mapping;
        this.defaults = defaults;
        this.beans = beans;
        this.autoAccept = autoAccept;
    }

    @Override
    public void afterSingletonsInstantiated() {
        beans.get().forEach(this::mount);
        if (autoAccept) {
            WebSocketEndpoint everything = WebSocketEndpoint.at("/**", socket -> {});
            mount(
                    everything,
                    info(everything).customCondition(new HandshakeCondition()).build());
        }
    }

    @Override
    public void mount(WebSocketEndpoint endpoint) {
        RequestMappingInfo info = info(endpoint).build();
        lock.lock();
        try {
            if (mounted.containsKey(endpoint.pattern())) {
                throw new IllegalStateException("There is an endpoint at " + endpoint.pattern() + " already");
            }
            mount(endpoint, info);
            mounted.put(endpoint.pattern(), info);
        } finally {
            lock.unlock();
        }
    }

    private RequestMappingInfo.Builder info(WebSocketEndpoint endpoint) {
        return RequestMappingInfo.paths(endpoint.pattern())
                .methods(RequestMethod.GET)
                .options(mapping.get().getBuilderConfiguration());
    }

    private void mount(WebSocketEndpoint endpoint, RequestMappingInfo info) {
        mapping.get()
                .registerMapping(
                        info, new MountedEndpoint(endpoint, endpoint.options(defaults)), MountedEndpoint.HANDLE);
    }

    @Override
    public boolean unmount(String pattern) {
        lock.lock();
        try {
            RequestMappingInfo info = mounted.remove(pattern);
            if (info == null) {
                return false;
            }
            mapping.get().unregisterMapping(info);
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<String> patterns() {
        return List.copyOf(mounted.keySet());
    }
}
