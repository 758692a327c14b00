package dev.hawser.spring;

import dev.hawser.eventsource.EncodedEvent;
import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.Message;
import dev.hawser.websocket.WebSocket;
import dev.hawser.websocket.protocol.CloseCode;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConversionException;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.util.function.SingletonSupplier;

/**
 * Converts the messages of WebSockets, and the data of events, with the application's {@link HttpMessageConverter}s. A bean; immutable, and safe for any
 * thread. Textual media types ({@code text}, JSON, XML, YAML) go as text messages, others as binary ones; both are read.
 */
public final class WebSocketConverter {

    private final Supplier<List<HttpMessageConverter<?>>> converters;
    private final Format format;
    private final int unconvertible;

    /**
     * Converts from and to {@code application/json}, and closes with 1007 where that fails.
     *
     * @param converters the first that fits is used; asked for once, when first needed
     */
    public WebSocketConverter(Supplier<List<HttpMessageConverter<?>>> converters) {
        this(SingletonSupplier.of(converters), Format.JSON, CloseCode.INVALID_PAYLOAD);
    }

    private WebSocketConverter(Supplier<List<HttpMessageConverter<?>>> converters, Format format, int unconvertible) {
        this.converters = converters;
        this.format = format;
        this.unconvertible = unconvertible;
    }

    /**
     * A converter from and to another media type.
     *
     * @throws IllegalArgumentException if it has a wildcard, or is textual with another charset than UTF-8, which is that of text messages
     *     (RFC 6455, section 5.6)
     */
    public WebSocketConverter mediaType(MediaType type) {
        return new WebSocketConverter(converters, new Format(type), unconvertible);
    }

    /**
     * A converter that closes with this code where a message cannot be converted.
     *
     * @param code 1007 or 1003
     * @throws IllegalArgumentException if it is another
     */
    public WebSocketConverter unconvertible(int code) {
        if (code != CloseCode.INVALID_PAYLOAD && code != CloseCode.UNSUPPORTED_DATA) {
            throw new IllegalArgumentException("Close code must be 1007 or 1003, but is " + code);
        }
        return new WebSocketConverter(converters, format, code);
    }

    /**
     * A typed view of a socket, at either end; the socket itself can still be used.
     *
     * @param type what the peer sends
     * @throws IllegalStateException if no converter reads this type
     */
    public <T> TypedWebSocket<T> typed(WebSocket socket, Class<T> type) {
        return typed(socket, (Type) type);
    }

    /** As {@link #typed(WebSocket, Class)}, for types such as {@code List<Order>}. */
    public <T> TypedWebSocket<T> typed(WebSocket socket, ParameterizedTypeReference<T> type) {
        return typed(socket, type.getType());
    }

    private <T> TypedWebSocket<T> typed(WebSocket socket, Type type) {
        return new ConvertedWebSocket<>(socket, reader(type), this::message);
    }

    /** A typed view of an event stream; the stream itself can still be used. */
    public TypedEventSource typed(EventSource events) {
        return new ConvertedEventSource(events, this::text);
    }

    /**
     * The event that an object becomes: to send it to many.
     *
     * @param event as for {@link EncodedEvent#of}
     * @throws IllegalArgumentException as for {@link TypedEventSource#send(Object, Consumer)}
     */
    public EncodedEvent event(Object object, Consumer<EventSource.Event> event) {
        return EncodedEvent.of(text(object), event);
    }

    private String text(Object object) {
        if (!format.isText()) {
            throw new IllegalArgumentException("Event streams are text, but " + format.mediaType()
                    + " is not: use mediaType(MediaType.APPLICATION_JSON) for them");
        }
        return message(object).text();
    }

    /**
     * The message that an object becomes: to send it to many, or with options.
     *
     * @throws IllegalArgumentException if the object cannot be converted
     */
    public Message message(Object object) {
        Class<?> type = object.getClass();
        for (HttpMessageConverter<?> converter : converters.get()) {
            Conversion conversion = Conversion.of(converter, type);
            if (conversion.canWrite(format.mediaType())) {
                return Message.wrap(format.isText(), written(conversion, object));
            }
        }
        throw new IllegalArgumentException(missing("writes", type));
    }

    private byte[] written(Conversion conversion, Object object) {
        try {
            byte[] payload = conversion.write(object, format.mediaType());
            if (format.isText()) {
                StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload));
            }
            return payload;
        } catch (CharacterCodingException binary) {
            throw unwritable(object, "the result is not UTF-8, as text messages are", binary);
        } catch (IOException | HttpMessageConversionException failed) {
            throw unwritable(object, problem(failed), failed);
        }
    }

    private IllegalArgumentException unwritable(Object object, String problem, Exception cause) {
        return new IllegalArgumentException(
                "Cannot write a " + object.getClass().getTypeName() + " as " + format.mediaType() + ": " + problem,
                cause);
    }

    @SuppressWarnings("unchecked") // the converter has been asked for this type
    private <T> Function<Message, T> reader(Type type) {
        for (HttpMessageConverter<?> converter : converters.get()) {
            Conversion conversion = Conversion.of(converter, type);
            if (conversion.canRead(format.mediaType())) {
                return message -> (T) read(conversion, type, message);
            }
        }
        throw new IllegalStateException(missing("reads", type));
    }

    /** As in Spring MVC, an input that does not fit is the peer's fault (there 400), a type that cannot be read our own (500). */
    private Object read(Conversion conversion, Type type, Message message) {
        try {
            Object object = conversion.read(message.unwrap(), format.mediaType());
            if (object != null) {
                return object;
            }
        } catch (IOException | HttpMessageNotReadableException failed) {
            throw new UnconvertibleException(unconvertible, type, problem(failed));
        }
        throw new UnconvertibleException(unconvertible, type, "null");
    }

    private static String problem(Exception failed) {
        Throwable cause = NestedExceptionUtils.getMostSpecificCause(failed);
        String message = cause.getMessage();
        return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message.replaceAll("\\s+", " "));
    }

    private String missing(String does, Type type) {
        return "No HttpMessageConverter " + does + " " + type.getTypeName() + " as " + format.mediaType()
                + ": add spring-boot-starter-jackson for JSON, a converter of your own as a bean, or change"
                + " hawser.websocket.media-type";
    }
}
