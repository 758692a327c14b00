package dev.hawser.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the README shows is a test that runs. */
class ReadmeTests {

    @Test
    void theSampleIsATestThatRuns() throws Exception {
        String source = Files.readString(Path.of("src/test/java/dev/hawser/test/ChatTests.java"));
        String sample = source.substring(source.indexOf("@SpringBootTest")).strip();
        assertThat(Files.readString(Path.of("../README.md"))).contains("```java\n" + sample + "\n```");
    }
}
