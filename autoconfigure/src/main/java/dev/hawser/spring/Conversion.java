package dev.hawser.spring;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.GenericHttpMessageConverter;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.converter.SmartHttpMessageConverter;

/** One type with one converter, of whichever of Spring's three kinds it is. */
record Conversion(HttpMessageConverter<Object> converter, Type type) {

    @SuppressWarnings("unchecked") // it is asked first whether it can
    static Conversion of(HttpMessageConverter<?> converter, Type type) {
        return new Conversion((HttpMessageConverter<Object>) converter, type);
    }

    private ResolvableType resolvable() {
        return ResolvableType.forType(type);
    }

    private Class<?> rawType() {
        return resolvable().resolve(Object.class);
    }

    boolean canRead(MediaType mediaType) {
        if (converter instanceof SmartHttpMessageConverter<?> smart) {
            return smart.canRead(resolvable(), mediaType);
        } else if (converter instanceof GenericHttpMessageConverter<?> generic) {
            return generic.canRead(type, null, mediaType);
        }
        return converter.canRead(rawType(), mediaType);
    }

    /** The object that is written there; may be null, though Spring does not say so. */
    @Nullable
    Object read(byte[] payload, MediaType mediaType) throws IOException {
        Input input = new Input(payload, new HttpHeaders());
        input.headers.setContentType(mediaType);
        input.headers.setContentLength(payload.length);
        if (converter instanceof SmartHttpMessageConverter<Object> smart) {
            return smart.read(resolvable(), input, null);
        } else if (converter instanceof GenericHttpMessageConverter<Object> generic) {
            return generic.read(type, null, input);
        }
        return converter.read(rawType(), input);
    }

    boolean canWrite(MediaType mediaType) {
        if (converter instanceof SmartHttpMessageConverter<?> smart) {
            return smart.canWrite(resolvable(), rawType(), mediaType);
        } else if (converter instanceof GenericHttpMessageConverter<?> generic) {
            return generic.canWrite(type, rawType(), mediaType);
        }
        return converter.canWrite(rawType(), mediaType);
    }

    byte[] write(Object object, MediaType mediaType) throws IOException {
        Output output = new Output(new ByteArrayOutputStream(), new HttpHeaders());
        if (converter instanceof SmartHttpMessageConverter<Object> smart) {
            smart.write(object, resolvable(), mediaType, output, null);
        } else if (converter instanceof GenericHttpMessageConverter<Object> generic) {
            generic.write(object, type, mediaType, output);
        } else {
            converter.write(object, mediaType, output);
        }
        return output.bytes.toByteArray();
    }

    private record Input(byte[] payload, HttpHeaders headers) implements HttpInputMessage {

        @Override
        public InputStream getBody() {
            return new ByteArrayInputStream(payload);
        }

        @Override
        public HttpHeaders getHeaders() {
            return headers;
        }
    }

    private record Output(ByteArrayOutputStream bytes, HttpHeaders headers) implements HttpOutputMessage {

        @Override
        public OutputStream getBody() {
            return bytes;
        }

        @Override
        public HttpHeaders getHeaders() {
            return headers;
        }
    }
}
