package dev.hawser.autoconfigure;

import dev.hawser.spring.WebSocketConverter;
import java.util.List;
import java.util.stream.StreamSupport;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.http.converter.autoconfigure.ClientHttpMessageConvertersCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;
import tools.jackson.databind.json.JsonMapper;

/** Where the converters of messages come from. The first of these that applies makes the bean; imported one by one, so that they are asked in their order. */
final class ConverterConfigurations {

    private ConverterConfigurations() {}

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
            return properties.apply(
                    new WebSocketConverter(() -> adapter.getObject().getMessageConverters()));
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
            return properties.apply(new WebSocketConverter(() -> {
                HttpMessageConverters.ClientBuilder builder = HttpMessageConverters.forClient();
                customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
                return listOf(builder.build());
            }));
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
            return properties.apply(
                    new WebSocketConverter(() -> List.of(new JacksonJsonHttpMessageConverter(mapper.getObject()))));
        }
    }
}
