package dev.hawser.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Says at start-up which property to change, and to what. Before Boot's own, which would only name the whole group. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class InvalidPropertyFailureAnalyzer extends AbstractFailureAnalyzer<InvalidPropertyException> {

    private final Environment environment;

    InvalidPropertyFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    /** Shows the value as it was written: {@code 3GB}, not so many bytes. */
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InvalidPropertyException cause) {
        String written = environment.getProperty(cause.property());
        String description = written == null ? String.valueOf(cause.getMessage()) : cause.description(written);
        return new FailureAnalysis(description, cause.action(), cause);
    }
}
