package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.spring.WebSocketEndpoints;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.WebSockets;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.extension.deflate.DeflateOptions;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.protocol.Framing;
import dev.hawser.websocket.servlet.HandshakeValve;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.core.Ordered;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.web.servlet.DispatcherServlet;

class HawserAutoConfigurationTests {

    private static final AutoConfigurations OURS =
            AutoConfigurations.of(HawserAutoConfiguration.class, HawserMetricsAutoConfiguration.class);

    private static final String TOMCAT_CUSTOMIZER = "hawserHandshakeValveCustomizer";

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner().withConfiguration(OURS);

    @Test
    void theDefaultsAreThoseOfTheLibrary() {
        runner.run(context -> {
            assertThat(context.getBean(WebSocketOptions.class))
                    .usingRecursiveComparison()
                    .isEqualTo(WebSocketOptions.DEFAULT);
            assertThat(context.getBean(EventSourceOptions.class))
                    .usingRecursiveComparison()
                    .isEqualTo(EventSourceOptions.DEFAULT);
            assertThat(context).hasSingleBean(ConnectionGroup.class).hasSingleBean(HawserMvcConfigurer.class);
        });
    }

    @Test
    void everyPropertyArrives() {
        runner.withPropertyValues(
                        "hawser.websocket.max-length=2MB",
                        "hawser.websocket.max-frame-length=1MB",
                        "hawser.websocket.max-fragments=7",
                        "hawser.websocket.assemble-fragments=false",
                        "hawser.websocket.fragment-threshold=16KB",
                        "hawser.websocket.auto-pong=false",
                        "hawser.websocket.allow-drafts=true",
                        "hawser.websocket.ping=1m",
                        "hawser.websocket.ping-timeout=3s",
                        "hawser.websocket.handshake-timeout=6s",
                        "hawser.websocket.close-timeout=4s",
                        "hawser.websocket.max-buffered=5MB",
                        "hawser.websocket.allowed-origins=https://example.com,http://localhost:3000",
                        "hawser.websocket.shutdown-spread=7s",
                        "hawser.websocket.protocols=b,a",
                        "hawser.websocket.headers.X-One=1",
                        "hawser.eventsource.retry=6s",
                        "hawser.eventsource.ping=0",
                        "hawser.eventsource.max-buffered=1KB",
                        "hawser.eventsource.last-event-id-parameter=from",
                        "hawser.eventsource.headers.X-Two=2")
                .run(context -> {
                    WebSocketOptions webSockets = context.getBean(WebSocketOptions.class);
                    assertThat(webSockets.limits().maxLength()).isEqualTo(2 << 20);
                    assertThat(webSockets.limits().maxFrameLength()).isEqualTo(1 << 20);
                    assertThat(webSockets.limits().maxFragments()).isEqualTo(7);
                    assertThat(webSockets.framing()).isEqualTo(new Framing(false, 16 << 10));
                    assertThat(webSockets.autoPong()).isFalse();
                    assertThat(webSockets.allowDrafts()).isTrue();
                    assertThat(webSockets.ping()).isEqualTo(Duration.ofMinutes(1));
                    assertThat(webSockets.pingTimeout()).isEqualTo(Duration.ofSeconds(3));
                    assertThat(webSockets.handshakeTimeout()).isEqualTo(Duration.ofSeconds(6));
                    assertThat(webSockets.closeTimeout()).isEqualTo(Duration.ofSeconds(4));
                    assertThat(webSockets.maxBuffered()).isEqualTo(5 << 20);
                    assertThat(context.getBean(WebSocketProperties.class))
                            .returns(Duration.ofSeconds(7), WebSocketProperties::shutdownSpread);
                    assertThat(webSockets.protocols()).containsExactly("b", "a");
                    assertThat(webSockets.headers()).containsEntry("X-One", "1");
                    EventSourceOptions eventSources = context.getBean(EventSourceOptions.class);
                    assertThat(eventSources.retry()).isEqualTo(Duration.ofSeconds(6));
                    assertThat(eventSources.ping()).isZero();
                    assertThat(eventSources.maxBuffered()).isEqualTo(1024);
                    assertThat(eventSources.lastEventIdParameter()).isEqualTo("from");
                    assertThat(eventSources.headers()).containsEntry("X-Two", "2");
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hawser.websocket.max-length | 0B | must be 1 to 2147483639 bytes",
                "hawser.websocket.max-length | 3GB | must be 1 to 2147483639 bytes",
                "hawser.websocket.max-frame-length | 1GB | must be 1 to 67108863 bytes",
                "hawser.websocket.max-fragments | 0 | must be 1 or more",
                "hawser.websocket.fragment-threshold | 0B | must be 1 to 2147483639 bytes",
                "hawser.websocket.ping | -5s | must not be negative",
                "hawser.websocket.ping-timeout | 0s | must be longer than zero",
                "hawser.websocket.handshake-timeout | 0s | must be longer than zero",
                "hawser.websocket.close-timeout | -1s | must be longer than zero",
                "hawser.websocket.shutdown-spread | -1s | must not be negative",
                "hawser.websocket.max-buffered | 0B | must be 1 to",
                "hawser.websocket.allowed-origins | example.com | must be origins",
                "hawser.websocket.allowed-origins | https://example.com/path | must be origins",
                "hawser.websocket.protocols | a b | must be tokens",
                "hawser.websocket.headers.X | a\u0001b | must be one line",
                "hawser.websocket.extensions.permessage-deflate.level | 10 | must be -1 to 9",
                "hawser.websocket.extensions.permessage-deflate.mem-level | 0 | must be 1 to 9",
                "hawser.websocket.extensions.permessage-deflate.threshold | -1B | must be 0 to 2147483647 bytes",
                "hawser.websocket.extensions.permessage-deflate.server-max-window-bits | 7 | must be 8 to 15",
                "hawser.websocket.extensions.permessage-deflate.client-max-window-bits | 16 | must be 8 to 15",
                "hawser.websocket.extensions.permessage-deflate.level | fast | must be a whole number in digits",
                "hawser.websocket.extensions.permessage-deflate.mem-level | low | must be a whole number in digits",
                "hawser.websocket.extensions.permessage-deflate.server-max-window-bits | 32K | must be a whole number",
                "hawser.websocket.extensions.x-other.enabled | maybe | must be true or false",
                "hawser.websocket.extensions.permessage-deflate.strategy | rle | must be one of default, filtered, huffman-only",
                "hawser.eventsource.retry | -1s | must not be negative",
                "hawser.eventsource.ping | -1s | must not be negative",
                "hawser.websocket.ping | 30 seconds | must be a number and its unit without a space",
                "hawser.websocket.max-length | 64 megs | must be a number and its unit without a space",
                "hawser.websocket.max-fragments | many | must be a whole number in digits",
                "hawser.websocket.allow-drafts | perhaps | must be true or false",
                "hawser.eventsource.allowed-origins | example.com | must be origins",
                "hawser.eventsource.retry | soon | must be a number and its unit"
            })
    void aWrongValueIsNamedWithItsRuleAndAValueThatWouldDo(String property, String value, String rule) {
        new WrongValue(property, value)
                .isNamedWithItsRuleAndAValueThatWouldDo(
                        runner.withBean(Extension.class, () -> new Unused("x-other", 1)), rule);
    }

    @Test
    void compressionIsOffUntilItIsAskedFor() {
        runner.run(context -> assertThat(context).doesNotHaveBean(PermessageDeflate.class));
    }

    @Test
    void everyPropertyOfCompressionArrives() {
        String prefix = "hawser.websocket.extensions.permessage-deflate.";
        runner.withPropertyValues(
                        prefix + "enabled=true",
                        prefix + "level=3",
                        prefix + "mem-level=4",
                        prefix + "strategy=huffman-only",
                        prefix + "threshold=2KB",
                        prefix + "server-no-context-takeover=true",
                        prefix + "client-no-context-takeover=true",
                        prefix + "server-max-window-bits=10",
                        prefix + "client-max-window-bits=11")
                .run(context -> {
                    PermessageDeflate deflate = context.getBean(PermessageDeflate.class);
                    assertThat(context.getBean(WebSocketOptions.class).extensions())
                            .containsExactly(deflate);
                    assertThat(deflate.options())
                            .isEqualTo(new DeflateOptions(
                                    3, 4, DeflateOptions.Strategy.HUFFMAN_ONLY, 2048, true, true, 10, 11));
                });
        runner.withPropertyValues(prefix + "enabled=true").run(context -> assertThat(
                        context.getBean(PermessageDeflate.class).options())
                .isEqualTo(DeflateOptions.DEFAULT));
    }

    @Test
    void extensionsAreBeansInTheirOrderThatAPropertyCanSwitchOff() {
        Extension first = new Unused("x-first", -1);
        Extension second = new Unused("x-second", 1);
        WebApplicationContextRunner both = runner.withBean("b", Extension.class, () -> second)
                .withBean("a", Extension.class, () -> first)
                .withPropertyValues("hawser.websocket.extensions.permessage-deflate.enabled=true");
        both.run(context -> assertThat(context.getBean(WebSocketOptions.class).extensions())
                .extracting(Extension::name)
                .containsExactly("x-first", "permessage-deflate", "x-second"));
        both.withPropertyValues("hawser.websocket.extensions.x-first.enabled=false")
                .run(context -> assertThat(
                                context.getBean(WebSocketOptions.class).extensions())
                        .extracting(Extension::name)
                        .containsExactly("permessage-deflate", "x-second"));
    }

    @Test
    void anApplicationMayHaveItsOwnCompression() {
        PermessageDeflate own = new PermessageDeflate();
        runner.withBean(PermessageDeflate.class, () -> own)
                .withPropertyValues("hawser.websocket.extensions.permessage-deflate.enabled=true")
                .run(context -> assertThat(
                                context.getBean(WebSocketOptions.class).extensions())
                        .containsExactly(own));
    }

    @Test
    void extensionsNeedWholeMessages() {
        runner.withPropertyValues(
                        "hawser.websocket.extensions.permessage-deflate.enabled=true",
                        "hawser.websocket.assemble-fragments=false")
                .run(context -> assertThat(new InvalidPropertyFailureAnalyzer(new MockEnvironment())
                                .analyze(context.getStartupFailure())
                                .getDescription())
                        .isEqualTo("The property 'hawser.websocket.assemble-fragments' must be true where there are"
                                + " extensions, here permessage-deflate, but is \"false\""));
    }

    /** An extension with a place, which is never used. */
    private record Unused(String name, int getOrder) implements Extension, Ordered {

        @Override
        public int reserved() {
            return 0;
        }

        @Override
        public ServerSession accept(List<ExtensionHeader> offers, int maxLength) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ClientOffer offer(int maxLength) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void tomcatLearnsToAnswerHandshakes() {
        WebApplicationContextRunner tomcat =
                runner.withConfiguration(AutoConfigurations.of(HawserTomcatAutoConfiguration.class));
        tomcat.run(context -> {
            TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory();
            new HawserTomcatAutoConfiguration().hawserHandshakeValveCustomizer().customize(factory);
            assertThat(context).hasBean(TOMCAT_CUSTOMIZER);
            assertThat(factory.getEngineValves()).hasAtLeastOneElementOfType(HandshakeValve.class);
        });
        tomcat.withClassLoader(new FilteredClassLoader(ConfigurableTomcatWebServerFactory.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(TOMCAT_CUSTOMIZER));
        tomcat.withBean(TOMCAT_CUSTOMIZER, String.class, () -> "the user's own")
                .run(context -> assertThat(context.getBean(TOMCAT_CUSTOMIZER)).isEqualTo("the user's own"));
    }

    @Test
    void otherPeoplesPropertiesAreLeftToSpringBoot() {
        runner.withUserConfiguration(WithForeign.class)
                .withPropertyValues("foreign.pause=long")
                .run(context -> assertThat(new UnreadablePropertyFailureAnalyzer().analyze(context.getStartupFailure()))
                        .isNull());
    }

    @EnableConfigurationProperties(Foreign.class)
    static class WithForeign {}

    @ConfigurationProperties("foreign")
    record Foreign(Duration pause) {}

    @Test
    void theFailureAnalyzerIsRegistered() throws Exception {
        try (InputStream factories = getClass().getResourceAsStream("/META-INF/spring.factories")) {
            assertThat(new String(factories.readAllBytes(), StandardCharsets.UTF_8))
                    .contains(
                            InvalidPropertyFailureAnalyzer.class.getName(),
                            UnreadablePropertyFailureAnalyzer.class.getName());
        }
    }

    @Test
    void everyPropertyIsDescribedForTheEditor() throws Exception {
        try (InputStream metadata = getClass().getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            assertThat(new String(metadata.readAllBytes(), StandardCharsets.UTF_8))
                    .contains(
                            "\"name\": \"hawser.websocket.max-length\"",
                            "\"defaultValue\": \"67108863B\"",
                            "Longest message that is accepted; a longer one closes the connection with 1009.",
                            "\"name\": \"hawser.websocket.headers\"",
                            "\"name\": \"hawser.eventsource.retry\"",
                            "How long a client waits before it reconnects.");
        }
    }

    @Test
    void beansOfTheApplicationWin() {
        WebSocketOptions own = WebSocketOptions.DEFAULT.with(options -> options.maxBuffered(1));
        runner.withBean(WebSocketOptions.class, () -> own)
                .withBean(ConnectionGroup.class, ConnectionGroup::create)
                .run(context -> {
                    assertThat(context.getBean(WebSocketOptions.class)).isSameAs(own);
                    assertThat(context).hasSingleBean(ConnectionGroup.class);
                });
    }

    @Test
    void metersAreThereWithARegistryAndOnlyThen() {
        runner.run(context -> assertThat(context).doesNotHaveBean(HawserMeters.class));
        WebApplicationContextRunner withRegistry = runner.withBean(MeterRegistry.class, SimpleMeterRegistry::new);
        withRegistry.run(context -> assertThat(context).hasSingleBean(HawserMeters.class));
        withRegistry
                .withBean(EndpointObservers.class, () -> EndpointObservers.NONE)
                .run(context -> assertThat(context).doesNotHaveBean(HawserMeters.class));
    }

    @Test
    void withoutMicrometerEverythingElseIsThere() {
        runner.withClassLoader(new FilteredClassLoader("io.micrometer")).run(context -> assertThat(context)
                .hasNotFailed()
                .doesNotHaveBean(HawserMeters.class)
                .hasSingleBean(HawserMvcConfigurer.class));
    }

    @Test
    void withoutMvcThereIsNothing() {
        runner.withClassLoader(new FilteredClassLoader(DispatcherServlet.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ConnectionGroup.class));
        new ApplicationContextRunner()
                .withConfiguration(OURS)
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(ConnectionGroup.class));
    }

    @Test
    void anApplicationMayHaveItsOwnSetOfConnectionsAndEndpoints() {
        runner.run(
                context -> assertThat(context).hasSingleBean(WebSockets.class).hasSingleBean(WebSocketEndpoints.class));
        try (ConnectionGroup other = ConnectionGroup.create()) {
            runner.withBean("own", WebSockets.class, other::webSockets)
                    .run(context ->
                            assertThat(context.getBean(WebSockets.class)).isSameAs(other.webSockets()));
        }
        WebSocketEndpoints none = new WebSocketEndpoints() {

            @Override
            public void mount(WebSocketEndpoint endpoint) {}

            @Override
            public boolean unmount(String pattern) {
                return false;
            }

            @Override
            public List<String> patterns() {
                return List.of();
            }
        };
        runner.withBean("own", WebSocketEndpoints.class, () -> none)
                .run(context ->
                        assertThat(context.getBean(WebSocketEndpoints.class)).isSameAs(none));
    }

    @Test
    void theApplicationsExecutorRunsListeners() {
        Executor executor = Runnable::run;
        runner.withBean("applicationTaskExecutor", Executor.class, () -> executor)
                .run(context -> assertThat(context.getBean(ConnectionGroup.class))
                        .extracting("executor")
                        .isSameAs(executor));
    }
}
