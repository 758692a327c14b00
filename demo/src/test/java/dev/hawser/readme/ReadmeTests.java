package dev.hawser.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every sample in Java of the README stands, but for white space and a "static", in a test, which is compiled and run. */
class ReadmeTests {

    private static final Path ROOT = Path.of("..");

    private static List<String> samples(Path file) throws IOException {
        return Pattern.compile("(?ms)^```java\\n(.*?)^```$")
                .matcher(Files.readString(file))
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    private static String withoutSpace(String source) {
        return source.replaceAll("\\s", "").replace("staticclass", "class");
    }

    private static String tests() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString()
                            .contains("src/test/java"
                                    .replace("/", file.getFileSystem().getSeparator())))
                    .map(ReadmeTests::read)
                    .map(ReadmeTests::withoutSpace)
                    .collect(Collectors.joining("\n"));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }

    @Test
    void everySampleIsPartOfATest() throws Exception {
        String tests = tests();
        List<String> samples = samples(ROOT.resolve("README.md"));
        assertThat(samples).hasSizeGreaterThan(15);
        assertThat(samples)
                .filteredOn(sample -> !tests.contains(withoutSpace(sample)))
                .isEmpty();
    }
}
