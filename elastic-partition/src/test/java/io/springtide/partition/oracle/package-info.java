/**
 * The promises of the model, each tried on random clusters and judged by an oracle of its own: it
 * reads the documents, counts naively, and shares no code with the engine.
 */
package io.springtide.partition.oracle;
