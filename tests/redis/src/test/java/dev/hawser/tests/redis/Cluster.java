package dev.hawser.tests.redis;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program for a network namespace of its own, as {@code unshare -n} makes them: three nodes over one Redis, of which the last has
 * another namespace, and listeners that all hear the same numbers while a node is killed, Redis is restarted, and the last node is cut
 * off. Prints what has become of the numbers.
 */
final class Cluster implements AutoCloseable {

    private static final String HERE = "127.77.0.1";
    private static final String THERE = "127.77.0.2";
    private static final int REDIS = 6401;

    /** How long the last node is cut off. */
    private static final Duration CUT = Duration.ofSeconds(20);

    private final Path folder = Files.createTempDirectory("hawser-cluster");
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Process> processes = new ArrayList<>();
    private final long begin = System.nanoTime();
    private Process namespace;
    private Process redis;

    private Cluster() throws Exception {}

    public static void main(String[] arguments) throws Exception {
        int clients = Integer.parseInt(arguments[0]);
        int messages = Integer.parseInt(arguments[1]);
        boolean right;
        try (Cluster cluster = new Cluster()) {
            right = cluster.run(clients, messages);
        }
        System.exit(right ? 0 : 1);
    }

    private boolean run(int clients, int messages) throws Exception {
        network();
        redis = redis();
        Process second = node(HERE, 8082);
        node(HERE, 8081);
        node(THERE, 8083);
        List<InetSocketAddress> nodes = List.of(
                new InetSocketAddress(HERE, 8081),
                new InetSocketAddress(HERE, 8082),
                new InetSocketAddress(THERE, 8083));
        for (InetSocketAddress node : nodes) {
            awaitUp(node);
        }
        if (!chat(nodes)) {
            return false;
        }
        try (Listeners listeners = new Listeners(nodes, clients)) {
            int sent = 0;
            int step = 0;
            Faults faults = new Faults(second, messages);
            while (sent < messages) {
                sent += send(sent, Math.min(messages, sent + 20));
                faults.at(sent);
                if (++step % 50 == 0) {
                    tell("sent " + sent + ", all have " + listeners.least() + ", returns " + listeners.returns());
                }
                TimeUnit.MILLISECONDS.sleep(120);
            }
            faults.end();
            long patience = System.nanoTime() + Duration.ofSeconds(120).toNanos();
            while (listeners.least() < messages && System.nanoTime() < patience) {
                TimeUnit.MILLISECONDS.sleep(200);
            }
            long expected = (long) clients * messages;
            tell("sent " + messages + " to " + clients + ", delivered " + listeners.delivered() + " of " + expected
                    + ", doubled " + listeners.doubled() + ", lost " + (expected - listeners.delivered()) + ", resets "
                    + listeners.resets() + ", returns " + listeners.returns());
            return listeners.delivered() == expected
                    && listeners.doubled() == 0
                    && listeners.lost() == 0
                    && listeners.resets() == 0;
        }
    }

    /** Whether what one says at each node is heard at all of them. */
    private boolean chat(List<InetSocketAddress> nodes) throws Exception {
        List<Chatter> chatters = new ArrayList<>();
        for (InetSocketAddress node : nodes) {
            Chatter chatter = new Chatter(new LinkedBlockingQueue<>());
            chatters.add(chatter);
            WebSocket socket = http.newWebSocketBuilder()
                    .buildAsync(URI.create("ws:/" + node + "/chat"), chatter)
                    .get(20, TimeUnit.SECONDS);
            socket.sendText("joined at " + node.getPort(), true).get(20, TimeUnit.SECONDS);
            for (Chatter heard : chatters) { // those who joined before, and who did
                String next = heard.texts().poll(20, TimeUnit.SECONDS);
                tell("chat: " + next);
                if (!("joined at " + node.getPort()).equals(next)) {
                    return false;
                }
            }
        }
        return true;
    }

    private record Chatter(BlockingQueue<String> texts) implements WebSocket.Listener {

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            texts.add(text.toString());
            socket.request(1);
            return null;
        }
    }

    /** What happens while numbers are sent: each at its time. */
    private final class Faults {

        private final int messages;
        private Process second;
        private int next;
        private long cutAt;

        Faults(Process second, int messages) {
            this.second = second;
            this.messages = messages;
        }

        void at(int sent) throws Exception {
            if (next < 5 && sent >= messages * (next + 1L) / 8) {
                one(next++);
            } else if (next == 5 && System.nanoTime() - cutAt > CUT.toNanos()) {
                one(next++);
            }
        }

        /** Those that have not come yet. */
        void end() throws Exception {
            while (next < 6) {
                at(messages);
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }

        private void one(int which) throws Exception {
            switch (which) {
                case 0 -> {
                    tell("SIGKILL to the second node");
                    second.destroyForcibly().waitFor();
                }
                case 1 -> {
                    tell("the second node starts again");
                    second = node(HERE, 8082);
                }
                case 2 -> {
                    tell("Redis stops");
                    redis.destroy();
                    redis.waitFor();
                }
                case 3 -> {
                    tell("Redis starts again");
                    redis = redis();
                }
                case 4 -> {
                    tell("the third node is cut off");
                    ip("link", "set", "hawser-a", "down");
                    cutAt = System.nanoTime();
                }
                default -> {
                    tell("the third node has a network again");
                    connect();
                }
            }
        }
    }

    private void tell(String what) {
        System.out.println(Duration.ofNanos(System.nanoTime() - begin).toMillis() + " ms: " + what);
    }

    // ---- The network: 127.77.0.1 here, 127.77.0.2 behind a cable.

    private void network() throws Exception {
        namespace = start("unshare", "-n", "cat");
        String pid = Long.toString(namespace.pid());
        ip("link", "add", "hawser-a", "type", "veth", "peer", "name", "hawser-b");
        long patience = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net"))
                        .equals(Files.readSymbolicLink(Path.of("/proc/self/ns/net")))
                && System.nanoTime() < patience) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        ip("link", "set", "hawser-b", "netns", pid);
        local(List.of(), HERE, "hawser-a");
        local(List.of("nsenter", "-t", pid, "-n"), THERE, "hawser-b");
        connect();
    }

    /** Addresses of 127.0.0.0/8 are all local, unless one says otherwise. */
    private void local(List<String> inside, String address, String device) throws Exception {
        String script = "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet; ip link set lo up;"
                + " ip route del local 127.0.0.0/8 dev lo table local;"
                + " ip addr add " + address + "/30 dev " + device + "; ip link set " + device + " up";
        List<String> command = new ArrayList<>(inside);
        command.addAll(List.of("sh", "-ec", script));
        done(command);
    }

    private static void connect() throws Exception {
        ip("link", "set", "hawser-a", "up");
    }

    private static void ip(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        done(command);
    }

    private static void done(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IOException("Failed: " + String.join(" ", command));
        }
    }

    // ---- Processes.

    private Process start(String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(processes.size() + ".log").toFile())
                .start();
        processes.add(process);
        return process;
    }

    private Process redis() throws Exception {
        return start(
                RedisServer.program(),
                "--port",
                Integer.toString(REDIS),
                "--bind",
                HERE,
                "--protected-mode",
                "no",
                "--dir",
                folder.toString(),
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
                "--save",
                "");
    }

    private Process node(String address, int port) throws IOException {
        List<String> command = new ArrayList<>();
        if (address.equals(THERE)) {
            command.addAll(List.of("nsenter", "-t", Long.toString(namespace.pid()), "-n"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                ClusterNode.class.getName(),
                "--server.address=" + address,
                "--server.port=" + port,
                "--hawser.eventsource.ping=1s",
                "--hawser.topics.history.count=100000",
                "--hawser.topics.history.bytes=10MB",
                "--hawser.topics.redis.enabled=true",
                "--spring.data.redis.host=" + HERE,
                "--spring.data.redis.port=" + REDIS,
                "--spring.data.redis.timeout=2s"));
        return start(command.toArray(String[]::new));
    }

    private void awaitUp(InetSocketAddress node) throws Exception {
        long patience = System.nanoTime() + Duration.ofMinutes(4).toNanos();
        while (true) {
            try {
                http.send(
                        HttpRequest.newBuilder(URI.create("http:/" + node + "/none"))
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
                return;
            } catch (IOException starting) {
                if (System.nanoTime() > patience) {
                    throw new IOException("No node at " + node + ":\n" + logs(), starting);
                }
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
    }

    private String logs() throws IOException {
        StringBuilder logs = new StringBuilder();
        for (int i = 0; i < processes.size(); i++) {
            String log = Files.readString(folder.resolve(i + ".log"));
            logs.append(log.substring(Math.max(0, log.length() - 4000)));
        }
        return logs.toString();
    }

    /** How many of these the first node has taken. */
    private int send(int from, int to) throws Exception {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create("http://" + HERE + ":8081/send?from=" + from + "&to=" + to))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException("Sending failed: " + response + "\n" + logs());
        }
        return Integer.parseInt(response.body());
    }

    @Override
    public void close() {
        for (Process process : processes) {
            process.destroyForcibly().onExit().join();
        }
    }
}
