package dev.hawser.websocket.extension;

/**
 * A message on its way through the extensions of a connection.
 *
 * @param text whether it is text; what the extensions have changed need not be UTF-8
 * @param reserved the reserved bits of its first frame, as {@link Extension#reserved}
 * @param data must not be changed
 * @param compress whether it may be compressed, as its sender says
 */
public record ExtensionMessage(boolean text, int reserved, byte[] data, boolean compress) {

    /** A copy with other reserved bits and other data. */
    public ExtensionMessage with(int bits, byte[] changed) {
        return new ExtensionMessage(text, bits, changed, compress);
    }
}
