package dev.hawser.benchmarks;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a load is to do that receives what a server sends to all; its components are the arguments of its process.
 *
 * @param port Where the server listens.
 * @param server The server's process id.
 * @param events Whether to receive events, rather than messages of a WebSocket.
 * @param receivers How many.
 * @param stuck Whether one of them reads nothing any more when the window begins.
 * @param perSecond Messages a second, each for all receivers.
 * @param burst How many of them at once.
 * @param warmUp Seconds before the window.
 * @param window Seconds of the window.
 */
record FanOutPlan(
        int port,
        int server,
        boolean events,
        int receivers,
        boolean stuck,
        int perSecond,
        int burst,
        int warmUp,
        int window) {

    static FanOutPlan of(String[] arguments) {
        return new FanOutPlan(
                Integer.parseInt(arguments[0]),
                Integer.parseInt(arguments[1]),
                Boolean.parseBoolean(arguments[2]),
                Integer.parseInt(arguments[3]),
                Boolean.parseBoolean(arguments[4]),
                Integer.parseInt(arguments[5]),
                Integer.parseInt(arguments[6]),
                Integer.parseInt(arguments[7]),
                Integer.parseInt(arguments[8]));
    }

    List<String> arguments() {
        return Stream.of(port, server, events, receivers, stuck, perSecond, burst, warmUp, window)
                .map(Object::toString)
                .toList();
    }
}
