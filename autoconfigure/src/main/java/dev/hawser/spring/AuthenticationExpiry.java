package dev.hawser.spring;

import java.security.Principal;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Knows until when an authentication holds: the connections that were opened with it end then. A bean of this type takes the
 * place of the one that knows the bearer tokens of Spring Security. Asked once for each connection, on the thread that
 * accepts it; what it throws, the request is answered with.
 */
@FunctionalInterface
public interface AuthenticationExpiry {

    /**
     * When this ends.
     *
     * @param principal as the request has it: an {@code Authentication}, where Spring Security is in use
     * @return null if it does not end by itself
     */
    @Nullable
    Instant expiresAt(Principal principal);
}
