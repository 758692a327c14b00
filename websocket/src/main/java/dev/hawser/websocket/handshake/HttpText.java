package dev.hawser.websocket.handshake;

import java.util.ArrayList;
import java.util.List;

/** The grammar of HTTP headers, as far as handshakes need it: tokens, lists, and what may be shown of a stranger's text. */
public final class HttpText {

    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";
    private static final int SHOWN = 40;
    private static final int LOGGED = 200;

    private HttpText() {}

    /** Whether {@code text} is a token (RFC 9110, section 5.6.2). */
    public static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(HttpText::isTokenCharacter);
    }

    static boolean isTokenCharacter(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || (c < 128 && TOKEN_MARKS.indexOf(c) >= 0);
    }

    /** Whether {@code text} can stand in a header's value: no control character but the tab (RFC 9110, section 5.5). */
    public static boolean isHeaderValue(String text) {
        return text.chars().allMatch(c -> c == '\t' || (c >= ' ' && c != 127 && c <= 255));
    }

    /** Whether {@code name} stands in one of these comma-separated lists, in any case. */
    public static boolean listContains(List<String> lists, String name) {
        return lists.stream().flatMap(list -> split(list).stream()).anyMatch(name::equalsIgnoreCase);
    }

    /** The elements of a comma-separated list, without the white space around them; empty elements are left out. */
    public static List<String> split(String list) {
        List<String> elements = new ArrayList<>();
        int start = 0;
        while (start <= list.length()) {
            int comma = list.indexOf(',', start);
            int end = comma < 0 ? list.length() : comma;
            String element = list.substring(start, end).strip();
            if (!element.isEmpty()) {
                elements.add(element);
            }
            start = end + 1;
        }
        return elements;
    }

    /** {@code text} in quotes, cut to 40 characters, with {@code ?} for all that is not printable ASCII. */
    public static String quote(String text) {
        return '"' + printable(cut(text, SHOWN), '?') + '"';
    }

    /** A part of a line of the log: {@code text}, cut to 200 characters, with {@code ?} for all that is not printable ASCII. */
    public static String logged(String text) {
        return printable(cut(text, LOGGED), '?');
    }

    private static String cut(String text, int length) {
        return text.length() > length ? text.substring(0, length) + "..." : text;
    }

    /** {@code text} on one line: {@code substitute} stands for all that is not printable ASCII. */
    public static String printable(String text, char substitute) {
        StringBuilder shown = new StringBuilder(text.length());
        text.chars().forEach(c -> shown.append(c >= ' ' && c < 127 ? (char) c : substitute));
        return shown.toString();
    }
}
