package dev.hawser.autoconfigure;

import dev.hawser.spring.WebSocketMapping;
import dev.hawser.websocket.servlet.TomcatUpgradeHandler;
import jakarta.servlet.AsyncContext;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;

/** What native images must know of the library, since it is reached by reflection. */
final class HawserRuntimeHints {

    private HawserRuntimeHints() {}

    /** A step of the pipeline of extensions finds its own field, to set it at once. */
    private static void registerExtensions(RuntimeHints hints) {
        hints.reflection()
                .registerType(
                        TypeReference.of("dev.hawser.websocket.extension.Lane$Step"), type -> type.withField("result"));
    }

    static final class OfMvc implements RuntimeHintsRegistrar {

        @Override
        public void registerHints(RuntimeHints hints, @Nullable ClassLoader loader) {
            registerExtensions(hints);
            hints.reflection()
                    .registerMethod(MountedEndpoint.HANDLE, ExecutableMode.INVOKE)
                    .registerType(WebSocketMapping.class);
            hints.proxies().registerJdkProxy(AsyncContext.class);
        }
    }

    /** Tomcat makes what it hands a socket to. */
    static final class OfTomcat implements RuntimeHintsRegistrar {

        @Override
        public void registerHints(RuntimeHints hints, @Nullable ClassLoader loader) {
            hints.reflection().registerType(TomcatUpgradeHandler.class, MemberCategory.INVOKE_PUBLIC_CONSTRUCTORS);
        }
    }

    static final class OfClient implements RuntimeHintsRegistrar {

        /** Netty asks each which of its methods do nothing; its own it has registered itself. */
        private static final List<String> HANDLERS =
                List.of("Dial$1", "HttpExchange", "NettyTransport", "PipelineEnd", "Socks$VersionCheck");

        @Override
        public void registerHints(RuntimeHints hints, @Nullable ClassLoader loader) {
            registerExtensions(hints);
            HANDLERS.forEach(handler ->
                    hints.reflection().registerType(TypeReference.of("dev.hawser.websocket.client." + handler)));
        }
    }
}
