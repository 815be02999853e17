/** Holds what runs against the newest rules and limits. */
package io.springtide.partition.judge;
