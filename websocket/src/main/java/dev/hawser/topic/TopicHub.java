package dev.hawser.topic;

import dev.hawser.eventsource.EventSource;
import dev.hawser.topic.TopicStore.Page;
import dev.hawser.websocket.Connection;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.handshake.HttpText;
import dev.hawser.websocket.memory.MemoryBudget;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The topics of this node, over a store that may be shared with others. Thread-safe. */
public final class TopicHub implements Topics, TopicStore.Listener, AutoCloseable {

    /** A position that no store has given: what came after it is not known. */
    private static final TopicId UNKNOWN = new TopicId(0, 1);

    private final TopicStore store;
    private final Function<String, TopicOptions> options;
    private final int maxJoined;
    private final Executor executor;
    private final TopicObserver observer;
    private final MemoryBudget memory;

    private final Map<String, Used> topics = new ConcurrentHashMap<>();
    private final Map<Object, Joined> connections = new ConcurrentHashMap<>();
    private final AtomicLong members = new AtomicLong();

    private final String node = UUID.randomUUID().toString();
    private final AtomicLong joiners = new AtomicLong();

    /** A topic with members, and how many. */
    private record Used(LocalTopic topic, int members) {}

    /**
     * Topics without members.
     *
     * @param store is opened, and closed with this
     * @param options those of each topic, by its name; asked often. On all nodes the same
     * @param maxJoined how many topics one connection may join
     * @param executor sends to members, and may be busy as long as that takes
     * @param observer hears what happens
     */
    public TopicHub(
            TopicStore store,
            Function<String, TopicOptions> options,
            int maxJoined,
            Executor executor,
            TopicObserver observer) {
        this(store, options, maxJoined, executor, observer, MemoryBudget.DEFAULT);
    }

    /**
     * As above.
     *
     * @param memory on which what waits for members counts, a message once however many it waits for
     */
    public TopicHub(
            TopicStore store,
            Function<String, TopicOptions> options,
            int maxJoined,
            Executor executor,
            TopicObserver observer,
            MemoryBudget memory) {
        this.store = store;
        this.options = options;
        this.maxJoined = maxJoined;
        this.executor = executor;
        this.observer = observer;
        this.memory = memory;
        store.open(this);
        observer.started(this);
    }

    TopicStore store() {
        return store;
    }

    TopicObserver observer() {
        return observer;
    }

    MemoryBudget memory() {
        return memory;
    }

    void execute(Runnable task) {
        executor.execute(task);
    }

    @Override
    public Topic topic(String name) {
        if (!Topics.isName(name)) {
            throw new IllegalArgumentException(
                    "The name of a topic must have 1 to 200 characters, none of them a control"
                            + " character or half of a surrogate pair, but is " + HttpText.quote(name));
        }
        return new Handle(name);
    }

    @Override
    public int count() {
        return topics.size();
    }

    @Override
    public int members() {
        return Math.toIntExact(members.get());
    }

    /** The names of the topics that have members on this node. A view that changes with them. */
    public Set<String> names() {
        return Collections.unmodifiableSet(topics.keySet());
    }

    /** How many bytes of a topic have come and were not handed to its members on this node yet, about. */
    public long waiting(String name) {
        Used used = topics.get(name);
        return used == null ? 0 : used.topic().waiting();
    }

    /** The names of the topics that a connection has joined, sorted: by its id, which a client's socket shares with its connections. */
    public List<String> joined(Connection connection) {
        return connections.entrySet().stream()
                .filter(one ->
                        one.getKey() instanceof Connection known && known.id().equals(connection.id()))
                .flatMap(one -> one.getValue().names().stream())
                .toList();
    }

    /** How much of a topic is kept, on whatever node its members are; as {@link TopicStore#kept}. */
    public CompletionStage<TopicStore.Kept> kept(String name) {
        return store.kept(name);
    }

    /** How many messages, of whatever topics, this node was not told of yet; as {@link TopicStore#lag}. */
    public long lag() {
        return store.lag();
    }

    /** Closes the store, and forgets what waits. Connections stay as they are. */
    @Override
    public void close() {
        topics.values().forEach(used -> used.topic().execute(() -> used.topic().forEach(Membership::forget)));
        store.close();
    }

    // ---- What comes.

    @Override
    public void received(String topic, TopicMessage message) {
        Used used = topics.get(topic);
        if (used != null) {
            used.topic().offer(message);
        }
    }

    @Override
    public void missed(@Nullable String topic) {
        if (topic == null) {
            topics.values().forEach(used -> used.topic().recover());
        } else {
            Used used = topics.get(topic);
            if (used != null) {
                used.topic().recover();
            }
        }
    }

    // ---- Joining and leaving.

    private LocalTopic acquire(String name) {
        TopicOptions chosen = optionsOf(name); // not below, where the map is locked: they may ask for topics themselves
        return topics.compute(
                        name,
                        (same, used) -> used == null
                                ? new Used(new LocalTopic(name, chosen, this), 1)
                                : new Used(used.topic(), used.members() + 1))
                .topic();
    }

    private TopicOptions optionsOf(String name) {
        Used used = topics.get(name);
        return used == null ? options.apply(name) : used.topic().options();
    }

    private void release(String name) {
        topics.computeIfPresent(
                name, (same, used) -> used.members() == 1 ? null : new Used(used.topic(), used.members() - 1));
    }

    private void join(String name, Object connection, Supplier<Peer> peer, boolean showsIds, String fromId) {
        Joined joined = joined(connection, peer);
        if (joined.has(name)) {
            return;
        }
        if (joined.size() >= maxJoined) {
            throw new IllegalStateException("A connection must not join more than " + maxJoined
                    + " topics (max-joined), but was to join another");
        }
        LocalTopic topic = acquire(name);
        Membership member = new Membership(topic, joined.peer(), joined.sender(), showsIds);
        if (!joined.add(member)) {
            release(name);
            return;
        }
        members.incrementAndGet();
        boolean resumes = topic.options().history().isKept()
                && (showsIds || joined.peer().eventSource().isPresent());
        topic.execute(() -> topic.add(member, resumes));
        if (resumes) {
            TopicId from = position(fromId, topic.tag());
            CompletionStage<Page> page =
                    topic.read(from); // now: before what this thread sends next, after what is held
            topic.execute(() -> member.start(page, from));
        }
    }

    private static @Nullable TopicId position(String fromId, Positions.Tag tag) {
        if (fromId.isEmpty()) {
            return null;
        }
        return fromId.equals(Topic.BEGINNING)
                ? TopicId.BEGINNING
                : tag.find(fromId).orElse(UNKNOWN);
    }

    private Joined joined(Object connection, Supplier<Peer> peer) {
        Joined known = connections.get(connection);
        if (known != null) {
            return known;
        }
        Joined joined = new Joined(peer.get(), node + joiners.incrementAndGet());
        Joined other = connections.putIfAbsent(connection, joined);
        if (other != null) {
            return other;
        }
        joined.peer().listen(joined::drained, () -> {
            connections.remove(connection);
            joined.close(this::leave);
        });
        return joined;
    }

    private void leave(String name, Object connection) {
        Joined joined = connections.get(connection);
        Membership member = joined == null ? null : joined.remove(name);
        if (member != null) {
            leave(member);
        }
    }

    private void leave(Membership member) {
        member.leave();
        members.decrementAndGet();
        member.topic().execute(() -> member.topic().remove(member));
        release(member.topic().name());
    }

    // ---- Sending.

    private boolean send(String name, Message content, String event, @Nullable Object except) {
        requireEvent(event);
        Used used = topics.get(name);
        Joined sender = except == null ? null : connections.get(except);
        History history = optionsOf(name).history();
        boolean taken = (used == null || !used.topic().isCongested())
                && store.append(
                        name, new TopicMessage(null, event, content, sender == null ? "" : sender.sender()), history);
        if (taken) {
            observer.sent();
        } else {
            observer.refused();
        }
        return taken;
    }

    private static void requireEvent(String event) {
        if (event.indexOf('\n') >= 0 || event.indexOf('\r') >= 0) {
            throw new IllegalArgumentException("The name of an event must not contain a line break");
        }
    }

    private boolean sendWhere(String name, Message content, String event, Predicate<TopicMember> condition) {
        requireEvent(event);
        Used used = topics.get(name);
        if (used != null) {
            if (used.topic().isCongested()) {
                observer.refused();
                return false;
            }
            Batch batch = new Batch(List.of(new TopicMessage(null, event, content, "")));
            used.topic().execute(() -> used.topic().forEach(member -> {
                if (condition.test(member.peer())) {
                    member.received(batch);
                }
            }));
        }
        observer.sent();
        return true;
    }

    /** A topic, whether it has members or not. */
    private final class Handle implements Topic {

        private final String name;

        Handle(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void join(WebSocket socket) {
            TopicHub.this.join(name, socket, () -> new SocketPeer(socket), false, "");
        }

        @Override
        public void join(WebSocket socket, String fromId) {
            TopicHub.this.join(name, socket, () -> new SocketPeer(socket), true, fromId);
        }

        @Override
        public void join(EventSource events, String fromId) {
            TopicHub.this.join(name, events, () -> new EventPeer(events), false, fromId);
        }

        @Override
        public void leave(WebSocket socket) {
            TopicHub.this.leave(name, socket);
        }

        @Override
        public void leave(EventSource events) {
            TopicHub.this.leave(name, events);
        }

        @Override
        public int members() {
            Used used = topics.get(name);
            return used == null ? 0 : used.members();
        }

        @Override
        public boolean send(Message message, String event) {
            return TopicHub.this.send(name, message, event, null);
        }

        @Override
        public Recipients except(WebSocket socket) {
            return (message, event) -> TopicHub.this.send(name, message, event, socket);
        }

        @Override
        public Recipients except(EventSource events) {
            return (message, event) -> TopicHub.this.send(name, message, event, events);
        }

        @Override
        public Recipients where(Predicate<TopicMember> condition) {
            return (message, event) -> sendWhere(name, message, event, condition);
        }
    }
}
