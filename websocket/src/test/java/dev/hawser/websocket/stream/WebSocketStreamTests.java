package dev.hawser.websocket.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.hawser.websocket.Reconnect;
import dev.hawser.websocket.WebSocketOptions;
import dev.hawser.websocket.client.WebSocketClient;
import dev.hawser.websocket.extension.deflate.DeflateOptions;
import dev.hawser.websocket.extension.deflate.PermessageDeflate;
import dev.hawser.websocket.protocol.Frame;
import dev.hawser.websocket.protocol.Opcode;
import dev.hawser.websocket.protocol.ReadyState;
import dev.hawser.websocket.servlet.ServletUpgrade;
import dev.hawser.websocket.servlet.TestServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams over real sockets, both ends of them. */
@Timeout(60)
class WebSocketStreamTests {

    private static byte[] random(int length) {
        byte[] data = new byte[length];
        new Random(length).nextBytes(data);
        return data;
    }

    /** What is done on a thread of its own, and that thread. */
    private record Work<T>(FutureTask<T> task, Thread thread) {

        static <T> Work<T> of(Callable<T> action) {
            FutureTask<T> task = new FutureTask<>(action);
            Thread thread = new Thread(task, "stream-test");
            thread.setDaemon(true);
            thread.start();
            return new Work<>(task, thread);
        }

        T result() throws Exception {
            return task.get(30, TimeUnit.SECONDS);
        }

        void awaitWaiting() {
            await().atMost(Duration.ofSeconds(20)).until(() -> thread.getState() == Thread.State.WAITING);
        }
    }

    @Nested
    class Bytes {

        @Test
        void goBothWaysAndEndWhenTheOutputIsClosed() throws Exception {
            byte[] there = random(1_000_000);
            byte[] back = random(777_777);
            try (Ends ends = Ends.ofBytes()) {
                Work<byte[]> server = Work.of(() -> {
                    byte[] read = ends.server.inputStream().readNBytes(there.length);
                    try (OutputStream out = ends.server.outputStream()) {
                        out.write(back);
                    }
                    return read;
                });
                OutputStream out = ends.client.outputStream();
                out.write(there);
                out.flush();
                assertThat(ends.client.inputStream().readAllBytes()).isEqualTo(back);
                assertThat(server.result()).isEqualTo(there);
                assertThat(ends.server.inputStream().read()).isEqualTo(-1);
                assertThat(ends.client.inputStream().read()).isEqualTo(-1);
                out.close();
                assertThatIOException().isThrownBy(() -> out.write(1)).withMessage("The stream is closed");
            }
        }

        @Test
        void areSentWhenFlushed() throws Exception {
            try (Ends ends = Ends.ofBytes()) {
                OutputStream out = ends.client.outputStream();
                InputStream in = ends.server.inputStream();
                out.write('a');
                out.write(new byte[] {'b', 'c', 'd'}, 1, 2);
                out.flush();
                assertThat(in.readNBytes(3)).isEqualTo("acd".getBytes(UTF_8));
                assertThat(in.read(new byte[0])).isZero();
                out.write(0xFF);
                out.flush();
                assertThat(in.read()).isEqualTo(0xFF);
            }
        }

        /** Text of any message is its UTF-8. */
        @Test
        void comeFromMessagesOfEveryKind() throws Exception {
            try (Ends ends = Ends.ofBytes()) {
                ends.clientSocket.send("Grü");
                ends.clientSocket.send(new byte[0]);
                ends.clientSocket.send("ße".getBytes(UTF_8));
                ends.clientSocket.close();
                assertThat(ends.server.inputStream().readAllBytes()).isEqualTo("Grüße".getBytes(UTF_8));
            }
        }

        @Test
        void areAvailableWithoutWaitingWhenTheyHaveCome() throws Exception {
            try (Ends ends = Ends.ofBytes()) {
                InputStream in = ends.server.inputStream();
                assertThat(in.available()).isZero();
                ends.clientSocket.send("abc");
                await().until(() -> in.available() == 3);
                assertThat(in.read()).isEqualTo('a');
                assertThat(in.available()).isEqualTo(2);
            }
        }

        @Test
        void thatAreNotReadMakeTheWriterWait() throws Exception {
            int chunk = 64 * 1024;
            int chunks = 2048;
            try (Ends ends = Ends.ofBytes()) {
                AtomicLong written = new AtomicLong();
                Work<Void> writer = Work.of(() -> {
                    try (OutputStream out = ends.client.outputStream()) {
                        for (int i = 0; i < chunks; i++) {
                            out.write(random(chunk));
                            written.addAndGet(chunk);
                        }
                    }
                    return null;
                });
                writer.awaitWaiting();
                await().until(ends.serverSocket::isPaused);
                assertThat(written.get()).isLessThan(64L << 20);
                InputStream in = ends.server.inputStream();
                for (int i = 0; i < chunks; i++) {
                    assertThat(in.readNBytes(chunk)).isEqualTo(random(chunk));
                }
                assertThat(in.read()).isEqualTo(-1);
                writer.result();
            }
        }

        @Test
        void ofAClosedInputAreDroppedAndTheCloseFrameIsHeard() throws Exception {
            try (Ends ends = Ends.ofBytes()) {
                InputStream in = ends.server.inputStream();
                ends.client.outputStream().write(random(1_000_000));
                await().until(ends.serverSocket::isPaused);
                Work<Integer> reader = Work.of(() -> {
                    in.readNBytes(1_000_000);
                    return in.read();
                });
                in.close();
                assertThatExceptionOfType(Exception.class)
                        .isThrownBy(reader::result)
                        .withRootCauseInstanceOf(IOException.class)
                        .withMessageContaining("The stream is closed");
                assertThatIOException().isThrownBy(in::read).withMessage("The stream is closed");
                ends.clientSocket.close(3000, "bye");
                await().until(() -> ends.serverSocket.state() == ReadyState.CLOSED);
                assertThat(ends.serverSocket.isPaused()).isFalse();
            }
        }
    }

    @Nested
    class Characters {

        @Test
        void arriveWholeWhereverTheyAreCut() throws Exception {
            String text = "x" + "🌍ü世".repeat(30_000);
            try (Ends ends = new Ends(o -> {}, o -> {}, s -> s.reader(), s -> {})) {
                Work<Void> writer = Work.of(() -> {
                    try (Writer out = ends.client.writer()) {
                        out.write(text, 0, 10_001);
                        out.write(text.charAt(10_001)); // perhaps half a character
                        out.flush();
                        out.write(text.toCharArray(), 10_002, text.length() - 10_002);
                    }
                    return null;
                });
                StringWriter read = new StringWriter();
                try (Reader in = ends.server.reader()) {
                    in.transferTo(read);
                }
                assertThat(read.toString()).isEqualTo(text);
                writer.result();
            }
        }

        @Test
        void areReadAsFarAsTheyHaveCome() throws Exception {
            try (Ends ends = new Ends(o -> {}, o -> {}, s -> s.reader(), s -> {})) {
                Writer out = ends.client.writer();
                Reader in = ends.server.reader();
                out.append("ab");
                out.flush();
                char[] buffer = new char[100];
                assertThat(in.read(buffer)).isEqualTo(2);
                out.append('\uD83C');
                out.flush(); // nothing yet
                out.append('\uDF0D');
                out.flush();
                assertThat(in.read(buffer)).isEqualTo(2);
                assertThat(new String(buffer, 0, 2)).isEqualTo("🌍");
            }
        }

        @Test
        void thatAreHalfAtTheEndBecomeAQuestionMark() throws Exception {
            try (Ends ends = new Ends(o -> {}, o -> {}, s -> s.reader(), s -> {})) {
                try (Writer out = ends.client.writer()) {
                    out.write("a\uD83C");
                }
                StringWriter read = new StringWriter();
                ends.server.reader().transferTo(read);
                assertThat(read.toString()).isEqualTo("a?");
            }
        }
    }

    @Nested
    class Channels {

        @Test
        void readAndWriteAndClose() throws Exception {
            byte[] data = random(300_000);
            try (Ends ends = new Ends(o -> {}, o -> {}, s -> s.readable(), s -> s.readable())) {
                Work<Void> writer = Work.of(() -> {
                    try (WritableByteChannel out = ends.client.writable()) {
                        assertThat(out.write(ByteBuffer.wrap(data, 0, 250_000))).isEqualTo(250_000);
                        out.write(ByteBuffer.allocateDirect(50_000)
                                .put(data, 250_000, 50_000)
                                .flip());
                    }
                    return null;
                });
                ReadableByteChannel in = ends.server.readable();
                ByteBuffer all = ByteBuffer.allocateDirect(400_000);
                assertThat(in.read(ByteBuffer.allocate(0))).isZero();
                while (in.read(all) >= 0) {
                    assertThat(all.position()).isPositive();
                }
                byte[] read = new byte[all.flip().remaining()];
                all.get(read);
                assertThat(read).isEqualTo(data);
                writer.result();
                in.close();
                assertThat(in.isOpen()).isFalse();
                assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(() -> in.read(all.clear()));
                WritableByteChannel out = ends.server.writable();
                assertThat(out.isOpen()).isTrue();
                out.close();
                assertThat(out.isOpen()).isFalse();
                assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(() -> out.write(all));
            }
        }
    }

    @Nested
    class TheEnd {

        @Test
        void isAnExceptionWithCodeAndReasonUnlessItIsClean() throws Exception {
            try (Ends ends = Ends.ofBytes()) {
                ends.clientSocket.send("last");
                ends.clientSocket.close(3001, "Go\u0000 home");
                InputStream in = ends.server.inputStream();
                assertThat(in.readNBytes(4)).isEqualTo("last".getBytes(UTF_8));
                for (int i = 0; i < 2; i++) {
                    assertThatExceptionOfType(WebSocketClosedException.class)
                            .isThrownBy(in::read)
                            .withMessage("The WebSocket was closed with 3001: Go? home")
                            .satisfies(closed -> {
                                assertThat(closed.code()).isEqualTo(3001);
                                assertThat(closed.reason()).isEqualTo("Go\u0000 home");
                            });
                }
                OutputStream out = ends.server.outputStream();
                out.write(1);
                await().untilAsserted(() -> assertThatExceptionOfType(WebSocketClosedException.class)
                        .isThrownBy(() -> {
                            out.write(1);
                            out.flush();
                        })
                        .withMessageContaining("3001"));
            }
        }

        @Test
        void withoutACloseFrameIs1006() throws Exception {
            try (Ends ends = Ends.ofBytes()) {
                ends.clientSocket.send("x");
                InputStream in = ends.server.inputStream();
                assertThat(in.read()).isEqualTo('x');
                ends.clientSocket.terminate();
                assertThatExceptionOfType(WebSocketClosedException.class)
                        .isThrownBy(in::read)
                        .withMessage("The WebSocket was closed with 1006");
            }
        }

        @Test
        void withoutACodeIsClean() throws Exception {
            try (Ends ends = Ends.ofBytes()) {
                ends.clientSocket.onOpen(() -> ends.clientSocket.send(Frame.of(Opcode.CLOSE, new byte[0])));
                assertThat(ends.server.inputStream().read()).isEqualTo(-1);
            }
        }

        @Test
        void reachesAWriterThatWaits() throws Exception {
            try (Ends ends = Ends.ofBytes()) {
                Work<Void> writer = Work.of(() -> {
                    OutputStream out = ends.client.outputStream();
                    while (true) {
                        out.write(random(1 << 20));
                    }
                });
                writer.awaitWaiting();
                await().until(ends.serverSocket::isPaused);
                ends.serverSocket.terminate();
                assertThatExceptionOfType(Exception.class)
                        .isThrownBy(writer::result)
                        .withRootCauseInstanceOf(IOException.class);
            }
        }

        @Test
        void ofAThreadThatIsInterruptedIsItsOwn() throws Exception {
            try (Ends ends = Ends.ofBytes()) {
                Work<String> reader = Work.of(() -> {
                    try {
                        ends.server.inputStream().read();
                        return "read";
                    } catch (InterruptedIOException interrupted) {
                        return "interrupted " + Thread.interrupted();
                    }
                });
                reader.awaitWaiting();
                reader.thread().interrupt();
                assertThat(reader.result()).isEqualTo("interrupted true");
                ends.clientSocket.send("x");
                assertThat(ends.server.inputStream().read()).isEqualTo('x');
            }
        }

        @Test
        void comesWithTheConnectionThoughTheClientConnectsAgain() throws Exception {
            Reconnect soon = new Reconnect(Duration.ofMillis(10), Duration.ofMillis(10), 1, 0, 10);
            try (Ends ends = new Ends(o -> {}, o -> o.reconnect(soon), s -> s.inputStream(), s -> s.inputStream())) {
                OutputStream out = ends.client.outputStream();
                await().until(() -> ends.clientSocket.state() == ReadyState.OPEN);
                ends.serverSocket.terminate();
                assertThatIOException()
                        .isThrownBy(() -> ends.client.inputStream().read())
                        .withMessage("The connection was lost; a stream ends with its connection")
                        .withCauseInstanceOf(IOException.class);
                await().untilAsserted(() -> assertThatIOException()
                        .isThrownBy(
                                () -> { // who writes hears of it after who reads
                                    out.write(1);
                                    out.flush();
                                }));
                await().until(() -> ends.clientSocket.state() == ReadyState.OPEN);
                WebSocketStream again = WebSocketStream.of(ends.clientSocket);
                OutputStream next = again.outputStream();
                next.write(1);
                next.flush();
            }
        }
    }

    @Nested
    class WhoWaits {

        @Test
        void mustNotBeAListenerOfTheSocket() throws Exception {
            try (Ends ends = Ends.ofBytes()) {
                BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
                ends.serverSocket.onPing(data -> {
                    catching(thrown, () -> ends.server.inputStream().read());
                    catching(thrown, () -> {
                        OutputStream out = ends.server.outputStream();
                        out.write(1);
                        out.flush();
                    });
                    catching(thrown, () -> ends.server.binaryMessage());
                });
                ends.clientSocket.onOpen(() -> ends.clientSocket.ping("?", () -> {}));
                for (int i = 0; i < 3; i++) {
                    assertThat(thrown.poll(10, TimeUnit.SECONDS))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("hand the stream to an executor");
                }
            }
        }

        private static void catching(BlockingQueue<Throwable> thrown, Action action) {
            try {
                action.run();
                thrown.add(new AssertionError("Nothing was thrown"));
            } catch (Exception expected) {
                thrown.add(expected);
            }
        }

        private interface Action {

            void run() throws Exception;
        }

        @Test
        void mustNotBeTheControllerBeforeItReturns() throws Exception {
            BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
            try (TestServer server = new TestServer((request, response) -> {
                        WebSocketStream stream =
                                WebSocketStream.of(ServletUpgrade.of(request, response, WebSocketOptions.DEFAULT)
                                        .accept());
                        catching(thrown, () -> stream.inputStream().read());
                    });
                    WebSocketClient client = WebSocketClient.create()) {
                client.connect("ws://127.0.0.1:" + server.port() + "/");
                assertThat(thrown.poll(10, TimeUnit.SECONDS))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("the controller that has accepted it");
            }
        }

        @Test
        void readsInOneWay() throws Exception {
            try (Ends ends = Ends.ofBytes()) {
                ends.server.inputStream();
                for (Runnable way : List.<Runnable>of(
                        ends.server::reader, ends.server::readable, ends.server::messages, ends.server::publisher)) {
                    assertThatIllegalStateException()
                            .isThrownBy(way::run)
                            .withMessageStartingWith("A socket is read in one way: expected inputStream() but was ");
                }
            }
        }
    }

    @Nested
    class Messages {

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void areReadOneByOneAndWhatIsLeftIsSkipped(boolean streaming) throws Exception {
            try (Ends ends = Ends.ofMessages(streaming)) {
                ends.clientSocket.send("Grüße");
                ends.clientSocket.send(random(100_000));
                ends.clientSocket.send("");
                ends.clientSocket.send("last");
                ends.clientSocket.close();

                MessageStream first = Objects.requireNonNull(ends.server.nextMessage());
                assertThat(first.isText()).isTrue();
                StringWriter text = new StringWriter();
                first.reader().transferTo(text);
                assertThat(text.toString()).isEqualTo("Grüße");
                MessageStream second = Objects.requireNonNull(ends.server.nextMessage());
                assertThat(second.isText()).isFalse();
                assertThatIllegalStateException()
                        .isThrownBy(second::reader)
                        .withMessage("Expected a text message but was binary");
                assertThat(second.inputStream().readNBytes(10)).isEqualTo(Arrays.copyOf(random(100_000), 10));
                MessageStream third = Objects.requireNonNull(ends.server.nextMessage());
                assertThat(third.inputStream().read()).isEqualTo(-1);
                MessageStream fourth = Objects.requireNonNull(ends.server.nextMessage());
                assertThat(fourth.inputStream().readAllBytes()).isEqualTo("last".getBytes(UTF_8));
                assertThat(fourth.inputStream().read()).isEqualTo(-1);
                assertThat(ends.server.nextMessage()).isNull();
            }
        }

        /** One message that never ends before both have read what the other has written. */
        @Test
        void areReadWhileTheyAreWritten() throws Exception {
            try (Ends ends = Ends.ofMessages(true)) {
                Work<String> server = Work.of(() -> {
                    MessageStream message = Objects.requireNonNull(ends.server.nextMessage());
                    StringBuilder read = new StringBuilder();
                    try (Writer answer = ends.server.textMessage()) {
                        Reader in = message.reader();
                        char[] buffer = new char[100];
                        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                            read.append(buffer, 0, count).append('|');
                            answer.write("got " + count);
                            answer.flush();
                        }
                    }
                    return read.toString();
                });
                Writer out = ends.client.textMessage();
                out.write("one");
                out.flush();
                Reader in = Objects.requireNonNull(ends.client.nextMessage()).reader();
                char[] buffer = new char[100];
                assertThat(in.read(buffer)).isEqualTo(5);
                out.write("three");
                out.flush();
                assertThat(in.read(buffer)).isEqualTo(5);
                out.close();
                assertThat(in.read(buffer)).isEqualTo(-1);
                assertThat(server.result()).isEqualTo("one|three|");
            }
        }

        @Test
        void inPartsAreReadWherePartsAreNotPutTogether() throws Exception {
            try (Ends ends = new Ends(
                    o -> o.assembleFragments(false), o -> {}, WebSocketStream::messages, WebSocketStream::messages)) {
                OutputStream out = ends.client.binaryMessage();
                out.write(1);
                out.flush();
                MessageStream message = Objects.requireNonNull(ends.server.nextMessage());
                assertThat(message.inputStream().read()).isEqualTo(1);
                out.write(2);
                out.close();
                assertThat(message.inputStream().readAllBytes()).containsExactly(2);
            }
        }

        @Test
        void areWrittenOneAfterTheOther() throws Exception {
            try (Ends ends = Ends.ofMessages(false)) {
                OutputStream first = ends.client.binaryMessage();
                assertThatIllegalStateException()
                        .isThrownBy(ends.client::textMessage)
                        .withMessage("The message before has not ended: close its stream first");
                first.write(1);
                first.flush();
                ends.clientSocket.send("between");
                first.write(2);
                first.close();
                first.close();
                ends.client.textMessage().close();
                ends.clientSocket.close();
                assertThat(Objects.requireNonNull(ends.server.nextMessage())
                                .inputStream()
                                .readAllBytes())
                        .containsExactly(1, 2);
                assertThat(Objects.requireNonNull(ends.server.nextMessage())
                                .inputStream()
                                .readAllBytes())
                        .isEqualTo("between".getBytes(UTF_8));
                assertThat(Objects.requireNonNull(ends.server.nextMessage()).isText())
                        .isTrue();
                assertThat(ends.server.nextMessage()).isNull();
            }
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void thatAreCutShortSaySo(boolean properly) throws Exception {
            try (Ends ends = Ends.ofMessages(true)) {
                OutputStream out = ends.client.binaryMessage();
                out.write(random(10));
                out.flush();
                InputStream in =
                        Objects.requireNonNull(ends.server.nextMessage()).inputStream();
                assertThat(in.readNBytes(10)).isEqualTo(random(10));
                if (properly) {
                    ends.clientSocket.close();
                } else {
                    ends.clientSocket.terminate();
                }
                assertThatIOException()
                        .isThrownBy(in::read)
                        .withMessage(
                                properly
                                        ? "The WebSocket was closed within a message"
                                        : "The WebSocket was closed with 1006");
                assertThatIOException().isThrownBy(ends.server::nextMessage);
            }
        }

        @Test
        void longerThanTheLimitOfAStreamAreRefused() throws Exception {
            try (Ends ends = new Ends(
                    o -> o.maxStreamLength(100_000), o -> {}, WebSocketStream::messages, WebSocketStream::messages)) {
                ends.clientSocket.send(random(100_000));
                ends.clientSocket.send(random(100_001));
                assertThat(Objects.requireNonNull(ends.server.nextMessage())
                                .inputStream()
                                .readAllBytes())
                        .isEqualTo(random(100_000));
                assertThatExceptionOfType(WebSocketClosedException.class)
                        .isThrownBy(ends.server::nextMessage)
                        .withMessage("The WebSocket was closed with 1009: Message is longer than max-stream-length"
                                + " (100000 bytes)");
            }
        }

        /** A message that is given away whole is held whole by the reader's own choice: streams of it are not. */
        @Test
        void thatNobodyReadsMakeTheirWriterWait() throws Exception {
            try (Ends ends = Ends.ofMessages(true)) {
                AtomicLong written = new AtomicLong();
                Work<Void> writer = Work.of(() -> {
                    try (OutputStream out = ends.server.binaryMessage()) {
                        for (int i = 0; i < 2048; i++) {
                            out.write(random(64 * 1024));
                            written.addAndGet(64 * 1024);
                        }
                    }
                    return null;
                });
                InputStream in =
                        Objects.requireNonNull(ends.client.nextMessage()).inputStream();
                writer.awaitWaiting();
                await().until(ends.clientSocket::isPaused);
                assertThat(written.get()).isLessThan(64L << 20);
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                in.transferTo(all);
                assertThat(all.size()).isEqualTo(2048 * 64 * 1024);
                writer.result();
            }
        }

        @Test
        void wantNoExtensions() {
            WebSocketOptions compressing = WebSocketOptions.DEFAULT.with(
                    options -> options.extensions(new PermessageDeflate(DeflateOptions.DEFAULT)));
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> compressing.with(options -> options.streaming(true)))
                    .withMessageContaining("options.extensions()");
            assertThat(compressing
                            .with(options -> options.streaming(true).extensions())
                            .framing()
                            .streaming())
                    .isTrue();
        }
    }

    /** The thread that pools lend must not be asked to wait either, once it calls a listener. */
    @Test
    void listenersOnAnyThreadAreKnown() throws Exception {
        try (Ends ends = Ends.ofBytes()) {
            List<Boolean> heard = new CopyOnWriteArrayList<>();
            CompletableFuture<Void> closed = new CompletableFuture<>();
            ends.clientSocket.onOpen(() -> heard.add(ends.clientSocket.isOnListenerThread()));
            ends.clientSocket.onClose((code, reason) -> {
                heard.add(ends.clientSocket.isOnListenerThread());
                closed.complete(null);
            });
            ends.clientSocket.close();
            closed.get(10, TimeUnit.SECONDS);
            assertThat(heard).isNotEmpty().doesNotContain(false);
            assertThat(ends.clientSocket.isOnListenerThread()).isFalse();
        }
    }
}
