package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hawser.spring.WebSocketConverter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.converter.StringHttpMessageConverter;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

class HawserConverterAutoConfigurationTests {

    record Order(String itemName) {}

    private static final AutoConfigurations CONVERTER =
            AutoConfigurations.of(HawserConverterAutoConfiguration.class, JacksonAutoConfiguration.class);

    private final ApplicationContextRunner jacksonOnly = new ApplicationContextRunner()
            .withConfiguration(CONVERTER)
            .withPropertyValues("spring.jackson.property-naming-strategy=SNAKE_CASE");

    private final ApplicationContextRunner runner =
            jacksonOnly.withConfiguration(AutoConfigurations.of(HttpMessageConvertersAutoConfiguration.class));

    private final WebApplicationContextRunner mvc = new WebApplicationContextRunner()
            .withConfiguration(CONVERTER)
            .withConfiguration(AutoConfigurations.of(
                    HttpMessageConvertersAutoConfiguration.class,
                    HawserAutoConfiguration.class,
                    WebMvcAutoConfiguration.class))
            .withPropertyValues("spring.jackson.property-naming-strategy=SNAKE_CASE");

    private static String json(WebSocketConverter converter) {
        return converter.message(new Order("a")).text();
    }

    @Test
    void itIsThereInEveryKindOfApplicationWithTheApplicationsSettings() {
        jacksonOnly.run(context ->
                assertThat(json(context.getBean(WebSocketConverter.class))).isEqualTo("{\"item_name\":\"a\"}"));
        runner.run(context ->
                assertThat(json(context.getBean(WebSocketConverter.class))).isEqualTo("{\"item_name\":\"a\"}"));
        mvc.run(context ->
                assertThat(json(context.getBean(WebSocketConverter.class))).isEqualTo("{\"item_name\":\"a\"}"));
    }

    @Test
    void whatIsConfiguredForSpringMvcHolds() {
        JsonMapper own = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
                .build();
        mvc.withBean(WebMvcConfigurer.class, () -> new WebMvcConfigurer() {
                    @Override
                    public void configureMessageConverters(
                            org.springframework.http.converter.HttpMessageConverters.ServerBuilder builder) {
                        builder.withJsonConverter(
                                new org.springframework.http.converter.json.JacksonJsonHttpMessageConverter(own));
                    }
                })
                .run(context -> assertThat(json(context.getBean(WebSocketConverter.class)))
                        .isEqualTo("{\"item-name\":\"a\"}"));
    }

    @Test
    void aBeanOfTheApplicationWins() {
        WebSocketConverter own = new WebSocketConverter(List::of);
        jacksonOnly.withBean(WebSocketConverter.class, () -> own).run(context -> assertThat(
                        context.getBean(WebSocketConverter.class))
                .isSameAs(own));
        runner.withBean(WebSocketConverter.class, () -> own)
                .run(context ->
                        assertThat(context.getBean(WebSocketConverter.class)).isSameAs(own));
        mvc.withBean(WebSocketConverter.class, () -> own)
                .run(context ->
                        assertThat(context.getBean(WebSocketConverter.class)).isSameAs(own));
    }

    @Test
    void withoutAnyConvertersThereIsNone() {
        jacksonOnly
                .withClassLoader(new FilteredClassLoader(HttpMessageConverter.class))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(WebSocketConverter.class));
        jacksonOnly
                .withClassLoader(new FilteredClassLoader("tools.jackson"))
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(WebSocketConverter.class));
        jacksonOnly
                .withClassLoader(new FilteredClassLoader("org.springframework.web", "org.springframework.boot.http"))
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(WebSocketConverter.class));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hawser.websocket.unconvertible | 1002 | must be 1007 or 1003",
                "hawser.websocket.unconvertible | unsupported | must be 1007 or 1003",
                "hawser.websocket.media-type | json | must be a media type, without a wildcard",
                "hawser.websocket.media-type | application/* | must be a media type, without a wildcard",
                "hawser.websocket.media-type | text/plain;charset=latin1 | and in UTF-8 if it is text"
            })
    void aWrongValueIsNamedWithItsRuleAndAValueThatWouldDo(String property, String value, String rule) {
        new WrongValue(property, value).isNamedWithItsRuleAndAValueThatWouldDo(runner, rule);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "application/json",
                "application/vnd.order+json",
                "application/xml",
                "application/atom+xml",
                "application/yaml",
                "application/x-lines;charset=UTF-8"
            })
    void textGoesAsText(String mediaType) {
        WebSocketConverter converter = new WebSocketConverter(() -> List.of(new StringHttpMessageConverter()))
                .mediaType(MediaType.parseMediaType(mediaType));
        assertThat(converter.message("Grüße").text()).isEqualTo("Grüße");
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/cbor", "application/octet-stream", "application/x-json-like", "image/png"})
    void allElseGoesAsBinary(String mediaType) {
        WebSocketConverter converter = new WebSocketConverter(() -> List.of(new StringHttpMessageConverter()))
                .mediaType(MediaType.parseMediaType(mediaType));
        assertThat(converter.message("a").isText()).isFalse();
    }

    @Test
    void anyOtherCodeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WebSocketConverter(List::of).unconvertible(1011))
                .withMessage("Close code must be 1007 or 1003, but is 1011");
    }
}
