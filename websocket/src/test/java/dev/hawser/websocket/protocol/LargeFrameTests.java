package dev.hawser.websocket.protocol;

import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.Version;
import org.junit.jupiter.api.Test;

/** A frame of more than four gigabytes: seconds, which mutation testing would spend for each mutant, so it leaves this out. */
class LargeFrameTests {

    @Test
    void beyondFourGigabytesBytesAreStillWhatTheyWere() {
        DriverFixture peer = new DriverFixture(new HybiDriver(
                Version.HYBI_13,
                Limits.DEFAULT,
                new Framing(false, Integer.MAX_VALUE, true, Long.MAX_VALUE),
                Pipeline.NONE));
        peer.receive(hex("82 ff 0000000100000006 01020304"));
        byte[] masked = new byte[1 << 20];
        for (int i = 0; i < masked.length; i++) {
            masked[i] = (byte) (i % 4 + 1);
        }
        for (int i = 0; i < 4096; i++) {
            peer.receive(masked);
            byte[] piece = last(peer).unwrap();
            assertThat(piece).hasSize(1 << 20);
            assertThat(piece[0] | piece[1] | piece[(1 << 20) - 1]).isZero();
            peer.events.clear();
        }
        peer.receive(hex("01 02 03 04 01 02"));
        assertThat(last(peer).fin()).isTrue();
        assertThat(last(peer).unwrap()).isEqualTo(new byte[6]);
        peer.receive(frame(0x82, utf8("next")));
        assertThat(last(peer).unwrap()).isEqualTo(utf8("next"));
    }

    private static Frame last(DriverFixture peer) {
        return ((Event.Fragment) peer.last()).frame();
    }
}
