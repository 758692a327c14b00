package dev.hawser.readme;

import dev.hawser.test.WebSocketTestClient;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.security.Principal;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** An application on a free port, made of what auto-configuration gives and of samples; and a client of it. */
final class SampleApplication implements AutoCloseable {

    final ConfigurableApplicationContext context;
    final WebSocketTestClient client;

    /** What the samples leave to the application. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Surroundings {

        /** Logs in whoever says who they are. */
        @Bean
        Filter logIn() {
            return (request, response, chain) -> {
                String user = ((HttpServletRequest) request).getHeader("X-User");
                chain.doFilter(
                        new HttpServletRequestWrapper((HttpServletRequest) request) {
                            @Override
                            public Principal getUserPrincipal() {
                                return user == null ? null : () -> user;
                            }
                        },
                        response);
            };
        }
    }

    private SampleApplication(ConfigurableApplicationContext context) {
        this.context = context;
        this.client = WebSocketTestClient.bindToServer(port());
    }

    static SampleApplication start(Class<?> samples, String... arguments) {
        SpringApplication application = new SpringApplication(Surroundings.class, samples);
        return new SampleApplication(application.run(
                Stream.concat(Stream.of("--server.port=0", "--server.address=127.0.0.1"), Stream.of(arguments))
                        .toArray(String[]::new)));
    }

    int port() {
        return context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        client.close();
        context.close();
    }
}
