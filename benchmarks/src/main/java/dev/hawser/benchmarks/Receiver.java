package dev.hawser.benchmarks;

import java.io.IOException;

/** A connection that only reads. */
interface Receiver {

    /** Reads what is there; how many messages are whole with it. */
    int read() throws IOException;

    /** What it has got. */
    Receipts receipts();
}
