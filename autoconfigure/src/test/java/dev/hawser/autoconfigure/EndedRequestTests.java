package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.springframework.http.server.observation.DefaultServerRequestObservationConvention;
import org.springframework.http.server.observation.OpenTelemetryServerRequestObservationConvention;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.http.server.observation.ServerRequestObservationConvention;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** A request that the container has taken back. */
class EndedRequestTests {

    private final MockHttpServletRequest alive = new MockHttpServletRequest("GET", "/app/chat/lobby");

    private EndedRequest ended() {
        alive.setScheme("https");
        alive.setProtocol("HTTP/1.1");
        alive.setQueryString("a=1");
        alive.setContextPath("/app");
        alive.setServletPath("/chat");
        alive.setPathInfo("/lobby");
        alive.setServerName("example.com");
        alive.setServerPort(8443);
        alive.setRemoteAddr("192.0.2.1");
        alive.setRemotePort(1234);
        alive.setUserPrincipal(() -> "ada");
        alive.addPreferredLocale(Locale.GERMAN);
        alive.addHeader("X-Two", "1");
        alive.addHeader("X-Two", "2");
        alive.setAttribute("attribute", 7);
        alive.setParameter("a", "1", "2");
        alive.setCookies(new Cookie("tenant", "blue"));
        EndedRequest request = new EndedRequest(alive);
        request.setRequest((HttpServletRequest) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {HttpServletRequest.class}, (proxy, method, arguments) -> {
                    throw new IllegalStateException("The request object has been recycled");
                }));
        return request;
    }

    @Test
    void itStillKnowsWhatItWas() {
        EndedRequest request = ended();
        assertThat(request.getMethod()).isEqualTo("GET");
        assertThat(request.getScheme()).isEqualTo("https");
        assertThat(request.isSecure()).isTrue();
        assertThat(request.getProtocol()).isEqualTo("HTTP/1.1");
        assertThat(request.getRequestURI()).isEqualTo("/app/chat/lobby");
        assertThat(request.getRequestURL()).hasToString("https://example.com:8443/app/chat/lobby");
        assertThat(request.getQueryString()).isEqualTo("a=1");
        assertThat(request.getContextPath()).isEqualTo("/app");
        assertThat(request.getServletPath()).isEqualTo("/chat");
        assertThat(request.getPathInfo()).isEqualTo("/lobby");
        assertThat(request.getServerName()).isEqualTo("example.com");
        assertThat(request.getServerPort()).isEqualTo(8443);
        assertThat(request.getRemoteAddr()).isEqualTo("192.0.2.1");
        assertThat(request.getRemoteHost()).isEqualTo("192.0.2.1");
        assertThat(request.getRemotePort()).isEqualTo(1234);
        assertThat(request.getRemoteUser()).isEqualTo("ada");
        assertThat(request.getUserPrincipal().getName()).isEqualTo("ada");
        assertThat(request.getLocale()).isEqualTo(Locale.GERMAN);
        assertThat(request.isAsyncStarted()).isFalse();
        assertThat(request.getHeader("x-two")).isEqualTo("1");
        assertThat(request.getHeader("X-None")).isNull();
        assertThat(Collections.list(request.getHeaders("x-two"))).containsExactly("1", "2");
        assertThat(Collections.list(request.getHeaderNames())).contains("X-Two");
        assertThat(request.getCookies()).extracting(Cookie::getValue).containsExactly("blue");
        assertThat(request.getParameter("a")).isEqualTo("1");
        assertThat(request.getParameter("b")).isNull();
        assertThat(request.getParameterValues("a")).containsExactly("1", "2");
        assertThat(Collections.list(request.getParameterNames())).containsExactly("a");
        assertThat(request.getParameterMap()).containsOnlyKeys("a");
        assertThat(request.getAttribute("attribute")).isEqualTo(7);
        request.setAttribute("other", 8);
        request.removeAttribute("attribute");
        assertThat(Collections.list(request.getAttributeNames())).containsExactly("other");
        assertThatThrownBy(request::getSession).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void springsConventionsFindWhatTheyAskFor() {
        MockHttpServletResponse response = new MockHttpServletResponse();
        response.setStatus(402);
        ServerRequestObservationContext context = new ServerRequestObservationContext(ended(), response);
        context.setPathPattern("/chat/{room}");
        for (ServerRequestObservationConvention convention : new ServerRequestObservationConvention[] {
            new DefaultServerRequestObservationConvention(), new OpenTelemetryServerRequestObservationConvention()
        }) {
            assertThat(convention.getContextualName(context)).containsIgnoringCase("get");
            assertThat(convention.getLowCardinalityKeyValues(context).stream().map(pair -> pair.getValue()))
                    .contains("GET", "402", "/chat/{room}");
            assertThat(convention.getHighCardinalityKeyValues(context).stream().map(pair -> pair.getValue()))
                    .contains("/app/chat/lobby");
        }
    }
}
