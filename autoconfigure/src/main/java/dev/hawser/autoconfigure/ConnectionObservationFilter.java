package dev.hawser.autoconfigure;

import dev.hawser.websocket.servlet.ServletUpgrade;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.filter.ServerHttpObservationFilter;

/**
 * Spring's filter that observes requests, told the truth about connections: the request of an event stream ends when the
 * stream begins, and that of a deferred handshake with the decision, whose status it has. Nobody else sees the
 * request that this filter sees.
 */
final class ConnectionObservationFilter implements Filter {

    private static final Logger log = LoggerFactory.getLogger("dev.hawser.observations");

    private final ServerHttpObservationFilter observing;
    private final AtomicBoolean complained = new AtomicBoolean();

    ConnectionObservationFilter(ServerHttpObservationFilter observing) {
        this.observing = observing;
    }

    @Override
    public void init(FilterConfig config) throws ServletException {
        observing.init(config);
    }

    @Override
    public void destroy() {
        observing.destroy();
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest http)
                || !(response instanceof HttpServletResponse answer)
                || request.getAttribute(RequestObservation.ATTRIBUTE) != null) {
            observing.doFilter(request, response, chain);
            return;
        }
        ObservedRequest observed = new ObservedRequest(http, answer);
        request.setAttribute(RequestObservation.ATTRIBUTE, observed);
        observing.doFilter(observed, response, (passed, with) -> chain.doFilter(http, with));
    }

    /** A request as the filter sees it. */
    private final class ObservedRequest extends HttpServletRequestWrapper implements RequestObservation {

        private final HttpServletResponse response;
        /** The status that was decided on. */
        private final CompletableFuture<Integer> decided = new CompletableFuture<>();

        private boolean streaming;
        private boolean deferred;

        ObservedRequest(HttpServletRequest request, HttpServletResponse response) {
            super(request);
            this.response = response;
        }

        @Override
        public void asked(ServletUpgrade upgrade) {
            upgrade.onAccepted(socket -> decided.complete(HttpServletResponse.SC_SWITCHING_PROTOCOLS));
            upgrade.onRejected((status, reason) -> decided.complete(status));
        }

        @Override
        public void streaming() {
            streaming = true;
        }

        /** The container takes the request back when its thread goes on. */
        @Override
        public void deferred() {
            deferred = true;
            ServerHttpObservationFilter.findObservationContext(this)
                    .ifPresent(context -> context.setCarrier(new EndedRequest(this)));
        }

        @Override
        public boolean isAsyncStarted() {
            return deferred || (!streaming && super.isAsyncStarted());
        }

        @Override
        public AsyncContext getAsyncContext() {
            return deferred ? untilDecided() : super.getAsyncContext();
        }

        /** What the filter adds its listener to, and nothing else. */
        private AsyncContext untilDecided() {
            var context = ServerHttpObservationFilter.findObservationContext(this);
            return (AsyncContext) Proxy.newProxyInstance(
                    AsyncContext.class.getClassLoader(),
                    new Class<?>[] {AsyncContext.class},
                    (proxy, method, given) -> {
                        if (!method.getName().equals("addListener") || !(given[0] instanceof AsyncListener listener)) {
                            throw new UnsupportedOperationException(method.toString());
                        }
                        decided.thenAccept(status -> {
                            context.ifPresent(it -> it.setResponse(new Decided(response, status)));
                            complete(listener, (AsyncContext) proxy);
                        });
                        return null;
                    });
        }

        /** A convention of the application may ask for what is no longer there. */
        private void complete(AsyncListener listener, AsyncContext context) {
            try {
                listener.onComplete(new AsyncEvent(context, this, response, null));
            } catch (IOException | RuntimeException broken) {
                if (complained.compareAndSet(false, true)) {
                    log.warn(
                            "An observation cannot end whose handshake was decided later; this is logged once", broken);
                }
            }
        }
    }

    /** The response to a handshake that was decided on when the container had taken the response back. */
    private static final class Decided extends HttpServletResponseWrapper {

        private final int status;

        Decided(HttpServletResponse response, int status) {
            super(response);
            this.status = status;
        }

        @Override
        public int getStatus() {
            return status;
        }
    }
}
