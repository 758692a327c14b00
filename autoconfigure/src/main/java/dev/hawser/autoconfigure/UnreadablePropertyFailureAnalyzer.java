package dev.hawser.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.util.unit.DataSize;

/** Says how to write what Spring Boot cannot read: a duration, a size, a number, yes or no, one of a few. Before Boot's own. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class UnreadablePropertyFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

    private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("hawser");

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
        ConfigurationProperty property = cause.getProperty();
        Class<?> type = cause.getTarget().getType().resolve();
        if (property == null || type == null || !PREFIX.isAncestorOf(property.getName())) {
            return null;
        }
        if (type == Duration.class) {
            return analysis(property, "a number and its unit without a space", "30s", cause);
        } else if (type == DataSize.class) {
            return analysis(property, "a number and its unit without a space", "64KB", cause);
        } else if (type == int.class || type == Integer.class) {
            return analysis(property, "a whole number in digits", "8", cause);
        } else if (type == double.class) {
            return analysis(property, "a number", "1.0", cause);
        } else if (type == boolean.class || type == Boolean.class) {
            return analysis(property, "true or false", "true", cause);
        } else if (type.isEnum()) {
            List<String> names = Stream.of(type.getEnumConstants())
                    .map(constant ->
                            constant.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .toList();
            return analysis(property, "one of " + String.join(", ", names), names.get(0), cause);
        }
        return null;
    }

    private static FailureAnalysis analysis(
            ConfigurationProperty property, String rule, String example, BindException cause) {
        InvalidPropertyException explained = new InvalidPropertyException(
                property.getName().toString(), String.valueOf(property.getValue()), "must be " + rule, example);
        return new FailureAnalysis(String.valueOf(explained.getMessage()), explained.action(), cause);
    }
}
