package dev.hawser.tests.soak;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A request that never becomes a connection. */
final class RequestVisitor extends Visitor {

    private static final Map<Plan.Kind, String> PATHS = Map.of(
            Plan.Kind.REFUSED, "/refused",
            Plan.Kind.REFUSED_LATER, "/later/refused",
            Plan.Kind.UNDECIDED, "/later/never",
            Plan.Kind.BAD_HANDSHAKE, "/echo",
            Plan.Kind.UNFINISHED, "/echo");

    private final boolean plain;

    RequestVisitor(Loop loop, Plan plan) {
        super(loop, plan);
        plain = plan.random().nextBoolean();
    }

    @Override
    byte[] request() {
        String request =
                switch (plan.kind()) {
                    case ABANDONED -> {
                        then(1, 250, this::go);
                        yield SocketVisitor.handshake(plain ? "/later/never" : "/later/accepted", "");
                    }
                    case BAD_HANDSHAKE ->
                        plain
                                ? "GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                                : SocketVisitor.handshake("/echo", "").replace("Version: 13", "Version: 99");
                    case UNFINISHED -> {
                        String whole = SocketVisitor.handshake("/echo", "");
                        if (plan.ending() == Plan.Ending.RESET) {
                            then(100, 3000, this::go);
                        }
                        yield whole.substring(0, plan.random().nextInt(1, whole.length() - 1));
                    }
                    default -> SocketVisitor.handshake(PATHS.getOrDefault(plan.kind(), "/"), "");
                };
        return request.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    void response(int status, String head) {
        int expected =
                switch (plan.kind()) {
                    case REFUSED, REFUSED_LATER -> 401;
                    case UNDECIDED -> 503;
                    case BAD_HANDSHAKE -> 426;
                    case ABANDONED -> plain ? 503 : 101; // on a busy machine this client may be late
                    default -> 408; // Tomcat's, if it says anything
                };
        boolean late = plan.kind() == Plan.Kind.REFUSED_LATER && status == 503; // the decision, on a busy machine
        if (status != expected && !late && plan.kind() != Plan.Kind.UNFINISHED) {
            problem("Expected status " + expected + " but was " + status);
        }
        count("refused: " + status);
        if (plan.kind() != Plan.Kind.ABANDONED) {
            then(0, 200, this::go);
        }
    }

    @Override
    void read(ByteBuffer input) {
        // The body says why.
    }

    private void go() {
        if (plan.ending() == Plan.Ending.RESET) {
            reset();
        } else {
            end();
        }
    }

    @Override
    void ended(boolean reset) {
        // As expected.
    }
}
