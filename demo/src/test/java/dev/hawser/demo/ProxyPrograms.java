package dev.hawser.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * Proxies, and what speaks TLS in front of others, by configurations of our own. Their files are in a folder that everybody may
 * read, for squid does not stay root.
 */
final class ProxyPrograms {

    private static final char[] PASSWORD = "changeit".toCharArray();

    private final Path folder;
    private final String ports;
    private int count;

    /** @param ports those that the proxies connect to; others they forbid */
    ProxyPrograms(int... ports) throws IOException {
        this.folder = Files.createTempDirectory("hawser-proxies");
        this.ports = IntStream.of(ports).mapToObj(String::valueOf).collect(Collectors.joining(" "));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** For {@code user}, whose password is {@code secret}, and others as squid writes them; {@code hawser.example} is this host. */
    Service squid(String... others) throws IOException {
        String squid = RequiredTool.find("squid").toString();
        String name = "squid" + ++count;
        int port = Service.freePort();
        Path log = log(name);
        Path users = write(name + ".users", "user secret\n" + String.join("\n", others) + "\n");
        Path helper = write(name + ".sh", """
                while read -r line; do
                    if grep -qxF -e "$line" '%s'; then echo OK; else echo ERR; fi
                done
                """.formatted(users));
        Path hosts = write(name + ".hosts", "127.0.0.1 localhost hawser.example\n");
        Path configuration =
                write(name + ".conf", """
                http_port 127.0.0.1:%d
                visible_hostname localhost
                hosts_file %s
                pid_filename none
                cache deny all
                memory_cache_shared off
                pinger_enable off
                netdb_filename none
                shutdown_lifetime 0 seconds
                max_filedescriptors 1024
                access_log stdio:%s
                cache_log %s
                coredump_dir %s
                auth_param basic program /bin/sh %s
                auth_param basic children 1
                acl known proxy_auth REQUIRED
                acl open port %s
                http_access deny CONNECT !open
                http_access allow known
                http_access deny all
                """.formatted(port, hosts, log, log(name + ".cache"), folder, helper, ports));
        // A name of its own, since squids of one name share memory.
        String service = "hawser" + ProcessHandle.current().pid() + "x" + count;
        return Service.start(port, log, squid, "-N", "-n", service, "-f", configuration.toString());
    }

    /** For {@code user}, whose password is {@code secret}. */
    Service tinyproxy() throws IOException {
        return tinyproxy(Service.freePort());
    }

    Service tinyproxy(int port) throws IOException {
        String tinyproxy = RequiredTool.find("tinyproxy").toString();
        String name = "tinyproxy" + ++count;
        Path log = log(name);
        String open = "ConnectPort " + ports.replace(" ", "\nConnectPort ");
        Path configuration = write(name + ".conf", """
                Port %d
                Listen 127.0.0.1
                Timeout 600
                MaxClients 20
                LogFile "%s"
                LogLevel Info
                BasicAuth user secret
                %s
                """.formatted(port, log, open));
        return Service.start(port, log, tinyproxy, "-d", "-c", configuration.toString());
    }

    /** @param method {@code none}, or {@code username} for those whom the system knows */
    Service danted(String method) throws IOException {
        String danted = RequiredTool.find("danted").toString();
        String name = "danted" + ++count;
        int port = Service.freePort();
        Path log = log(name);
        String user = System.getProperty("user.name");
        String rules = Stream.of(ports.split(" ")).map("""
                socks pass {
                    from: 127.0.0.0/8 to: 0.0.0.0/0 port = %s
                    command: connect
                    log: connect error
                }
                """::formatted).collect(Collectors.joining());
        Path configuration = write(name + ".conf", """
                logoutput: %s
                internal: 127.0.0.1 port = %d
                external: 127.0.0.1
                clientmethod: none
                socksmethod: %s
                user.privileged: %s
                user.notprivileged: %s
                client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
                %s
                """.formatted(log, port, method, user, user, rules));
        return Service.start(
                port,
                log,
                danted,
                "-f",
                configuration.toString(),
                "-p",
                log(name + ".pid").toString());
    }

    /**
     * In front of a server, with its own file as nginx's manual has it for WebSockets.
     *
     * @param secure whether TLS ends here
     * @param directives more of them, for everything that is asked for
     */
    Service nginx(int port, int to, boolean secure, String... directives)
            throws IOException, GeneralSecurityException, InterruptedException {
        return nginx("1.1", port, to, secure, directives);
    }

    /** @param version of HTTP that it speaks to the server; 1.0 is the default of its older versions */
    Service nginx(String version, int port, int to, boolean secure, String... directives)
            throws IOException, GeneralSecurityException, InterruptedException {
        String nginx = RequiredTool.find("nginx").toString();
        String name = "nginx" + ++count;
        Path log = log(name);
        Path files = Files.createDirectory(folder.resolve(name));
        String tls = secure ? "ssl_certificate %1$s; ssl_certificate_key %1$s;".formatted(pem(name)) : "";
        Path configuration = write(name + ".conf", """
                daemon off;
                user %s;
                worker_processes 1;
                pid %s/pid;
                events { worker_connections 64; }
                http {
                    access_log off;
                    client_body_temp_path %2$s/body;
                    proxy_temp_path %2$s/proxy;
                    fastcgi_temp_path %2$s/fastcgi;
                    uwsgi_temp_path %2$s/uwsgi;
                    scgi_temp_path %2$s/scgi;
                    map $http_upgrade $connection_upgrade {
                        default upgrade;
                        '' close;
                    }
                    server {
                        listen 127.0.0.1:%d%s;
                        %s
                        location / {
                            proxy_pass http://127.0.0.1:%d;
                            proxy_http_version %s;
                            proxy_set_header Upgrade $http_upgrade;
                            proxy_set_header Connection $connection_upgrade;
                            proxy_set_header Host $http_host;
                            %s
                        }
                    }
                }
                """.formatted(
                        System.getProperty("user.name"),
                        files,
                        port,
                        secure ? " ssl" : "",
                        tls,
                        to,
                        version,
                        String.join("\n", directives)));
        return Service.start(
                port, log, nginx, "-p", files.toString(), "-e", log.toString(), "-c", configuration.toString());
    }

    /** TLS in front of a port. */
    Service stunnel(int to) throws IOException, GeneralSecurityException, InterruptedException {
        return stunnel(Service.freePort(), to);
    }

    Service stunnel(int port, int to) throws IOException, GeneralSecurityException, InterruptedException {
        String stunnel = RequiredTool.find("stunnel4").toString();
        String name = "stunnel" + ++count;
        Path log = log(name);
        Path pem = pem(name);
        Path configuration = write(name + ".conf", """
                foreground = yes
                pid =
                output = %s
                debug = info
                [%s]
                accept = 127.0.0.1:%d
                connect = 127.0.0.1:%d
                cert = %s
                """.formatted(log, name, port, to, pem));
        return Service.start(port, log, stunnel, configuration.toString());
    }

    /** A file with the key and the certificate of this host. */
    private Path pem(String name) throws IOException, GeneralSecurityException, InterruptedException {
        KeyStore store = certificate();
        Path pem = write(
                name + ".pem",
                pem("PRIVATE KEY", store.getKey("localhost", PASSWORD).getEncoded())
                        + pem("CERTIFICATE", store.getCertificate("localhost").getEncoded()));
        Files.setPosixFilePermissions(pem, PosixFilePermissions.fromString("rw-------"));
        return pem;
    }

    /** Trusts what {@link #stunnel} shows. */
    SSLContext trusting() throws IOException, GeneralSecurityException, InterruptedException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("localhost", certificate().getCertificate("localhost"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** Of this host, by the names and the address that the tests use. */
    private KeyStore certificate() throws IOException, GeneralSecurityException, InterruptedException {
        Path file = folder.resolve("certificate.p12");
        if (!Files.exists(file)) {
            Program keytool = Program.run(
                    folder,
                    Duration.ofMinutes(1),
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-keystore",
                    file.toString(),
                    "-storepass",
                    new String(PASSWORD),
                    "-alias",
                    "localhost",
                    "-dname",
                    "CN=localhost",
                    "-keyalg",
                    "EC",
                    "-groupname",
                    "secp256r1",
                    "-ext",
                    "san=dns:localhost,dns:hawser.example,ip:127.0.0.1");
            if (keytool.exitCode() != 0) {
                throw new IllegalStateException(keytool.toString());
            }
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream stored = Files.newInputStream(file)) {
            store.load(stored, PASSWORD);
        }
        return store;
    }

    private static String pem(String what, byte[] encoded) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
    }

    /** A file for a program to write, whoever it is. */
    private Path log(String name) throws IOException {
        Path log = write(name + ".log", "");
        Files.setPosixFilePermissions(log, PosixFilePermissions.fromString("rw-rw-rw-"));
        return log;
    }

    private Path write(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        return file;
    }

    /** Removes all files. */
    void remove() throws IOException {
        FileSystemUtils.deleteRecursively(folder);
    }
}
