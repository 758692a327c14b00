package dev.hawser.readme;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The log of all samples. */
final class Log {

    static final Logger log = LoggerFactory.getLogger("readme");

    private Log() {}
}
