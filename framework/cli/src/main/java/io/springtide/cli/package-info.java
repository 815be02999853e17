/**
 * The tide command. It knows the documents of the HTTP API and no other module; what a person
 * cannot do with curl it cannot do either.
 */
package io.springtide.cli;
