package dev.hawser.test;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** The types that users can see: a new one is added here on purpose. */
class PublicSurfaceTests {

    @Test
    void thePackageShowsTheseTypes() {
        assertThat(new ClassFileImporter()
                        .withImportOption(new DoNotIncludeTests()).importPackages("dev.hawser.test").stream()
                                .filter(type -> type.isTopLevelClass()
                                        && type.getModifiers().contains(JavaModifier.PUBLIC)
                                        && !type.getSimpleName().equals("package-info"))
                                .map(JavaClass::getSimpleName))
                .containsExactlyInAnyOrder(
                        "AutoConfigureWebSocketTestClient",
                        "Refusal",
                        "TestEvent",
                        "TestEventStream",
                        "TestSocket",
                        "TopicStoreContract",
                        "WebSocketTestClient");
    }
}
