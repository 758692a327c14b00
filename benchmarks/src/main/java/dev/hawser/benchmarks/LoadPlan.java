package dev.hawser.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a load is to do; its components are the arguments of its process.
 *
 * @param port Where the server listens.
 * @param server The server's process id.
 * @param connections How many.
 * @param bytes Length of a message.
 * @param inFlight Messages of each connection that are on their way at any time.
 * @param warmUp Seconds before the first window.
 * @param window Seconds of a window.
 * @param windows How many; without windows the connections stay idle.
 */
record LoadPlan(int port, int server, int connections, int bytes, int inFlight, int warmUp, int window, int windows) {

    static LoadPlan of(String[] arguments) {
        int[] numbers = Arrays.stream(arguments).mapToInt(Integer::parseInt).toArray();
        return new LoadPlan(
                numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7]);
    }

    /** The same with a server. */
    LoadPlan against(Server running) {
        return new LoadPlan(running.port(), running.id(), connections, bytes, inFlight, warmUp, window, windows);
    }

    List<String> arguments() {
        return Stream.of(port, server, connections, bytes, inFlight, warmUp, window, windows)
                .map(Object::toString)
                .toList();
    }
}
