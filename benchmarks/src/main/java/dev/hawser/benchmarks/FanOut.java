package dev.hawser.benchmarks;

import dev.hawser.benchmarks.FanOutLoad.Measured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Has four servers in turns send to many receivers at a steady rate, and prints what that costs them and how late it arrives:
 * Spring's event streams and its WebSocket sessions in a loop, a topic of Hawser's with event streams and with WebSockets. Then
 * the same with one receiver that reads nothing.
 *
 * <p>Arguments, each of which may be left out: receivers, seconds of a window, seconds before it, seconds of a window in which
 * one receiver reads nothing.
 */
public final class FanOut {

    private static final int ROUNDS = Integer.getInteger("rounds", 3);
    private static final int PER_SECOND = Integer.getInteger("persecond", 50);
    private static final int BURST = Integer.getInteger("burst", 32);
    private static final double BLOCKED_MICROS = 2_000_000;

    /** How much may wait for one receiver, besides what its socket holds, before it is given up. */
    private static final int MAX_WAITING = 32 * 1024;

    private static final List<String> LIMITS = List.of(
            "--max-waiting=" + MAX_WAITING,
            // Sixteenths of this make a sender wait, and then the rest waits in the topic.
            "--hawser.websocket.max-buffered=" + MAX_WAITING / 2 * 16 + "B",
            "--hawser.eventsource.max-buffered=" + MAX_WAITING / 2 * 16 + "B",
            "--hawser.topics.max-queued=" + MAX_WAITING / 2 + "B",
            "--hawser.websocket.ping=0", // Spring sends none, and nobody would answer
            "--server.shutdown=immediate",
            // or each event stream would say that the server stops
            "--logging.level.org.springframework.web.servlet.mvc.support.DefaultHandlerExceptionResolver=ERROR");

    private static final List<Candidate> CANDIDATES = List.of(
            new Candidate("SseEmitter", SpringFanOut.class, true),
            new Candidate("Hawser EventSource", HawserFanOut.class, true),
            new Candidate("WebSocketSession", SpringFanOut.class, false),
            new Candidate("Hawser WebSocket", HawserFanOut.class, false));

    private record Candidate(String name, Class<?> application, boolean events) {}

    private record Scenario(String name, int burst, boolean stuck) {}

    private final int receivers;
    private final int window;
    private final int warmUp;
    private final int stuckWindow;
    private final StringBuilder table = new StringBuilder(
            "| load | SseEmitter | Hawser EventSource | ratio | WebSocketSession | Hawser WebSocket | ratio |\n"
                    + "|---|---|---|---|---|---|---|\n");

    private FanOut(int receivers, int window, int warmUp, int stuckWindow) {
        this.receivers = receivers;
        this.window = window;
        this.warmUp = warmUp;
        this.stuckWindow = stuckWindow;
    }

    public static void main(String[] arguments) throws Exception {
        int receivers = argument(arguments, 0, 1000);
        ClientLoad.requireRoom(receivers);
        new FanOut(receivers, argument(arguments, 1, 10), argument(arguments, 2, 8), argument(arguments, 3, 30))
                .measure(System.getProperty("only", ".*"));
    }

    private static int argument(String[] arguments, int index, int otherwise) {
        return index < arguments.length ? Integer.parseInt(arguments[index]) : otherwise;
    }

    private void measure(String only) throws Exception {
        String bursts = String.format(Locale.ROOT, "%d at once, %d a second", BURST, PER_SECOND);
        for (Scenario scenario : List.of(
                new Scenario(PER_SECOND + " a second", 1, false),
                new Scenario(bursts, BURST, false),
                new Scenario(PER_SECOND + " a second, one stuck", 1, true),
                new Scenario(bursts + ", one stuck", BURST, true))) {
            if (scenario.name().matches(only)) {
                measure(scenario);
            }
        }
        System.out.print(table);
        Files.writeString(Path.of("target/fan-out.md"), table);
    }

    private void measure(Scenario scenario) throws Exception {
        List<List<Measured>> results = new ArrayList<>();
        CANDIDATES.forEach(candidate -> results.add(new ArrayList<>()));
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < CANDIDATES.size(); i++) {
                results.get(i).add(measure(CANDIDATES.get(i), scenario));
            }
        }
        String name = scenario.name() + ": ";
        row(name + "CPU µs a delivery", results, true, FanOut::micros);
        row(name + "deliveries/s", results, false, FanOut::perSecond);
        row(name + "delay, median, ms", results, true, result -> result.median() / 1e3);
        row(name + "delay, 99 %, ms", results, true, result -> result.high() / 1e3);
        row(name + "delay, the slowest receiver's median, ms", results, true, result -> result.slowest() / 1e3);
        row(name + "delay, the longest of all, ms", results, true, result -> result.worst() / 1e3);
        row(name + "nobody got anything for, s", results, false, result -> result.silence() / 1e6);
        row(name + "not delivered, % of messages", results, false, result -> absent(scenario, result));
        if (scenario.stuck()) {
            row(name + "the stuck one is ended after, s", results, false, FanOut::stuckFor);
        }
    }

    /** CPU time of a delivery; not a number, if there was none. */
    private static double micros(Measured result) {
        return result.delivered() == 0 ? Double.NaN : (double) result.cpu() / result.delivered();
    }

    private static double perSecond(Measured result) {
        return result.delivered() * 1e6 / result.length();
    }

    private double absent(Scenario scenario, Measured result) {
        double due = (double) PER_SECOND * result.length() / 1e6 * (receivers - (scenario.stuck() ? 1 : 0));
        return 100 * result.absent() / due;
    }

    /** Seconds; infinite, if it is kept. */
    private static double stuckFor(Measured result) {
        return result.stuckFor() < 0 ? Double.POSITIVE_INFINITY : result.stuckFor() / 1e6;
    }

    private Measured measure(Candidate candidate, Scenario scenario) throws IOException, InterruptedException {
        try (Server server = Server.start(candidate.application(), List.of("-Xmx1g"), LIMITS);
                LoadProcess load = LoadProcess.start(
                        FanOutLoad.class,
                        List.of("-Xmx512m", "-Xms512m"),
                        new FanOutPlan(
                                        server.port(),
                                        server.id(),
                                        candidate.events(),
                                        receivers,
                                        scenario.stuck(),
                                        PER_SECOND,
                                        scenario.burst(),
                                        warmUp,
                                        scenario.stuck() ? stuckWindow : window)
                                .arguments())) {
            Measured result = Measured.of(load.window());
            System.err.printf(
                    Locale.ROOT,
                    "%s, %s: %.0f deliveries/s, %.2f µs each, %s%s%n",
                    candidate.name(),
                    scenario.name(),
                    perSecond(result),
                    micros(result),
                    result,
                    blocked(scenario, result));
            return result;
        }
    }

    /** Says if the server has come to a halt. */
    private static String blocked(Scenario scenario, Measured result) {
        double expected = 1e6 * scenario.burst() / PER_SECOND;
        return result.silence() < BLOCKED_MICROS + expected
                ? ""
                : String.format(Locale.ROOT, ": blocked, nobody got anything for %.1f s", result.silence() / 1e6);
    }

    private static String number(double value) {
        return Double.isNaN(value)
                ? "–"
                : Double.isInfinite(value)
                        ? "kept"
                        : String.format(Locale.ROOT, value >= 1000 ? "%,.0f" : value >= 100 ? "%.1f" : "%.2f", value);
    }

    private void row(String name, List<List<Measured>> results, boolean compares, ToDoubleFunction<Measured> number) {
        List<Double> medians = results.stream()
                .map(rounds -> SideBySide.median(
                        rounds.stream().map(number::applyAsDouble).toList()))
                .toList();
        List<String> cells = new ArrayList<>(List.of(name));
        for (int i = 0; i < medians.size(); i += 2) {
            double spring = medians.get(i);
            double hawser = medians.get(i + 1);
            cells.add(number(spring));
            cells.add(number(hawser));
            cells.add(compares ? number(spring / hawser) : "");
        }
        String row = "| " + String.join(" | ", cells) + " |\n";
        System.err.print(row);
        table.append(row);
    }
}
