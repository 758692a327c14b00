package dev.hawser.autoconfigure;

import static org.awaitility.Awaitility.await;

import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.WebSocketRequest;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.servlet.ServletUpgrade;
import io.micrometer.core.instrument.Metrics;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.management.ManagementFactory;
import java.lang.ref.Cleaner;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.springframework.boot.Banner;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * A program that starts and closes an application again and again, with connections of every kind, and says what is left of
 * them: {@link ContextStartsTests} runs it in a JVM with little memory.
 */
final class ContextStarts {

    /** Threads of an application, also while they are idle. */
    private static final Pattern OURS = Pattern.compile("hawser|http-nio|task-|EventLoop");

    /** The JVM's own, and those of the client in these tests. */
    private static final Pattern OTHERS = Pattern.compile("HttpClient|Attach Listener");

    /** The JVM opens files when it likes; an application had at least four. */
    private static final int MOST_FILES = 8;

    /** Caches of the JVM and of Spring fill in the first ones. */
    private static final int WARM_UP = 5;

    /** What may still be added afterwards: caches and statistics, but not a part of each application. */
    private static final long MOST_BYTES = 8 << 20;

    /** The logging of Spring Boot keeps the environment of the last one, and by that all of it. */
    private static final int MOST_APPLICATIONS = 1;

    private static final Cleaner cleaner = Cleaner.create();

    private ContextStarts() {}

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Endpoints.class)
    static class Application {

        /** As applications without Spring MVC do: these connections belong to a group that is never closed. */
        @Bean
        Filter plain() {
            return (request, response, chain) -> {
                if (((HttpServletRequest) request).getRequestURI().equals("/plain")) {
                    WebSocket socket = ServletUpgrade.of(
                                    (HttpServletRequest) request,
                                    (HttpServletResponse) response,
                                    WebSocketOptions.DEFAULT.with(options -> options.ping(Duration.ZERO)))
                            .accept();
                    socket.onMessage(socket::send);
                } else {
                    chain.doFilter(request, response);
                }
            };
        }
    }

    @RestController
    static class Endpoints {

        @GetMapping("/echo")
        void echo(WebSocket socket) {
            socket.onMessage(socket::send);
        }

        @GetMapping("/deferred")
        void deferred(WebSocketRequest request) {
            request.defer(Duration.ofDays(1));
        }

        @GetMapping("/news")
        void news(EventSource events) {
            events.send("news");
        }
    }

    /** What a JVM has; of the heap, what a collection leaves. */
    private record Usage(TreeMap<String, Long> threads, long heap, long files, long beans, int registries) {

        static Usage now() throws Exception {
            return new Usage(
                    Thread.getAllStackTraces().keySet().stream()
                            .filter(Thread::isAlive)
                            .collect(Collectors.groupingBy(
                                    thread -> thread.getName().replaceAll("\\d+", "#"),
                                    TreeMap::new,
                                    Collectors.counting())),
                    usedHeap(),
                    openFiles(),
                    ManagementFactory.getPlatformMBeanServer().getMBeanCount(),
                    Metrics.globalRegistry.getRegistries().size());
        }

        /** Twice, since what a cleaner frees may keep other things alive. */
        private static long usedHeap() {
            collect();
            collect();
            return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        }

        /** Collects, and waits until other threads have cleared references to what was there before. */
        private static void collect() {
            AtomicBoolean cleared = new AtomicBoolean();
            cleaner.register(new Object(), () -> cleared.set(true));
            await().pollInSameThread().until(() -> {
                System.gc();
                return cleared.get();
            });
        }

        private static long openFiles() throws Exception {
            Path open = Path.of("/proc/self/fd");
            if (!Files.isDirectory(open)) {
                return 0;
            }
            try (Stream<Path> all = Files.list(open)) {
                return all.count();
            }
        }

        /** What this has more than {@code before}; empty if nothing. */
        List<String> more(Usage before) {
            List<String> more = new ArrayList<>();
            threads.forEach((name, count) -> {
                boolean grown = count > before.threads.getOrDefault(name, 0L)
                        && !OTHERS.matcher(name).find();
                if (grown || OURS.matcher(name).find()) {
                    more.add("threads " + name);
                }
            });
            if (heap - before.heap > MOST_BYTES) {
                more.add("heap");
            }
            if (files > before.files + MOST_FILES) {
                more.add("files");
            }
            if (beans > before.beans) {
                more.add("MBeans");
            }
            if (registries > before.registries) {
                more.add("meter registries");
            }
            return more;
        }
    }

    private static final List<WeakReference<Object>> owned = new ArrayList<>();

    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        for (int i = 0; i < WARM_UP; i++) {
            startAndClose();
        }
        Usage before = Usage.now();
        System.out.println("before: " + before);
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            startAndClose();
            if (i % 100 == 99) {
                System.out.println((i + 1) + ": " + Usage.now());
            }
        }
        System.out.println(count + " applications in "
                + Duration.ofNanos(System.nanoTime() - begin).toSeconds() + " s");
        int shared = settledSharedConnections();
        Usage after = settled(before);
        System.out.println("after: " + after);
        List<String> left = after.more(before);
        owned.stream()
                .map(WeakReference::get)
                .filter(Objects::nonNull)
                .collect(Collectors.groupingBy(Object::getClass, Collectors.counting()))
                .forEach((type, living) -> {
                    if (living > MOST_APPLICATIONS) {
                        left.add(living + " of " + type.getName());
                    }
                });
        if (shared > 0) {
            left.add(shared + " connections of the shared group");
        }
        System.out.println("left: " + left);
        System.exit(left.isEmpty() ? 0 : 1);
    }

    /** Threads that are idle end some seconds later. */
    private static Usage settled(Usage before) throws Exception {
        AtomicReference<Usage> usage = new AtomicReference<>(Usage.now());
        try {
            await().pollInSameThread().atMost(Duration.ofSeconds(15)).until(() -> {
                usage.set(Usage.now());
                return usage.get().more(before).isEmpty();
            });
        } catch (ConditionTimeoutException left) {
            // What is left is told.
        }
        return usage.get();
    }

    private static void startAndClose() throws Exception {
        ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
                .bannerMode(Banner.Mode.OFF)
                .properties("server.port=0", "server.address=127.0.0.1", "logging.level.root=off")
                .run();
        for (Class<?> type :
                List.of(ConnectionGroup.class, WebSocketClient.class, HawserMeters.class, HawserMvcConfigurer.class)) {
            owned.add(new WeakReference<>(context.getBean(type)));
        }
        owned.add(new WeakReference<>(context));
        int port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
        TestClient client = TestClient.connect(port, "/echo").send("hello");
        try (RawSocket stream = RawSocket.get(port, "/news");
                RawSocket plain = RawSocket.open(port, "/plain");
                RawSocket deferred = RawSocket.handshake(port, "/deferred")) {
            require(client.receive().equals("hello"), "an echo");
            require(stream.head().startsWith("HTTP/1.1 200 "), "a stream");
            plain.send('x');
            context.getBean(WebSocketClient.class)
                    .connect("ws://127.0.0.1:" + port + "/echo")
                    .send("of our own client");
            context.close();
            require(client.closeCode() == 1001, "1001");
            require(stream.rest().contains("retry: "), "a time to reconnect");
            deferred.rest();
            plain.rest();
        }
    }

    private static void require(boolean met, String what) {
        if (!met) {
            throw new IllegalStateException("Expected " + what);
        }
    }

    /** One of whose end Tomcat has not told ends with the time-out of its closing handshake. */
    private static int settledSharedConnections() throws Exception {
        try {
            await().atMost(Duration.ofSeconds(15)).until(() -> sharedConnections() == 0);
            return 0;
        } catch (ConditionTimeoutException left) {
            return sharedConnections();
        }
    }

    private static int sharedConnections() throws Exception {
        Class<?> shared = Class.forName(ServletUpgrade.class.getName() + "$SharedGroup");
        ConnectionGroup group = (ConnectionGroup) ReflectionTestUtils.getField(shared, "INSTANCE");
        return Objects.requireNonNull(group).size();
    }
}
