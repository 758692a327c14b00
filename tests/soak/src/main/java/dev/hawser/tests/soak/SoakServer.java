package dev.hawser.tests.soak;

import java.io.IOException;
import java.io.OutputStream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The server, in a process of its own. The first line that it prints is its port; all others are what it logs. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({Endpoints.class, Control.class})
public class SoakServer {

    /** How much a socket holds that the peer does not read: little, as when the peer is far, so that one soon sticks. */
    private static final int SEND_BUFFER = 32 * 1024;

    /** With properties as arguments. Ends with its input: nobody is left then who would end it. */
    public static void main(String[] arguments) {
        Thread input = new Thread(SoakServer::awaitEndOfInput, "input");
        input.setDaemon(true);
        input.start();
        SpringApplication.run(SoakServer.class, arguments);
    }

    private static void awaitEndOfInput() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException closed) {
            // That is an end, too.
        }
        Runtime.getRuntime().halt(0);
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> sendBuffer() {
        return factory -> factory.addConnectorCustomizers(
                connector -> connector.setProperty("socket.txBufSize", Integer.toString(SEND_BUFFER)));
    }

    @Bean
    ApplicationListener<ApplicationReadyEvent> tellPort() {
        return ready -> System.out.println(
                ready.getApplicationContext().getEnvironment().getRequiredProperty("local.server.port"));
    }
}
