/**
 * The documents that users write and read, and their mapping to the model's types. Reading is
 * strict: a field nobody knows is refused with the one that was probably meant, and every complaint
 * names the field, what is wrong with it and what to write instead.
 */
package io.springtide.server.document;
