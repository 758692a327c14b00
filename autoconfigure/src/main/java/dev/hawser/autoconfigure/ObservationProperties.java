package dev.hawser.autoconfigure;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Properties of observations.
 *
 * @param listeners Whether listeners run within the observation of their connection's handshake, so that their log lines show its trace.
 * @param messages Whether each message that is received or sent whole is observed.
 */
@ConfigurationProperties("hawser.observations")
public record ObservationProperties(
        @DefaultValue("false") boolean listeners,
        @DefaultValue("false") boolean messages) {}
