package dev.hawser.topic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.eventsource.EncodedEvent;
import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A hub with a store that answers late, loses and fails, and connections that wait, end and come back: all by one thread and one seed. */
final class TopicSimulation {

    private static final int STEPS = 1500;
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final Pattern ENVELOPE =
            Pattern.compile("\\{\"id\":\"([^\"]*)\"(?:,\"event\":\"([^\"]*)\")?(?:,\"data\":\"([^\"]*)\")?}");

    private final long seed;
    private final boolean evicts;
    private final Random random;
    private final TopicHub hub;
    private final History history;
    private final Store store = new Store();
    private final List<Runnable> tasks = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final Map<String, Integer> sent = new HashMap<>();
    private @Nullable AssertionError failure;
    private int received;
    /** Whether nothing bad happens any more. */
    private boolean calm;

    TopicSimulation(long seed, TopicOptions options, boolean evicts) {
        this.seed = seed;
        this.evicts = evicts;
        this.random = new Random(seed);
        this.history = options.history();
        this.hub = new TopicHub(store, name -> options, 10, tasks::add, TopicObserver.NONE);
        for (int i = 0; i < 4; i++) {
            clients.add(new Client(i % 2 == 0));
        }
    }

    int received() {
        return received;
    }

    void run() {
        clients.forEach(Client::connect);
        int pace = 1 + random.nextInt(30);
        for (int i = 0; i < STEPS; i++) {
            step(pace);
        }
        calm = true;
        settle();
        NAMES.forEach(this::append); // those that could not read are to try again
        settle();
        NAMES.forEach(this::append);
        settle();
        for (Client client : clients) {
            client.check();
        }
        clients.forEach(client -> client.end(false));
        settle();
        assertThat(hub.members()).as(toString()).isZero();
        assertThat(hub.count()).as(toString()).isZero();
    }

    @Override
    public String toString() {
        return "seed " + seed;
    }

    private boolean chance(int percent) {
        return !calm && random.nextInt(100) < percent;
    }

    private void step(int pace) {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> runTask();
            case 6, 7 -> store.tell();
            case 8, 9 -> store.answer();
            case 10, 11, 12 -> clients.get(random.nextInt(clients.size())).drain();
            case 13, 14, 15 -> {
                String name = NAMES.get(random.nextInt(NAMES.size()));
                int count = chance(3) ? 400 : 1 + random.nextInt(pace);
                for (int i = 0; i < count; i++) {
                    append(name);
                }
            }
            case 16 -> {
                if (chance(20)) {
                    clients.get(random.nextInt(clients.size())).end(true);
                }
            }
            case 17 -> {
                if (chance(20)) {
                    clients.get(random.nextInt(clients.size())).rejoin();
                }
            }
            case 18 -> clients.get(random.nextInt(clients.size())).whisper();
            default -> {
                if (chance(20)) {
                    hub.missed(chance(50) ? null : NAMES.get(random.nextInt(NAMES.size())));
                }
            }
        }
    }

    private void settle() {
        while (runTask() | store.tell() | store.answer() | drained()) {
            // until nothing is left to do
        }
    }

    private boolean drained() {
        boolean any = false;
        for (Client client : clients) {
            any |= client.drain();
        }
        return any;
    }

    private boolean runTask() {
        if (tasks.isEmpty()) {
            return false;
        }
        tasks.remove(random.nextInt(tasks.size())).run();
        if (failure != null) {
            throw failure;
        }
        return true;
    }

    private void append(String name) {
        int number = sent.merge(name, 1, Integer::sum) - 1;
        hub.store().append(name, new TopicMessage(null, "", Message.text(name + ":" + number), ""), history);
    }

    /** Tells late, or that it has missed something; answers late, or not. */
    private final class Store implements TopicStore {

        private final MemoryTopicStore memory = new MemoryTopicStore(1 << 30);
        private final Queue<Runnable> told = new ArrayDeque<>();
        private final List<Runnable> answers = new ArrayList<>();
        private final Set<String> losing = new HashSet<>();

        @Override
        public void open(Listener listener) {
            memory.open(new Listener() {

                @Override
                public void received(String topic, TopicMessage message) {
                    told.add(() -> {
                        if (losing.contains(topic) ? !chance(20) && !calm : chance(2)) {
                            losing.add(topic);
                        } else {
                            if (losing.remove(topic)) {
                                listener.missed(chance(30) ? null : topic);
                                if (chance(50)) {
                                    return; // it was missed, too
                                }
                            }
                            listener.received(topic, message);
                        }
                    });
                }

                @Override
                public void missed(@Nullable String topic) {
                    listener.missed(topic);
                }
            });
        }

        boolean tell() {
            Runnable next = told.poll();
            if (next != null) {
                next.run();
            }
            return next != null;
        }

        boolean answer() {
            if (answers.isEmpty()) {
                return false;
            }
            answers.remove(random.nextInt(answers.size())).run();
            return true;
        }

        @Override
        public boolean append(String topic, TopicMessage message, History kept) {
            return memory.append(topic, message, kept);
        }

        @Override
        public CompletionStage<Page> read(String topic, @Nullable TopicId after, int count) {
            CompletionStage<Page> page = memory.read(topic, after, count);
            if (chance(30)) {
                return page;
            }
            CompletableFuture<Page> later = new CompletableFuture<>();
            boolean fails = chance(3);
            answers.add(() -> {
                if (fails) {
                    later.completeExceptionally(new IllegalStateException("on purpose"));
                } else {
                    page.thenAccept(later::complete);
                }
            });
            return later;
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    /** One that comes back with the last id that it has got. */
    private final class Client {

        private final boolean streams;
        /** What it got of each topic, and what it got of what was said to it alone. */
        private final Map<String, Integer> next = new HashMap<>();

        private final Set<String> resets = new HashSet<>();
        private final Map<String, String> ids = new HashMap<>();
        private final Set<String> joined = new LinkedHashSet<>();
        private final Set<String> whispers = new LinkedHashSet<>();
        private final Set<String> forgotten = new HashSet<>();
        private final Set<String> rejoined = new HashSet<>();
        private String lastEventId = Topic.BEGINNING;
        private int whispered;
        private Link link = new Link();

        Client(boolean streams) {
            this.streams = streams;
        }

        /** A connection. */
        private final class Link {

            private final List<Runnable> onDrain = new ArrayList<>();
            private final List<Runnable> onClose = new ArrayList<>();
            private boolean stalled;
            private boolean closed;
            private @Nullable EventSource events;
            private @Nullable WebSocket socket;
        }

        void connect() {
            Link opened = new Link();
            link = opened;
            forgetWhispers();
            Class<?> type = streams ? EventSource.class : WebSocket.class;
            String first = lastEventId;
            Object connection =
                    Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                        switch (method.getName()) {
                            case "hashCode" -> {
                                return System.identityHashCode(opened);
                            }
                            case "equals" -> {
                                return proxy == arguments[0];
                            }
                            case "endpoint" -> {
                                return "/";
                            }
                            case "lastEventId" -> {
                                return first;
                            }
                            case "send" -> {
                                try {
                                    return send(
                                            opened,
                                            arguments[0] instanceof List<?> messages
                                                    ? messages
                                                    : List.of(arguments[0]));
                                } catch (AssertionError wrong) {
                                    failure = failure == null ? wrong : failure; // the hub would log it
                                    throw wrong;
                                }
                            }
                            case "onDrain" -> opened.onDrain.add((Runnable) arguments[0]);
                            case "onClose" ->
                                opened.onClose.add(() -> {
                                    if (arguments[0] instanceof WebSocket.CloseListener listener) {
                                        listener.closed(1006, "");
                                    } else {
                                        ((Runnable) arguments[0]).run();
                                    }
                                });
                            case "close", "drop" -> {
                                if (!opened.closed) {
                                    opened.closed = true;
                                    tasks.add(() -> {
                                        opened.onClose.forEach(Runnable::run);
                                        connect();
                                    });
                                }
                            }
                            default -> throw new UnsupportedOperationException(method.getName());
                        }
                        return method.getReturnType().isInstance(proxy) ? proxy : null;
                    });
            if (streams) {
                opened.events = (EventSource) connection;
            } else {
                opened.socket = (WebSocket) connection;
            }
            for (String name : NAMES) {
                if (joined.contains(name) || random.nextInt(4) > 0 || next.containsKey(name)) {
                    join(name, from(name, first));
                }
            }
        }

        /** The id of a stream tells of all topics of which it got something. */
        private String from(String name, String first) {
            if (streams && !rejoined.contains(name) && next.containsKey(name)) {
                assertThat(Positions.Tag.ofTopic(name).find(first))
                        .as(TopicSimulation.this + " " + first + " tells of " + name)
                        .isPresent();
                return first;
            }
            return ids.getOrDefault(name, Topic.BEGINNING);
        }

        private void join(String name, String fromId) {
            joined.add(name);
            if (link.events != null) {
                hub.topic(name).join(link.events, fromId);
            } else if (link.socket != null) {
                hub.topic(name).join(link.socket, fromId);
            }
        }

        private boolean send(Link to, List<?> messages) {
            if (to.closed) {
                return false;
            }
            assertThat(to)
                    .as(TopicSimulation.this + " sends on an old connection")
                    .isSameAs(link);
            for (Object message : messages) {
                if (message instanceof EncodedEvent event) {
                    take(event);
                } else {
                    take((Message) message);
                }
            }
            to.stalled |= chance(20);
            return !to.stalled;
        }

        private void take(EncodedEvent event) {
            String name = "";
            String data = "";
            String id = null;
            StringBuilder wire = new StringBuilder();
            event.bytes().forEach(bytes -> wire.append(new String(bytes, StandardCharsets.UTF_8)));
            for (String line : wire.toString().split("\n")) {
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    data = line.substring(6);
                }
            }
            if (id != null) {
                lastEventId = id;
            }
            take(id, name, data);
        }

        private void take(Message message) {
            Matcher matcher = ENVELOPE.matcher(message.text());
            assertThat(matcher.matches()).as(message.text()).isTrue();
            String data = matcher.group(3) == null ? "" : matcher.group(3);
            String name = matcher.group(2) == null ? "" : matcher.group(2);
            take(matcher.group(1), name, data);
        }

        private void take(@Nullable String id, String event, String data) {
            received++;
            if (event.equals(Topic.RESET)) {
                if (id != null) {
                    ids.put(data, id);
                }
                resets.add(data);
                assertThat(evicts).as(TopicSimulation.this + " resets " + data).isTrue();
            } else if (event.equals("whisper")) {
                assertThat(whispers.remove(data) || forgotten.remove(data))
                        .as(TopicSimulation.this + " " + data)
                        .isTrue();
            } else if (!data.isEmpty()) {
                String topic = data.substring(0, data.indexOf(':'));
                int number = Integer.parseInt(data.substring(topic.length() + 1));
                int expected = next.getOrDefault(topic, evicts ? number : 0); // all that is kept
                assertThat(joined).as(TopicSimulation.this + " left " + data).contains(topic);
                if (resets.remove(topic)) {
                    assertThat(number)
                            .as(TopicSimulation.this + " after a reset " + topic)
                            .isGreaterThanOrEqualTo(expected);
                } else {
                    assertThat(number)
                            .as(TopicSimulation.this + " " + this + " in " + topic)
                            .isEqualTo(expected);
                }
                next.put(topic, number + 1);
                if (id != null) {
                    ids.put(topic, id);
                }
            }
        }

        boolean drain() {
            if (!link.stalled || link.closed) {
                return false;
            }
            link.stalled = false;
            link.onDrain.forEach(Runnable::run);
            return true;
        }

        /** Those to a connection that ended, or to one that left, may be lost. */
        private void forgetWhispers() {
            forgotten.addAll(whispers);
            whispers.clear();
        }

        /** Loses its connection, and comes back or not. */
        void end(boolean returns) {
            if (!link.closed) {
                Link ended = link;
                ended.closed = true;
                if (returns) {
                    connect(); // the server may notice later
                }
                tasks.add(() -> ended.onClose.forEach(Runnable::run));
            }
        }

        /** Leaves a topic and joins it again from where it was. */
        void rejoin() {
            if (!link.closed && !joined.isEmpty()) {
                String name = new ArrayList<>(joined).get(random.nextInt(joined.size()));
                String id = ids.get(name);
                if (id == null) {
                    return;
                }
                if (link.events != null) {
                    hub.topic(name).leave(link.events);
                } else if (link.socket != null) {
                    hub.topic(name).leave(link.socket);
                }
                joined.remove(name);
                rejoined.add(name);
                forgetWhispers();
                for (int i = random.nextInt(5); i > 0; i--) {
                    runTask();
                }
                if (!link.closed) {
                    join(name, ids.getOrDefault(name, id));
                } else {
                    joined.add(name);
                }
            }
        }

        /** Is told something alone. */
        void whisper() {
            if (!link.closed && !joined.isEmpty()) {
                Object own = link.events == null ? link.socket : link.events;
                String data = "whisper " + whispered++;
                whispers.add(data);
                hub.topic(joined.iterator().next())
                        .where(member -> member.eventSource().isPresent()
                                ? member.eventSource().get() == own
                                : member.webSocket().orElseThrow() == own)
                        .send(Message.text(data), "whisper");
            }
        }

        void check() {
            for (String name : joined) {
                if (link.closed) {
                    return;
                }
                assertThat(next.getOrDefault(name, 0))
                        .as(TopicSimulation.this + " " + this + " has all of " + name)
                        .isEqualTo(sent.get(name));
            }
            assertThat(whispers)
                    .as(TopicSimulation.this + " " + this + " was told")
                    .isEmpty();
        }

        @Override
        public String toString() {
            return (streams ? "stream " : "socket ") + clients.indexOf(this);
        }
    }
}
