package dev.hawser.websocket.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteQueueTests {

    @Test
    void bytesLeaveInOrderHoweverTheyWereAddedAndTaken() {
        Random random = new Random(11);
        for (int round = 0; round < 200; round++) {
            ByteQueue queue = new ByteQueue();
            ByteArrayOutputStream added = new ByteArrayOutputStream();
            ByteArrayOutputStream taken = new ByteArrayOutputStream();
            for (int step = 0; step < 100; step++) {
                byte[] data = new byte[random.nextInt(random.nextInt(10) == 0 ? 20_000 : 300)];
                random.nextBytes(data);
                queue.add(data);
                added.writeBytes(data);
                if (random.nextInt(3) == 0) {
                    take(queue, random.nextInt(5000), taken);
                }
                assertThat(queue.size()).isEqualTo(added.size() - taken.size());
            }
            while (!queue.isEmpty()) {
                take(queue, 1 + random.nextInt(5000), taken);
            }
            assertThat(taken.toByteArray()).isEqualTo(added.toByteArray());
            assertThat(queue.peek()).isEmpty();
        }
    }

    private static void take(ByteQueue queue, int most, ByteArrayOutputStream taken) {
        int left = most;
        for (ByteBuffer next : queue.peek()) {
            byte[] bytes = new byte[Math.min(left, next.remaining())];
            next.get(bytes);
            taken.writeBytes(bytes);
            left -= bytes.length;
        }
        queue.removeWritten();
    }

    @Test
    void aLargePieceIsNotCopied() {
        ByteQueue queue = new ByteQueue();
        byte[] large = new byte[10_000];
        queue.add(large);
        assertThat(queue.peek()).singleElement().satisfies(piece -> assertThat(piece.array())
                .isSameAs(large));
    }

    @Test
    void whoeverHasSeenSomePiecesIsShownTheOthers() {
        ByteQueue queue = new ByteQueue();
        byte[][] large = {new byte[5000], new byte[6000], new byte[7000]};
        assertThat(queue.arraysFrom(0)).isEmpty();
        for (byte[] piece : large) {
            queue.add(piece);
        }
        queue.add(new byte[10]);
        assertThat(queue.firstPiece()).isZero();
        assertThat(queue.arraysFrom(1)).containsExactly(large[1], large[2]);
        assertThat(queue.unclosed()).isEqualTo(10);
        take(queue, 5500, new ByteArrayOutputStream());
        assertThat(queue.unclosed()).isZero();
        assertThat(queue.firstPiece()).isEqualTo(1);
        assertThat(queue.arraysFrom(1)).hasSize(3).startsWith(large[1], large[2]);
        assertThat(queue.arraysFrom(4)).isEmpty();
        queue.clear();
        assertThat(queue.firstPiece()).isEqualTo(4);
        queue.add(large[0]);
        assertThat(queue.arraysFrom(4)).containsExactly(large[0]);
    }

    @Test
    void aThousandSmallPiecesLeaveInOrder() {
        ByteQueue queue = new ByteQueue();
        ByteArrayOutputStream added = new ByteArrayOutputStream();
        for (int i = 0; i < 1000; i++) {
            byte[] piece = Bytes.utf8("piece " + i + " of many, so many that they do not fit into one chunk");
            queue.add(piece);
            added.writeBytes(piece);
        }
        assertThat(queue.size()).isEqualTo(added.size());
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        while (!queue.isEmpty()) {
            take(queue, Integer.MAX_VALUE, taken);
        }
        assertThat(taken.toByteArray()).isEqualTo(added.toByteArray());
    }

    @Test
    void aQueueThatWasAddedToAnotherIsEmpty() {
        ByteQueue first = new ByteQueue();
        ByteQueue second = new ByteQueue();
        first.add(new byte[] {1});
        second.add(new byte[] {2});
        second.add(new byte[5000]);
        first.addAll(second);
        assertThat(first.size()).isEqualTo(5002);
        assertThat(second.size()).isZero();
        assertThat(second.peek()).isEmpty();
        first.addAll(second);
        assertThat(first.size()).isEqualTo(5002);
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        take(first, 2, taken);
        assertThat(taken.toByteArray()).containsExactly(1, 2);
    }

    @Test
    void itIsKnownWhereMessagesEnd() {
        ByteQueue queue = new ByteQueue();
        queue.countMessages();
        queue.add(new byte[10]);
        queue.endMessage();
        queue.add(new byte[10]);
        queue.add(new byte[5000]); // of a message whose end comes with another queue
        ByteQueue held = queue.sibling();
        held.add(new byte[7]);
        held.endMessage();
        held.add(new byte[5000]);
        held.endMessage();
        queue.addAll(held);

        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        take(queue, 9, taken);
        assertThat(queue.removed()).isEqualTo(9);
        assertThat(queue.takeEnds(queue.removed())).isZero();
        take(queue, 1, taken);
        assertThat(queue.takeEnds(queue.removed() - 1)).isZero();
        assertThat(queue.takeEnds(queue.removed())).isEqualTo(1);
        assertThat(queue.takeEnds(queue.removed())).isZero();
        assertThat(queue.takeEnds(5026)).isZero();
        assertThat(queue.takeEnds(5027)).isEqualTo(1);
        take(queue, 20_000, taken);
        assertThat(queue.isEmpty()).isTrue();
        assertThat(queue.removed()).isEqualTo(10_027);
        assertThat(queue.takeEnds(10_026)).isZero();
        assertThat(queue.takeEnds(10_027)).isEqualTo(1);
        queue.add(new byte[1]);
        queue.endMessage();
        queue.clear();
        assertThat(queue.takeEnds(queue.removed())).isZero();
    }

    @Test
    void withoutCountingNothingIsKnown() {
        ByteQueue queue = new ByteQueue();
        queue.add(new byte[1]);
        queue.endMessage();
        take(queue, 1, new ByteArrayOutputStream());
        assertThat(queue.takeEnds(1)).isZero();
        ByteQueue sibling = queue.sibling();
        sibling.endMessage();
        assertThat(sibling.takeEnds(1)).isZero();
    }
}
