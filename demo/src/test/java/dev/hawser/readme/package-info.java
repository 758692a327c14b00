/**
 * The samples of the README, word for word, in applications that run. {@link dev.hawser.readme.ReadmeTests} sees to it that none
 * is missing.
 */
package dev.hawser.readme;
