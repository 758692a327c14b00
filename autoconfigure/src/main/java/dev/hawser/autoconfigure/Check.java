package dev.hawser.autoconfigure;

import dev.hawser.websocket.handshake.HttpText;
import java.time.Duration;
import java.util.Map;
import org.springframework.util.unit.DataSize;

/** The rules of property values; each failure names the property, the value, the rule and an example that keeps it. */
final class Check {

    private Check() {}

    static void that(boolean kept, String property, Object value, String rule, String example) {
        if (!kept) {
            throw new InvalidPropertyException(property, String.valueOf(value), rule, example);
        }
    }

    static void size(String property, DataSize value, long most) {
        that(
                value.toBytes() >= 1 && value.toBytes() <= most,
                property,
                value,
                "must be 1 to " + most + " bytes",
                Math.min(most, 1 << 20) + "B");
    }

    static void range(String property, int value, int least, int most) {
        that(
                value >= least && value <= most,
                property,
                value,
                "must be " + least + " to " + most,
                Integer.toString(most));
    }

    static void notNegative(String property, Duration value) {
        that(!value.isNegative(), property, value, "must not be negative", "30s");
    }

    static void positive(String property, Duration value) {
        that(!value.isNegative() && !value.isZero(), property, value, "must be longer than zero", "20s");
    }

    static void headers(String property, Map<String, String> headers) {
        headers.forEach((name, value) -> {
            that(HttpText.isToken(name), property, name, "must have names that are tokens", "X-Frame-Options: DENY");
            that(
                    HttpText.isHeaderValue(value),
                    property + "." + name,
                    value,
                    "must be one line without control characters",
                    "DENY");
        });
    }
}
