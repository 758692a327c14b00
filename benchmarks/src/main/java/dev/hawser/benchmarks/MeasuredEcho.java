package dev.hawser.benchmarks;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.springframework.boot.SpringApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The echo of {@link HawserEcho}, with meters. */
@Configuration(proxyBeanMethods = false)
public class MeasuredEcho extends HawserEcho {

    public static void main(String[] arguments) {
        SpringApplication.run(MeasuredEcho.class, arguments);
    }

    @Bean
    MeterRegistry meters() {
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    }
}
