package dev.hawser.benchmarks;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** The connections of a load, all on one thread. */
final class Connections<C extends EchoClient> {

    private final LoadPlan plan;
    private final Selector selector;
    private final List<C> clients = new ArrayList<>();

    /** Messages echoed in a window, and CPU time of the server. */
    record Window(long messages, long cpuMicros) {}

    private Connections(LoadPlan plan) throws IOException {
        this.plan = plan;
        selector = Selector.open();
    }

    /** Opens all, each of which must agree to the extensions offered, and sends the first messages. */
    static <C extends EchoClient> Connections<C> open(LoadPlan plan, String offer, Function<SelectionKey, C> client)
            throws IOException {
        Connections<C> connections = new Connections<>(plan);
        for (int i = 0; i < plan.connections(); i++) {
            connections.add(Handshake.with(plan.port(), offer), offer, client);
        }
        return connections;
    }

    private void add(Handshake handshake, String offer, Function<SelectionKey, C> newClient) throws IOException {
        if (!handshake.extensions().equals(offer)) {
            throw new IOException("Expected extensions " + offer + " but was " + handshake.extensions());
        }
        SocketChannel channel = handshake.channel();
        channel.configureBlocking(false);
        SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
        C client = newClient.apply(key);
        key.attach(client);
        clients.add(client);
        client.send(plan.inFlight());
    }

    List<C> clients() {
        return clients;
    }

    /** Echoes for so long; the messages that came back. */
    long run(int seconds) throws IOException {
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        long messages = 0;
        while (System.nanoTime() < end) {
            messages += turn(true);
        }
        return messages;
    }

    Window window() throws IOException {
        long cpu = Server.cpuMicros(plan.server());
        long messages = run(plan.window());
        return new Window(messages, Server.cpuMicros(plan.server()) - cpu);
    }

    /** Has so many messages echoed on each connection, one at a time, says so, and waits for the end of the input. */
    void idle(int messages) throws IOException {
        echoOnce();
        for (int i = 1; i < messages; i++) {
            for (C client : clients) {
                client.send(1);
            }
            echoOnce();
        }
        System.out.println("ready");
        while (System.in.read() >= 0) {
            // The end of the input is the signal to go.
        }
    }

    private void echoOnce() throws IOException {
        int left = clients.size();
        while (left > 0) {
            left -= turn(false);
        }
    }

    private int turn(boolean goOn) throws IOException {
        int messages = 0;
        selector.select(100);
        for (SelectionKey key : selector.selectedKeys()) {
            EchoClient client = (EchoClient) key.attachment();
            if (key.isWritable()) {
                client.write();
            }
            if (key.isReadable()) {
                int echoed = client.read();
                messages += echoed;
                if (goOn && echoed > 0) {
                    client.send(echoed);
                }
            }
        }
        selector.selectedKeys().clear();
        return messages;
    }
}
