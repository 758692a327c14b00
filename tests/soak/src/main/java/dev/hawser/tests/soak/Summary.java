package dev.hawser.tests.soak;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What is printed at the end. */
final class Summary {

    /** Changes of fewer instances tell nothing. */
    private static final long WORTH_TELLING = 20;

    private final Report report;
    private final Footprint before;
    private final Footprint after;

    Summary(Report report, Footprint before, Footprint after) {
        this.report = report;
        this.before = before;
        this.after = after;
    }

    void print() {
        line("---- What the connections did");
        line("%,12d at once", report.mostOpen());
        report.counts().forEach((what, count) -> line("%,12d %s", count, what));
        line(
                "%,12d exchanges of those who behave: %.1f ms each, at most %.0f ms",
                report.echoes(), report.meanEchoMillis(), report.slowestEchoMillis());
        line("---- How they ended, as the server saw it");
        Map<String, Double> ends = new TreeMap<>();
        after.figures().forEach((name, value) -> {
            double change = value - before.figure(name);
            if (change > 0
                    && name.matches("hawser\\.(websocket\\.(connections\\.closed|errors|handshakes\\.refused)"
                            + "|eventsource\\.(connections\\.closed|errors)|topics\\.\\w+)\\{.*")) {
                ends.merge(name.replaceAll(",?uri=[^,}]*", ""), change, Double::sum);
            }
        });
        ends.forEach((name, count) -> line("%,12.0f %s", count, name));
        line("---- What it held, before and after");
        change("open files", (long) before.figure("descriptors"), (long) after.figure("descriptors"));
        change("threads", (long) before.figure("threads"), (long) after.figure("threads"));
        change("direct buffers", (long) before.figure("buffers.direct"), (long) after.figure("buffers.direct"));
        change("inflaters and deflaters lost without an end", before.unended(), after.unended());
        change("heap", before.heap(), after.heap());
        change("KiB resident, not tracked, before a collection", before.uncollected(), after.uncollected());
        change("KiB resident", before.resident(), after.resident());
        change("KiB resident, not tracked", before.untracked(), after.untracked());
        after.committed().forEach((category, now) -> {
            long then = before.committed().getOrDefault(category, 0L);
            if (then != now) {
                change("KiB, " + category, then, now);
            }
        });
        after.instances().forEach((name, now) -> {
            long then = before.instances().getOrDefault(name, 0L);
            if (now - then > (name.contains("dev.hawser.") ? 0 : WORTH_TELLING)) {
                change("instances of " + name, then, now);
            }
        });
    }

    private static void change(String what, long before, long after) {
        line("%,14d %,14d %+,12d %s", before, after, after - before, what);
    }

    private static void line(String format, Object... values) {
        System.out.printf(Locale.ROOT, "soak: " + format + "%n", values);
    }
}
