package dev.hawser.websocket.extension;

import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.ExtensionHeader.Parameter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Writes its name behind each message, in brackets, and takes it away again; at once, or when it is told to. */
public class TestExtension implements Extension {

    private final String name;
    private final int reserved;
    private final boolean slow;
    /** What sessions have been asked to do, such as {@code in Hello} and {@code close}. */
    public final List<String> calls = new CopyOnWriteArrayList<>();
    /** What slow sessions have not done yet. */
    public final Queue<Runnable> work = new ConcurrentLinkedQueue<>();
    /** Who has asked sessions what they hold although they were at work. */
    public final List<String> disturbed = new CopyOnWriteArrayList<>();

    public final List<ExtensionHeader> offered = new ArrayList<>();
    /** What the sessions that are made from now on have for a profile. */
    public @Nullable Object profile;

    public TestExtension(String name, int reserved, boolean slow) {
        this.name = name;
        this.reserved = reserved;
        this.slow = slow;
    }

    public static TestExtension quick(String name, int reserved) {
        return new TestExtension(name, reserved, false);
    }

    public static TestExtension slow(String name) {
        return new TestExtension(name, RSV1, true);
    }

    /** A pipeline of these alone. */
    public static Pipeline pipeline(Extension... extensions) {
        return pipeline(Pipeline.Sizes.NONE, extensions);
    }

    public static Pipeline pipeline(Pipeline.Sizes sizes, Extension... extensions) {
        List<ExtensionHeader> offers = new ArrayList<>();
        for (Extension extension : extensions) {
            offers.add(new ExtensionHeader(extension.name(), List.of()));
        }
        return Negotiation.accept(List.of(extensions), offers, 1000, sizes);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int reserved() {
        return reserved;
    }

    @Override
    public @Nullable ServerSession accept(List<ExtensionHeader> offers, int maxLength) {
        offered.addAll(offers);
        if (name.contains("broken")) {
            throw new IllegalStateException("broken");
        }
        return offers.get(0).parameters().isEmpty() ? new TestSession(List.of()) : null;
    }

    @Override
    public ClientOffer offer(int maxLength) {
        return new ClientOffer() {
            @Override
            public List<List<Parameter>> parameters() {
                return List.of(List.of(new Parameter("first", "1")), List.of());
            }

            @Override
            public Session accept(List<Parameter> answer) throws NegotiationException {
                if (answer.toString().contains("wrong")) {
                    throw new NegotiationException("Expected nothing wrong");
                }
                return new TestSession(answer);
            }
        };
    }

    /** Does what is to be done, or leaves it for later. */
    protected void doWork(Runnable todo) {
        if (slow) {
            work.add(todo);
        } else {
            todo.run();
        }
    }

    private final class TestSession implements ServerSession {

        private final List<Parameter> answer;
        private final @Nullable Object ownProfile = profile;
        private volatile boolean incomingAtWork;
        private volatile boolean outgoingAtWork;

        TestSession(List<Parameter> answer) {
            this.answer = answer;
        }

        @Override
        public List<Parameter> answer() {
            return answer;
        }

        @Override
        public void incoming(ExtensionMessage message, Result result) {
            String text = new String(message.data(), StandardCharsets.ISO_8859_1);
            calls.add("in " + text);
            if (text.contains("throw")) {
                throw new IllegalStateException("thrown");
            }
            if (text.contains("refuse")) {
                throw new ExtensionException(ExtensionException.Kind.INVALID_DATA, "refused");
            }
            if (text.contains("grow")) {
                result.allows(500_000);
            }
            incomingAtWork = true;
            doWork(() -> {
                incomingAtWork = false;
                if (text.contains("invalid")) {
                    result.failed(new ExtensionException(ExtensionException.Kind.INVALID_DATA, text));
                }
                result.done(message.with(0, bytes(text.replace("[" + name + "]", ""))));
            });
        }

        @Override
        public void outgoing(ExtensionMessage message, Result result) {
            String text = new String(message.data(), StandardCharsets.ISO_8859_1);
            calls.add("out " + text);
            if (text.contains("throw")) {
                throw new IllegalStateException("thrown");
            }
            if (text.contains("memory")) {
                throw new OutOfMemoryError("none");
            }
            if (text.contains("null")) {
                result.done(null);
            }
            outgoingAtWork = true;
            doWork(() -> {
                outgoingAtWork = false;
                if (text.contains("invalid")) {
                    result.failed(new ExtensionException(ExtensionException.Kind.BROKEN, "invalid"));
                }
                int bits = text.contains("bits") ? RSV3 : reserved;
                result.done(message.with(message.reserved() | bits, bytes(text + "[" + name + "]")));
            });
        }

        @Override
        public long heldIncoming() {
            return held(incomingAtWork);
        }

        @Override
        public long heldOutgoing() {
            return held(outgoingAtWork);
        }

        private long held(boolean atWork) {
            if (atWork) {
                disturbed.add(Thread.currentThread().getName());
            }
            return 1000;
        }

        @Override
        public @Nullable Object profile() {
            return ownProfile;
        }

        private byte[] bytes(String text) {
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public void close() {
            calls.add("close");
            if (name.contains("unclosable")) {
                throw new IllegalStateException("unclosable");
            }
        }
    }
}
