package dev.hawser.autoconfigure;

import dev.hawser.websocket.WebSocketObserver;
import dev.hawser.websocket.client.ClientObserver;
import dev.hawser.websocket.client.ClientOptions;
import dev.hawser.websocket.client.HandshakeObserver;
import dev.hawser.websocket.client.TlsOptions;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import dev.hawser.websocket.handshake.ConnectFailure;
import dev.hawser.websocket.memory.MemoryBudget;
import io.netty.bootstrap.Bootstrap;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.proxy.ProxyHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslOptions;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.env.Environment;

/** Auto-configuration for the client, in any kind of application, where Netty is. */
@AutoConfiguration(
        after = HawserAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration",
            "org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration"
        })
@ConditionalOnClass({Bootstrap.class, HttpClientCodec.class, ProxyHandler.class})
@EnableConfigurationProperties({WebSocketClientProperties.class, PermessageDeflateProperties.class})
@ImportRuntimeHints(HawserRuntimeHints.OfClient.class)
public final class HawserClientAutoConfiguration {

    private static final String EXTENSIONS = WebSocketClientProperties.PREFIX + "extensions.";

    /** Compression is offered unless a property says otherwise, and so are all extensions that are beans. */
    @Bean
    @ConditionalOnMissingBean
    ClientOptions hawserClientOptions(
            WebSocketClientProperties properties,
            PermessageDeflateProperties deflate,
            ObjectProvider<Extension> extensions,
            ObjectProvider<SslBundles> bundles,
            Environment environment) {
        List<Extension> offered = new ArrayList<>(extensions.orderedStream().toList());
        if (offered.stream().noneMatch(PermessageDeflate.class::isInstance)) {
            offered.add(new PermessageDeflate(deflate.toOptions()));
        }
        Binder binder = Binder.get(environment);
        offered.removeIf(
                extension -> Boolean.FALSE.equals(binder.bind(EXTENSIONS + extension.name() + ".enabled", Boolean.class)
                        .orElse(true)));
        return properties.toOptions(
                offered,
                (property, bundle, insecure) -> bundle == null
                        ? new TlsOptions(TlsOptions.DEFAULT.context(), List.of(), List.of(), insecure)
                        : tls(bundles, property, bundle, insecure));
    }

    /** A bundle that is reloaded is used by the connections that are made from then on. */
    private static TlsOptions tls(ObjectProvider<SslBundles> bundles, String property, String name, boolean insecure) {
        SslBundles all = bundles.getIfAvailable();
        if (all == null) {
            throw new InvalidPropertyException(property, name, "must name an SSL bundle, but there are none", "");
        }
        SslBundle bundle = all.getBundle(name);
        AtomicReference<SSLContext> context = new AtomicReference<>(bundle.createSslContext());
        all.addBundleUpdateHandler(name, updated -> context.set(updated.createSslContext()));
        SslOptions options = bundle.getOptions();
        return new TlsOptions(
                context::get, listOf(options.getEnabledProtocols()), listOf(options.getCiphers()), insecure);
    }

    private static List<String> listOf(String @Nullable [] values) {
        return values == null ? List.of() : List.of(values);
    }

    /** Listeners run on the application's own executor. */
    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    WebSocketClient hawserWebSocketClient(
            ClientOptions options,
            @Qualifier("applicationTaskExecutor") ObjectProvider<Executor> executor,
            ObjectProvider<EndpointObservers> observers,
            ObjectProvider<EndpointTracing> tracing,
            ObjectProvider<MemoryBudget> memory) {
        ClientObserver observer = observer(
                observers.getIfAvailable(() -> EndpointObservers.NONE),
                tracing.getIfAvailable(() -> EndpointTracing.NONE));
        return WebSocketClient.create(options, executor.getIfAvailable(), observer, memory.getIfAvailable());
    }

    private static ClientObserver observer(EndpointObservers observers, EndpointTracing tracing) {
        return new ClientObserver() {

            @Override
            public WebSocketObserver webSocket(String name) {
                return observers.webSocket(name);
            }

            @Override
            public HandshakeObserver connecting(String name) {
                return tracing.connecting(name);
            }

            @Override
            public void failed(String name, ConnectFailure failure) {
                observers.failed(name, failure);
            }
        };
    }

    @Bean
    @ConditionalOnMissingBean(name = "hawserWebSocketClientLifecycle")
    ConnectionGroupLifecycle hawserWebSocketClientLifecycle(WebSocketClient client) {
        return ConnectionGroupLifecycle.closing(client);
    }

    @Bean
    @ConditionalOnMissingBean(name = "hawserWebSocketClientCut")
    ConnectionGroupLifecycle hawserWebSocketClientCut(WebSocketClient client) {
        return ConnectionGroupLifecycle.cutting(client::terminate);
    }
}
