package dev.hawser.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.aot.hint.predicate.RuntimeHintsPredicates.proxies;
import static org.springframework.aot.hint.predicate.RuntimeHintsPredicates.reflection;

import dev.hawser.spring.TypedWebSocket;
import dev.hawser.spring.WebSocketHandler;
import dev.hawser.spring.WebSocketMapping;
import dev.hawser.websocket.servlet.TomcatUpgradeHandler;
import io.netty.channel.ChannelHandler;
import jakarta.servlet.AsyncContext;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.GeneratedFiles.Kind;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.TypeHint;
import org.springframework.aot.hint.TypeReference;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.web.context.servlet.AnnotationConfigServletWebApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.AnnotationConfigRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.context.annotation.ReflectiveScan;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.io.InputStreamSource;
import org.springframework.core.type.filter.AssignableTypeFilter;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.javapoet.ClassName;
import org.springframework.mock.web.MockServletContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** What native images are told by the ahead-of-time processing of an application. */
class RuntimeHintsTests {

    private static final String LANE = "dev.hawser.websocket.extension.Lane$Step";

    private final InMemoryGeneratedFiles generated = new InMemoryGeneratedFiles();

    private final AnnotationConfigServletWebApplicationContext web = new AnnotationConfigServletWebApplicationContext();

    @EnableAutoConfiguration
    static class Everything {

        @Bean
        LettuceConnectionFactory redis() {
            return new LettuceConnectionFactory();
        }
    }

    @ImportAutoConfiguration({
        HawserAutoConfiguration.class,
        HawserTomcatAutoConfiguration.class,
        HawserClientAutoConfiguration.class
    })
    static class WebConfiguration {}

    @ImportAutoConfiguration(HawserClientAutoConfiguration.class)
    static class ClientConfiguration {}

    record Order(String item, Customer customer) {}

    record Customer(String name) {}

    record Unused(String text) {}

    abstract static class Typed<T> {

        @GetMapping("/typed")
        void typed(TypedWebSocket<T> socket) {}
    }

    @RestController
    static class Orders extends Typed<Unused> {

        @GetMapping("/orders")
        void orders(TypedWebSocket<List<Order>> socket) {}

        @SuppressWarnings("rawtypes")
        void raw(TypedWebSocket socket) {}

        void wild(TypedWebSocket<?> socket) {}
    }

    static class NoController {

        void orders(TypedWebSocket<Order> socket) {}
    }

    @WebSocketMapping("/handled")
    static class Handler implements WebSocketHandler {}

    static class NoBean implements WebSocketHandler {}

    @ReflectiveScan
    static class Scanning {}

    /** What an application is processed to; it is never refreshed. */
    private RuntimeHints process(GenericApplicationContext application, Class<?>... components) {
        try (application) {
            ((AnnotationConfigRegistry) application).register(components);
            DefaultGenerationContext generation = new DefaultGenerationContext(
                    new ClassNameGenerator(ClassName.get("dev.hawser", "Test")), generated);
            new ApplicationContextAotGenerator().processAheadOfTime(application, generation);
            generation.writeGeneratedContent();
            return generation.getRuntimeHints();
        }
    }

    private RuntimeHints processWeb(Class<?> component) {
        web.setServletContext(new MockServletContext());
        return process(web, WebConfiguration.class, component);
    }

    private static Predicate<RuntimeHints> type(String name) {
        return reflection().onType(TypeReference.of(name));
    }

    @Test
    void tomcatMayMakeTheUpgradeHandler() throws Exception {
        assertThat(processWeb(NoController.class))
                .matches(reflection().onConstructorInvocation(TomcatUpgradeHandler.class.getConstructor()));
    }

    @Test
    void withoutTomcatItIsNotNamed() {
        web.setClassLoader(new FilteredClassLoader("org.springframework.boot.tomcat", "org.apache"));
        assertThat(processWeb(NoController.class))
                .matches(type(TomcatUpgradeHandler.class.getName()).negate());
    }

    @Test
    void theObservationOfADeferredHandshakeMayStandForItsContext() {
        assertThat(processWeb(NoController.class)).matches(proxies().forInterfaces(AsyncContext.class));
    }

    @Test
    void springMvcMayCallEndpoints() {
        assertThat(processWeb(NoController.class)).matches(reflection().onMethodInvocation(MountedEndpoint.HANDLE));
    }

    @Test
    void extensionsMaySetTheirField() throws Exception {
        assertThat(processWeb(NoController.class)).matches(reflection().onFieldAccess(LANE, "result"));
    }

    @Test
    void soMayThoseOfTheClient() throws Exception {
        assertThat(process(new AnnotationConfigApplicationContext(), ClientConfiguration.class))
                .matches(reflection().onFieldAccess(LANE, "result"));
    }

    @Test
    void nettyMayLookAtAllHandlersOfTheClient() {
        RuntimeHints hints = process(new AnnotationConfigApplicationContext(), ClientConfiguration.class);
        Set<String> registered = hints.reflection()
                .typeHints()
                .map(TypeHint::getType)
                .map(TypeReference::getName)
                .collect(Collectors.toSet());
        assertThat(handlers()).hasSizeGreaterThan(3);
        assertThat(registered).containsAll(handlers());
        assertThat(registered)
                .filteredOn(name -> name.matches("dev\\.hawser\\.websocket\\.client\\.(?!ClientO|WebSocketClient).*"))
                .containsExactlyInAnyOrderElementsOf(handlers());
    }

    /** The handlers of Netty's that are ours, whether anybody can see them or not. */
    private static Set<String> handlers() {
        ClassPathScanningCandidateComponentProvider scanner = new ClassPathScanningCandidateComponentProvider(false) {
            @Override
            protected boolean isCandidateComponent(AnnotatedBeanDefinition found) {
                return true;
            }
        };
        scanner.addIncludeFilter(new AssignableTypeFilter(ChannelHandler.class));
        return scanner.findCandidateComponents("dev.hawser.websocket").stream()
                .map(BeanDefinition::getBeanClassName)
                .collect(Collectors.toSet());
    }

    @Test
    void withoutNettyItsHandlersAreNotNamed() {
        web.setClassLoader(new FilteredClassLoader("io.netty"));
        assertThat(processWeb(NoController.class))
                .matches(type("dev.hawser.websocket.client.NettyTransport").negate());
    }

    @Test
    void whatControllersReceiveIsBound() throws Exception {
        RuntimeHints hints = processWeb(Orders.class);
        assertThat(hints)
                .matches(reflection().onMethodInvocation(Order.class, "item"))
                .matches(reflection().onConstructorInvocation(Order.class.getDeclaredConstructors()[0]))
                .matches(reflection().onMethodInvocation(Customer.class, "name"))
                .matches(reflection().onMethodInvocation(Unused.class, "text"));
    }

    @Test
    void whatOthersReceiveIsNot() {
        assertThat(processWeb(NoController.class))
                .matches(type(Order.class.getName()).negate());
    }

    @Test
    void handlersThatAreNoBeansAreFoundByAScan() {
        assertThat(processWeb(Scanning.class)).matches(reflection().onType(NoBean.class));
    }

    @Test
    void annotationsOfHandlersMayBeRead() {
        assertThat(processWeb(Handler.class)).matches(reflection().onType(WebSocketMapping.class));
    }

    @Test
    void whatIsMadeOfAllAutoConfigurationsCompiles(@TempDir Path folder) throws Exception {
        TestPropertyValues.of(
                        "hawser.topics.redis.enabled=true",
                        "hawser.websocket.extensions.permessage-deflate.enabled=true")
                .applyTo(web);
        processWeb(Everything.class);
        List<String> sources = new ArrayList<>();
        for (Map.Entry<String, InputStreamSource> source :
                generated.getGeneratedFiles(Kind.SOURCE).entrySet()) {
            Path file = folder.resolve(source.getKey());
            Files.createDirectories(file.getParent());
            Files.copy(source.getValue().getInputStream(), file);
            sources.add(file.toString());
        }
        assertThat(generated.getGeneratedFiles(Kind.SOURCE).keySet())
                .contains(
                        made("Hawser"),
                        made("HawserBearerToken"),
                        made("HawserClient"),
                        made("HawserConverter"),
                        made("HawserMetrics"),
                        made("HawserObservation"),
                        made("HawserRedisTopics"),
                        made("HawserSecurity"),
                        made("HawserSpringSession"),
                        made("HawserTomcat"),
                        made("HawserTopics"));
        List<String> arguments = new ArrayList<>(List.of(
                "-nowarn",
                "-proc:none",
                "-d",
                folder.toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        arguments.addAll(sources);
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int result = ToolProvider.getSystemJavaCompiler().run(null, null, errors, arguments.toArray(String[]::new));
        assertThat(result).as(errors.toString(StandardCharsets.UTF_8)).isZero();
    }

    private static String made(String name) {
        return "dev/hawser/autoconfigure/" + name + "AutoConfiguration__BeanDefinitions.java";
    }
}
