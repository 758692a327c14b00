package dev.hawser.websocket;

import dev.hawser.websocket.protocol.CloseCode;
import java.time.Duration;
import java.util.Set;

/**
 * How a client connects again: after {@code initialDelay}, then after {@code multiplier} times as long for each attempt, up to
 * {@code maxDelay}; each delay is changed by chance, so that the clients of a server that restarts do not come all at once. A
 * connection that has lasted longer than {@code maxDelay} begins the count anew.
 *
 * <p>Tried again: a lost connection (1006); one that the server has closed with 1001, 1011, 1012, 1013 or 1014; hosts that
 * are unknown or cannot be reached, time-outs; and the statuses 408, 425, 429 and 500 to 599, of a proxy too, where {@code Retry-After} in
 * seconds is a lower bound of the delay, up to {@code maxDelay}. All else is final: what the application has closed, other close codes, a listener that threw, a
 * peer that breaks the protocol or reads too slowly, certificates, credentials, and responses that are wrong.
 *
 * @param initialDelay longer than zero
 * @param maxDelay not less than that, and at most a day; also bounds the delay after chance has changed it
 * @param multiplier 1 or more
 * @param jitter how much of a delay is chance: 0 for none of it, 1 for all of it
 * @param maxAttempts how often in a row; 0 for no attempt at all
 */
public record Reconnect(Duration initialDelay, Duration maxDelay, double multiplier, double jitter, int maxAttempts) {

    private static final Duration LONGEST = Duration.ofDays(1);

    /** After 1 s, 2 s, 4 s and so on, up to 30 s, half of it by chance, for ever. */
    public static final Reconnect DEFAULT =
            new Reconnect(Duration.ofSeconds(1), Duration.ofSeconds(30), 2, 0.5, Integer.MAX_VALUE);

    private static final Set<Integer> RETRIED = Set.of(
            CloseCode.ABNORMAL,
            CloseCode.GOING_AWAY,
            CloseCode.INTERNAL_ERROR,
            CloseCode.SERVICE_RESTART,
            CloseCode.TRY_AGAIN_LATER,
            CloseCode.BAD_GATEWAY);

    private static final Set<Integer> RETRIED_STATUSES = Set.of(408, 425, 429);

    public Reconnect {
        if (initialDelay.isZero() || initialDelay.isNegative()) {
            throw new IllegalArgumentException("initial-delay must be longer than zero, but is " + initialDelay);
        }
        if (maxDelay.compareTo(initialDelay) < 0) {
            throw new IllegalArgumentException(
                    "max-delay must not be less than initial-delay, " + initialDelay + ", but is " + maxDelay);
        }
        if (maxDelay.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("max-delay must be at most a day, but is " + maxDelay);
        }
        if (!(multiplier >= 1)) {
            throw new IllegalArgumentException("multiplier must be 1 or more, but is " + multiplier);
        }
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new IllegalArgumentException("jitter must be 0 to 1, but is " + jitter);
        }
        if (maxAttempts < 0) {
            throw new IllegalArgumentException("max-attempts must be 0 or more, but is " + maxAttempts);
        }
    }

    /**
     * How long to wait.
     *
     * @param attempt from 1
     * @param chance at least 0 and less than 1
     */
    public Duration delay(int attempt, double chance) {
        double full = Math.min(maxDelay.toNanos(), initialDelay.toNanos() * Math.pow(multiplier, attempt - 1.0));
        return Duration.ofNanos((long) (full * (1 - jitter * chance)));
    }

    /** Whether a connection that the peer has closed with this code is made again. */
    public boolean follows(int closeCode) {
        return RETRIED.contains(closeCode);
    }

    /** Whether another attempt follows one that has failed so. */
    public boolean follows(ConnectFailedException failed) {
        int status = failed.statusCode();
        return switch (failed.failure()) {
            case UNKNOWN_HOST, UNREACHABLE, CONNECT_TIMEOUT, HANDSHAKE_TIMEOUT, DISCONNECTED -> true;
            case UNEXPECTED_STATUS -> isTemporary(status);
            case PROXY_REFUSED -> status == 0 || isTemporary(status);
            default -> false;
        };
    }

    private static boolean isTemporary(int status) {
        return RETRIED_STATUSES.contains(status) || (status >= 500 && status <= 599);
    }
}
