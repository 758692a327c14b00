package dev.hawser.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A process in which all receivers are, on one thread.
 *
 * <p>Arguments: as {@link FanOutPlan} has them. Prints one line: {@link Measured}. A message is late from when it was due, not
 * from when the server came to send it. One that does not come is as late as it is at the end: two seconds after the window.
 */
public final class FanOutLoad {

    /** What the socket takes of the receiver that reads nothing: little, so that it soon sticks. */
    private static final int SMALL_BUFFER = 4096;

    private static final long PATIENCE = 2_000_000_000L;

    private final FanOutPlan plan;
    private final Selector selector = Selector.open();
    private final List<Receiver> receivers = new ArrayList<>();
    private @Nullable SelectionKey stuck;

    private long delivered;
    private long lastDelivery;
    private long longestSilence;

    /**
     * What a window has shown; times in microseconds.
     *
     * @param delivered Messages that receivers got in it.
     * @param cpu User and system time of the server.
     * @param length How long it was.
     * @param median Of all delays.
     * @param high 99 % of delays are no longer.
     * @param worst The longest delay.
     * @param slowest The median of the delays of the receiver where that is longest.
     * @param silence How long nobody got anything, at most.
     * @param absent Messages of the window that were not delivered, not even after it.
     * @param missed Those of them that were left out, since later ones came.
     * @param stuckFor How long the receiver that reads nothing was kept; -1 if it still is, or is none.
     */
    record Measured(
            long delivered,
            long cpu,
            long length,
            long median,
            long high,
            long worst,
            long slowest,
            long silence,
            long absent,
            long missed,
            long stuckFor) {

        static Measured of(long[] numbers) {
            return new Measured(
                    numbers[0],
                    numbers[1],
                    numbers[2],
                    numbers[3],
                    numbers[4],
                    numbers[5],
                    numbers[6],
                    numbers[7],
                    numbers[8],
                    numbers[9],
                    numbers[10]);
        }

        String line() {
            return String.join(
                    " ",
                    Arrays.stream(new long[] {
                                delivered, cpu, length, median, high, worst, slowest, silence, absent, missed, stuckFor
                            })
                            .mapToObj(Long::toString)
                            .toList());
        }
    }

    private FanOutLoad(FanOutPlan plan) throws IOException {
        this.plan = plan;
    }

    public static void main(String[] arguments) throws Exception {
        FanOutLoad load = new FanOutLoad(FanOutPlan.of(arguments));
        load.open();
        System.out.println(load.measure().line());
    }

    private void open() throws IOException {
        for (int i = 0; i < plan.receivers(); i++) {
            boolean sticks = plan.stuck() && i == plan.receivers() / 2; // a loop comes to it before others
            SocketChannel channel = SocketChannel.open();
            if (sticks) {
                channel.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BUFFER);
            }
            String path = (plan.events() ? "/events" : "/socket") + (sticks ? "?" + FanOutServer.STUCK : "");
            if (plan.events()) {
                String request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + plan.port()
                        + "\r\nAccept: text/event-stream\r\n\r\n";
                Handshake.exchange(channel, plan.port(), request, "HTTP/1.1 200");
            } else {
                Handshake.with(channel, plan.port(), path, "");
            }
            channel.configureBlocking(false);
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            Receiver receiver = plan.events() ? new EventReceiver(channel) : new SocketReceiver(key);
            key.attach(receiver);
            if (sticks) {
                stuck = key;
            } else {
                receivers.add(receiver);
            }
        }
    }

    private Measured measure() throws IOException {
        Schedule schedule = new Schedule(
                Long.parseLong(ask("/start?perSecond=" + plan.perSecond() + "&burst=" + plan.burst())),
                plan.perSecond(),
                plan.burst());
        int first = schedule.messages(plan.warmUp());
        int messages = schedule.messages(plan.window());
        receivers.forEach(receiver -> receiver.receipts().open(first, messages));
        long from = schedule.due(first) - schedule.period() / 2; // so that no burst is cut in two
        long to = schedule.due(first + messages) - schedule.period() / 2;
        run(from);
        if (delivered == 0) {
            throw new IllegalStateException("Nothing is delivered");
        }
        if (stuck != null) {
            stuck.interestOps(0);
        }
        long cpu = Server.cpuMicros(plan.server());
        delivered = 0;
        lastDelivery = from;
        longestSilence = 0;
        run(to);
        cpu = Server.cpuMicros(plan.server()) - cpu;
        silentUntil(to);
        long inWindow = delivered;
        long silence = longestSilence;
        long patient = to + PATIENCE;
        while (System.nanoTime() < patient
                && !receivers.stream().allMatch(receiver -> receiver.receipts().isComplete())) {
            run(Math.min(patient, System.nanoTime() + PATIENCE / 100));
        }
        return measured(schedule, inWindow, cpu, (to - from) / 1000, silence, stuckFor(from));
    }

    private void run(long until) throws IOException {
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            selector.select(Math.max(1, Math.min(100, left / 1_000_000)));
            for (SelectionKey key : selector.selectedKeys()) {
                delivered(((Receiver) key.attachment()).read(), key);
            }
            selector.selectedKeys().clear();
        }
    }

    private void delivered(int messages, SelectionKey to) {
        if (messages > 0 && to != stuck) {
            delivered += messages;
            long now = System.nanoTime();
            silentUntil(now);
            lastDelivery = now;
        }
    }

    private void silentUntil(long now) {
        longestSilence = Math.max(longestSilence, now - lastDelivery);
    }

    private Measured measured(Schedule schedule, long inWindow, long cpu, long length, long silence, long stuckFor) {
        long now = System.nanoTime();
        List<int[]> delays = receivers.stream()
                .map(receiver -> receiver.receipts().delays(schedule, now))
                .toList();
        int[] all = delays.stream().flatMapToInt(IntStream::of).sorted().toArray();
        int slowest = delays.stream()
                .mapToInt(each -> IntStream.of(each)
                        .sorted()
                        .skip(each.length / 2)
                        .findFirst()
                        .orElseThrow())
                .max()
                .orElseThrow();
        return new Measured(
                inWindow,
                cpu,
                length,
                all[all.length / 2],
                all[(int) (all.length * 0.99)],
                all[all.length - 1],
                slowest,
                silence / 1000,
                receivers.stream()
                        .mapToLong(receiver -> receiver.receipts().absent())
                        .sum(),
                receivers.stream()
                        .mapToLong(receiver -> receiver.receipts().missed())
                        .sum(),
                stuckFor);
    }

    /** Microseconds from the beginning of the window until the server ended the connection on which nothing was read. */
    private long stuckFor(long from) throws IOException {
        long end = Long.parseLong(ask("/stuck"));
        return end == 0 ? -1 : (end - from) / 1000;
    }

    private String ask(String path) throws IOException {
        URI uri = URI.create("http://127.0.0.1:" + plan.port() + path);
        try (InputStream body = uri.toURL().openStream()) {
            return new String(body.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
