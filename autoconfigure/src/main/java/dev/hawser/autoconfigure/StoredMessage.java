package dev.hawser.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hawser.topic.TopicId;
import dev.hawser.topic.TopicMessage;
import dev.hawser.websocket.Message;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A message as it lies in Redis: a byte that says whether it is text, then its name and its sender, each after its length, then its content. */
final class StoredMessage {

    private StoredMessage() {}

    static byte[] encode(TopicMessage message) {
        byte[] name = message.name().getBytes(UTF_8);
        byte[] sender = message.sender().getBytes(UTF_8);
        byte[] content = message.content().unwrap();
        return ByteBuffer.allocate(1 + Integer.BYTES + name.length + Integer.BYTES + sender.length + content.length)
                .put((byte) (message.content().isText() ? 1 : 0))
                .putInt(name.length)
                .put(name)
                .putInt(sender.length)
                .put(sender)
                .put(content)
                .array();
    }

    /** @throws RuntimeException if another has written this */
    static TopicMessage decode(@Nullable TopicId id, byte[] stored) {
        ByteBuffer buffer = ByteBuffer.wrap(stored);
        boolean text = buffer.get() == 1;
        String name = text(buffer);
        String sender = text(buffer);
        byte[] content = new byte[buffer.remaining()];
        buffer.get(content);
        return new TopicMessage(id, name, Message.wrap(text, content), sender);
    }

    private static String text(ByteBuffer buffer) {
        byte[] text = new byte[buffer.getInt()];
        buffer.get(text);
        return new String(text, UTF_8);
    }
}
