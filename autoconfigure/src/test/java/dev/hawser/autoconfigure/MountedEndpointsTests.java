package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.websocket.WebSocketOptions;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.web.context.support.StaticWebApplicationContext;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Endpoints that come and go on many threads. */
class MountedEndpointsTests {

    @Test
    void threadsThatMountAndUnmountTheSameAgreeOnWhatIsThere() throws Exception {
        RequestMappingHandlerMapping mapping = new RequestMappingHandlerMapping();
        try (StaticWebApplicationContext context = new StaticWebApplicationContext()) {
            context.refresh();
            mapping.setApplicationContext(context);
            mapping.afterPropertiesSet();
            MountedEndpoints endpoints =
                    new MountedEndpoints(() -> mapping, WebSocketOptions.DEFAULT, Stream::empty, false);
            Queue<String> unexpected = new ConcurrentLinkedQueue<>();
            Runnable restless = () -> {
                WebSocketEndpoint endpoint = WebSocketEndpoint.at("/same", socket -> {}); // each has its own
                for (int i = 0; i < 20_000; i++) {
                    try {
                        endpoints.mount(endpoint);
                    } catch (IllegalStateException there) {
                        if (!"There is an endpoint at /same already".equals(there.getMessage())) {
                            unexpected.add(there.toString());
                        }
                    }
                    endpoints.unmount("/same");
                }
            };
            List<Thread> threads = List.of(new Thread(restless), new Thread(restless), new Thread(restless));
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(unexpected).isEmpty();
            assertThat(endpoints.patterns()).isEmpty();
            assertThat(mapping.getHandlerMethods()).isEmpty();
        }
    }
}
