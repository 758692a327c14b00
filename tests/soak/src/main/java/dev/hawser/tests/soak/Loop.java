package dev.hawser.tests.soak;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;

/** One thread with its share of the connections: whenever one has ended, another comes, until the round is over. */
final class Loop implements Runnable {

    /** So many at most begin in a turn: the server's backlog is finite. */
    private static final int BATCH = 50;

    private static final long TURN_MILLIS = 50;

    /** A small buffer for what is not read, so that one who does not read is soon noticed. */
    private static final int RECEIVE_BUFFER = 32 * 1024;

    private static final int ADDRESSES = 64;

    /** What is decided for all connections of a round. */
    record Round(long seed, int port, int connections, int steady, int loops, long endNanos, Report report) {}

    private record Alarm(long at, long order, Visitor visitor, int number) {}

    private final Round round;
    private final int index;
    private final Selector selector;
    private final ByteBuffer input = ByteBuffer.allocate(64 * 1024);
    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>((one, other) ->
            one.at != other.at ? Long.compare(one.at - other.at, 0) : Long.compare(one.order, other.order));
    private final Set<Visitor> open = new HashSet<>();
    /** The last id that was heard of each room: who comes next may go on there. */
    private final Map<Integer, String> lastIds = new HashMap<>();

    private final Compression compression = new Compression();

    private long nextSteady;
    private long nextNumber;
    private long order;
    private volatile int openCount;
    private volatile boolean abandoned;

    Loop(Round round, int index) throws IOException {
        this.round = round;
        this.index = index;
        this.selector = Selector.open();
        this.nextSteady = index;
        this.nextNumber = round.connections() + index;
    }

    @Override
    public void run() {
        try (selector;
                compression) {
            while (!abandoned && !(isOver() && open.isEmpty())) {
                boolean more = !isOver() && begin();
                long patience = alarms.isEmpty() ? TURN_MILLIS : millisUntil(alarms.peek().at);
                selector.select(this::selected, more ? 1 : Math.max(1, Math.min(TURN_MILLIS, patience)));
                ring();
                openCount = open.size();
                report().open(index, openCount);
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        } finally {
            Set.copyOf(open).forEach(Visitor::end);
            openCount = 0;
        }
    }

    /** Whether connections are to come to their end. */
    boolean isOver() {
        return System.nanoTime() - round.endNanos() > 0;
    }

    int openCount() {
        return openCount;
    }

    /** Those that are still there. */
    String stragglers() {
        return open.stream().limit(5).map(Object::toString).toList().toString();
    }

    /** Ends all that is left. */
    void abandon() {
        abandoned = true;
    }

    Report report() {
        return round.report();
    }

    Compression compression() {
        return compression;
    }

    Map<Integer, String> lastIds() {
        return lastIds;
    }

    /** Lets connections come; whether there are more to come. */
    private boolean begin() throws IOException {
        int share = round.connections() / round.loops();
        for (int i = 0; i < BATCH && open.size() < share; i++) {
            Plan plan;
            if (nextSteady < round.steady()) {
                plan = Plan.steady(round.seed(), nextSteady);
                nextSteady += round.loops();
            } else {
                plan = Plan.of(round.seed(), nextNumber);
                nextNumber += round.loops();
            }
            begin(plan);
        }
        return open.size() < share;
    }

    private void begin(Plan plan) throws IOException {
        SplittableRandom random = plan.random();
        Visitor visitor = plan.kind().isSocket()
                ? new SocketVisitor(this, plan)
                : plan.kind().isStream() ? new StreamVisitor(this, plan) : new RequestVisitor(this, plan);
        SocketChannel channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        channel.bind(new InetSocketAddress("127.0.0." + (2 + random.nextInt(ADDRESSES)), 0));
        SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT, visitor);
        open.add(visitor);
        report().count("connections");
        report().count("came: " + plan.kind());
        visitor.begin(channel, key, new InetSocketAddress("127.0.0.1", round.port()));
    }

    private void selected(SelectionKey key) {
        ((Visitor) key.attachment()).selected(input);
    }

    /** Wakes a visitor after a time, unless it asks for another time before. */
    void wake(Visitor visitor, int number, long millis) {
        alarms.add(new Alarm(System.nanoTime() + millis * 1_000_000, order++, visitor, number));
    }

    private void ring() {
        while (!alarms.isEmpty() && millisUntil(alarms.peek().at) <= 0) {
            Alarm alarm = alarms.remove();
            alarm.visitor.ring(alarm.number);
        }
    }

    private static long millisUntil(long nanos) {
        return Math.floorDiv(nanos - System.nanoTime() + 999_999, 1_000_000);
    }

    void ended(Visitor visitor) {
        open.remove(visitor);
    }

    @Override
    public String toString() {
        return "loop " + index;
    }
}
