/** SHA-256, for whoever tells content by it. Depends on no other room. */
package io.springtide.server.digest;
