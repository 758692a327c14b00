package dev.hawser.autoconfigure;

import dev.hawser.websocket.extension.Extension;
import dev.hawser.websocket.handshake.HttpText;
import dev.hawser.websocket.handshake.OriginPolicy;
import dev.hawser.websocket.protocol.Framing;
import dev.hawser.websocket.protocol.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** The rules of property values; each failure names the property, the value, the rule and an example that keeps it. */
final class Check {

    private Check() {}

    static void that(boolean kept, String property, Object value, String rule, String example) {
        if (!kept) {
            throw new InvalidPropertyException(property, String.valueOf(value), rule, example);
        }
    }

    /** Makes something of values that must not be shown as they are written; {@code shown} stands for them. */
    static <T> T secret(Supplier<T> made, String property, String shown, String example) {
        try {
            return made.get();
        } catch (IllegalArgumentException wrong) {
            throw InvalidPropertyException.secret(
                    property, shown, "must be right (" + wrong.getMessage() + ")", example);
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

    /** What a server and a client have in common; {@code prefix} ends with a dot. */
    static void socket(
            String prefix,
            DataSize maxLength,
            @Nullable DataSize maxFrameLength,
            int maxFragments,
            @Nullable DataSize fragmentThreshold,
            Duration ping,
            Duration pingTimeout,
            Duration closeTimeout,
            DataSize maxBuffered) {
        size(prefix + "max-length", maxLength, Limits.MAX_ARRAY);
        if (maxFrameLength != null) {
            size(prefix + "max-frame-length", maxFrameLength, maxLength.toBytes());
        }
        that(maxFragments >= 1, prefix + "max-fragments", maxFragments, "must be 1 or more", "131072");
        if (fragmentThreshold != null) {
            size(prefix + "fragment-threshold", fragmentThreshold, Limits.MAX_ARRAY);
        }
        notNegative(prefix + "ping", ping);
        positive(prefix + "ping-timeout", pingTimeout);
        positive(prefix + "close-timeout", closeTimeout);
        size(prefix + "max-buffered", maxBuffered, Limits.MAX_ARRAY);
    }

    static Limits limits(DataSize maxLength, @Nullable DataSize maxFrameLength, int maxFragments) {
        int length = (int) maxLength.toBytes();
        return new Limits(length, maxFrameLength == null ? length : (int) maxFrameLength.toBytes(), maxFragments);
    }

    static int threshold(@Nullable DataSize fragmentThreshold) {
        return fragmentThreshold == null ? Framing.DEFAULT.threshold() : (int) fragmentThreshold.toBytes();
    }

    static void wholeMessages(String property, boolean assembleFragments, List<Extension> extensions) {
        that(
                assembleFragments || extensions.isEmpty(),
                property,
                false,
                "must be true where there are extensions, here "
                        + extensions.stream().map(Extension::name).collect(Collectors.joining(", ")),
                "true");
    }

    static OriginPolicy origins(String property, List<String> origins) {
        try {
            return OriginPolicy.allow(origins);
        } catch (IllegalArgumentException wrong) {
            throw new InvalidPropertyException(
                    property,
                    String.join(",", origins),
                    "must be origins: a scheme, a host and perhaps a port, without a path",
                    "https://example.com");
        }
    }

    static void protocols(String property, List<String> protocols) {
        for (String protocol : protocols) {
            that(
                    HttpText.isToken(protocol),
                    property,
                    protocol,
                    "must be tokens, without spaces, commas or slashes",
                    "chat.v2");
        }
    }

    static void atMostADay(String property, Duration value) {
        positive(property, value);
        that(value.compareTo(Duration.ofDays(1)) <= 0, property, value, "must be at most a day", "20s");
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
