package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;

/** Who may do what with the endpoint, over HTTP: what Boot's properties say, and nothing more. */
class HawserEndpointAccessTests {

    private static final String CONNECTIONS = "/actuator/hawser/connections?endpoint=/echo";

    private static ServletWebServerApplicationContext start(String... properties) {
        return (ServletWebServerApplicationContext) SpringApplication.run(
                TestApplication.class,
                Stream.concat(Stream.of("server.port=0"), Stream.of(properties))
                        .map(property -> "--" + property)
                        .toArray(String[]::new));
    }

    private static int port(ServletWebServerApplicationContext context) {
        return context.getWebServer().getPort();
    }

    @ParameterizedTest
    @CsvSource({
        "logging.level.root=warn, 200, 405",
        "management.endpoint.hawser.access=read-only, 200, 405",
        "management.endpoint.hawser.access=unrestricted, 200, 200",
        "management.endpoint.hawser.access=none, 404, 404",
        "management.endpoints.access.default=read-only, 200, 405",
        "management.endpoints.access.default=unrestricted, 200, 200",
        "management.endpoints.access.default=none, 404, 404",
        "management.endpoints.web.exposure.exclude=hawser, 404, 404"
    })
    void accessIsWhatBootsPropertiesSay(String property, int read, int closed) throws Exception {
        try (ServletWebServerApplicationContext context =
                start("management.endpoints.web.exposure.include=hawser", property)) {
            TestClient echo = TestClient.connect(port(context), "/echo");
            assertThat(HawserEndpointTests.exchange(port(context), "GET", CONNECTIONS)
                            .status())
                    .isEqualTo(read);
            assertThat(HawserEndpointTests.exchange(port(context), "DELETE", CONNECTIONS)
                            .status())
                    .isEqualTo(closed);
            if (closed == 200) {
                assertThat(echo.closeCode()).isEqualTo(1001);
            } else {
                assertThat(echo.send("still").receive()).isEqualTo("still");
                echo.abort();
            }
        }
    }

    @Test
    void unlessItIsPermittedNobodyCloses() throws Exception {
        try (ServletWebServerApplicationContext context = start(
                "management.endpoints.web.exposure.include=*",
                "management.endpoint.hawser.access=unrestricted",
                "management.endpoints.access.max-permitted=read-only")) {
            assertThat(HawserEndpointTests.exchange(port(context), "DELETE", CONNECTIONS)
                            .status())
                    .isEqualTo(405);
        }
    }

    @Test
    void withoutBeingExposedItIsNotThere() throws Exception {
        try (ServletWebServerApplicationContext context = start()) {
            assertThat(context.getBeansOfType(HawserEndpoint.class)).isEmpty();
            assertThat(HawserEndpointTests.exchange(port(context), "GET", "/actuator/hawser")
                            .status())
                    .isEqualTo(404);
        }
    }

    @Test
    void withAPortOfItsOwnItIsThereAndNowhereElse() throws Exception {
        try (ServletWebServerApplicationContext context = start(
                "management.server.port=0",
                "management.endpoints.web.exposure.include=hawser",
                "management.endpoint.hawser.access=unrestricted")) {
            int management = context.getEnvironment().getRequiredProperty("local.management.port", Integer.class);
            TestClient echo = TestClient.connect(port(context), "/echo");
            assertThat(HawserEndpointTests.exchange(port(context), "GET", "/actuator/hawser")
                            .status())
                    .isEqualTo(404);
            assertThat(HawserEndpointTests.exchange(port(context), "DELETE", CONNECTIONS)
                            .status())
                    .isEqualTo(404);
            assertThat(HawserEndpointTests.exchange(management, "GET", CONNECTIONS)
                            .all("connections", "endpoint"))
                    .containsExactly("/echo");
            assertThat(HawserEndpointTests.exchange(management, "DELETE", CONNECTIONS)
                            .status())
                    .isEqualTo(200);
            assertThat(echo.closeCode()).isEqualTo(1001);
        }
    }
}
