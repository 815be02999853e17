/**
 * Who may what, and who did what: tokens, roles and the audit. Knows nothing of HTTP; time and
 * randomness come from outside.
 */
package io.springtide.server.access;
