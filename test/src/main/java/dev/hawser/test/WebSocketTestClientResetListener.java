package dev.hawser.test;

import org.springframework.context.ApplicationContext;
import org.springframework.test.context.TestContext;
import org.springframework.test.context.support.AbstractTestExecutionListener;

/** Closes what a test has left open. */
final class WebSocketTestClientResetListener extends AbstractTestExecutionListener {

    /** Before the context may be closed. */
    @Override
    public int getOrder() {
        return 3500;
    }

    @Override
    public void afterTestMethod(TestContext test) {
        if (test.hasApplicationContext()) {
            ApplicationContext context = test.getApplicationContext();
            context.getBeansOfType(WebSocketTestClient.class, false, false)
                    .values()
                    .forEach(WebSocketTestClient::reset);
        }
    }
}
