package dev.hawser.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplicationAotProcessor;

/** An application that was processed ahead of time, and that a JVM can start from what came of it. */
record AheadOfTime(Class<?> application, String path) {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** As the build has done it, with spring-boot:process-aot: what came of it is in its target folder. Without what only tests need. */
    static AheadOfTime byTheBuild(Class<?> application) {
        assertThat(application
                        .getClassLoader()
                        .getResource(application.getName().replace('.', '/') + "__ApplicationContextInitializer.class"))
                .as("what ./mvnw -pl demo -am process-test-classes makes")
                .isNotNull();
        String main = Stream.of(classPath().split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
        return new AheadOfTime(application, main);
    }

    /** Processes it now, as spring-boot:process-aot does. */
    static AheadOfTime process(Class<?> application, Path folder, String... arguments) throws Exception {
        Path sources = folder.resolve("sources");
        Path classes = folder.resolve("classes");
        List<String> processor = new ArrayList<>(List.of(
                program("java"),
                "-cp",
                classPath(),
                SpringApplicationAotProcessor.class.getName(),
                application.getName()));
        for (Path output : List.of(sources, classes, classes)) { // sources, resources and classes
            processor.add(output.toString());
        }
        processor.addAll(List.of("dev.hawser", "processed"));
        processor.addAll(List.of(arguments));
        run(folder, processor);
        String path = classes + File.pathSeparator + classPath();
        List<String> compiler = new ArrayList<>(
                List.of(program("javac"), "-nowarn", "-proc:none", "-cp", path, "-d", classes.toString()));
        try (Stream<Path> generated = Files.walk(sources)) {
            generated.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(compiler::add);
        }
        run(folder, compiler);
        return new AheadOfTime(application, path);
    }

    private static void run(Path folder, List<String> command) throws IOException, InterruptedException {
        Program program = Program.run(folder, PATIENCE, command.toArray(String[]::new));
        assertThat(program.exitCode()).as(program.toString()).isZero();
    }

    private static String program(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    /** Starts it on a free port. */
    Service start(Path log, String... arguments) throws IOException {
        int port = Service.freePort();
        List<String> command = new ArrayList<>(List.of(
                program("java"),
                "-Dspring.aot.enabled=true",
                "-cp",
                path,
                application.getName(),
                "--server.address=127.0.0.1",
                "--server.port=" + port,
                "--logging.file.name=" + log));
        command.addAll(List.of(arguments));
        Service service = Service.start(port, log, command.toArray(String[]::new));
        assertThat(service.log()).contains("Starting AOT-processed " + application.getSimpleName());
        return service;
    }
}
