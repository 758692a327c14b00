package dev.hawser.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Import;
import org.springframework.http.converter.HttpMessageConverter;

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
    ConverterConfigurations.OfMvc.class,
    ConverterConfigurations.OfClients.class,
    ConverterConfigurations.OfJackson.class
})
public final class HawserConverterAutoConfiguration {}
