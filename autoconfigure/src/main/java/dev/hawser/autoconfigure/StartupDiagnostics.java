package dev.hawser.autoconfigure;

import dev.hawser.websocket.memory.MemoryBudget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.catalina.util.ServerInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;

/** Looks once, at the start, for what is dangerous together, and warns, a line each, with the property to change. */
final class StartupDiagnostics implements SmartInitializingSingleton {

    private static final Logger log = LoggerFactory.getLogger("dev.hawser.diagnostics");

    /** After which nginx, HAProxy and the load balancers of the clouds close what is idle, unless they are told otherwise. */
    private static final Duration USUAL_IDLE_TIMEOUT = Duration.ofSeconds(60);

    /** The first without the flaws of CVE-2026-76183, CVE-2026-79677 and CVE-2026-87022. */
    private static final int[] LEAST_TOMCAT = {11, 0, 26};

    /** Where these are, a browser is known by its cookie. */
    private static final List<String> COOKIE_READERS =
            List.of("springSecurityFilterChain", "springSessionRepositoryFilter");

    private static final int TOMCATS_CONNECTIONS = 8192;

    private final ApplicationContext context;
    private final Environment environment;
    private final WebSocketProperties webSockets;
    private final EventSourceProperties eventSources;
    private final MemoryBudget memory;

    StartupDiagnostics(
            ApplicationContext context,
            WebSocketProperties webSockets,
            EventSourceProperties eventSources,
            MemoryBudget memory) {
        this.context = context;
        this.environment = context.getEnvironment();
        this.webSockets = webSockets;
        this.eventSources = eventSources;
        this.memory = memory;
    }

    @Override
    public void afterSingletonsInstantiated() {
        findings().forEach(log::warn);
    }

    List<String> findings() {
        List<String> findings = new ArrayList<>();
        if (ClassUtils.isPresent(
                "org.apache.catalina.util.ServerInfo", getClass().getClassLoader())) {
            Tomcat.check(findings);
        }
        checkOrigins(findings);
        checkCompression(findings);
        checkPing("hawser.websocket.ping", webSockets.ping(), findings);
        checkPing("hawser.eventsource.ping", eventSources.ping(), findings);
        checkMemory(findings);
        return findings;
    }

    /** Not loaded where there is another server. */
    private static final class Tomcat {

        static void check(List<String> findings) {
            checkVersion(ServerInfo.getServerNumber(), findings);
        }
    }

    static void checkVersion(String found, List<String> findings) {
        int[] version = Stream.of(found.split("\\D+"))
                .limit(LEAST_TOMCAT.length)
                .mapToInt(Integer::parseInt)
                .toArray();
        if (Arrays.compare(version, LEAST_TOMCAT) < 0) {
            findings.add(
                    "Tomcat " + found + " has known flaws (CVE-2026-76183, CVE-2026-79677, CVE-2026-87022): set the"
                            + " property tomcat.version of your build to 11.0.26 or newer");
        }
    }

    private void checkOrigins(List<String> findings) {
        if (webSockets.allowedOrigins().contains("*") && COOKIE_READERS.stream().anyMatch(context::containsBean)) {
            findings.add(
                    "hawser.websocket.allowed-origins=* lets the pages of any site connect with the cookies of their"
                            + " visitors, and this application reads cookies: name the origins that may");
        }
    }

    private void checkCompression(List<String> findings) {
        @Nullable
        List<String> types = Binder.get(environment)
                .bind("server.compression.mime-types", Bindable.listOf(String.class))
                .orElse(null);
        if (environment.getProperty("server.compression.enabled", Boolean.class, false)
                && types != null
                && types.contains("text/event-stream")) {
            findings.add(
                    "server.compression.mime-types has text/event-stream: each open stream holds a compressor of its"
                            + " own, about 256 KB that no limit counts, and what it sends tells by its length about secrets beside what"
                            + " others wrote. Leave it out");
        }
    }

    private static void checkPing(String property, Duration ping, List<String> findings) {
        if (ping.isZero()) {
            findings.add(
                    property + "=0 sends no pings: peers that vanish are not noticed, and proxies close what is idle,"
                            + " most after 60s. Set it to less than that");
        } else if (ping.compareTo(USUAL_IDLE_TIMEOUT) >= 0) {
            findings.add(property + " (" + ping.toSeconds()
                    + "s) is not less than the 60s after which most proxies close what"
                    + " is idle. Set it to less than their time-out");
        }
    }

    private void checkMemory(List<String> findings) {
        long heap = Runtime.getRuntime().maxMemory();
        checkFits("hawser.websocket.max-length", webSockets.maxLength(), findings);
        checkFits("hawser.websocket.max-buffered", webSockets.maxBuffered(), findings);
        checkFits("hawser.eventsource.max-buffered", eventSources.maxBuffered(), findings);
        if (memory.limit() > heap) {
            int connections =
                    environment.getProperty("server.tomcat.max-connections", Integer.class, TOMCATS_CONNECTIONS);
            long each = Math.max(
                    webSockets.maxLength().toBytes(), webSockets.maxBuffered().toBytes());
            if (connections < 0 || each > heap / Math.max(1, connections)) {
                String all = connections < 0 ? "any number of" : Integer.toString(connections);
                findings.add(megabytes(each) + " for each (hawser.websocket.max-length, max-buffered) of " + all
                        + " connections (server.tomcat.max-connections) are more than the heap has (" + megabytes(heap)
                        + "), and " + MemoryProperties.LIMIT + " (" + megabytes(memory.limit())
                        + ") allows that. Set it to less than half of the heap, or leave it out for a quarter");
            }
            return;
        }
        @Nullable
        DataSize history = Binder.get(environment)
                .bind("hawser.topics.history.memory", DataSize.class)
                .orElse(null);
        if (history != null && history.toBytes() > heap - memory.limit()) {
            findings.add("hawser.topics.history.memory (" + megabytes(history.toBytes()) + ") and "
                    + MemoryProperties.LIMIT
                    + " (" + megabytes(memory.limit()) + ") are together more than the heap has (" + megabytes(heap)
                    + "). Set one of them to less");
        }
    }

    /** What nobody has set is not worth a warning: with a small heap, the defaults are more than can be had. */
    private void checkFits(String property, DataSize size, List<String> findings) {
        if (environment.containsProperty(property) && size.toBytes() > memory.limit()) {
            findings.add(
                    property + " (" + megabytes(size.toBytes()) + ") is more than all connections together may hold, "
                            + megabytes(memory.limit()) + " (" + MemoryProperties.LIMIT
                            + "): it cannot be reached. Set either to what fits the other");
        }
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%,d MB", (bytes - 1 >> 20) + 1);
    }
}
