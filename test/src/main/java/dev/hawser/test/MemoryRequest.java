package dev.hawser.test;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.Cookie;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.springframework.http.HttpMethod;
import org.springframework.mock.web.MockAsyncContext;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.request.AbstractMockHttpServletRequestBuilder;
import org.springframework.test.web.servlet.request.RequestPostProcessor;

/**
 * A GET that MockMvc makes with a response of ours: it takes that of the request's asynchronous context where there is one,
 * as for {@code MockMvcRequestBuilders.asyncDispatch}.
 */
final class MemoryRequest extends AbstractMockHttpServletRequestBuilder<MemoryRequest> {

    private final MockHttpServletResponse response;

    MemoryRequest(URI url, List<RequestPostProcessor> processors, MockHttpServletResponse response) {
        super(HttpMethod.GET);
        this.response = response;
        uri(url);
        int port = url.getPort();
        header("Host", port < 0 ? url.getHost() : url.getHost() + ":" + port);
        with(MemoryRequest::readCookies);
        processors.forEach(this::with);
    }

    /** RFC 6265, section 4.2.1: a container reads them from the header, which Spring's request does not. */
    private static MockHttpServletRequest readCookies(MockHttpServletRequest request) {
        List<Cookie> cookies = new ArrayList<>();
        for (String header : Collections.list(request.getHeaders("Cookie"))) {
            for (String pair : header.split(";")) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    cookies.add(new Cookie(
                            pair.substring(0, equals).strip(),
                            pair.substring(equals + 1).strip()));
                }
            }
        }
        if (!cookies.isEmpty()) {
            request.setCookies(cookies.toArray(new Cookie[0]));
        }
        return request;
    }

    @Override
    protected MockHttpServletRequest createServletRequest(ServletContext context) {
        MockHttpServletRequest request = new AsynchronousRequest(context, response);
        request.setAsyncContext(new MockAsyncContext(request, response));
        return request;
    }

    /** Spring's gives an asynchronous context without a response, unless one is handed in. */
    private static final class AsynchronousRequest extends MockHttpServletRequest {

        private final MockHttpServletResponse response;

        AsynchronousRequest(ServletContext context, MockHttpServletResponse response) {
            super(context);
            this.response = response;
        }

        @Override
        public AsyncContext startAsync() {
            return startAsync(this, response);
        }
    }
}
