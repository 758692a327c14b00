package dev.hawser.websocket.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class MaskTests {

    @Test
    void anyPartOfAnyArrayIsMaskedByteForByte() {
        Random random = new Random(3);
        for (int offset = 0; offset < 9; offset++) {
            for (int length = 0; length < 40; length++) {
                for (int position = 0; position < 5; position++) {
                    int key = random.nextInt();
                    byte[] data = new byte[offset + length + 5];
                    random.nextBytes(data);
                    byte[] expected = data.clone();
                    for (int i = 0; i < length; i++) {
                        expected[offset + i] ^= (byte) (key >>> (24 - 8 * ((position + i) % 4)));
                    }
                    Mask.apply(data, offset, length, key, position);
                    assertThat(data).isEqualTo(expected);
                }
            }
        }
    }
}
