package dev.hawser.websocket.protocol;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;

/** How much of the heap is used, for tests of what is held. */
public final class Heap {

    private Heap() {}

    /** Without what is garbage, as far as the collector sees. */
    public static long used() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Begins to look for the {@link #peak} anew; what it is now. */
    public static long beginPeak() {
        System.gc();
        pools().forEach(MemoryPoolMXBean::resetPeakUsage);
        return peak();
    }

    /** The most that was used since, garbage and all. */
    public static long peak() {
        return pools().stream().mapToLong(pool -> pool.getPeakUsage().getUsed()).sum();
    }

    private static List<MemoryPoolMXBean> pools() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .toList();
    }
}
