package dev.hawser.demo;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** A program that tests run and that a machine may not have: without it they are skipped, but in CI they fail. */
final class RequiredTool {

    private static final boolean CI = Boolean.parseBoolean(System.getenv("CI"));

    /** Where services are, which is not on the PATH of everybody. */
    private static final String SERVICES = File.pathSeparator + "/usr/sbin" + File.pathSeparator + "/usr/local/sbin";

    private RequiredTool() {}

    /** Where {@code name} is on the PATH, or among the services. */
    static Path find(String name) {
        Optional<Path> found = Arrays.stream((System.getenv("PATH") + SERVICES).split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
        if (found.isEmpty()) {
            missing(name + " is not installed");
        }
        return found.orElseThrow();
    }

    /** Skips the test, or fails it in CI. */
    static void missing(String what) {
        if (CI) {
            throw new AssertionError("In CI nothing may be missing: " + what);
        }
        System.out.println("SKIPPED: " + what);
        Assumptions.abort(what);
    }
}
