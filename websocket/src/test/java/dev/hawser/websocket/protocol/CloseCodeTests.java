package dev.hawser.websocket.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CloseCodeTests {

    @Test
    void theseMayStandInACloseFrame() {
        assertThat(IntStream.rangeClosed(-1, 65_536).filter(CloseCode::isValid))
                .containsExactlyElementsOf(IntStream.concat(
                                IntStream.of(1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014),
                                IntStream.rangeClosed(3000, 4999))
                        .boxed()
                        .toList());
    }

    @Test
    void theseAreForApplications() {
        assertThat(IntStream.rangeClosed(-1, 65_536).filter(CloseCode::isForApplications))
                .containsExactlyElementsOf(IntStream.concat(IntStream.of(1000), IntStream.rangeClosed(3000, 4999))
                        .boxed()
                        .toList());
    }
}
