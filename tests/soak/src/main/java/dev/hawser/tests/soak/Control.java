package dev.hawser.tests.soak;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.hawser.topic.Topics;
import dev.hawser.websocket.connection.ConnectionGroup;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.stream.Collectors;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What the server knows of itself: lines of a name, a space and a number. */
@RestController
class Control {

    private static final String OURS = "hawser.";

    private final MeterRegistry meters;
    private final ConnectionGroup group;
    private final Topics topics;

    Control(MeterRegistry meters, ConnectionGroup group, Topics topics) {
        this.meters = meters;
        this.group = group;
        this.topics = topics;
    }

    /** The history of idle topics, once it is old enough, is forgotten with the next message of any topic. */
    @GetMapping("/control/forget")
    void forget() {
        topics.topic("control").send("forget");
    }

    @GetMapping("/control/figures")
    String figures() throws ReflectiveOperationException {
        Map<String, Double> figures = new TreeMap<>();
        meters.forEachMeter(meter -> {
            if (meter.getId().getName().startsWith(OURS)) {
                figures.put(name(meter.getId()), value(meter));
            }
        });
        figures.put("connections", (double) group.size());
        figures.put("webSockets", (double) group.webSockets().count());
        figures.put("undecided", (double) ((Collection<?>) field("undecided")).size());
        figures.put("timers", (double)
                ((ScheduledThreadPoolExecutor) field("timer")).getQueue().size());
        figures.put("threads", (double) ManagementFactory.getThreadMXBean().getThreadCount());
        figures.put("descriptors", (double) ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
                .getOpenFileDescriptorCount());
        figures.put("collections", (double) ManagementFactory.getGarbageCollectorMXBeans().stream()
                .filter(collector -> collector.getName().equals("MarkSweepCompact"))
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum());
        for (BufferPoolMXBean pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            figures.put("buffers." + pool.getName().replace(' ', '-'), (double) pool.getMemoryUsed());
        }
        return figures.entrySet().stream()
                .map(figure -> figure.getKey() + ' ' + figure.getValue())
                .collect(Collectors.joining("\n"));
    }

    /** The names of all threads, for the case that there are too many. */
    @GetMapping("/control/threads")
    String threads() {
        Set<Thread> threads = Thread.getAllStackTraces().keySet();
        return threads.stream().map(Thread::getName).sorted().collect(Collectors.joining(", "));
    }

    private static String name(Meter.Id id) {
        return id.getName()
                + id.getTags().stream()
                        .map(tag -> tag.getKey() + '=' + tag.getValue().replaceAll("[{}]", ":"))
                        .collect(Collectors.joining(",", "{", "}"));
    }

    /** Of a timer or a summary, how often it was recorded. */
    private static double value(Meter meter) {
        for (var measurement : meter.measure()) {
            if (measurement.getStatistic() == Statistic.COUNT || measurement.getStatistic() == Statistic.VALUE) {
                return measurement.getValue();
            }
        }
        return 0;
    }

    /** What the group shows nobody else. */
    private Object field(String name) throws ReflectiveOperationException {
        var field = ConnectionGroup.class.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(group);
    }
}
