package dev.hawser.benchmarks;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A process in which one client has all its connections.
 *
 * <p>Arguments: the client's name, then as {@link LoadPlan} has them. Prints a line for each window: messages echoed, CPU time of
 * this process in microseconds, milliseconds until all were connected, threads at the peak, and connections on which nothing was
 * echoed in the window. Without windows it has one message echoed on each connection and prints what that has left behind: bytes
 * of heap, KiB of resident memory, threads.
 */
public final class ClientLoad {

    /** What else a process has open: jars, selectors, sockets that are being closed. */
    private static final int OTHER_DESCRIPTORS = 300;

    /** When memory is measured for the first time these are there, and with them classes and shared threads. */
    private static final int CONNECTIONS_BEFORE = 10;

    private static final UnixOperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class);

    private ClientLoad() {}

    public static void main(String[] arguments) throws Exception {
        LoadPlan plan = LoadPlan.of(Arrays.copyOfRange(arguments, 1, arguments.length));
        requireRoom(plan.connections());
        URI server = URI.create("ws://127.0.0.1:" + plan.port() + "/echo");
        Conversations conversations = new Conversations(ClientLibrary.of(arguments[0]), server, plan.bytes());
        if (plan.windows() == 0) {
            printMemory(conversations, plan.connections());
        } else {
            printWindows(conversations, plan);
        }
        System.exit(0); // whatever threads the client has
    }

    /** Says what is too small, rather than that a connection has failed. */
    static void requireRoom(int connections) throws IOException {
        long descriptors = SYSTEM.getMaxFileDescriptorCount();
        if (descriptors < connections + OTHER_DESCRIPTORS) {
            throw new IllegalStateException("Expected room for " + connections + " connections but was for "
                    + descriptors + " open files: raise `ulimit -n`, or give fewer connections");
        }
        // By lines, since that reads it at once: a second read of such a file finds nothing.
        String[] range = Files.readAllLines(Path.of("/proc/sys/net/ipv4/ip_local_port_range"))
                .get(0)
                .split("\\s+");
        int ports = Integer.parseInt(range[1]) - Integer.parseInt(range[0]);
        if (ports < connections) {
            throw new IllegalStateException("Expected room for " + connections + " connections but was for " + ports
                    + " ports: widen net.ipv4.ip_local_port_range, or give fewer connections");
        }
    }

    private static void printWindows(Conversations conversations, LoadPlan plan) throws InterruptedException {
        long start = System.nanoTime();
        conversations.open(plan.connections());
        long connected = System.nanoTime() - start;
        conversations.goOn(plan.inFlight());
        conversations.run(plan.warmUp());
        for (int window = 0; window < plan.windows(); window++) {
            long[] before = conversations.counts();
            long cpu = SYSTEM.getProcessCpuTime();
            conversations.run(plan.window());
            long[] after = conversations.counts();
            long used = SYSTEM.getProcessCpuTime() - cpu;
            long messages = 0;
            long silent = 0;
            for (int i = 0; i < after.length; i++) {
                messages += after[i] - before[i];
                silent += after[i] == before[i] ? 1 : 0;
            }
            System.out.println(messages + " " + used / 1000 + " " + connected / 1_000_000 + " "
                    + ManagementFactory.getThreadMXBean().getPeakThreadCount() + " " + silent);
        }
    }

    private static void printMemory(Conversations conversations, int connections) throws Exception {
        conversations.open(CONNECTIONS_BEFORE);
        conversations.echoOnce();
        long[] before = memory();
        conversations.open(connections);
        conversations.echoOnce();
        long[] after = memory();
        System.out.println((after[0] - before[0]) + " " + (after[1] - before[1]) + " "
                + ManagementFactory.getThreadMXBean().getThreadCount());
    }

    private static long[] memory() throws IOException {
        System.gc();
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        return new long[] {heap, Server.resident(ProcessHandle.current().pid())};
    }
}
