package dev.hawser.websocket.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority, and what it signs, made by the JDK's keytool in a folder. */
public final class Certificates {

    /** Of the authority. */
    static final String AUTHORITY = "authority";

    static final char[] PASSWORD = "changeit".toCharArray();

    private final Path folder;
    private final Path file;

    public Certificates(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        this.file = folder.resolve("all.p12");
        create(AUTHORITY, "-ext", "bc:c", "-startdate", "-100d", "-validity", "1000");
    }

    /** A certificate that the authority has signed; {@code names} are as in {@code dns:localhost,ip:127.0.0.1}. */
    public Certificates sign(String alias, String names, String... more) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("-signer", AUTHORITY, "-ext", "san=" + names));
        arguments.addAll(List.of(more));
        create(alias, arguments.toArray(String[]::new));
        return this;
    }

    /** A certificate that nobody but itself has signed. */
    Certificates selfSign(String alias, String names) throws IOException, InterruptedException {
        create(alias, "-ext", "san=" + names);
        return this;
    }

    private void create(String alias, String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair"));
        command.addAll(List.of("-keystore", file.toString(), "-storepass", new String(PASSWORD)));
        command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
        command.addAll(List.of("-alias", alias, "-dname", "CN=" + alias));
        command.addAll(List.of(more));
        Process keytool = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(output).isZero();
    }

    /** The key and the certificate of one name. */
    public KeyStore key(String alias) {
        try {
            KeyStore one = empty();
            KeyStore all = all();
            one.setKeyEntry(alias, all.getKey(alias, PASSWORD), PASSWORD, all.getCertificateChain(alias));
            return one;
        } catch (GeneralSecurityException | IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** Trusts the authority. */
    KeyStore trust() {
        try {
            KeyStore trusted = empty();
            trusted.setCertificateEntry(AUTHORITY, all().getCertificate(AUTHORITY));
            return trusted;
        } catch (GeneralSecurityException | IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private KeyStore all() throws GeneralSecurityException, IOException {
        KeyStore all = KeyStore.getInstance("PKCS12");
        try (InputStream stored = Files.newInputStream(file)) {
            all.load(stored, PASSWORD);
        }
        return all;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore empty = KeyStore.getInstance("PKCS12");
        empty.load(null, null);
        return empty;
    }

    /** Trusts the authority, and has no certificate. */
    public SSLContext trusting() {
        return context(null);
    }

    /** Trusts the authority, and has this certificate. */
    SSLContext having(String alias) {
        return context(alias);
    }

    private SSLContext context(String alias) {
        try {
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trust());
            KeyManager[] keys = null;
            if (alias != null) {
                KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                factory.init(key(alias), PASSWORD);
                keys = factory.getKeyManagers();
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException failed) {
            throw new IllegalStateException(failed);
        }
    }
}
