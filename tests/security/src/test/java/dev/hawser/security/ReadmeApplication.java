package dev.hawser.security;

import dev.hawser.spring.ConnectionLifetimes;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.servlet.ServletEventStream;
import dev.hawser.websocket.servlet.ServletUpgrade;
import java.util.Collections;
import java.util.stream.Stream;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.server.resource.web.BearerTokenResolver;
import org.springframework.security.oauth2.server.resource.web.DefaultBearerTokenResolver;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.HttpStatusEntryPoint;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The samples of the README's section about security, word by word. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableMethodSecurity
@Import({ReadmeApplication.Admin.class, ReadmeApplication.Feed.class})
class ReadmeApplication {

    @Bean
    SecurityFilterChain security(HttpSecurity http) {
        HttpStatusEntryPoint unauthorized = new HttpStatusEntryPoint(HttpStatus.UNAUTHORIZED);
        return http.authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
                .formLogin(Customizer.withDefaults())
                .oauth2ResourceServer(server -> server.jwt(Customizer.withDefaults()))
                .exceptionHandling(handling -> handling // 401, where the form would answer with a redirect
                        .defaultAuthenticationEntryPointFor(unauthorized, ServletUpgrade::isWebSocket)
                        .defaultAuthenticationEntryPointFor(unauthorized, ServletEventStream::isEventSource))
                .build();
    }

    @RestController
    static class Admin {

        @GetMapping("/admin")
        @PreAuthorize("hasRole('ADMIN')")
        void admin(WebSocket socket) {
            socket.send("Hello, " + socket.principal().getName());
        }
    }

    @Bean
    BearerTokenResolver bearerTokens() { // new WebSocket(url, ["chat.v2", "access_token." + token])
        DefaultBearerTokenResolver authorization = new DefaultBearerTokenResolver();
        return request -> Collections.list(request.getHeaders("Sec-WebSocket-Protocol")).stream()
                .flatMap(protocols -> Stream.of(protocols.split(",")))
                .map(String::strip)
                .filter(protocol -> protocol.startsWith("access_token."))
                .map(protocol -> protocol.substring("access_token.".length()))
                .findFirst()
                .orElseGet(() -> authorization.resolve(request));
    }

    @RestController
    static class Feed {

        private final ConnectionLifetimes lifetimes;
        private final JwtDecoder decoder;

        Feed(ConnectionLifetimes lifetimes, JwtDecoder decoder) {
            this.lifetimes = lifetimes;
            this.decoder = decoder;
        }

        @GetMapping("/feed")
        void feed(WebSocket socket) {
            String user = socket.principal().getName();
            socket.onMessage(message -> {
                Jwt token = decoder.decode(message.text()); // throws if it is not valid: 1011
                if (token.getSubject().equals(user)) {
                    lifetimes.expireAt(socket, token.getExpiresAt());
                    socket.send("Until " + token.getExpiresAt());
                }
            });
        }
    }

    @Bean
    JwtDecoder decoder() {
        return Tokens.decoder();
    }

    @Bean
    UserDetailsService users() {
        return new InMemoryUserDetailsManager(
                User.withUsername("ada").password("{noop}secret").roles("ADMIN").build(),
                User.withUsername("eve").password("{noop}secret").roles("USER").build());
    }
}
