/**
 * Asks: the tide command. It knows the documents of the HTTP API and nothing else of the house;
 * what a person cannot do with curl it cannot do either.
 */
package io.springtide.cli;
