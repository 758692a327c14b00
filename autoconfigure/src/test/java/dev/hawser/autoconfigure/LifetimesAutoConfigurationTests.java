package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.eventsource.EventSource;
import dev.hawser.eventsource.EventSourceObserver;
import dev.hawser.eventsource.EventSourceOptions;
import dev.hawser.spring.AuthenticationExpiry;
import dev.hawser.spring.ConnectionLifetimes;
import dev.hawser.websocket.connection.ConnectionGroup;
import dev.hawser.websocket.servlet.ServletEventStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.mock.web.MockHttpSession;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.core.DefaultOAuth2AuthenticatedPrincipal;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.server.resource.authentication.BearerTokenAuthentication;

/** The beans that end connections, with and without Spring Security and Spring Session. */
class LifetimesAutoConfigurationTests {

    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private static final AutoConfigurations OURS = AutoConfigurations.of(
            HawserAutoConfiguration.class,
            HawserSecurityAutoConfiguration.class,
            HawserSpringSessionAutoConfiguration.class,
            HawserBearerTokenAutoConfiguration.class);

    private final WebApplicationContextRunner runner = new WebApplicationContextRunner().withConfiguration(OURS);

    @Test
    void allAreThereWhereEverythingIsOnTheClassPath() {
        runner.run(context -> assertThat(context)
                .hasSingleBean(ConnectionLifetimes.class)
                .hasSingleBean(RequestLifetimes.class)
                .hasSingleBean(SessionEndListener.class)
                .hasSingleBean(SecurityEventListener.class)
                .hasSingleBean(SpringSessionListener.class)
                .hasSingleBean(AuthenticationExpiry.class));
    }

    @Test
    void withoutSpringSecurityAndSpringSessionTheContainersSessionsAreFollowed() {
        runner.withClassLoader(new FilteredClassLoader("org.springframework.security", "org.springframework.session"))
                .run(context -> assertThat(context)
                        .hasSingleBean(ConnectionLifetimes.class)
                        .hasSingleBean(RequestLifetimes.class)
                        .hasSingleBean(SessionEndListener.class)
                        .doesNotHaveBean("hawserSecurityEventListener")
                        .doesNotHaveBean("hawserSpringSessionListener")
                        .doesNotHaveBean(AuthenticationExpiry.class));
    }

    @Test
    void springSecurityDoesWithoutBearerTokens() {
        runner.withClassLoader(new FilteredClassLoader("org.springframework.security.oauth2"))
                .run(context -> assertThat(context)
                        .hasSingleBean(SecurityEventListener.class)
                        .doesNotHaveBean(AuthenticationExpiry.class));
    }

    @Test
    void thereAreNoneWithoutAServer() {
        new ApplicationContextRunner().withConfiguration(OURS).run(context -> assertThat(context)
                .doesNotHaveBean(ConnectionLifetimes.class)
                .doesNotHaveBean(SecurityEventListener.class)
                .doesNotHaveBean(SpringSessionListener.class));
    }

    @Test
    void thoseOfTheApplicationTakeTheirPlaces() {
        try (ConnectionGroup group = ConnectionGroup.create()) {
            ConnectionLifetimes lifetimes = new ConnectionLifetimes(group, InstantSource.system());
            AuthenticationExpiry expiry = principal -> NOON;
            SessionEndListener listener = new SessionEndListener(lifetimes);
            SecurityEventListener security = new SecurityEventListener(lifetimes);
            SpringSessionListener session = new SpringSessionListener(lifetimes);
            runner.withBean(ConnectionLifetimes.class, () -> lifetimes)
                    .withBean(AuthenticationExpiry.class, () -> expiry)
                    .withBean(SessionEndListener.class, () -> listener)
                    .withBean(SecurityEventListener.class, () -> security)
                    .withBean(SpringSessionListener.class, () -> session)
                    .run(context -> {
                        assertThat(context.getBean(ConnectionLifetimes.class)).isSameAs(lifetimes);
                        assertThat(context.getBean(AuthenticationExpiry.class)).isSameAs(expiry);
                        assertThat(context.getBean(SessionEndListener.class)).isSameAs(listener);
                        assertThat(context.getBean(SecurityEventListener.class)).isSameAs(security);
                        assertThat(context.getBean(SpringSessionListener.class)).isSameAs(session);
                    });
        }
    }

    private static BearerTokenAuthentication bearer(Instant expiresAt) {
        return new BearerTokenAuthentication(
                new DefaultOAuth2AuthenticatedPrincipal("grace", Map.of("sub", "grace"), AuthorityUtils.NO_AUTHORITIES),
                new OAuth2AccessToken(OAuth2AccessToken.TokenType.BEARER, "x", null, expiresAt),
                AuthorityUtils.NO_AUTHORITIES);
    }

    @Test
    void aBearerTokenSaysWhenItExpires() {
        runner.run(context -> {
            AuthenticationExpiry expiry = context.getBean(AuthenticationExpiry.class);
            assertThat(expiry.expiresAt(bearer(NOON))).isEqualTo(NOON);
            assertThat(expiry.expiresAt(bearer(null))).isNull();
            assertThat(expiry.expiresAt(() -> "somebody else")).isNull();
        });
    }

    @Test
    void nothingIsKeptOfAStreamWhoseTokenCannotBeRead() {
        AuthenticationExpiry broken = principal -> {
            throw new IllegalStateException("on purpose");
        };
        runner.withBean(AuthenticationExpiry.class, () -> broken).run(context -> {
            MockHttpServletRequest request = new MockHttpServletRequest("GET", "/events");
            request.setSession(new MockHttpSession());
            request.setUserPrincipal(() -> "grace");
            EventSource events = ServletEventStream.check(
                            request,
                            new MockHttpServletResponse(),
                            new ServletEventStream.Setup(
                                    EventSourceOptions.DEFAULT,
                                    EventSourceObserver.NONE,
                                    context.getBean(ConnectionGroup.class),
                                    null))
                    .events();
            RequestLifetimes lifetimes = context.getBean(RequestLifetimes.class);
            assertThatThrownBy(() -> lifetimes.tie(request, events)).hasMessage("on purpose");
            assertThat(context.getBean(ConnectionLifetimes.class).size()).isZero();
        });
    }
}
