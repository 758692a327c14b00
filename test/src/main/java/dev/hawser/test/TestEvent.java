package dev.hawser.test;

/**
 * An event of a stream, as a browser would hand it to a page (WHATWG HTML, section 9.2.6).
 *
 * @param name its type; {@code message} if the stream said none
 * @param data its lines, joined by LF
 * @param id the last id that the stream has said, with this event or before; empty if there was none
 */
public record TestEvent(String name, String data, String id) {

    /** Such as {@code event tick "Hello", id 7}. */
    @Override
    public String toString() {
        return "event " + name + " " + Transcript.quote(data) + (id.isEmpty() ? "" : ", id " + Transcript.quote(id));
    }
}
