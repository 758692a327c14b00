package dev.hawser.tests.soak;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Lets connections come and go for minutes, and fails if anything is left of them, or if one of them heard what it should not.
 *
 * <p>Arguments: minutes, connections at once, seed.
 */
public final class Soak {

    private static final int LOOPS = 2;

    /** One in so many behaves and stays. */
    private static final int STEADY = 20;

    /** Other than those of connections: class path, selectors, standard streams. */
    private static final int OTHER_DESCRIPTORS = 400;

    /** As many connections as in the long round, since what has grown for them stays: tables, pools, code. */
    private static final Duration WARM_UP = Duration.ofSeconds(45);

    /** The longest that a connection may last when the round is over, and what is left of it may take to go. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final int MOST_FAILURES = 60;

    private static final Duration POLL = Duration.ofSeconds(1);

    private final Duration length;
    private final int connections;
    private final long seed;
    private final List<String> failures = new ArrayList<>();

    private Soak(Duration length, int connections, long seed) {
        this.length = length;
        this.connections = connections;
        this.seed = seed;
    }

    /** Status 1 if anything is left. */
    public static void main(String[] arguments) throws Exception {
        Duration length = Duration.ofMillis((long) (60_000 * Double.parseDouble(arguments[0])));
        int connections = Integer.parseInt(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        requireRoom(connections);
        System.exit(new Soak(length, connections, seed).run() ? 0 : 1);
    }

    /** Says what is too small, rather than that a connection has failed. */
    private static void requireRoom(int connections) {
        long descriptors = ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
                .getMaxFileDescriptorCount();
        if (descriptors < connections + OTHER_DESCRIPTORS) {
            throw new IllegalStateException("Expected room for " + connections + " connections but was for "
                    + descriptors + " open files: raise `ulimit -n`, or give fewer with -Dsoak.connections");
        }
    }

    private boolean run() throws Exception {
        say("%,d connections at once, for %s, seed %d", connections, length, seed);
        try (ServerProcess server = ServerProcess.start()) {
            if (!Footprint.canTrim(server)) {
                say("No System.trim_native_heap here (JDK 17.0.9 and newer): what the C library keeps counts as well");
            }
            round(server, WARM_UP, ~seed);
            awaitNobody(server, "after the warm-up");
            if (!failures.isEmpty()) {
                return tell(); // with this to compare with, the long round would tell nothing
            }
            Footprint before = settled(server);
            say("The long round begins");
            Report report = round(server, length, seed);
            awaitNobody(server, "at the end");
            // A collection frees what was not freed by hand, so that only what came after the last one is seen.
            double collections = server.figures().getOrDefault("collections", 0.0) - before.figure("collections");
            Footprint after = Footprint.of(server);
            say("%.0f collections of all of the heap in the round", collections);
            failures.addAll(Leaks.unreleased(before, after));
            after = awaitLike(before, after, server);
            failures.addAll(Leaks.between(before, after));
            if (!Leaks.hasMemory(after.figures())) {
                say("There is no meter hawser.memory.used: whether it is back to 0 was not looked at");
            }
            new Summary(report, before, after).print();
            server.log().forEach(line -> failures.add("The server has logged: " + line));
        }
        return tell();
    }

    private boolean tell() {
        failures.stream().limit(MOST_FAILURES).forEach(failure -> say("FAILED: %s", failure));
        say("%s, with seed %d", failures.isEmpty() ? "Nothing is left" : failures.size() + " failures", seed);
        return failures.isEmpty();
    }

    /** What has not come to rest, such as the last tasks of a queue, would hide what is left later. */
    private static Footprint settled(ServerProcess server) {
        List<Footprint> last = new ArrayList<>(List.of(Footprint.of(server)));
        await(PATIENCE, () -> {
            Footprint earlier = last.set(0, Footprint.of(server));
            return Math.abs(earlier.heap() - last.get(0).heap()) < Leaks.HEAP / 16;
        });
        return last.get(0);
    }

    private Report round(ServerProcess server, Duration time, long with) throws IOException, InterruptedException {
        Report report = new Report();
        long end = System.nanoTime() + time.toNanos();
        Loop.Round round = new Loop.Round(with, server.port(), connections, connections / STEADY, LOOPS, end, report);
        List<Loop> loops = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < LOOPS; i++) {
            Loop loop = new Loop(round, i);
            loops.add(loop);
            Thread thread = new Thread(loop, loop.toString());
            thread.setUncaughtExceptionHandler((broken, why) -> {
                why.printStackTrace();
                failures.add(broken.getName() + " broke: " + why);
            });
            thread.start();
            threads.add(thread);
        }
        boolean ended = await(time.plus(PATIENCE), () -> threads.stream().noneMatch(Thread::isAlive));
        if (!ended) {
            loops.forEach(loop -> failures.add("Not ended: " + loop.openCount() + ", such as " + loop.stragglers()));
            loops.forEach(Loop::abandon);
        }
        for (Thread thread : threads) {
            thread.join(TimeUnit.MINUTES.toMillis(1));
        }
        report.problems().forEach(problem -> failures.add(problem));
        if (report.problemCount() > report.problems().size()) {
            failures.add("and " + (report.problemCount() - report.problems().size()) + " more like these");
        }
        return report;
    }

    /** Waits until no connection is left and the threads that idle have gone. */
    private void awaitNobody(ServerProcess server, String when) {
        if (!await(PATIENCE, () -> Leaks.present(server.figures()).isEmpty())) {
            Leaks.present(server.figures()).forEach(one -> failures.add(when + ", " + one));
        }
        if (!await(PATIENCE, () -> !server.ask("/control/threads").matches("(.*, )?(task-|hawser-).*"))) {
            failures.add(when + ", threads are left: " + server.ask("/control/threads"));
        }
    }

    /** What is still on its way, such as sockets that Tomcat closes, or references that are cleared, has a moment. */
    private Footprint awaitLike(Footprint before, Footprint first, ServerProcess server) {
        List<Footprint> last = new ArrayList<>(List.of(first));
        await(Duration.ofSeconds(30), () -> {
            if (Leaks.between(before, last.get(0)).isEmpty()) {
                return true;
            }
            last.set(0, Footprint.of(server));
            return false;
        });
        return last.get(0);
    }

    private static boolean await(Duration most, java.util.concurrent.Callable<Boolean> condition) {
        try {
            Awaitility.await()
                    .atMost(most)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(POLL)
                    .until(condition);
            return true;
        } catch (ConditionTimeoutException notYet) {
            return false;
        }
    }

    private static void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, "soak: " + format + "%n", values);
    }
}
