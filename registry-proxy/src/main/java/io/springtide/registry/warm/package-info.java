/**
 * Images brought before anybody pulls them: because somebody said so, or because they are to be
 * kept up with.
 */
package io.springtide.registry.warm;
