package dev.hawser.spring;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.springframework.http.MediaType;

/** The media type of messages. Textual ones other than JSON, which has no such parameter, always say that they are UTF-8. */
record Format(MediaType mediaType) {

    /** Syntaxes that are text though their types are not; also as suffixes (RFC 6839). */
    private static final Set<String> TEXTS = Set.of("json", "xml", "yaml");

    static final Format JSON = new Format(MediaType.APPLICATION_JSON);

    Format {
        if (!mediaType.isConcrete()) {
            throw new IllegalArgumentException("Media type must have no wildcard, but is " + mediaType);
        }
        if (mediaType.getCharset() != null && !StandardCharsets.UTF_8.equals(mediaType.getCharset())) {
            throw new IllegalArgumentException("Media type must have no charset but UTF-8, but is " + mediaType);
        }
        if (isText(mediaType) && !syntax(mediaType).equals("json")) {
            mediaType = new MediaType(mediaType, StandardCharsets.UTF_8);
        }
    }

    private static String syntax(MediaType type) {
        return type.getSubtypeSuffix() == null ? type.getSubtype() : type.getSubtypeSuffix();
    }

    private static boolean isText(MediaType type) {
        return type.getType().equals("text") || type.getCharset() != null || TEXTS.contains(syntax(type));
    }

    /** Whether messages of this type are text messages. */
    boolean isText() {
        return isText(mediaType);
    }
}
