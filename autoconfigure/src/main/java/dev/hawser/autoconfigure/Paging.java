package dev.hawser.autoconfigure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.PriorityQueue;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list that changes all the time: what is asked for, and the part of it that is sorted.
 *
 * @param number from 0
 * @param size how many at most
 */
record Paging(int number, int size) {

    private static final int MOST = 1000;
    private static final int USUAL = 50;

    /**
     * What a page holds.
     *
     * @param total how many there are on all pages
     */
    record Part<T>(int total, List<T> content) {}

    /** @throws InvalidParameterException if one of them is not a number, or too small or great */
    static Paging of(@Nullable String page, @Nullable String size) {
        return new Paging(
                page == null ? 0 : number("page", page, 0, Integer.MAX_VALUE),
                size == null ? USUAL : number("size", size, 1, MOST));
    }

    private static int number(String parameter, String value, int least, int most) {
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // said below
        }
        throw new InvalidParameterException(parameter, value, "must be " + least + " to " + most);
    }

    /** The constant that is called so, in lower case; null if nothing was asked for. */
    static <E extends Enum<E>> @Nullable E choice(String parameter, @Nullable String value, Class<E> type) {
        if (value == null) {
            return null;
        }
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> name(constant).equals(value))
                .findFirst()
                .orElseThrow(() -> new InvalidParameterException(
                        parameter,
                        value,
                        Arrays.stream(type.getEnumConstants())
                                .map(Paging::name)
                                .collect(Collectors.joining("', '", "must be one of '", "'"))));
    }

    /** As parameters and answers have it. */
    static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** Sorts no more than this page and those before it, and makes no more of it than this page. */
    <T, R> Part<R> of(Stream<T> all, Comparator<? super T> order, Function<? super T, R> shown) {
        long wanted = (number + 1L) * size;
        PriorityQueue<T> first = new PriorityQueue<>(Collections.reverseOrder(order)); // the last of them is its head
        int[] total = new int[1];
        all.forEach(next -> {
            total[0]++;
            if (first.size() < wanted) {
                first.add(next);
            } else if (order.compare(next, first.element()) < 0) {
                first.remove();
                first.add(next);
            }
        });
        List<T> sorted = new ArrayList<>(first);
        sorted.sort(order);
        return new Part<>(
                total[0],
                sorted.stream().skip((long) number * size).<R>map(shown).toList());
    }
}
