package dev.hawser.benchmarks;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.zip.Deflater;

/** JSON documents that are alike but never the same, and what permessage-deflate makes of them. */
final class Documents {

    /** Length of each. */
    static final int BYTES = 2048;

    /** Four times what DEFLATE's window of 32 KiB holds: when a document comes again, nobody remembers it. */
    static final int COUNT = 64;

    private static final String[] NAMES = {
        "Maria Novak", "James Okafor", "Wei Zhang", "Fatima Haddad", "Lukas Brandt", "Ana Souza", "Priya Raman",
        "Oliver Jensen", "Chloe Martin", "Kenji Sato", "Elena Petrova", "Samuel Mensah", "Julia Kowalska", "Omar Aziz"
    };
    private static final String[] CITIES = {
        "Lisbon", "Lagos", "Chengdu", "Amman", "Leipzig", "Recife", "Chennai", "Aarhus", "Lyon", "Sendai", "Varna"
    };
    private static final String[] STATES = {"open", "paid", "packed", "shipped", "returned"};
    private static final String[] WORDS = {
        "please",
        "ring",
        "twice",
        "leave",
        "with",
        "the",
        "neighbour",
        "before",
        "noon",
        "call",
        "first",
        "behind",
        "gate",
        "not",
        "on",
        "friday",
        "fragile",
        "second",
        "floor",
        "desk",
        "invoice",
        "by",
        "post",
        "and",
        "to"
    };

    private Documents() {}

    /** All of them, the same in every process. */
    static List<byte[]> all() {
        Random random = new Random(7692);
        List<byte[]> documents = new ArrayList<>();
        for (int page = 1; page <= COUNT; page++) {
            documents.add(document(page, random));
        }
        return documents;
    }

    private static byte[] document(int page, Random random) {
        String start = "{\"page\":" + page + ",\"orders\":[";
        String end = "],\"note\":\"";
        StringBuilder json = new StringBuilder(start).append(order(random));
        for (String next = order(random);
                json.length() + 1 + next.length() + end.length() + 2 <= BYTES;
                next = order(random)) {
            json.append(',').append(next);
        }
        json.append(end);
        while (json.length() < BYTES) {
            json.append(one(WORDS, random)).append(' ');
        }
        json.setLength(BYTES - 2);
        return json.append("\"}").toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static String order(Random random) {
        return String.format(
                Locale.ROOT,
                "{\"id\":%d,\"customer\":\"%s\",\"city\":\"%s\",\"state\":\"%s\",\"items\":%d,\"total\":%.2f,"
                        + "\"express\":%b,\"created\":\"2026-%02d-%02dT%02d:%02d:%02d.%03dZ\"}",
                100_000 + random.nextInt(900_000),
                one(NAMES, random),
                one(CITIES, random),
                one(STATES, random),
                1 + random.nextInt(12),
                random.nextInt(100_000) / 100.0,
                random.nextBoolean(),
                1 + random.nextInt(12),
                1 + random.nextInt(28),
                random.nextInt(24),
                random.nextInt(60),
                random.nextInt(60),
                random.nextInt(1000));
    }

    private static String one(String[] all, Random random) {
        return all[random.nextInt(all.length)];
    }

    /** What a client with one compressor for all its messages sends when it sends all documents twice, in order. */
    static List<byte[]> compressedTwice(List<byte[]> documents) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        List<byte[]> compressed = new ArrayList<>();
        for (int i = 0; i < 2 * documents.size(); i++) {
            deflater.setInput(documents.get(i % documents.size()));
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            byte[] some = new byte[BYTES];
            int count;
            do {
                count = deflater.deflate(some, 0, some.length, Deflater.SYNC_FLUSH);
                bytes.write(some, 0, count);
            } while (count == some.length);
            byte[] withTail = bytes.toByteArray();
            compressed.add(Arrays.copyOf(withTail, withTail.length - 4)); // RFC 7692, section 7.2.1
        }
        deflater.end();
        return compressed;
    }
}
