package dev.hawser.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class MemoryTransportTests {

    private final MemoryTransport.Pair ends = MemoryTransport.pair(task -> {
        throw new AssertionError("No connection is there to be called");
    });

    private static ByteBuffer[] bytes(int... lengths) {
        ByteBuffer[] pieces = new ByteBuffer[lengths.length];
        for (int i = 0; i < lengths.length; i++) {
            pieces[i] = ByteBuffer.allocate(lengths[i]);
        }
        return pieces;
    }

    @Test
    void whatOneEndWritesTheOtherReads() throws Exception {
        assertThat(ends.client().write(new ByteBuffer[] {
                    ByteBuffer.wrap(new byte[] {1, 2}), ByteBuffer.wrap(new byte[] {3, 4, 5})
                }))
                .isTrue();
        assertThat(ends.client().flush()).isTrue();
        byte[] buffer = new byte[4];
        assertThat(ends.server().read(buffer)).isEqualTo(4);
        assertThat(buffer).containsExactly(1, 2, 3, 4);
        assertThat(ends.server().read(buffer)).isEqualTo(1);
        assertThat(buffer[0]).isEqualTo((byte) 5);
        assertThat(ends.server().read(buffer)).isZero();
        assertThat(ends.client().read(buffer)).isZero();
    }

    @Test
    void asMuchAsFitsIsTaken() throws Exception {
        ByteBuffer[] data = bytes(MemoryTransport.CAPACITY - 1, 3, 1);
        assertThat(ends.server().write(data)).isFalse();
        assertThat(ends.server().flush()).isFalse();
        assertThat(data[1].remaining()).isEqualTo(2);
        assertThat(data[2].remaining()).isEqualTo(1);
        assertThat(ends.client().read(new byte[3])).isEqualTo(3);
        assertThat(ends.server().write(new ByteBuffer[] {data[1], data[2]})).isTrue();
        assertThat(ends.server().flush()).isTrue();
    }

    @Test
    void aClosedEndIsAtItsEndForBoth() throws Exception {
        ends.client().write(bytes(2));
        ends.client().close();
        assertThat(ends.client().read(new byte[1])).isEqualTo(-1);
        assertThat(ends.server().read(new byte[3])).isEqualTo(2);
        assertThat(ends.server().read(new byte[3])).isEqualTo(-1);
        assertThatThrownBy(() -> ends.client().write(bytes(1))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ends.server().write(bytes(1))).isInstanceOf(IOException.class);
    }

    @Test
    void anEndThatWritesNoMoreStillReads() throws Exception {
        ends.server().shutdownOutput();
        assertThat(ends.client().read(new byte[1])).isEqualTo(-1);
        ends.client().write(bytes(1));
        assertThat(ends.server().read(new byte[1])).isEqualTo(1);
        assertThatThrownBy(() -> ends.server().write(bytes(1))).isInstanceOf(IOException.class);
    }

    @Test
    void bytesCanBeInjectedBeyondWhatFits() throws Exception {
        ends.client().write(bytes(MemoryTransport.CAPACITY));
        ends.client().inject(new byte[] {7});
        assertThat(ends.server().read(new byte[MemoryTransport.CAPACITY])).isEqualTo(MemoryTransport.CAPACITY);
        byte[] last = new byte[1];
        assertThat(ends.server().read(last)).isEqualTo(1);
        assertThat(last).containsExactly(7);
    }
}
