package dev.hawser;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import dev.hawser.eventsource.EventSource;
import dev.hawser.websocket.ClientWebSocket;
import dev.hawser.websocket.Connection;
import dev.hawser.websocket.WebSocket;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;

/** Dependencies point one way: servlet, connection, the API, then handshake and protocol, which know nothing but the JDK. */
@AnalyzeClasses(packages = "dev.hawser", importOptions = DoNotIncludeTests.class)
class ArchitectureTests {

    private static final String API = "dev.hawser.websocket";
    private static final String EVENTS = "dev.hawser.eventsource";
    private static final String TOPIC = "dev.hawser.topic";
    private static final String PROTOCOL = "dev.hawser.websocket.protocol";
    private static final String HANDSHAKE = "dev.hawser.websocket.handshake";
    private static final String EXTENSION = "dev.hawser.websocket.extension";
    private static final String DEFLATE = "dev.hawser.websocket.extension.deflate";
    private static final String MEMORY = "dev.hawser.websocket.memory";
    private static final String CONNECTION = "dev.hawser.websocket.connection";
    private static final String STREAM = "dev.hawser.websocket.stream";
    private static final String SERVLET = "dev.hawser.websocket.servlet";
    private static final String CLIENT = "dev.hawser.websocket.client";

    @ArchTest
    static final ArchRule theCoreKnowsNothingButTheJdk = classes()
            .that()
            .resideInAnyPackage(PROTOCOL, HANDSHAKE, EXTENSION)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    PROTOCOL,
                    HANDSHAKE,
                    EXTENSION,
                    "java.lang..",
                    "java.util..",
                    "java.nio",
                    "java.nio.charset",
                    "java.security",
                    "org.jspecify.annotations"));

    @ArchTest
    static final ArchRule theCoreHasNoThreadsLocksClocksOrSockets = noClasses()
            .that()
            .resideInAnyPackage(PROTOCOL, HANDSHAKE, EXTENSION, API, EVENTS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent..", "java.net..", "java.nio.channels..", "org.slf4j..")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    /** With the two zlibs, and one queue: compressors are shared between connections. */
    @ArchTest
    static final ArchRule deflateIsAnExtensionLikeAnyOther = classes()
            .that()
            .resideInAPackage(DEFLATE)
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            EXTENSION,
                            DEFLATE,
                            HANDSHAKE,
                            "java.lang..",
                            "java.util..",
                            "java.nio",
                            "com.jcraft.jzlib",
                            "org.jspecify..")
                    .and(not(resideInAnyPackage("java.util.concurrent.locks.."))));

    @ArchTest
    static final ArchRule extensionsDoNotKnowWhoCarriesThem = noClasses()
            .that()
            .resideInAnyPackage(EXTENSION, DEFLATE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(API, PROTOCOL, CONNECTION, SERVLET, CLIENT);

    @ArchTest
    static final ArchRule onlyDeflateKnowsJzlib = noClasses()
            .that(not(resideInAnyPackage(DEFLATE)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.jcraft..");

    @ArchTest
    static final ArchRule theApiIsAboveTheCoreOnly = noClasses()
            .that()
            .resideInAnyPackage(API, EVENTS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(TOPIC, CONNECTION, STREAM, SERVLET, CLIENT);

    @ArchTest
    static final ArchRule streamsAndTopicsAreMadeOfTheApiOnly = noClasses()
            .that()
            .resideInAnyPackage(STREAM, TOPIC)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CONNECTION, SERVLET, CLIENT);

    @ArchTest
    static final ArchRule connectionsDoNotKnowTheirContainer = noClasses()
            .that()
            .resideInAPackage(CONNECTION)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(STREAM, TOPIC, SERVLET, CLIENT);

    @ArchTest
    static final ArchRule memoryKnowsSharesAndNoConnections = classes()
            .that()
            .resideInAPackage(MEMORY)
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage(MEMORY, "java.lang..", "java.util..", "org.jspecify.annotations"));

    @ArchTest
    static final ArchRule theClientAndTheServletSideDoNotKnowEachOther = noClasses()
            .that()
            .resideInAPackage(CLIENT)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(SERVLET);

    @ArchTest
    static final ArchRule onlyTheClientKnowsNetty = noClasses()
            .that(not(resideInAnyPackage(CLIENT)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..");

    @ArchTest
    static final ArchRule framesAreOurOwn =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("io.netty.handler.codec.http.websocketx..");

    @ArchTest
    static final ArchRule onlyTheServletSideKnowsServletsAndTheirContainers = noClasses()
            .that(not(resideInAnyPackage(SERVLET)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jakarta..", "org.apache..", "org.eclipse..");

    @ArchTest
    static final ArchRule onlyConnectionsTheirMemoryStreamsAndTopicsOwnLocks = noClasses()
            .that(not(resideInAnyPackage(CONNECTION, MEMORY, STREAM, TOPIC)))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.concurrent.locks..");

    @ArchTest
    static final ArchRule nothingKnowsSpringOrMicrometer =
            noClasses().should().dependOnClassesThat().resideInAnyPackage("org.springframework..", "io.micrometer..");

    /**
     * CVE-2015-0201 (Spring): keys and masks come from SecureRandom. How long somebody waits before coming back may be
     * foreseen.
     */
    @ArchTest
    static final ArchRule whatNobodyMayForeseeIsFromSecureRandom = noClasses()
            .that(not(simpleName("ClientConnection").or(simpleName("EventSourceConnection"))))
            .should()
            .dependOnClassesThat(
                    type(Random.class).or(type(ThreadLocalRandom.class)).or(type(SplittableRandom.class)))
            .orShould()
            .callMethod(Math.class, "random");

    /** CVE-2026-41838 (Spring): ids are numbers, which no peer is told, nor asked for; TopicHub looks for an operator. */
    @ArchTest
    static final ArchRule idsOfConnectionsAreForOperatorsOnly = noClasses()
            .that(not(simpleName("EndLog").or(simpleName("TopicHub"))))
            .should()
            .callMethod(Connection.class, "id")
            .orShould()
            .callMethod(WebSocket.class, "id")
            .orShould()
            .callMethod(ClientWebSocket.class, "id")
            .orShould()
            .callMethod(EventSource.class, "id");

    @ArchTest
    static final ArchRule noCycles =
            SlicesRuleDefinition.slices().matching("dev.hawser.(**)").should().beFreeOfCycles();
}
