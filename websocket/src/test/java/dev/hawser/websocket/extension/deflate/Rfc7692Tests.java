package dev.hawser.websocket.extension.deflate;

import static dev.hawser.websocket.protocol.Bytes.frame;
import static dev.hawser.websocket.protocol.Bytes.hex;
import static dev.hawser.websocket.protocol.Bytes.join;
import static dev.hawser.websocket.protocol.Bytes.text;
import static dev.hawser.websocket.protocol.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.extension.Negotiation;
import dev.hawser.websocket.extension.Pipeline;
import dev.hawser.websocket.handshake.ExtensionHeader;
import dev.hawser.websocket.handshake.ExtensionHeader.Parameter;
import dev.hawser.websocket.handshake.Version;
import dev.hawser.websocket.protocol.Bytes;
import dev.hawser.websocket.protocol.DriverFixture;
import dev.hawser.websocket.protocol.Event;
import dev.hawser.websocket.protocol.Framing;
import dev.hawser.websocket.protocol.HybiDriver;
import dev.hawser.websocket.protocol.Limits;
import dev.hawser.websocket.protocol.Violation;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7692, sections 6 and 7, paragraph by paragraph, in bytes. */
class Rfc7692Tests {

    private static final String NAME = "permessage-deflate";

    static ExtensionHeader header(String text) {
        List<Parameter> parameters = new ArrayList<>();
        String[] parts = text.split(";\\s*");
        for (String part : Arrays.asList(parts).subList(1, parts.length)) {
            String[] pair = part.split("=");
            parameters.add(new Parameter(pair[0].strip(), pair.length > 1 ? pair[1] : null));
        }
        return new ExtensionHeader(parts[0].strip(), parameters);
    }

    private static Pipeline pipeline(String offer, Consumer<DeflateOptions.Builder> changes, Limits limits) {
        PermessageDeflate deflate = new PermessageDeflate(
                DeflateOptions.DEFAULT.with(options -> options.threshold(0)).with(changes));
        return Negotiation.accept(
                List.of(deflate),
                Arrays.stream(offer.split(",\\s*")).map(Rfc7692Tests::header).toList(),
                limits.maxLength(),
                Pipeline.Sizes.NONE);
    }

    static DriverFixture server(String offer, Consumer<DeflateOptions.Builder> changes, Limits limits) {
        return new DriverFixture(
                new HybiDriver(Version.HYBI_13, limits, Framing.DEFAULT, pipeline(offer, changes, limits)));
    }

    static DriverFixture server(String offer) {
        return server(offer, options -> {}, Limits.DEFAULT);
    }

    /** What is answered to an offer; empty for nothing. */
    private static String answer(String offer, Consumer<DeflateOptions.Builder> changes) {
        return ExtensionHeader.list(pipeline(offer, changes, Limits.DEFAULT).agreed());
    }

    private static String answer(String offer) {
        return answer(offer, options -> {});
    }

    private static List<String> texts(DriverFixture peer) {
        return peer.events.stream()
                .map(event -> Bytes.string(((Event.Text) event).utf8()))
                .toList();
    }

    private static void assertFailed(DriverFixture peer, Violation violation) {
        assertThat(peer.last()).isInstanceOfSatisfying(Event.Failure.class, failure -> assertThat(failure.violation())
                .isEqualTo(violation));
    }

    /** Section 5: extension negotiation; section 7.1: the parameters. */
    @Nested
    class Negotiating {

        @Test
        void anOfferWithoutParametersIsAnsweredWithout() {
            assertThat(answer(NAME)).isEqualTo(NAME);
        }

        @Test
        void anotherExtensionIsNotAnswered() {
            assertThat(answer("x-webkit-deflate-frame, permessage-bzip2")).isEmpty();
        }

        /**
         * "A server MUST decline an extension negotiation offer for this extension if any of the following..." (7.1);
         * CVE-2026-2229 (undici) believed them.
         */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "unknown",
                    "Server_no_context_takeover",
                    "server_no_context_takeover=1",
                    "client_no_context_takeover=true",
                    "server_no_context_takeover; server_no_context_takeover",
                    "server_max_window_bits=10; server_max_window_bits=10",
                    "client_max_window_bits; client_max_window_bits=10",
                    "server_max_window_bits",
                    "server_max_window_bits=7",
                    "server_max_window_bits=16",
                    "server_max_window_bits=08",
                    "server_max_window_bits=+9",
                    "server_max_window_bits=1e1",
                    "server_max_window_bits=x",
                    "client_max_window_bits=7",
                    "client_max_window_bits=16",
                    "client_max_window_bits=0",
                    "client_max_window_bits=015",
                    "client_max_window_bits=-9",
                    "client_max_window_bits=99999999999999999999"
                })
        void anOfferThatIsNotDefinedIsDeclined(String parameters) {
            assertThat(answer(NAME + "; " + parameters)).isEmpty();
            assertThat(answer(NAME + "; " + parameters + ", " + NAME))
                    .as("the next one")
                    .isEqualTo(NAME);
        }

        /** "the first one that can be accepted is the most preferred" (5, 7.1) */
        @Test
        void theFirstOfSeveralOffersThatWillDoIsTaken() {
            assertThat(answer(NAME + "; server_max_window_bits=10, " + NAME))
                    .isEqualTo(NAME + "; server_max_window_bits=10");
            assertThat(answer(NAME + ", " + NAME + "; server_max_window_bits=10"))
                    .isEqualTo(NAME);
            assertThat(answer(NAME + "; server_max_window_bits=77, other, " + NAME + "; client_no_context_takeover, "
                            + NAME))
                    .isEqualTo(NAME + "; client_no_context_takeover");
        }

        /** Section 7.1.1.1. */
        @Test
        void serverNoContextTakeoverIsAcceptedByIncludingIt() {
            assertThat(answer(NAME + "; server_no_context_takeover")).isEqualTo(NAME + "; server_no_context_takeover");
            assertThat(answer(NAME, options -> options.serverNoContextTakeover(true)))
                    .as("even if the client has not asked")
                    .isEqualTo(NAME + "; server_no_context_takeover");
        }

        /** Section 7.1.1.2. */
        @Test
        void clientNoContextTakeoverIsDemandedOrTakenByItsWord() {
            assertThat(answer(NAME + "; client_no_context_takeover")).isEqualTo(NAME + "; client_no_context_takeover");
            assertThat(answer(NAME, options -> options.clientNoContextTakeover(true)))
                    .isEqualTo(NAME + "; client_no_context_takeover");
        }

        /** Section 7.1.2.1: "with the same or smaller value as the offer". */
        @ParameterizedTest
        @CsvSource({"8, 15, 8", "10, 15, 10", "15, 15, 15", "15, 9, 9", "9, 12, 9", "12, 9, 9", "8, 8, 8"})
        void serverMaxWindowBitsIsTheLesserOfBoth(int offered, int own, int agreed) {
            assertThat(answer(NAME + "; server_max_window_bits=" + offered, o -> o.serverMaxWindowBits(own)))
                    .isEqualTo(NAME + "; server_max_window_bits=" + agreed);
        }

        @Test
        void aServerMayTellItsWindowUnasked() {
            assertThat(answer(NAME, options -> options.serverMaxWindowBits(11)))
                    .isEqualTo(NAME + "; server_max_window_bits=11");
        }

        /** Section 7.1.2.2: "a server MUST NOT include it" unless it was offered. */
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "permessage-deflate                            | 10 | permessage-deflate",
                    "permessage-deflate; client_max_window_bits    | 10 | permessage-deflate; client_max_window_bits=10",
                    "permessage-deflate; client_max_window_bits=12 | 10 | permessage-deflate; client_max_window_bits=10",
                    "permessage-deflate; client_max_window_bits=9  | 10 | permessage-deflate",
                    "permessage-deflate; client_max_window_bits=10 | 10 | permessage-deflate",
                    "permessage-deflate; client_max_window_bits    | 15 | permessage-deflate"
                })
        void clientMaxWindowBitsIsAskedOfThoseWhoOfferIt(String offer, int own, String agreed) {
            assertThat(answer(offer, options -> options.clientMaxWindowBits(own)))
                    .isEqualTo(agreed);
        }

        @Test
        void allFourTogether() {
            assertThat(answer(
                            NAME + "; client_max_window_bits=12; server_max_window_bits=12"
                                    + "; server_no_context_takeover; client_no_context_takeover",
                            options -> options.clientMaxWindowBits(9)))
                    .isEqualTo(NAME + "; server_no_context_takeover; client_no_context_takeover"
                            + "; server_max_window_bits=12; client_max_window_bits=9");
        }
    }

    /** Section 6.1 and 6.2: which frames carry the bit. */
    @Nested
    class TheFirstReservedBit {

        @Test
        void isSetOnTheFirstFrameOnly() {
            Pipeline pipeline = pipeline(NAME, options -> {}, Limits.DEFAULT);
            DriverFixture peer =
                    new DriverFixture(new HybiDriver(Version.HYBI_13, Limits.DEFAULT, new Framing(true, 3), pipeline));
            peer.driver.text(utf8("Hello"));
            assertThat(peer.output()).isEqualTo(hex("41 03 f2 48 cd  00 03 c9 c9 07  80 01 00"));
        }

        @Test
        void isNotSetOnMessagesBelowTheThreshold() {
            DriverFixture peer = server(NAME, options -> options.threshold(6), Limits.DEFAULT);
            peer.driver.text(utf8("Hello"));
            assertThat(peer.output()).isEqualTo(hex("81 05 48 65 6c 6c 6f"));
            peer.driver.text(utf8("Hello!"));
            assertThat(peer.output()[0]).isEqualTo((byte) 0xC1);
        }

        @Test
        void ofAMessageThatComesUncompressedIsClear() {
            assertThat(texts(server(NAME).receive(text("Hello")))).containsExactly("Hello");
        }

        @ParameterizedTest
        @ValueSource(strings = {"a1", "91", "e1", "f1", "b1"})
        void isTheOnlyOneAllowed(String first) {
            assertFailed(server(NAME).receive(hex(first + " 80 00 00 00 00")), Violation.RESERVED_BIT);
        }

        @Test
        void isAllowedNeitherOnContinuationsNorOnControlFrames() {
            assertFailed(
                    server(NAME).receive(frame(0x41, hex("f2 48 cd")), frame(0xC0, hex("c9 c9 07 00"))),
                    Violation.RESERVED_BIT);
            for (int control : new int[] {0xC8, 0xC9, 0xCA}) {
                assertFailed(server(NAME).receive(frame(control, new byte[0])), Violation.RESERVED_BIT);
            }
        }

        @Test
        void isAnErrorWithoutTheExtension() {
            assertFailed(new DriverFixture().receive(frame(0xC1, hex("f2 48 cd c9 c9 07 00"))), Violation.RESERVED_BIT);
        }
    }

    /** Section 7.2.3, each example, read. */
    @Nested
    class TheExamplesAreRead {

        private final DriverFixture peer = server(NAME);

        @Test
        void aMessageCompressedUsingOneCompressedDeflateBlock() {
            assertThat(texts(peer.receive(frame(0xC1, hex("f2 48 cd c9 c9 07 00")))))
                    .containsExactly("Hello");
        }

        @Test
        void theSameInTwoFragmentsWithAPingBetween() {
            peer.receive(frame(0x41, hex("f2 48 cd")), frame(0x89, utf8("?")));
            assertThat(peer.last()).isInstanceOf(Event.Ping.class);
            peer.events.clear();
            assertThat(texts(peer.receive(frame(0x80, hex("c9 c9 07 00"))))).containsExactly("Hello");
        }

        @Test
        void sharingLz77SlidingWindow() {
            peer.receive(frame(0xC1, hex("f2 48 cd c9 c9 07 00")), frame(0xC1, hex("f2 00 11 00 00")));
            assertThat(texts(peer)).containsExactly("Hello", "Hello");
        }

        @Test
        void theSharedWindowIsNotThereWithoutContextTakeover() {
            DriverFixture forgets = server(NAME + "; client_no_context_takeover");
            forgets.receive(frame(0xC1, hex("f2 48 cd c9 c9 07 00")), frame(0xC1, hex("f2 00 11 00 00")));
            assertFailed(forgets, Violation.INVALID_EXTENSION_DATA);
        }

        @Test
        void usingADeflateBlockWithNoCompression() {
            assertThat(texts(peer.receive(frame(0xC1, hex("00 05 00 fa ff 48 65 6c 6c 6f 00")))))
                    .containsExactly("Hello");
        }

        @Test
        void usingADeflateBlockWithBfinalSetTo1() {
            assertThat(texts(peer.receive(frame(0xC1, hex("f3 48 cd c9 c9 07 00 00")))))
                    .containsExactly("Hello");
        }

        @Test
        void twoDeflateBlocksInOneMessage() {
            assertThat(texts(peer.receive(frame(0xC1, hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00")))))
                    .containsExactly("Hello");
        }

        @Test
        void generatingAnEmptyFragment() {
            peer.receive(frame(0x41, new byte[0]), frame(0x00, hex("f2 48 cd c9 c9 07 00")), frame(0x80, new byte[0]));
            assertThat(texts(peer)).containsExactly("Hello");
        }

        @Test
        void anEmptyMessage() {
            assertThat(texts(peer.receive(frame(0xC1, hex("00"))))).containsExactly("");
            assertThat(texts(peer.receive(frame(0xC1, new byte[0])))).containsExactly("", "");
        }
    }

    /** Section 7.2.3, each example, written. */
    @Nested
    class TheExamplesAreWritten {

        private final DriverFixture peer = server(NAME);

        @Test
        void withAndWithoutASharedWindow() {
            peer.driver.text(utf8("Hello"));
            peer.driver.text(utf8("Hello"));
            assertThat(peer.output()).isEqualTo(hex("c1 07 f2 48 cd c9 c9 07 00  c1 05 f2 00 11 00 00"));
        }

        @Test
        void withoutContextTakeoverTheSameBecomesOfTheSame() {
            DriverFixture forgets = server(NAME + "; server_no_context_takeover");
            forgets.driver.text(utf8("Hello, hello, hello, hello!"));
            byte[] once = forgets.output();
            assertThat(once[0]).isEqualTo((byte) 0xC1);
            forgets.driver.text(utf8("Hello, hello, hello, hello!"));
            assertThat(forgets.output()).isEqualTo(once);
        }

        /** "Hello" becomes two bytes longer; that is not worth it, and nothing refers to it later. */
        @Test
        void withoutContextTakeoverAMessageGoesAsItIsIfCompressionIsInVain() {
            DriverFixture forgets = server(NAME + "; server_no_context_takeover");
            forgets.driver.text(utf8("Hello"));
            assertThat(forgets.output()).isEqualTo(hex("81 05 48 65 6c 6c 6f"));
        }

        @Test
        void anEmptyMessage() {
            peer.driver.text(new byte[0]);
            assertThat(peer.output()).isEqualTo(hex("c1 01 00"));
        }

        @Test
        void binaryAsWell() {
            peer.driver.binary(utf8("Hello"));
            assertThat(peer.output()).isEqualTo(hex("c2 07 f2 48 cd c9 c9 07 00"));
        }

        @Test
        void partsAndFramesOfOnesOwnAreNotCompressed() {
            peer.driver.fragment(dev.hawser.websocket.protocol.Opcode.TEXT, utf8("Hel"), false);
            peer.driver.text(utf8("Hello"));
            peer.driver.fragment(dev.hawser.websocket.protocol.Opcode.TEXT, utf8("lo"), true);
            assertThat(peer.output()).isEqualTo(hex("01 03 48 65 6c  80 02 6c 6f  c1 07 f2 48 cd c9 c9 07 00"));
        }
    }

    /** A zlib with little memory makes noise longer by a few per cent. */
    @Test
    void aMessageOfMaxLengthMayBeLongerOnTheWire() {
        byte[] noise = new byte[100_000];
        new Random(1).nextBytes(noise);
        ByteArrayOutputStream blocks = new ByteArrayOutputStream();
        for (int i = 0; i < noise.length; i += 60) { // stored blocks of 60 bytes
            int length = Math.min(60, noise.length - i);
            blocks.writeBytes(new byte[] {0, (byte) length, 0, (byte) ~length, (byte) 0xFF});
            blocks.write(noise, i, length);
        }
        blocks.write(0);
        DriverFixture peer = server(NAME, options -> {}, new Limits(noise.length, noise.length, 10));
        peer.receive(frame(0xC2, blocks.toByteArray()));
        assertThat(((Event.Binary) peer.last()).data()).isEqualTo(noise);
    }

    /** Section 7.2.2 and 7.2.3.4: a final block ends neither the message nor what may be referred to. */
    @Nested
    class FinalBlocks {

        private static final String FINAL_HELLO = "f3 48 cd c9 c9 07 00";

        private final DriverFixture peer = server(NAME);

        @Test
        void mayStandInEveryMessage() {
            for (int i = 0; i < 3; i++) {
                peer.receive(frame(0xC1, hex(FINAL_HELLO + " 00")));
            }
            assertThat(texts(peer)).containsExactly("Hello", "Hello", "Hello");
        }

        @Test
        void mayBeReferredToByTheNextMessage() {
            peer.receive(frame(0xC1, hex(FINAL_HELLO + " 00")), frame(0xC1, hex("f2 00 11 00 00")));
            assertThat(texts(peer)).containsExactly("Hello", "Hello");
            peer.receive(frame(0xC1, hex("f2 00 11 00 00")), frame(0xC1, hex(FINAL_HELLO + " 00")));
            peer.receive(frame(0xC1, hex("f2 00 11 00 00")));
            assertThat(texts(peer)).containsExactly("Hello", "Hello", "Hello", "Hello", "Hello");
        }

        @Test
        void mayBeFollowedByOtherBlocks() {
            peer.receive(frame(0xC1, hex(FINAL_HELLO + " f2 00 11 00 00")));
            assertThat(texts(peer)).containsExactly("HelloHello");
        }

        @Test
        void mayLackTheByteThatFollowsThem() {
            peer.receive(frame(0xC1, hex(FINAL_HELLO)), frame(0xC1, hex("f2 48 cd c9 c9 07 00")));
            assertThat(texts(peer)).containsExactly("Hello", "Hello");
        }

        @Test
        void areForgottenWithoutContextTakeover() {
            DriverFixture forgets = server(NAME + "; client_no_context_takeover");
            forgets.receive(frame(0xC1, hex(FINAL_HELLO + " 00")), frame(0xC1, hex("f2 00 11 00 00")));
            assertFailed(forgets, Violation.INVALID_EXTENSION_DATA);
        }

        @Test
        void areNotTakenInThousands() {
            byte[] emptyFinalBlock = hex("03 00");
            byte[][] many = new byte[17][];
            Arrays.fill(many, emptyFinalBlock);
            assertThat(texts(server(NAME).receive(frame(0xC1, join(Arrays.copyOf(many, 16))))))
                    .containsExactly("");
            assertFailed(peer.receive(frame(0xC1, join(many))), Violation.INVALID_EXTENSION_DATA);
        }
    }

    @Nested
    class WhatComesOut {

        @Test
        void isCheckedForUtf8AtTheEnd() {
            DriverFixture peer = server(NAME);
            peer.receive(frame(0xC1, hex("00 02 00 fd ff c3 28 00"))); // a block without compression
            assertFailed(peer, Violation.INVALID_UTF8);
            peer = server(NAME);
            peer.receive(frame(0xC1, hex("00 01 00 fe ff c3 00")));
            assertFailed(peer, Violation.INVALID_UTF8);
            peer = server(NAME);
            peer.receive(frame(0xC2, hex("00 02 00 fd ff c3 28 00")));
            assertThat(peer.last()).isInstanceOf(Event.Binary.class);
        }

        @Test
        void isUnharmedByWhatLooksLikeInvalidUtf8BeforeIt() {
            DriverFixture peer = server(NAME);
            peer.receive(text("é"), frame(0xC1, hex("f2 48 cd c9 c9 07 00")), text("é"));
            assertThat(texts(peer)).containsExactly("é", "Hello", "é");
        }

        @ParameterizedTest
        @ValueSource(strings = {"ff ff ff", "07", "00 05 00 00 00 48", "f2 ff ff ff ff ff"})
        void isAnErrorWhereItIsNotDeflate(String payload) {
            DriverFixture peer = server(NAME);
            peer.receive(frame(0xC1, hex(payload)));
            assertFailed(peer, Violation.INVALID_EXTENSION_DATA);
            assertThat(((Event.Failure) peer.last()).reason()).startsWith("Expected compressed data but was not");
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 511, 512, 513, 8192, 3 * 8192, 1 << 18, (1 << 18) + 1, 1 << 20})
        void mayBeAsLongAsTheLimitAndNotLonger(int length) {
            Limits limits = new Limits(length, length, 10);
            for (byte[] message : List.of(new byte[length], random(length))) {
                byte[] fits = compress(message);
                DriverFixture peer = server(NAME, options -> {}, limits);
                peer.receive(frame(0xC2, fits));
                assertThat(((Event.Binary) peer.last()).data()).isEqualTo(message);
                byte[] more = compress(Arrays.copyOf(message, length + 1));
                peer = server(NAME, options -> {}, limits);
                peer.receive(frame(0xC2, more));
                assertFailed(peer, Violation.MESSAGE_TOO_LONG);
            }
        }

        private static byte[] random(int length) {
            byte[] data = new byte[length];
            new Random(length).nextBytes(data);
            return data;
        }

        private static byte[] compress(byte[] data) {
            return new JdkCompressor(DeflateOptions.DEFAULT).compress(data, false);
        }
    }
}
