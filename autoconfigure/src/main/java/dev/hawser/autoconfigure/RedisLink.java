package dev.hawser.autoconfigure;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceClientConfigurationBuilder;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * One connection to the Redis of the application, for one thread. It fails as soon as it is broken, and then is made anew: nothing
 * is sent again behind our back, late, or twice.
 */
final class RedisLink implements AutoCloseable {

    private final LettuceConnectionFactory factory;
    private @Nullable RedisConnection connection;

    /** @param application how the application reaches Redis: servers, TLS, credentials and all that Lettuce was told are taken over */
    RedisLink(LettuceConnectionFactory application, Duration timeout) {
        factory = new LettuceConnectionFactory(servers(application), client(application, timeout));
        factory.setShareNativeConnection(false);
        factory.setAutoStartup(false);
        factory.afterPropertiesSet();
    }

    private static RedisConfiguration servers(LettuceConnectionFactory application) {
        if (application.getClusterConfiguration() != null) {
            return application.getClusterConfiguration();
        }
        if (application.getSentinelConfiguration() != null) {
            return application.getSentinelConfiguration();
        }
        return application.getSocketConfiguration() != null
                ? application.getSocketConfiguration()
                : application.getStandaloneConfiguration();
    }

    /** All but {@code readFrom}: what was just written is not on every replica. */
    private static LettuceClientConfiguration client(LettuceConnectionFactory application, Duration timeout) {
        LettuceClientConfiguration theirs = application.getClientConfiguration();
        LettuceClientConfigurationBuilder ours = LettuceClientConfiguration.builder();
        if (theirs.isUseSsl()) {
            var ssl = ours.useSsl().verifyPeer(theirs.getVerifyMode());
            if (theirs.isStartTls()) {
                ssl.startTls();
            }
        }
        theirs.getClientResources().ifPresent(ours::clientResources);
        theirs.getClientName().ifPresent(ours::clientName);
        theirs.getRedisCredentialsProviderFactory().ifPresent(ours::redisCredentialsProviderFactory);
        return ours.clientOptions(options(theirs.getClientOptions().orElseGet(ClientOptions::create), timeout))
                .commandTimeout(timeout)
                .shutdownTimeout(theirs.getShutdownTimeout())
                .shutdownQuietPeriod(Duration.ZERO)
                .build();
    }

    private static ClientOptions options(ClientOptions theirs, Duration timeout) {
        SocketOptions socket = theirs.getSocketOptions();
        return theirs.mutate()
                .autoReconnect(false)
                .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
                .socketOptions(
                        socket.getConnectTimeout().compareTo(timeout) > 0
                                ? socket.mutate().connectTimeout(timeout).build()
                                : socket)
                .build();
    }

    /** Does something with the connection, which is made if there is none; if that fails, there is none afterwards. */
    <T> T call(Function<RedisConnection, T> commands) {
        try {
            RedisConnection current = connection;
            if (current == null) {
                current = connect();
                connection = current;
            }
            return commands.apply(current);
        } catch (RuntimeException | Error failed) {
            disconnect();
            throw failed;
        }
    }

    /** Looks anew for who is the master, as Lettuce does by itself except in a cluster. */
    private RedisConnection connect() {
        if (!factory.isRunning()) {
            factory.start();
        } else if (factory.getNativeClient() instanceof RedisClusterClient cluster) {
            cluster.refreshPartitions();
        }
        return factory.getConnection();
    }

    private void disconnect() {
        RedisConnection broken = connection;
        connection = null;
        try {
            if (broken != null) {
                broken.close();
            }
        } catch (RuntimeException closed) {
            // That was the aim.
        }
    }

    /** Whether Redis did not answer in time: it is of no use to ask again at once. */
    static boolean isTimeout(Throwable failed) {
        return failed instanceof QueryTimeoutException;
    }

    /** What is behind a failure, for people. */
    static String reason(Throwable failed) {
        return String.valueOf(NestedExceptionUtils.getMostSpecificCause(failed).getMessage());
    }

    @Override
    public void close() {
        boolean interrupted = Thread.interrupted(); // Lettuce would not wait for its own end
        disconnect();
        factory.destroy();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
