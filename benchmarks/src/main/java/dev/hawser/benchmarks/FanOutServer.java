package dev.hawser.benchmarks;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What both servers have that send to all: the thread that does it, by a schedule, and the size of a socket's buffer. */
@Configuration(proxyBeanMethods = false)
class FanOutServer {

    /** How much a socket holds that the peer does not read: little, as when the peer is far, so that one soon sticks. */
    private static final int SEND_BUFFER = 16 * 1024;

    /** The query with which the receiver asks that will read nothing. */
    static final String STUCK = "stuck";

    /** What sends one text to all receivers. */
    interface Sender extends Consumer<String> {}

    /** When the receiver that reads nothing was dropped, as {@link System#nanoTime}; 0 while it is connected. */
    private static final AtomicLong stuckUntil = new AtomicLong();

    /** The one that reads nothing is gone. */
    static void stuckIsGone() {
        stuckUntil.compareAndSet(0, System.nanoTime());
    }

    @Bean
    WebServerFactoryCustomizer<TomcatServletWebServerFactory> sendBuffer() {
        return factory -> factory.addConnectorCustomizers(
                connector -> connector.setProperty("socket.txBufSize", Integer.toString(SEND_BUFFER)));
    }

    /** What the load asks for. */
    @RestController
    static class Control {

        private final Sender sender;

        Control(Sender sender) {
            this.sender = sender;
        }

        /** Sends from now on; when the first message is due, as {@link System#nanoTime}. */
        @GetMapping("/start")
        String start(int perSecond, int burst) {
            Schedule schedule = new Schedule(System.nanoTime() + 100_000_000, perSecond, burst);
            Thread thread = new Thread(() -> send(schedule), "sender");
            thread.setDaemon(true);
            thread.start();
            return Long.toString(schedule.start());
        }

        /** When the receiver that reads nothing was gone; 0 if it is not. */
        @GetMapping("/stuck")
        String stuck() {
            return Long.toString(stuckUntil.get());
        }

        private void send(Schedule schedule) {
            for (long number = 0; ; number++) {
                long due = schedule.due(number);
                sleepUntil(due);
                sender.accept(TimedMessage.text(number, due));
            }
        }

        private static void sleepUntil(long due) {
            try {
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    TimeUnit.NANOSECONDS.sleep(left);
                }
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        }
    }
}
