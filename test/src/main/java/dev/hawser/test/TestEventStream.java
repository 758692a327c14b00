package dev.hawser.test;

import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of an event stream, in a test. Expectations are met in the order in which events come; each waits for the
 * next, up to the timeout of its client, and fails with an {@link AssertionError} that shows all that has come. For one thread.
 */
public final class TestEventStream implements AutoCloseable {

    private final Transcript<Object> transcript;
    private final EventStreamReader reader;
    private final Runnable disconnect;

    /** What comes after the last event. */
    private record End() {

        @Override
        public String toString() {
            return "the end";
        }
    }

    private TestEventStream(Transcript<Object> transcript, EventStreamReader reader, Runnable disconnect) {
        this.transcript = transcript;
        this.reader = reader;
        this.disconnect = disconnect;
    }

    static TestEventStream open(Binding binding, Binding.Request request, Duration timeout) {
        Transcript<Object> transcript = new Transcript<>(binding.url(request.path(), "http"), timeout);
        EventStreamReader reader = new EventStreamReader(transcript::add);
        Runnable disconnect = binding.stream(request, timeout, new Binding.StreamListener() {
            @Override
            public void received(byte[] bytes) {
                reader.read(bytes);
            }

            @Override
            public void ended() {
                transcript.end(new End());
            }
        });
        return new TestEventStream(transcript, reader, disconnect);
    }

    /** Expects an event of this data, whatever its name and id. */
    public TestEventStream expectEvent(String data) {
        String expected = "an event " + Transcript.quote(data);
        TestEvent event = next(expected);
        if (!event.data().equals(data)) {
            throw transcript.failure(expected, "was " + event);
        }
        return this;
    }

    /** Expects an event of this name and data, whatever its id. */
    public TestEventStream expectEvent(String name, String data) {
        String expected = "an event " + name + " " + Transcript.quote(data);
        TestEvent event = next(expected);
        if (!event.name().equals(name) || !event.data().equals(data)) {
            throw transcript.failure(expected, "was " + event);
        }
        return this;
    }

    /** Expects an event, and has the test look at it. */
    public TestEventStream expectEvent(Consumer<TestEvent> assertions) {
        transcript.check(next("an event"), assertions);
        return this;
    }

    private TestEvent next(String expected) {
        Object next = transcript.next(expected);
        if (next instanceof TestEvent event) {
            return event;
        }
        throw transcript.failure(expected, "was " + next);
    }

    /** Expects that the endpoint ends the stream, and that all its events were expected. */
    public TestEventStream expectEnd() {
        Object next = transcript.next("the end");
        if (!(next instanceof End)) {
            throw transcript.failure("the end", "was " + next);
        }
        return this;
    }

    /** How long the endpoint has asked to wait before reconnecting, so far; null if it has not. */
    public @Nullable Duration retry() {
        return reader.retry();
    }

    /** Goes away, as a page that is left: the endpoint notices at its next event or ping, if not before. */
    @Override
    public void close() {
        disconnect.run();
    }

    /** All that has come. */
    @Override
    public String toString() {
        return transcript.toString();
    }
}
