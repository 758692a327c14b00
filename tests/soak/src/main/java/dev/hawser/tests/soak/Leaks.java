package dev.hawser.tests.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What is not back where it began. */
final class Leaks {

    /** Bytes held for assembling, sending and compression. */
    private static final String MEMORY = "hawser.memory.used{}";

    /** Set this once every build has the meter. */
    static final boolean MEMORY_IS_REQUIRED = false;

    private static final long KIB = 1024;

    /** All are ended by hand. */
    static final long UNENDED = 0;

    static final long DESCRIPTORS = 0;
    static final long THREADS = 0;

    /** What threads keep to read and write with is as large as the most that each has had to do: up to 1,200 KiB were seen. */
    static final long DIRECT_BUFFERS = 3 * 1024 * KIB;

    /** Of a class of this project, or of zlib: but for some in pools, and in the histories of topics until they are forgotten, none. */
    static final long OUR_INSTANCES = 16;

    /** Of any other class: mostly strings and headers, in what Tomcat uses again. Up to 400 were seen. */
    static final long INSTANCES = 1000;

    /** Up to 550 KiB were seen: requests that Tomcat uses again, names and counts of meters. These are 25 bytes for each of the 40,000 connections of three minutes. */
    static final long HEAP = 1024 * KIB;

    /** Up to 9 MiB were seen, most of it code that was compiled meanwhile, and what the compiler had not given back yet. */
    static final long RESIDENT_KIB = 16 * KIB;

    /** Up to 5 MiB were seen. An inflater takes 40 KiB, a compressor 256. */
    static final long UNTRACKED_KIB = 10 * KIB;

    private Leaks() {}

    /** What shows that somebody is still there, or is thought to be; empty if nothing does. */
    static List<String> present(Map<String, Double> figures) {
        List<String> present = new ArrayList<>();
        figures.forEach((name, value) -> {
            boolean none = name.matches("connections|webSockets|undecided|timers"
                            + "|hawser\\.(websocket|eventsource)\\.(connections\\.(active|slow)|buffered)\\{.*"
                            + "|hawser\\.topics\\.(active|members)\\{}")
                    || name.equals(MEMORY);
            if (none && value != 0) {
                present.add(String.format(Locale.ROOT, "%s is %.0f, expected 0", name, value));
            }
        });
        for (String kind : List.of("websocket", "eventsource")) {
            String prefix = "hawser." + kind + ".connections.";
            double opened = sum(figures, prefix + "opened");
            double closed = sum(figures, prefix + "closed");
            double timed = sum(figures, "hawser." + kind + ".connection.duration");
            if (opened != closed || opened != timed) {
                present.add(String.format(
                        Locale.ROOT, "%s: %.0f opened, %.0f closed, %.0f timed", prefix, opened, closed, timed));
            }
        }
        if (MEMORY_IS_REQUIRED && !hasMemory(figures)) {
            present.add("There is no " + MEMORY);
        }
        return present;
    }

    static boolean hasMemory(Map<String, Double> figures) {
        return figures.containsKey(MEMORY);
    }

    /** Of all endpoints and tags. */
    static double sum(Map<String, Double> figures, String meter) {
        return figures.entrySet().stream()
                .filter(one -> one.getKey().startsWith(meter + "{"))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** What there is more of than before. */
    static List<String> between(Footprint before, Footprint after) {
        List<String> leaks = new ArrayList<>(present(after.figures()));
        more(leaks, "open files", (long) before.figure("descriptors"), (long) after.figure("descriptors"), DESCRIPTORS);
        more(leaks, "threads", (long) before.figure("threads"), (long) after.figure("threads"), THREADS);
        more(
                leaks,
                "bytes of direct buffers",
                (long) before.figure("buffers.direct"),
                (long) after.figure("buffers.direct"),
                DIRECT_BUFFERS);
        after.instances().forEach((name, count) -> {
            boolean ours = name.contains("dev.hawser.") || name.startsWith("java.util.zip.");
            long most = ours ? OUR_INSTANCES : INSTANCES;
            more(leaks, "instances of " + name, before.instances().getOrDefault(name, 0L), count, most);
        });
        more(leaks, "bytes of the heap", before.heap(), after.heap(), HEAP);
        more(leaks, "KiB resident", before.resident(), after.resident(), RESIDENT_KIB);
        more(leaks, "KiB resident but not tracked", before.untracked(), after.untracked(), UNTRACKED_KIB);
        committed(before, after).forEach((category, change) -> {
            long most = most(category);
            if (change > most) {
                leaks.add(String.format(
                        Locale.ROOT,
                        "%,d KiB of native memory more for %s, expected at most %,d",
                        change,
                        category,
                        most));
            }
        });
        return leaks;
    }

    /** What was freed by the collector only, if at all: looked for once, since it is gone afterwards. */
    static List<String> unreleased(Footprint before, Footprint after) {
        List<String> leaks = new ArrayList<>();
        more(leaks, "inflaters and deflaters lost without an end", 0, after.unended(), UNENDED);
        more(
                leaks,
                "KiB resident but not tracked, before a collection",
                before.uncollected(),
                after.uncollected(),
                UNTRACKED_KIB);
        return leaks;
    }

    /** By how many KiB the categories of Native Memory Tracking have grown. */
    static Map<String, Long> committed(Footprint before, Footprint after) {
        Map<String, Long> changes = new TreeMap<>();
        after.committed()
                .forEach((category, now) ->
                        changes.put(category, now - before.committed().getOrDefault(category, 0L)));
        return changes;
    }

    private static long most(String category) {
        return switch (category) {
            case Footprint.ALL -> 16 * KIB;
            case "Code", "Compiler", "Arena Chunk" -> 12 * KIB; // what is hot becomes known with time
            case "Class", "Metaspace" -> 2 * KIB;
            case "Other" -> DIRECT_BUFFERS / KIB;
            default -> KIB;
        };
    }

    private static void more(List<String> leaks, String what, long before, long after, long most) {
        if (after - before > most) {
            leaks.add(String.format(
                    Locale.ROOT,
                    "%,d more %s: %,d before, %,d after, expected at most %,d more",
                    after - before,
                    what,
                    before,
                    after,
                    most));
        }
    }
}
