package dev.hawser.autoconfigure;

import dev.hawser.spring.WebSocketConverter;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.http.converter.autoconfigure.ClientHttpMessageConvertersCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;
import tools.jackson.databind.json.JsonMapper;

/**
 * Auto-configuration for messages that are objects: with the converters of Spring MVC, or those of HTTP clients in an
 * application without it, or nothing but the application's Jackson.
 */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration",
            "org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration",
            "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration"
        })
@ConditionalOnClass(HttpMessageConverter.class)
@EnableConfigurationProperties(ConverterProperties.class)
@Import({
    HawserConverterAutoConfiguration.OfMvc.class,
    HawserConverterAutoConfiguration.OfClients.class,
    HawserConverterAutoConfiguration.OfJackson.class
})
public final class HawserConverterAutoConfiguration {

    private static WebSocketConverter converter(
            ConverterProperties properties, Supplier<List<HttpMessageConverter<?>>> converters) {
        WebSocketConverter json = new WebSocketConverter(converters).unconvertible(properties.unconvertible());
        try {
            return json.mediaType(MediaType.parseMediaType(properties.mediaType()));
        } catch (IllegalArgumentException wrong) {
            throw new InvalidPropertyException(
                    ConverterProperties.MEDIA_TYPE,
                    properties.mediaType(),
                    "must be a media type, without a wildcard and in UTF-8 if it is text",
                    "application/json");
        }
    }

    /** The converters are asked for when they are needed: making them takes our part of Spring MVC, which takes this. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(RequestMappingHandlerAdapter.class)
    @ConditionalOnBean(name = OfMvc.ADAPTER, value = RequestMappingHandlerAdapter.class)
    static final class OfMvc {

        private static final String ADAPTER = "requestMappingHandlerAdapter";

        @Bean
        @ConditionalOnMissingBean
        WebSocketConverter hawserWebSocketConverter(
                ConverterProperties properties,
                @Qualifier(ADAPTER) ObjectProvider<RequestMappingHandlerAdapter> adapter) {
            return converter(properties, () -> adapter.getObject().getMessageConverters());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(ClientHttpMessageConvertersCustomizer.class)
    @ConditionalOnBean(ClientHttpMessageConvertersCustomizer.class)
    static final class OfClients {

        @Bean
        @ConditionalOnMissingBean
        WebSocketConverter hawserWebSocketConverter(
                ConverterProperties properties, ObjectProvider<ClientHttpMessageConvertersCustomizer> customizers) {
            return converter(properties, () -> {
                HttpMessageConverters.ClientBuilder builder = HttpMessageConverters.forClient();
                customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
                return listOf(builder.build());
            });
        }

        private static List<HttpMessageConverter<?>> listOf(HttpMessageConverters converters) {
            return StreamSupport.stream(converters.spliterator(), false).toList();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({JsonMapper.class, JacksonJsonHttpMessageConverter.class})
    @ConditionalOnBean(JsonMapper.class)
    static final class OfJackson {

        @Bean
        @ConditionalOnMissingBean
        WebSocketConverter hawserWebSocketConverter(ConverterProperties properties, ObjectProvider<JsonMapper> mapper) {
            return converter(properties, () -> List.of(new JacksonJsonHttpMessageConverter(mapper.getObject())));
        }
    }
}
