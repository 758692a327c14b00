package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** SECURITY.md tells of tests and properties that are there; and what can only be seen in the sources. */
class SecurityTests {

    private static final Path ROOT = Path.of("..");

    private static final Pattern ANNOTATION = Pattern.compile("@(?:Test|ParameterizedTest|Property|ArchTest)\\b");

    /** A test as SECURITY.md names it. */
    private record Named(String type, String method) {

        /** The sources of classes of this name that have such a test. */
        List<String> sources() throws IOException {
            Pattern test = Pattern.compile("\\b" + method + "(?:\\(| =)");
            return SecurityTests.sources(path -> path.endsWith(type + ".java")).stream()
                    .filter(source -> Stream.of(source.split("\n\n"))
                            .anyMatch(part -> ANNOTATION.matcher(part).find()
                                    && test.matcher(part).find()))
                    .toList();
        }
    }

    private interface Selection {

        boolean matches(Path path);
    }

    private static List<String> sources(Selection selection) throws IOException {
        try (Stream<Path> all = Files.walk(ROOT)) {
            return all.filter(path -> path.toString().endsWith(".java")
                            && !path.toString().contains("/target/")
                            && selection.matches(path))
                    .map(SecurityTests::read)
                    .toList();
        }
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private static String document() {
        return read(ROOT.resolve("SECURITY.md"));
    }

    /** The rows of the table of flaws. */
    private static List<String> flaws() {
        String document = document();
        return document.substring(document.indexOf("## Known wounds"))
                .lines()
                .filter(line -> line.startsWith("|") && line.contains("#"))
                .toList();
    }

    private static List<Named> tests(String row) {
        return Pattern.compile("`(\\w+)#(\\w+)`")
                .matcher(row)
                .results()
                .map(found -> new Named(found.group(1), found.group(2)))
                .toList();
    }

    @Test
    void everyTestThatIsNamedIsThere() throws IOException {
        assertThat(flaws()).hasSize(16).allSatisfy(row -> assertThat(tests(row)).isNotEmpty());
        for (String row : flaws()) {
            for (Named test : tests(row)) {
                assertThat(test.sources()).as(test.toString()).isNotEmpty();
            }
        }
    }

    /** So that whoever looks for one finds it there, too. */
    @Test
    void everyIdentifierStandsAtOneOfItsTests() throws IOException {
        for (String row : flaws()) {
            StringBuilder sources = new StringBuilder();
            for (Named test : tests(row)) {
                test.sources().forEach(sources::append);
            }
            for (String identifier : row.split("\\|")[2].strip().split(", ")) {
                assertThat(sources.indexOf(identifier)).as(identifier).isNotNegative();
            }
        }
    }

    @Test
    void everyPropertyThatIsNamedIsThere() {
        String readme = read(ROOT.resolve("README.md"));
        List<String> properties = Pattern.compile("`((?:websocket|eventsource|topics|memory)\\.[a-z.-]+)")
                .matcher(document())
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(properties).hasSizeGreaterThan(15).allSatisfy(property -> assertThat(readme)
                .containsPattern("`hawser\\." + property + "(\\.\\*)?` \\|"));
    }

    /**
     * CVE-2021-33880 (python websockets): there is nothing to compare, in constant time or not. What a client shows is for
     * Spring Security; our own client only sends credentials.
     */
    @Test
    void noCredentialIsCompared() throws IOException {
        Pattern credential = Pattern.compile(
                "\"[^\"\\n]*(?i:authorization)[^\"\\n]*\"|(?i)(?:password|credential|secret|passwd)\\w*(?:\\(\\))?\\)?\\.(?:equals|compareTo|contentEquals|matches)\\(");
        List<String> sources = sources(path -> path.toString().contains("/src/main/")
                && path.toString().matches("\\.\\./(?:websocket|autoconfigure)/.*")
                && !path.toString().contains("/websocket/client/"));
        assertThat(sources).hasSizeGreaterThan(100).allSatisfy(source -> assertThat(
                        credential.matcher(source).results())
                .extracting(MatchResult::group)
                .isEmpty());
    }
}
