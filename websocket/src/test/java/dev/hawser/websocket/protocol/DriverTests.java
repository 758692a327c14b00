package dev.hawser.websocket.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.websocket.handshake.OriginPolicy;
import dev.hawser.websocket.handshake.RequestFixture;
import dev.hawser.websocket.handshake.ServerHandshake;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DriverTests {

    /** Headers as in the drafts' examples: {@code Name: value} between bars. */
    @ParameterizedTest
    @CsvSource({
        "hybi-13, Sec-WebSocket-Version: 13|Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, HybiDriver",
        "hybi-8, Sec-WebSocket-Version: 8|Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, HybiDriver",
        "hybi-7, Sec-WebSocket-Version: 7|Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, HybiDriver",
        "hixie-76, 'Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5|Sec-WebSocket-Key2: 12998 5 Y3 1  .P00', HixieDriver",
        "hixie-75, X: none, HixieDriver"
    })
    void isMadeForTheVersionOfTheHandshake(String version, String headers, String type) throws Exception {
        Map<String, String> own = Arrays.stream(headers.split("\\|"))
                .map(header -> header.split(": "))
                .collect(Collectors.toMap(header -> header[0], header -> header[1]));
        ServerHandshake handshake = ServerHandshake.check(RequestFixture.of(own), OriginPolicy.SAME_ORIGIN, true);

        Driver driver = Driver.forServer(handshake, Limits.DEFAULT, Framing.DEFAULT);

        assertThat(driver.version()).hasToString(version);
        assertThat(driver.getClass().getSimpleName()).isEqualTo(type);
    }
}
