package dev.hawser.websocket.protocol;

import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.Version;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Whatever is sent, however it is cut into fragments, frames, reads and writes, and whatever control frames stand between:
 * the same comes out, in its order.
 */
class RoundTripTests {

    /**
     * A message or, where {@code control} is not 0, a control frame.
     *
     * @param cuts into how many fragments
     * @param seed of all else that is random: masks, lengths of fragments, pings between them
     */
    record Item(boolean text, String content, int control, int cuts, long seed) {

        byte[] payload() {
            return utf8(content);
        }

        String shown() {
            return text ? "text " + content : "binary " + Arrays.toString(payload());
        }
    }

    @Provide
    Arbitrary<List<Item>> items() {
        Arbitrary<String> small = Arbitraries.strings().ofMaxLength(200);
        Arbitrary<String> large = Arbitraries.of(0, 1, 124, 125, 126, 127, 4095, 4096, 65_535, 65_536, 150_000)
                .flatMap(length -> Arbitraries.of("x", "\u00e9", "\u20ac", "\ud83d\ude00")
                        .map(character -> character.repeat(length / utf8(character).length)));
        Arbitrary<String> content =
                Arbitraries.frequencyOf(Tuple.of(9, small.map(RoundTripTests::withoutHalves)), Tuple.of(1, large));
        return Combinators.combine(
                        Arbitraries.of(true, false),
                        content,
                        Arbitraries.of(0, 0, 0, 0x89, 0x8A),
                        Arbitraries.integers().between(1, 6),
                        Arbitraries.longs())
                .as(Item::new)
                .list()
                .ofMaxSize(8);
    }

    /** Unpaired surrogates have no UTF-8. */
    private static String withoutHalves(String text) {
        return Bytes.string(utf8(text));
    }

    /** A client's frame with a mask of its own. */
    private static byte[] masked(int first, byte[] payload, Random random) {
        byte[] frame = Bytes.frame(first, payload);
        byte[] key = new byte[4];
        random.nextBytes(key);
        int start = frame.length - payload.length;
        for (int i = 0; i < 4; i++) {
            frame[start - 4 + i] = key[i];
        }
        for (int i = 0; i < payload.length; i++) {
            frame[start + i] = (byte) (payload[i] ^ key[i % 4]);
        }
        return frame;
    }

    private static List<byte[]> cut(byte[] payload, int pieces, Random random) {
        List<byte[]> parts = new ArrayList<>();
        int at = 0;
        for (int i = 1; i < pieces; i++) {
            int end = at + random.nextInt(payload.length - at + 1);
            parts.add(Arrays.copyOfRange(payload, at, end));
            at = end;
        }
        parts.add(Arrays.copyOfRange(payload, at, payload.length));
        return parts;
    }

    private static byte[] control(Item item) {
        byte[] payload = item.payload();
        return Arrays.copyOf(payload, Math.min(payload.length, 125));
    }

    @Property(tries = 300)
    void whatAClientSendsIsWhatIsHeard(@ForAll("items") List<Item> items, @ForAll long seed) {
        List<String> expected = new ArrayList<>();
        List<String> pongs = new ArrayList<>();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Item item : items) {
            Random random = new Random(item.seed);
            if (item.control != 0) {
                bytes.writeBytes(masked(item.control, control(item), random));
                expected.add((item.control == 0x89 ? "ping " : "pong ") + Arrays.toString(control(item)));
                if (item.control == 0x89) {
                    pongs.add("pong " + Arrays.toString(control(item)));
                }
                continue;
            }
            List<byte[]> parts = cut(item.payload(), item.cuts, random);
            for (int i = 0; i < parts.size(); i++) {
                int first = (i == parts.size() - 1 ? 0x80 : 0) | (i > 0 ? 0 : item.text ? 1 : 2);
                if (i > 0 && random.nextBoolean()) {
                    bytes.writeBytes(masked(0x89, new byte[] {(byte) i}, random));
                    expected.add("ping [" + i + "]");
                    pongs.add("pong [" + i + "]");
                }
                bytes.writeBytes(masked(first, parts.get(i), random));
            }
            expected.add(item.shown());
        }

        DriverFixture peer = new DriverFixture();
        Random random = new Random(seed);
        byte[] all = bytes.toByteArray();
        for (int at = 0; at < all.length; ) {
            int end = Math.min(all.length, at + 1 + random.nextInt(random.nextBoolean() ? 4 : 9000));
            peer.receive(Arrays.copyOfRange(all, at, end));
            at = end;
        }

        assertThat(peer.events.stream().map(RoundTripTests::shown)).isEqualTo(expected);
        assertThat(new FrameDecoder(peer.output()).controls).isEqualTo(pongs);
    }

    private static String shown(Event event) {
        if (event instanceof Event.Text text) {
            return "text " + Utf8Fuzzer.decode(text.utf8());
        } else if (event instanceof Event.Binary binary) {
            return "binary " + Arrays.toString(binary.data());
        } else if (event instanceof Event.Ping ping) {
            return "ping " + Arrays.toString(ping.data());
        } else if (event instanceof Event.Pong pong) {
            return "pong " + Arrays.toString(pong.data());
        }
        return event.toString();
    }

    @Property(tries = 300)
    void whatIsSentIsWhatAClientHears(@ForAll("items") List<Item> items, @ForAll boolean closes, @ForAll long seed) {
        Random random = new Random(seed);
        int threshold = random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(5000);
        DriverFixture peer = new DriverFixture(
                new HybiDriver(Version.HYBI_13, Limits.DEFAULT, new Framing(true, threshold), Pipeline.NONE));
        Output output = new Output(peer.driver, random);
        List<String> messages = new ArrayList<>();
        List<String> controls = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            Item item = items.get(i);
            if (item.control == 0x89) {
                peer.driver.ping(control(item));
                controls.add("ping " + Arrays.toString(control(item)));
            } else if (item.control == 0x8A) {
                peer.receive(masked(0x89, control(item), random));
                controls.add("pong " + Arrays.toString(control(item)));
            } else if (item.cuts == 1) {
                send(peer.driver, item);
                messages.add(item.shown());
            } else {
                i = sendInParts(peer, items, i, random, messages, controls);
            }
            output.take();
        }
        if (closes) {
            peer.driver.close(1000, "");
            controls.add("close [3, -24]");
        }

        FrameDecoder heard = new FrameDecoder(output.takeAll());
        assertThat(heard.messages).isEqualTo(messages);
        assertThat(heard.controls).isEqualTo(controls);
        assertThat(peer.driver.held()).isZero();
        if (items.stream().allMatch(item -> item.cuts == 1)) {
            assertThat(heard.longest).isLessThanOrEqualTo(threshold);
        }
    }

    /** Sends a message in parts, frame by frame or not, and the next item, if it is a message, while it is in progress. */
    private static int sendInParts(
            DriverFixture peer,
            List<Item> items,
            int index,
            Random random,
            List<String> messages,
            List<String> controls) {
        Item item = items.get(index);
        Item next = index + 1 < items.size() && items.get(index + 1).control == 0 ? items.get(index + 1) : null;
        List<byte[]> parts = cut(item.payload(), item.cuts, random);
        Opcode type = item.text ? Opcode.TEXT : Opcode.BINARY;
        boolean frames = random.nextBoolean();
        for (int i = 0; i < parts.size(); i++) {
            boolean last = i == parts.size() - 1;
            if (frames) {
                peer.driver.frame(Frame.of(i == 0 ? type : Opcode.CONTINUATION, parts.get(i))
                        .withFin(last));
            } else {
                peer.driver.fragment(type, parts.get(i), last);
            }
            if (i == 0 && next != null) {
                send(peer.driver, next);
            }
            if (random.nextBoolean()) {
                peer.driver.ping(new byte[] {(byte) i});
                controls.add("ping [" + i + "]");
            }
        }
        messages.add(item.shown());
        if (next == null) {
            return index;
        }
        messages.add(next.shown());
        return index + 1;
    }

    private static void send(Driver driver, Item item) {
        boolean sent = item.text ? driver.text(item.payload()) : driver.binary(item.payload());
        assertThat(sent).isTrue();
    }

    /** Takes what a socket would take: some of it, sometimes. */
    private static final class Output {

        private final Driver driver;
        private final Random random;
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

        Output(Driver driver, Random random) {
            this.driver = driver;
            this.random = random;
        }

        void take() {
            int left = random.nextInt(3) * random.nextInt(20_000);
            for (ByteBuffer next : driver.output().peek()) {
                byte[] bytes = new byte[Math.min(left, next.remaining())];
                next.get(bytes);
                taken.writeBytes(bytes);
                left -= bytes.length;
            }
            driver.output().removeWritten();
        }

        byte[] takeAll() {
            while (!driver.output().isEmpty()) {
                take();
            }
            return taken.toByteArray();
        }
    }
}
