/** What applications with Spring use besides the library itself; beans of these types are there for them to inject or replace. */
@NullMarked
package dev.hawser.spring;

import org.jspecify.annotations.NullMarked;
