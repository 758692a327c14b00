package dev.hawser.tests.soak;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the server holds while nobody is there.
 *
 * @param figures those of {@link Control}
 * @param instances of each class, that can be reached
 * @param heap bytes of all of them
 * @param unended inflaters and deflaters that were lost without an end, since the last collection
 * @param committed by category of Native Memory Tracking, KiB
 * @param resident memory in KiB, when the C library has given back what it can
 * @param uncollected KiB resident that Native Memory Tracking knows nothing of, before the collection that frees what was not
 *     freed by hand
 */
record Footprint(
        Map<String, Double> figures,
        Map<String, Long> instances,
        long heap,
        long unended,
        Map<String, Long> committed,
        long resident,
        long uncollected) {

    private static final String TRIM = "System.trim_native_heap";

    /** " 12:  345  67890  java.lang.String (java.base@17)" */
    private static final Pattern CLASS = Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(\\S+).*");

    private static final Pattern TOTAL = Pattern.compile("Total\\s+(\\d+)\\s+(\\d+)");

    /** "-   Thread (reserved=12KB, committed=345KB)" */
    private static final Pattern CATEGORY = Pattern.compile("-\\s+(.+?) \\(reserved=\\d+KB, committed=(\\d+)KB.*");

    private static final Pattern SUM = Pattern.compile("Total: reserved=\\d+KB, committed=(\\d+)KB.*");

    private static final List<String> ZLIB = List.of("java.util.zip.Inflater", "java.util.zip.Deflater");

    private static final List<String> ZLIB_STREAMS =
            List.of("java.util.zip.Inflater$InflaterZStreamRef", "java.util.zip.Deflater$DeflaterZStreamRef");

    /** The name of the sum of all categories. */
    static final String ALL = "Total";

    static Footprint of(ServerProcess server) {
        server.ask("/control/forget");
        server.jcmd(TRIM);
        long uncollected = server.resident() - committed(server).getOrDefault(ALL, 0L);
        // What an inflater holds is kept by its cleaner until it is ended; one that was lost without is cleaned after
        // the
        // collection that comes before this histogram, and so still is in it, while the inflater itself is not.
        Map<String, Long> first = new TreeMap<>();
        histogram(server, first);
        long unended = sum(first, ZLIB_STREAMS) - sum(first, ZLIB);
        server.jcmd("GC.run");
        Map<String, Long> instances = new TreeMap<>();
        long heap = histogram(server, instances);
        Map<String, Long> committed = committed(server);
        server.jcmd(TRIM);
        return new Footprint(server.figures(), instances, heap, unended, committed, server.resident(), uncollected);
    }

    private static Map<String, Long> committed(ServerProcess server) {
        Map<String, Long> committed = new TreeMap<>();
        for (String line : server.jcmd("VM.native_memory", "summary", "scale=KB")) {
            Matcher category = CATEGORY.matcher(line);
            Matcher sum = SUM.matcher(line);
            if (category.matches()) {
                committed.put(category.group(1).strip(), Long.parseLong(category.group(2)));
            } else if (sum.matches()) {
                committed.put(ALL, Long.parseLong(sum.group(1)));
            }
        }
        if (!committed.containsKey(ALL)) {
            throw new IllegalStateException("Expected a summary of native memory but there was none");
        }
        return committed;
    }

    private static long sum(Map<String, Long> instances, List<String> names) {
        return names.stream()
                .mapToLong(name -> instances.getOrDefault(name, 0L))
                .sum();
    }

    private static long histogram(ServerProcess server, Map<String, Long> instances) {
        long total = -1;
        for (String line : server.jcmd("GC.class_histogram")) {
            Matcher one = CLASS.matcher(line);
            Matcher all = TOTAL.matcher(line);
            if (one.matches()) {
                instances.merge(one.group(3), Long.parseLong(one.group(1)), Long::sum);
            } else if (all.matches()) {
                total = Long.parseLong(all.group(2));
            }
        }
        if (total < 0) {
            throw new IllegalStateException("Expected a histogram of classes but there was none");
        }
        return total;
    }

    /** Whether its JVM can be told to have the C library give back what it does not use: JDK 17.0.9 and newer. */
    static boolean canTrim(ServerProcess server) {
        return server.jcmd("help").stream().anyMatch(line -> line.contains(TRIM));
    }

    /** A figure of {@link Control}; 0 if there is none. */
    double figure(String name) {
        return figures.getOrDefault(name, 0.0);
    }

    /** Resident memory that Native Memory Tracking knows nothing of, such as that of zlib, in KiB. */
    long untracked() {
        return resident - committed.getOrDefault(ALL, 0L);
    }
}
