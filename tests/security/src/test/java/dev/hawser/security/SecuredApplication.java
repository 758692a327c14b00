package dev.hawser.security;

import dev.hawser.eventsource.EventSource;
import dev.hawser.spring.WebSocketEndpoint;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.WebSocketRequest;
import jakarta.servlet.DispatcherType;
import java.security.Principal;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.AccessDeniedHandlerImpl;
import org.springframework.web.bind.annotation.CrossOrigin;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Form login, HTTP Basic, bearer tokens and method security, in one application. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableMethodSecurity
@Import({SecuredApplication.Endpoints.class, SecuredApplication.Opened.class})
class SecuredApplication {

    @Bean
    SecurityFilterChain security(HttpSecurity http, @Value("${keep-session:false}") boolean keepSession) {
        return http.authorizeHttpRequests(requests -> requests.dispatcherTypeMatchers(DispatcherType.ERROR)
                        .permitAll()
                        .requestMatchers("/open", "/method")
                        .permitAll()
                        .requestMatchers("/admin")
                        .hasRole("ADMIN")
                        .requestMatchers("/secret", "/events", "/endpoint")
                        .authenticated()
                        .anyRequest()
                        .permitAll())
                .formLogin(Customizer.withDefaults())
                .logout(logout -> logout.invalidateHttpSession(!keepSession))
                .httpBasic(Customizer.withDefaults())
                .exceptionHandling(handling -> handling.accessDeniedHandler(new AccessDeniedHandlerImpl()))
                .oauth2ResourceServer(server -> server.jwt(Customizer.withDefaults()))
                .build();
    }

    @Bean
    WebSocketEndpoint endpoint(Opened opened) {
        return WebSocketEndpoint.at("/endpoint", socket -> {
            socket.send(String.valueOf(
                    socket.principal() == null ? null : socket.principal().getName()));
            opened.sockets.add(socket);
        });
    }

    @Bean
    JwtDecoder decoder() {
        return Tokens.decoder();
    }

    @Bean
    UserDetailsService users() {
        return new InMemoryUserDetailsManager(
                User.withUsername("ada").password("{noop}secret").roles("USER").build(),
                User.withUsername("root")
                        .password("{noop}secret")
                        .roles("USER", "ADMIN")
                        .build());
    }

    /** What the endpoints have opened; a controller with method security is a proxy, whose fields are empty. */
    static final class Opened {

        final Queue<WebSocket> sockets = new ConcurrentLinkedQueue<>();
        final Queue<EventSource> streams = new ConcurrentLinkedQueue<>();
        final Queue<String> messages = new ConcurrentLinkedQueue<>();

        void forget() {
            sockets.forEach(WebSocket::terminate);
            sockets.clear();
            streams.forEach(EventSource::close);
            streams.clear();
        }
    }

    @RestController
    static class Endpoints {

        private final Opened opened;

        Endpoints(Opened opened) {
            this.opened = opened;
        }

        private void greet(WebSocket socket) {
            Principal user = socket.principal();
            socket.send(user == null ? "nobody" : user.getName());
            socket.onMessage(message -> opened.messages.add(message.text()));
            socket.onMessage(socket::send);
            opened.sockets.add(socket);
        }

        @GetMapping("/open")
        void open(WebSocket socket) {
            greet(socket);
        }

        @GetMapping("/secret")
        void secret(WebSocket socket) {
            greet(socket);
        }

        @GetMapping("/admin")
        void admin(WebSocketRequest request) {
            greet(request.accept());
        }

        @PreAuthorize("hasRole('ADMIN')")
        @GetMapping("/method")
        void method(WebSocket socket) {
            greet(socket);
        }

        /** Who it is, as far as the thread of a listener knows. */
        @GetMapping("/context")
        void context(WebSocket socket) {
            socket.onOpen(() ->
                    socket.send("open: " + SecurityContextHolder.getContext().getAuthentication()));
            socket.onMessage(message ->
                    socket.send("message: " + SecurityContextHolder.getContext().getAuthentication()));
            opened.sockets.add(socket);
        }

        @CrossOrigin("https://friend.example")
        @GetMapping("/news")
        void news(EventSource events) {
            events.send("news");
            opened.streams.add(events);
        }

        @GetMapping("/events")
        void events(EventSource events) {
            Principal user = events.principal();
            events.send(user == null ? "nobody" : user.getName());
            opened.streams.add(events);
        }
    }
}
