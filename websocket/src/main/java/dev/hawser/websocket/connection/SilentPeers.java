package dev.hawser.websocket.connection;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Peers that acknowledge nothing any more of what Linux sends them again and again: its own table says so, long before it gives
 * up, which by default takes a quarter of an hour. A peer that only does not read still acknowledges that it is there. Elsewhere
 * than on Linux no peer is silent. Thread-safe.
 */
final class SilentPeers {

    /**
     * So often in vain, without anything acknowledged between: each wait is twice the one before, and the first is 200 ms or longer,
     * so together they are more than six seconds.
     */
    private static final int RETRANSMISSIONS = 5;

    /** The timer in which a connection waits for an acknowledgement, as opposed to one for a window, for instance. */
    private static final String RETRANSMISSION_TIMER = "01";

    private static final Pattern ADDRESS = Pattern.compile("\\d+\\.\\d+\\.\\d+\\.\\d+|[0-9a-fA-F.]*:[0-9a-fA-F:.]*");

    private static final List<Path> TABLES = Stream.of("tcp", "tcp6")
            .map(name -> Path.of("/proc/self/net", name))
            .filter(Files::isReadable)
            .toList();

    private final Supplier<Set<Connection>> table;
    /** Held by the one who reads. */
    private final ReentrantLock reading = new ReentrantLock();

    private volatile @Nullable Answer last;

    /** @param at when it was there, as {@link System#nanoTime} */
    private record Answer(Set<Connection> silent, long at) {

        boolean isOlderThan(Duration age) {
            return System.nanoTime() - at > age.toNanos();
        }
    }

    SilentPeers() {
        this(SilentPeers::read);
    }

    SilentPeers(Supplier<Set<Connection>> table) {
        this.table = table;
    }

    /**
     * A TCP connection as its peer's address, an IPv4 one as such, and the two ports.
     *
     * @param address in hexadecimal
     */
    record Connection(String address, int remotePort, int localPort) {

        /** The connection of a request; null if nothing can be told of it. */
        static @Nullable Connection of(String remoteAddress, int remotePort, int localPort) {
            if (TABLES.isEmpty()
                    || remotePort <= 0
                    || !ADDRESS.matcher(remoteAddress).matches()) {
                return null; // a name, which must not be looked up
            }
            try {
                byte[] address = InetAddress.getByName(remoteAddress).getAddress();
                return new Connection(HexFormat.of().formatHex(address), remotePort, localPort);
            } catch (UnknownHostException none) {
                return null;
            }
        }
    }

    /**
     * Whether the peer of this connection is silent; may read a file. Never waits for another thread that does: on a busy machine
     * this takes long, and thousands of connections ask, whose threads others wait for. They get the last answer.
     *
     * @param age how old the answer may be, unless a newer one is being read
     */
    boolean contains(Connection connection, Duration age) {
        Answer answer = last;
        if ((answer == null || answer.isOlderThan(age)) && reading.tryLock()) {
            try {
                answer = new Answer(table.get(), System.nanoTime());
                last = answer;
            } finally {
                reading.unlock();
            }
        }
        return answer != null && answer.silent().contains(connection);
    }

    private static Set<Connection> read() {
        Set<Connection> found = new HashSet<>();
        for (Path table : TABLES) {
            try (Stream<String> lines = Files.lines(table, StandardCharsets.ISO_8859_1)) {
                found.addAll(silent(lines));
            } catch (IOException | java.io.UncheckedIOException unreadable) {
                // Then nobody is silent.
            }
        }
        return found;
    }

    /** The silent ones of a table as in /proc/net/tcp. */
    static List<Connection> silent(Stream<String> lines) {
        List<Connection> found = new ArrayList<>();
        lines.skip(1).filter(SilentPeers::isRetransmitting).forEach(line -> {
            // sl, local address, remote address, state, queues, timer and when, retransmissions
            String[] fields = line.strip().split("\\s+", 8);
            if (Integer.parseUnsignedInt(fields[6], 16) >= RETRANSMISSIONS) {
                int local = fields[1].indexOf(':');
                int remote = fields[2].indexOf(':');
                found.add(new Connection(
                        address(fields[2].substring(0, remote)),
                        Integer.parseInt(fields[2].substring(remote + 1), 16),
                        Integer.parseInt(fields[1].substring(local + 1), 16)));
            }
        });
        return found;
    }

    /** There may be thousands of lines, of which few are: after the number, all fields but the addresses have a fixed length. */
    private static boolean isRetransmitting(String line) {
        int local = line.indexOf(':') + 2;
        int addresses = 2 * (line.indexOf(':', local) - local);
        int timer = local + addresses + ":PPPP :PPPP SS TTTTTTTT:RRRRRRRR ".length();
        return line.startsWith(RETRANSMISSION_TIMER + ":", timer);
    }

    /** Words of four bytes in the machine's order; an IPv4 address that is mapped into an IPv6 one becomes itself. */
    private static String address(String words) {
        byte[] bytes = HexFormat.of().parseHex(words);
        ByteBuffer network = ByteBuffer.allocate(bytes.length);
        ByteBuffer machine = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        while (machine.hasRemaining()) {
            network.putInt(machine.getInt());
        }
        try {
            return HexFormat.of()
                    .formatHex(InetAddress.getByAddress(network.array()).getAddress());
        } catch (UnknownHostException impossible) {
            throw new IllegalArgumentException(words, impossible);
        }
    }
}
