package dev.hawser.websocket.client;

import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * How TLS is spoken, to a server or to a proxy. The host's name is always sent (SNI), and checked against the certificate unless {@code
 * insecureSkipHostnameVerification}. Immutable.
 *
 * @param context asked for each connection: whom to trust, and the client's own certificate if it has one
 * @param protocols those to allow, such as {@code TLSv1.3}; empty for those of the context
 * @param ciphers those to allow; empty for those of the context
 * @param insecureSkipHostnameVerification whether a certificate of any host will do: anyone with a trusted certificate can then
 *     listen and answer
 */
public record TlsOptions(
        Supplier<SSLContext> context,
        List<String> protocols,
        List<String> ciphers,
        boolean insecureSkipHostnameVerification) {

    /** The JVM's own trusted certificates. */
    public static final TlsOptions DEFAULT = new TlsOptions(TlsOptions::jvm, List.of(), List.of(), false);

    public TlsOptions {
        protocols = List.copyOf(protocols);
        ciphers = List.copyOf(ciphers);
    }

    /** With a context that does not change. */
    public static TlsOptions of(SSLContext context) {
        return new TlsOptions(() -> context, List.of(), List.of(), false);
    }

    private static SSLContext jvm() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("The JVM has no default SSLContext", missing);
        }
    }

    /** A client's engine for a connection to {@code host}, a name or an address. */
    SSLEngine engine(String host, int port) {
        SSLEngine engine = context.get().createSSLEngine(host, port);
        engine.setUseClientMode(true);
        if (!protocols.isEmpty()) {
            engine.setEnabledProtocols(protocols.toArray(String[]::new));
        }
        if (!ciphers.isEmpty()) {
            engine.setEnabledCipherSuites(ciphers.toArray(String[]::new));
        }
        SSLParameters parameters = engine.getSSLParameters();
        if (!insecureSkipHostnameVerification) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // RFC 6455, section 10.6, and RFC 2818
        }
        if (!ClientUrl.isAddress(host)) {
            parameters.setServerNames(serverNames(host));
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** RFC 6066, section 3: "without a trailing dot". The JDK takes no name with an underscore, which then goes without. */
    private static List<SNIServerName> serverNames(String host) {
        try {
            return List.of(new SNIHostName(host.endsWith(".") ? host.substring(0, host.length() - 1) : host));
        } catch (IllegalArgumentException notOne) {
            return List.of();
        }
    }
}
