package dev.hawser.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A load in a process of its own. */
record LoadProcess(Process process, BufferedReader lines) implements AutoCloseable {

    static LoadProcess start(Class<?> load, LoadPlan plan) throws IOException {
        return start(load, List.of("-Xmx512m", "-XX:MaxDirectMemorySize=2g"), plan.arguments());
    }

    /** Starts it with a JVM's flags. */
    static LoadProcess start(Class<?> load, List<String> flags, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(Server.jdk("java")));
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), load.getName()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new LoadProcess(
                process, new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)));
    }

    /** Waits for the end of a window, and returns what the load prints then. */
    long[] window() throws IOException {
        return Arrays.stream(line().split(" ")).mapToLong(Long::parseLong).toArray();
    }

    void awaitIdle() throws IOException {
        if (!line().equals("ready")) {
            throw new IllegalStateException("The load has failed: see above");
        }
    }

    private String line() throws IOException {
        String line = lines.readLine();
        if (line == null) {
            throw new IllegalStateException("The load has failed: see above");
        }
        return line;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
