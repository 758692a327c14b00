package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.handshake.HttpText;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.mock.env.MockEnvironment;

/** A value of a property that stops the application, with a message that helps. */
record WrongValue(String property, String value) {

    /** The message names the property, the rule and the value, and what it suggests would do. */
    void isNamedWithItsRuleAndAValueThatWouldDo(AbstractApplicationContextRunner<?, ?, ?> runner, String rule) {
        MockEnvironment environment = new MockEnvironment().withProperty(property, value);
        runner.withPropertyValues(property + "=" + value).run(context -> {
            assertThat(context.getStartupFailure()).isNotNull();
            FailureAnalysis analysis = Stream.of(
                            new InvalidPropertyFailureAnalyzer(environment), new UnreadablePropertyFailureAnalyzer())
                    .map(analyzer -> analyzer.analyze(context.getStartupFailure()))
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElseThrow();
            assertThat(analysis.getDescription())
                    .startsWith("The property '" + property)
                    .contains(rule, "but is " + HttpText.quote(value))
                    .doesNotContain("; ");
            assertThat(analysis.getAction())
                    .startsWith("Change the property '" + property)
                    .contains("for example to '");
            String suggested = analysis.getAction().replaceAll("(?s).*for example to '(.*?)'.*", "$1");
            runner.withPropertyValues(property + "=" + suggested)
                    .run(again -> assertThat(again.getStartupFailure()).isNull());
        });
    }
}
