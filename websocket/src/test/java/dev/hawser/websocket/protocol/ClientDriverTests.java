package dev.hawser.websocket.protocol;

import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.protocol.Bytes.join;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.extension.TestExtension;
import dev.hawser.websocket.handshake.Version;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntSupplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The client's side of RFC 6455: what it sends is masked (section 5.3), what it reads is not. */
class ClientDriverTests {

    /** The key of the RFC's examples (section 5.7). */
    private static final int KEY = 0x37fa213d;

    private final DriverFixture client = client(() -> KEY);

    private static DriverFixture client(IntSupplier masks) {
        return new DriverFixture(
                Driver.forClient(Version.HYBI_13, Limits.DEFAULT, Framing.DEFAULT, Pipeline.NONE, masks));
    }

    @Test
    void masksTextAsInTheExampleOfTheRfc() {
        client.driver.text(utf8("Hello"));
        assertThat(client.output()).isEqualTo(hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"));
    }

    @Test
    void masksControlFramesToo() {
        client.driver.ping(utf8("Hello"));
        client.driver.pong(new byte[0]);
        client.driver.close(1000, "");
        assertThat(client.output())
                .isEqualTo(join(
                        hex("89 85 37 fa 21 3d 7f 9f 4d 51 58"),
                        hex("8a 80 37 fa 21 3d"),
                        hex("88 82 37 fa 21 3d 34 12")));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 127, 4095, 4096, 65_535, 65_536, 200_000})
    void masksPayloadOfAnyLengthAndLeavesTheSendersBytesAlone(int length) {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        byte[] copy = data.clone();
        client.driver.binary(data);
        assertThat(client.output()).isEqualTo(frame(0x82, copy));
        assertThat(data).isEqualTo(copy);
    }

    @Test
    void takesANewMaskForEachFrame() {
        int[] next = {0};
        DriverFixture other = new DriverFixture(Driver.forClient(
                Version.HYBI_13, Limits.DEFAULT, new Framing(true, 2), Pipeline.NONE, () -> ++next[0] << 24));
        other.driver.text(utf8("abc"));
        other.driver.ping(new byte[0]);
        assertThat(other.output()).isEqualTo(hex("01 82 01000000 60 62  80 81 02000000 61  89 80 03000000"));
    }

    /** A key of four zeros is one like any other. */
    @Test
    void sendsTheKeyThatMasksNothing() {
        DriverFixture other = client(() -> 0);
        other.driver.binary(new byte[5000]);
        assertThat(other.output()).startsWith(hex("82 fe 13 88 00 00 00 00 00")).hasSize(5008);
    }

    @Test
    void readsFramesWithoutMasks() {
        client.receiveSlowly(
                hex("81 05 48 65 6c 6c 6f"), hex("01 03 48 65 6c"), hex("89 01 3f"), hex("80 02 6c 6f"), hex("82 00"));
        assertThat(client.events).hasSize(4);
        assertThat(((Event.Text) client.events.get(0)).utf8()).isEqualTo(utf8("Hello"));
        assertThat(client.events.get(1)).isInstanceOf(Event.Ping.class);
        assertThat(((Event.Text) client.events.get(2)).utf8()).isEqualTo(utf8("Hello"));
        assertThat(((Event.Binary) client.events.get(3)).data()).isEmpty();
        assertThat(client.output()).isEqualTo(hex("8a 81 37 fa 21 3d 08"));
    }

    @ParameterizedTest
    @ValueSource(ints = {126, 65_535, 65_536})
    void readsLongFramesWithoutMasks(int length) {
        byte[] data = new byte[length];
        Arrays.fill(data, (byte) 7);
        byte[] masked = frame(0x82, data);
        byte[] header = Arrays.copyOf(masked, masked.length - length - 4);
        header[1] &= 0x7F;
        client.receive(header, data);
        assertThat(((Event.Binary) client.last()).data()).isEqualTo(data);
    }

    @Test
    void failsForAMaskedFrame() {
        client.receive(frame(0x81, utf8("Hello")));
        assertThat(client.last()).isInstanceOfSatisfying(Event.Failure.class, failure -> {
            assertThat(failure.violation()).isEqualTo(Violation.MASKED_FRAME);
            assertThat(failure.reason()).isEqualTo("Expected a frame without a mask from a server");
        });
        assertThat(client.output()).startsWith(hex("88 af 37 fa 21 3d"));
    }

    @Test
    void showsFramesAsTheyCame() {
        DriverFixture framed = new DriverFixture(Driver.forClient(
                Version.HYBI_13, Limits.DEFAULT, new Framing(false, Integer.MAX_VALUE), Pipeline.NONE, () -> KEY));
        framed.receive(hex("01 01 48"));
        assertThat(((Event.Fragment) framed.last()).frame().masked()).isFalse();
    }

    @Test
    void masksWhatExtensionsHaveMade() {
        DriverFixture extended = new DriverFixture(Driver.forClient(
                Version.HYBI_13,
                Limits.DEFAULT,
                Framing.DEFAULT,
                TestExtension.pipeline(TestExtension.quick("x", Extension.RSV1)),
                () -> KEY));
        extended.driver.text(utf8("a"));
        assertThat(extended.output()).isEqualTo(frame(0xC1, utf8("a[x]")));
        extended.receive(hex("c1 04 61 5b 78 5d"));
        assertThat(((Event.Text) extended.last()).utf8()).isEqualTo(utf8("a"));
    }

    @ParameterizedTest
    @EnumSource(names = "HIXIE_.*", mode = EnumSource.Mode.MATCH_ALL)
    void speaksNoDraftWithoutFrames(Version version) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Driver.forClient(version, Limits.DEFAULT, Framing.DEFAULT, Pipeline.NONE, () -> KEY))
                .withMessage("Expected a hybi version for a client but was " + version);
    }

    /** Both of our sides, with any mask, any content, and any cut between reads. */
    @Property(tries = 500)
    void whatAClientSendsAServerReadsAndSendsBack(@ForAll byte[] content, @ForAll long seed) {
        Random random = new Random(seed);
        DriverFixture sender = client(random::nextInt);
        DriverFixture server = new DriverFixture();
        sender.driver.binary(content);
        exchange(sender, server, random);
        byte[] data = ((Event.Binary) server.last()).data();
        assertThat(data).isEqualTo(content);
        server.driver.binary(data);
        server.driver.close(1001, "bye");
        exchange(server, sender, random);
        assertThat(((Event.Binary) sender.events.get(0)).data()).isEqualTo(content);
        exchange(sender, server, random);
        assertThat(server.last()).isEqualTo(new Event.Close(1001, "bye"));
        assertThat(server.driver.isFinished()).isTrue();
        assertThat(sender.driver.isFinished()).isTrue();
    }

    private static void exchange(DriverFixture from, DriverFixture to, Random random) {
        ByteBuffer bytes = ByteBuffer.wrap(from.output());
        while (bytes.hasRemaining()) {
            byte[] some = new byte[1 + random.nextInt(bytes.remaining())];
            bytes.get(some);
            to.receive(some);
        }
    }
}
