package dev.hawser.autoconfigure;

import dev.hawser.websocket.extension.deflate.DeflateOptions;
import dev.hawser.websocket.extension.deflate.DeflateOptions.Strategy;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Properties of the compression of messages (RFC 7692).
 *
 * @param enabled Whether messages are compressed for clients that offer it.
 * @param level How hard to try: 1 (fast) to 9 (small), 0 for not at all; -1 for the default of zlib, which is 6.
 * @param memLevel How much memory a compressor takes: 1 to 9, where less than 3 is taken for 3.
 * @param strategy What kind of data to expect.
 * @param threshold Messages shorter than this are sent as they are.
 * @param serverNoContextTakeover Whether each message is compressed by itself: it becomes longer, but a connection holds no compressor.
 * @param clientNoContextTakeover Whether clients must compress each message by itself, so that a connection holds no decompressor.
 * @param serverMaxWindowBits How far back, as a power of two, messages sent may refer: 8 to 15.
 * @param clientMaxWindowBits How far back clients that can be asked may refer: 8 to 15. Saves memory of theirs.
 */
@ConfigurationProperties("hawser.websocket.extensions.permessage-deflate")
public record PermessageDeflateProperties(
        @DefaultValue("false") boolean enabled,
        @DefaultValue("-1") int level,
        @DefaultValue("8") int memLevel,
        @DefaultValue("default") Strategy strategy,
        @DefaultValue("1KB") DataSize threshold,
        @DefaultValue("false") boolean serverNoContextTakeover,
        @DefaultValue("false") boolean clientNoContextTakeover,
        @DefaultValue("15") int serverMaxWindowBits,
        @DefaultValue("15") int clientMaxWindowBits) {

    private static final String PREFIX = "hawser.websocket.extensions.permessage-deflate.";

    public PermessageDeflateProperties {
        Check.range(PREFIX + "level", level, -1, 9);
        Check.range(PREFIX + "mem-level", memLevel, 1, 9);
        Check.that(
                threshold.toBytes() >= 0 && threshold.toBytes() <= Integer.MAX_VALUE,
                PREFIX + "threshold",
                threshold,
                "must be 0 to " + Integer.MAX_VALUE + " bytes",
                "1KB");
        Check.range(PREFIX + "server-max-window-bits", serverMaxWindowBits, 8, 15);
        Check.range(PREFIX + "client-max-window-bits", clientMaxWindowBits, 8, 15);
    }

    DeflateOptions toOptions() {
        return new DeflateOptions(
                level,
                memLevel,
                strategy,
                (int) threshold.toBytes(),
                serverNoContextTakeover,
                clientNoContextTakeover,
                serverMaxWindowBits,
                clientMaxWindowBits);
    }
}
