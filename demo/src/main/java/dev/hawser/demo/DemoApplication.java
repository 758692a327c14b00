package dev.hawser.demo;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Starts the demo and says where to look. */
@SpringBootApplication
@EnableScheduling
public class DemoApplication {

    private static final Logger log = LoggerFactory.getLogger(DemoApplication.class);

    public static void main(String[] arguments) {
        SpringApplication.run(DemoApplication.class, arguments);
    }

    @EventListener
    void ready(ApplicationReadyEvent event) {
        Environment environment = event.getApplicationContext().getEnvironment();
        log.info(
                "Open http://localhost:{}{}/",
                environment.getProperty("local.server.port"),
                environment.getProperty("server.servlet.context-path", ""));
    }
}
