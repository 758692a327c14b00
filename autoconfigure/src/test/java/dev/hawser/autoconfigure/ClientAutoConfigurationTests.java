package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.ConnectFailedException;
import dev.hawser.websocket.Reconnect;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.client.ProxyOptions;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.protocol.Framing;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.mock.env.MockEnvironment;

class ClientAutoConfigurationTests {

    private static final AutoConfigurations OURS = AutoConfigurations.of(
            HawserAutoConfiguration.class, HawserClientAutoConfiguration.class, HawserMetricsAutoConfiguration.class);

    private final ApplicationContextRunner runner = new ApplicationContextRunner().withConfiguration(OURS);

    @Test
    void theDefaultsAreThoseOfTheLibrary() {
        runner.run(context -> assertThat(context.getBean(ClientOptions.class))
                .usingRecursiveComparison()
                .isEqualTo(ClientOptions.DEFAULT));
    }

    @Test
    void everyPropertyArrives() {
        runner.withPropertyValues(
                        "hawser.websocket.client.max-length=2MB",
                        "hawser.websocket.client.max-frame-length=1MB",
                        "hawser.websocket.client.max-fragments=7",
                        "hawser.websocket.client.assemble-fragments=false",
                        "hawser.websocket.client.extensions.permessage-deflate.enabled=false",
                        "hawser.websocket.client.fragment-threshold=16KB",
                        "hawser.websocket.client.auto-pong=false",
                        "hawser.websocket.client.ping=1m",
                        "hawser.websocket.client.ping-timeout=3s",
                        "hawser.websocket.client.close-timeout=4s",
                        "hawser.websocket.client.max-buffered=5MB",
                        "hawser.websocket.client.protocols=b,a",
                        "hawser.websocket.client.require-protocol=false",
                        "hawser.websocket.client.headers.X-One=1",
                        "hawser.websocket.client.origin=https://example.com",
                        "hawser.websocket.client.protocol-version=8",
                        "hawser.websocket.client.max-redirects=3",
                        "hawser.websocket.client.connect-timeout=6s",
                        "hawser.websocket.client.handshake-timeout=7s",
                        "hawser.websocket.client.ssl.insecure-skip-hostname-verification=true",
                        "hawser.websocket.client.proxy.origin=http://me:secret@127.0.0.1:3128",
                        "hawser.websocket.client.proxy.headers.X-Team=feeds",
                        "hawser.websocket.client.proxy.no-proxy=example.com,10.0.0.0/8",
                        "hawser.websocket.client.reconnect.enabled=true",
                        "hawser.websocket.client.reconnect.initial-delay=2s",
                        "hawser.websocket.client.reconnect.max-delay=1m",
                        "hawser.websocket.client.reconnect.multiplier=3",
                        "hawser.websocket.client.reconnect.jitter=0.1",
                        "hawser.websocket.client.reconnect.max-attempts=9")
                .run(context -> {
                    ClientOptions options = context.getBean(ClientOptions.class);
                    WebSocketOptions socket = options.socket();
                    assertThat(socket.limits().maxLength()).isEqualTo(2 << 20);
                    assertThat(socket.limits().maxFrameLength()).isEqualTo(1 << 20);
                    assertThat(socket.limits().maxFragments()).isEqualTo(7);
                    assertThat(socket.framing()).isEqualTo(new Framing(false, 16 << 10));
                    assertThat(socket.extensions()).isEmpty();
                    assertThat(socket.autoPong()).isFalse();
                    assertThat(socket.ping()).isEqualTo(Duration.ofMinutes(1));
                    assertThat(socket.pingTimeout()).isEqualTo(Duration.ofSeconds(3));
                    assertThat(socket.closeTimeout()).isEqualTo(Duration.ofSeconds(4));
                    assertThat(socket.maxBuffered()).isEqualTo(5 << 20);
                    assertThat(socket.protocols()).containsExactly("b", "a");
                    assertThat(socket.headers()).containsEntry("X-One", "1");
                    assertThat(options.requireProtocol()).isFalse();
                    assertThat(options.origin()).isEqualTo("https://example.com");
                    assertThat(options.version()).isEqualTo(Version.HYBI_8);
                    assertThat(options.maxRedirects()).isEqualTo(3);
                    assertThat(options.connectTimeout()).isEqualTo(Duration.ofSeconds(6));
                    assertThat(options.handshakeTimeout()).isEqualTo(Duration.ofSeconds(7));
                    assertThat(options.tls().insecureSkipHostnameVerification()).isTrue();
                    ProxyOptions proxy = options.proxy().select(true, "example.org", 443);
                    assertThat(proxy).isNotNull().hasToString("http://127.0.0.1:3128");
                    assertThat(proxy.user()).isEqualTo("me");
                    assertThat(proxy.password()).isEqualTo("secret");
                    assertThat(proxy.headers()).containsEntry("X-Team", "feeds");
                    assertThat(options.proxy().select(true, "www.example.com", 443))
                            .isNull();
                    assertThat(options.proxy().select(true, "10.1.2.3", 443)).isNull();
                    assertThat(options.reconnect())
                            .isEqualTo(new Reconnect(Duration.ofSeconds(2), Duration.ofMinutes(1), 3, 0.1, 9));
                });
    }

    @Test
    void credentialsOfTheProxyMayStandByThemselves() {
        runner.withPropertyValues(
                        "hawser.websocket.client.proxy.origin=socks5://127.0.0.1",
                        "hawser.websocket.client.proxy.username=me",
                        "hawser.websocket.client.proxy.password=p@ss:word")
                .run(context -> {
                    ProxyOptions proxy =
                            context.getBean(ClientOptions.class).proxy().select(false, "example.org", 80);
                    assertThat(proxy).isNotNull().hasToString("socks5://127.0.0.1:1080");
                    assertThat(proxy.password()).isEqualTo("p@ss:word");
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hawser.websocket.client.max-length | 0B | must be 1 to 2147483639 bytes",
                "hawser.websocket.client.ping | -5s | must not be negative",
                "hawser.websocket.client.protocols | a b | must be tokens",
                "hawser.websocket.client.origin | a\u0001b | must be one line",
                "hawser.websocket.client.protocol-version | 14 | must be 13, 8 or 7",
                "hawser.websocket.client.max-redirects | -1 | must be 0 to 100",
                "hawser.websocket.client.connect-timeout | 0s | must be longer than zero",
                "hawser.websocket.client.handshake-timeout | -1s | must be longer than zero",
                "hawser.websocket.client.reconnect.initial-delay | 0s | must be longer than zero",
                "hawser.websocket.client.reconnect.max-delay | 10ms | must not be less than initial-delay",
                "hawser.websocket.client.reconnect.multiplier | 0.5 | must be 1 or more",
                "hawser.websocket.client.reconnect.jitter | 2 | must be 0 to 1",
                "hawser.websocket.client.reconnect.jitter | some | must be a number",
                "hawser.websocket.client.reconnect.max-attempts | 0 | must be 1 to",
                "hawser.websocket.client.reconnect.max-attempts | all | must be a whole number in digits",
                "hawser.websocket.client.proxy.origin | ftp://example.com | Expected a proxy that begins with http://",
                "hawser.websocket.client.proxy.origin | http://a:0 | Expected a port",
                "hawser.websocket.client.proxy.from | dns | must be one of jvm, environment"
            })
    void aWrongValueIsNamedWithItsRuleAndAValueThatWouldDo(String property, String value, String rule) {
        new WrongValue(property, value).isNamedWithItsRuleAndAValueThatWouldDo(runner, rule);
    }

    @Test
    void aPasswordIsInNoMessage() {
        String origin = "http://me:secret@example.com:99999";
        MockEnvironment environment =
                new MockEnvironment().withProperty("hawser.websocket.client.proxy.origin", origin);
        runner.withPropertyValues("hawser.websocket.client.proxy.origin=" + origin)
                .run(context -> {
                    FailureAnalysis analysis =
                            new InvalidPropertyFailureAnalyzer(environment).analyze(context.getStartupFailure());
                    assertThat(analysis.getDescription() + analysis.getAction())
                            .contains("proxy.origin", "99999")
                            .doesNotContain("secret");
                });
    }

    @Test
    void aHeaderOfTheHandshakeIsRefused() {
        runner.withPropertyValues("hawser.websocket.client.headers.Sec-WebSocket-Key=x")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("hawser.websocket.client.headers")
                        .hasMessageContaining("Sec-WebSocket-Key"));
    }

    @Test
    void exceptionsAndHeadersOfTheProxyAreChecked() {
        ApplicationContextRunner proxied =
                runner.withPropertyValues("hawser.websocket.client.proxy.origin=http://127.0.0.1:1");
        proxied.withPropertyValues("hawser.websocket.client.proxy.no-proxy=10.0.0.0/99")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("hawser.websocket.client.proxy.no-proxy"));
        proxied.withPropertyValues("hawser.websocket.client.proxy.headers.Host=x")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("hawser.websocket.client.proxy.headers"));
    }

    @Test
    void compressionIsOfferedWithTheSettingsOfTheServer() {
        runner.withPropertyValues("hawser.websocket.extensions.permessage-deflate.level=9")
                .run(context -> assertThat(
                                context.getBean(ClientOptions.class).socket().extensions())
                        .singleElement()
                        .extracting("options.level")
                        .isEqualTo(9));
    }

    @Test
    void extensionsThatAreBeansAreOfferedUnlessAPropertySaysOtherwise() {
        PermessageDeflate own = new PermessageDeflate(dev.hawser.websocket.extension.deflate.DeflateOptions.DEFAULT);
        runner.withBean(PermessageDeflate.class, () -> own).run(context -> assertThat(
                        context.getBean(ClientOptions.class).socket().extensions())
                .<Extension>containsExactly(own));
        runner.withBean(PermessageDeflate.class, () -> own)
                .withPropertyValues("hawser.websocket.client.extensions.permessage-deflate.enabled=false")
                .run(context -> assertThat(
                                context.getBean(ClientOptions.class).socket().extensions())
                        .isEmpty());
    }

    @Test
    void beansOfTheApplicationWin() {
        WebSocketClient own = WebSocketClient.create();
        ClientOptions options = ClientOptions.DEFAULT.with(changes -> changes.name("own"));
        runner.withBean(WebSocketClient.class, () -> own)
                .withBean(ClientOptions.class, () -> options)
                .run(context -> {
                    assertThat(context.getBean(WebSocketClient.class)).isSameAs(own);
                    assertThat(context.getBean(ClientOptions.class)).isSameAs(options);
                });
    }

    @Test
    void isThereInAnyKindOfApplicationWhereNettyIs() {
        runner.run(context -> assertThat(context).hasSingleBean(WebSocketClient.class));
        new WebApplicationContextRunner().withConfiguration(OURS).run(context -> assertThat(context)
                .hasSingleBean(WebSocketClient.class));
        new WebApplicationContextRunner()
                .withConfiguration(OURS)
                .withClassLoader(new FilteredClassLoader("io.netty"))
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(WebSocketClient.class)
                        .hasSingleBean(HawserMvcConfigurer.class));
    }

    @Test
    void theApplicationsExecutorRunsListenersAndFailuresAreCounted() throws Exception {
        CompletableFuture<String> thread = new CompletableFuture<>();
        Executor executor = task -> new Thread(task, "of-the-application").start();
        runner.withBean("applicationTaskExecutor", Executor.class, () -> executor)
                .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
                .run(context -> {
                    ClientWebSocket socket =
                            context.getBean(WebSocketClient.class).connect("ws://127.0.0.1:1/");
                    CompletableFuture<Throwable> error = new CompletableFuture<>();
                    socket.onError(error::complete);
                    socket.onClose((code, reason) ->
                            thread.complete(Thread.currentThread().getName()));
                    assertThat(thread.get(10, TimeUnit.SECONDS)).isEqualTo("of-the-application");
                    assertThat(error.get(10, TimeUnit.SECONDS))
                            .isInstanceOfSatisfying(ConnectFailedException.class, failed -> assertThat(failed.failure())
                                    .isEqualTo(ConnectFailure.UNREACHABLE));
                    assertThat(context.getBean(MeterRegistry.class)
                                    .get("hawser.websocket.handshakes.failed")
                                    .tags("uri", "client", "reason", "unreachable")
                                    .counter()
                                    .count())
                            .isEqualTo(1);
                });
    }

    @Test
    void anSslBundleThatIsNotThereStopsTheApplication() {
        runner.withPropertyValues("hawser.websocket.client.ssl.bundle=mine").run(context -> assertThat(context)
                .getFailure()
                .rootCause()
                .hasMessageContaining("hawser.websocket.client.ssl.bundle"));
    }

    @Test
    void allThatIsLeftOfAClosedApplicationIsNothing() {
        runner.run(context -> context.getBean(WebSocketClient.class)
                .connect("ws://127.0.0.1:1/", options -> options.reconnect(Reconnect.DEFAULT)));
        await().untilAsserted(() -> assertThat(
                        List.copyOf(Thread.getAllStackTraces().keySet()))
                .filteredOn(thread -> thread.isAlive() && thread.getName().startsWith("hawser-client"))
                .isEmpty());
    }
}
