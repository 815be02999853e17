/**
 * TLS by files: the certificate that this process shows, the others that it trusts, and both anew
 * when the files change.
 */
package io.springtide.server.tls;
