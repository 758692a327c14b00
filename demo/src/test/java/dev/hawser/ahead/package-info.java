/** An application with what the demo does not have, to be processed ahead of time. Apart from the demo, which would find its components. */
@NullMarked
package dev.hawser.ahead;

import org.jspecify.annotations.NullMarked;
