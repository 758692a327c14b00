/** The application that the README starts: an echo, an event stream that ticks, and a page that shows both. */
@NullMarked
package dev.hawser.demo;

import org.jspecify.annotations.NullMarked;
